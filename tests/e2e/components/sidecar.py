"""Processes of the component tests: example components, the real daprd, and a small application."""

import http.server
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

DEADLINE_SECONDS = 60
# Users of component and sidecar containers differ; this is the user of Dapr's own image.
SIDECAR_USER = 65532


def wait_for(what, condition, seconds=DEADLINE_SECONDS):
    """Polls until condition() is true and returns its value; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    def __init__(self, name, command, folder, environment=None, user=None):
        self.name = name
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdout=log,
                stderr=log,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
            )

    def log(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def stop(self, seconds=DEADLINE_SECONDS):
        """SIGTERM; returns the exit code. One that does not end is killed and fails the test."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as hang:
            self.kill()
            raise AssertionError(f"{self.name} did not stop on SIGTERM:\n{self.log()}") from hang


class Component(Process):
    """An example component; ready when its socket is there."""

    def __init__(self, program, socket_name, folder, sockets):
        self.socket = pathlib.Path(sockets) / f"{socket_name}.sock"
        super().__init__(
            socket_name, [program], folder, {"DAPR_COMPONENTS_SOCKETS_FOLDER": str(sockets)}
        )

    def wait(self):
        wait_for(f"{self.socket} answers", self.answers)
        return self

    def answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return self.running() and probe.connect_ex(str(self.socket)) == 0


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
