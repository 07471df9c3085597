"""An API server over TLS that answers what a test tells it, and the kubeconfig that leads to it."""

import http.server
import json
import os
import socket
import ssl
import tempfile
import threading

from webhook_process import make_certificate, write

COMPONENTS = "/apis/dapr.io/v1alpha1/namespaces/{}/components"
DAPRSYSTEM = "/apis/dapr.io/v1alpha1/namespaces/{}/configurations/daprsystem"


def component(name, image, **metadata):
    container = json.dumps({"name": name, "image": image})
    return {"apiVersion": "dapr.io/v1alpha1", "kind": "Component",
            "metadata": {"name": name, "namespace": "shop",
                         "annotations": {"dapr.io/component-container": container}, **metadata},
            "spec": {"type": "state.store", "version": "v1"}}


def component_list(*items, more=""):
    return {"kind": "ComponentList", "metadata": {"resourceVersion": "7", "continue": more},
            "items": list(items)}


def status(code, message):
    return code, {"kind": "Status", "code": code, "message": message}


def send_json(exchange, code, value, **headers):
    """Answers with the value, or with bytes as they are; headers such as Retry_After."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    exchange.send_response(code)
    exchange.send_header("Content-Length", str(len(body)))
    for name, text in headers.items():
        exchange.send_header(name.replace("_", "-"), text)
    exchange.end_headers()
    exchange.wfile.write(body)


class FakeCluster:
    """Answers a path (without or with its query) with `answers[path]`: an object, or a pair of
    status and object; others are 404. Use as a context manager."""

    def __init__(self, answers):
        self.answers = {"/version": {"major": "1", "minor": "36+"}, **answers}
        self.requests = []  # (path with query, Authorization)
        self.connections = set()  # those that are open
        self._folder = tempfile.TemporaryDirectory(prefix="injector-cluster-")
        self.folder = self._folder.name
        make_certificate(self.folder)

    def __enter__(self):
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                cluster.connections.add(self.connection)

            def finish(self):
                cluster.connections.discard(self.connection)
                super().finish()

            def do_GET(self):
                cluster.requests.append((self.path, self.headers.get("Authorization")))
                cluster.answer(self)

            def do_PATCH(self):
                cluster.answer(self)

            def log_message(self, *_):
                pass

        self._handler = Handler
        self.start(0)
        self.url = f"https://localhost:{self._server.server_port}"
        self.kubeconfig = self.write_kubeconfig("config")
        return self

    def start(self, port):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "tls.crt"),
                                os.path.join(self.folder, "tls.key"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self):
        """Nobody listens any more, and what is open breaks."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has gone already

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()

    def answer(self, exchange):
        """One request; a fake with more to it begins here."""
        answer = self.answers.get(exchange.path)
        if answer is None:
            answer = self.answers.get(exchange.path.split("?")[0], status(404, "not found"))
        send_json(exchange, *(answer if isinstance(answer, tuple) else (200, answer)))

    def write_kubeconfig(self, name, token="secret", namespace="shop", ca="tls.crt", **cluster):
        """Two contexts: `here`, the current one, and `elsewhere`, where nobody listens."""
        return write(os.path.join(self.folder, name), json.dumps({
            "current-context": "here",
            "contexts": [
                {"name": "here",
                 "context": {"cluster": "fake", "user": "me", "namespace": namespace}},
                {"name": "elsewhere", "context": {"cluster": "gone", "user": "me"}}],
            "clusters": [
                {"name": "fake",
                 "cluster": {"server": self.url, "certificate-authority": ca, **cluster}},
                {"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "me", "user": {"token": token}}]}))

    def paths(self):
        return [path for path, _ in self.requests]
