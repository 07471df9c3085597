"""The real daprd and a small application."""

import http.server
import json
import queue
import socket
import threading
import time
import urllib.error
import urllib.request

from example_components.process import DEADLINE_SECONDS, Process, wait_for

# Users of component and sidecar containers differ; this is the user of Dapr's own image.
SIDECAR_USER = 65532


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Application(http.server.ThreadingHTTPServer):
    """Records what daprd delivers and answers as the test says."""

    daemon_threads = True

    def __init__(self, subscriptions):
        self.subscriptions = subscriptions
        self.received = queue.Queue()
        self.answers = {}  # path -> function(body) -> (HTTP status, JSON)
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A daprd that ends resets its connections: nothing to tell."""

    def next(self, path, seconds=DEADLINE_SECONDS):
        """The next body posted to `path`; others before it are dropped."""
        deadline = time.monotonic() + seconds
        while True:
            got, body = self.received.get(timeout=max(0.01, deadline - time.monotonic()))
            if got == path:
                return body


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # noqa: N802 (the library's name)
        self._reply(200, self.server.subscriptions if self.path == "/dapr/subscribe" else {})

    def do_OPTIONS(self):  # noqa: N802
        self._reply(200, {})

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.answers.get(self.path, lambda _: (200, {}))
        status, value = answer(body)
        self.server.received.put((self.path, body))
        self._reply(status, value)

    def log_message(self, *_):
        pass


class Daprd(Process):
    def __init__(self, program, folder, sockets, resources, application=None, user=None):
        self.http_port = free_port()
        command = [
            program, "--app-id", "app", "--mode", "standalone", "--resources-path", str(resources),
            "--scheduler-host-address", "", "--placement-host-address", "",
            "--dapr-listen-addresses", "127.0.0.1", "--dapr-http-port", str(self.http_port),
            "--dapr-grpc-port", str(free_port()), "--dapr-internal-grpc-port", str(free_port()),
            "--enable-metrics=false", "--max-body-size", "16Mi", "--log-level", "debug",
            "--dapr-block-shutdown-duration", "100ms",
        ]  # fmt: skip
        if application:
            command += ["--app-port", str(application.port)]
        environment = {"DAPR_COMPONENTS_SOCKETS_FOLDER": str(sockets), "HOME": str(folder)}
        super().__init__("daprd", command, folder, environment, user)

    def wait(self):
        def healthy():
            if not self.running():
                raise AssertionError(f"daprd ended:\n{self.log()[-4000:]}")
            return self.call("GET", "/v1.0/healthz")[0] == 204

        wait_for("daprd is healthy", healthy)
        return self

    def call(self, method, path, value=None, data=None, headers=None):
        """One HTTP call: (status, body as bytes). Status 0: no connection."""
        if value is not None:
            data = json.dumps(value).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http_port}{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                self.last_headers = response.headers
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            self.last_headers = error.headers
            return error.code, error.read()
        except (urllib.error.URLError, ConnectionError):
            return 0, b""
