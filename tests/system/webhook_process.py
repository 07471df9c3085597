"""Runs the real binary as `serve` and talks to it, for the system tests.

The binary is $COMPONENT_INJECTOR_BINARY, else $COMPONENT_INJECTOR_DEFAULT_BINARY (set by CTest to
the one just built): point the first one at a sanitised build to run everything on that.
"""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

PATIENCE = 60  # seconds until a wait counts as a failure; sanitised builds are slow

BINARY = os.environ.get("COMPONENT_INJECTOR_BINARY") or os.environ.get(
    "COMPONENT_INJECTOR_DEFAULT_BINARY", "")

if not BINARY:
    raise SystemExit("COMPONENT_INJECTOR_BINARY must name the program to test")

COMPONENT = """\
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: store
  namespace: shop
  annotations:
    dapr.io/component-container: '{"name":"store","image":"registry.example.com/store:1"}'
spec:
  type: state.store
  version: v1
"""


def make_certificate(folder, name="localhost"):
    """Writes tls.crt and tls.key into the folder, each whole or not at all; returns the PEM."""
    key, certificate = (os.path.join(folder, part) for part in ("tls.key", "tls.crt"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key + ".new", "-out", certificate + ".new"],
        check=True, capture_output=True)
    os.replace(key + ".new", key)
    os.replace(certificate + ".new", certificate)
    return read(certificate)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def eventually(condition, what, patience=PATIENCE):
    """Returns the first true value of condition(); fails when there is none for long."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"gave up waiting: {what}")


class WebhookProcess:
    """One running webhook. Use as a context manager: it is stopped, and must end with the exit
    code that `ends_with` holds then."""

    def __init__(self, *flags, environment=None, resources=COMPONENT, trust_anchors=True,
                 ports=("--port", "0", "--healthz-port", "0", "--metrics-port", "0"),
                 certificate_out=True, wait_ready=True, cluster=None):
        self._folder = tempfile.TemporaryDirectory(prefix="injector-system-")
        self.folder = self._folder.name
        self.ends_with = 0
        source = []
        if cluster is not None:
            source = ["--kubeconfig", cluster.kubeconfig, "--serving-certificate", "ephemeral",
                      "--drain-time", "0s"]
        elif resources is not None:  # else the flags name a cluster
            self.resources = write(os.path.join(self.folder, "resources", "store.yaml"), resources)
            source = ["--resources", os.path.dirname(self.resources)]
        anchors = os.path.join(self.folder, "ca.crt")
        if trust_anchors:
            make_certificate(self.folder, "anchor")
            os.replace(os.path.join(self.folder, "tls.crt"), anchors)
        self.certificate_file = os.path.join(self.folder, "serving.pem")
        command = [BINARY, "serve", *source, *ports, "--listen-address", "127.0.0.1",
                   "--healthz-listen-address", "127.0.0.1", "--metrics-listen-address", "127.0.0.1"]
        if certificate_out:
            command += ["--serving-certificate-out", self.certificate_file]
        self._start(command + list(flags), {
            "PATH": os.environ.get("PATH", ""), "SIDECAR_IMAGE": "ghcr.io/dapr/daprd:1.18.0",
            "NAMESPACE": "dapr-system", "KUBE_CLUSTER_DOMAIN": "cluster.local",
            "COMPONENT_WAIT_IMAGE": "registry.example.com/component-injector:1",
            "DAPR_TRUST_ANCHORS_FILE": anchors,
            "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **(environment or {})})
        if wait_ready:
            try:
                self.await_line(r"msg=\"ready\"")
            except AssertionError:
                self.process.kill()  # nobody else will: there is no object to stop yet
                self.process.wait()
                raise

    def _start(self, command, environment):
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, encoding="utf-8")
        self._lines = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._lines.append(None)  # the end
            self._changed.notify_all()

    def output(self):
        with self._changed:
            return "".join(line for line in self._lines if line is not None)

    def await_line(self, pattern):
        """The match of the first line that has the pattern, once it is written."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                for line in self._lines:
                    match = re.search(pattern, line) if line is not None else None
                    if match:
                        return match
                ended = bool(self._lines) and self._lines[-1] is None
                if ended or not self._changed.wait(deadline - time.monotonic()):
                    text = "".join(line for line in self._lines if line is not None)
                    raise AssertionError(f"no line with {pattern!r} in:\n{text}")

    def port(self, listener):
        """listener: webhook, health or metrics."""
        return int(self.await_line(listener + r" on https?://[^ ]*:(\d+)/").group(1))

    def trust(self, pem=None):
        """A TLS context that trusts the webhook's ephemeral certificate, or the one given."""
        context = ssl.create_default_context(cadata=pem or read(self.certificate_file))
        return context

    def connect(self, context=None):
        return http.client.HTTPSConnection("localhost", self.port("webhook"), timeout=PATIENCE,
                                           context=context or self.trust())

    def connect_raw(self, context=None):
        plain = socket.create_connection(("127.0.0.1", self.port("webhook")), PATIENCE)
        return (context or self.trust()).wrap_socket(plain, server_hostname="localhost")

    def ask(self, method, target, body=None, headers=None):
        """Status, headers and body of one request on a connection of its own."""
        connection = self.connect()
        try:
            return exchange(connection, method, target, body, headers)
        finally:
            connection.close()

    def post(self, body, content_type="application/json", **headers):
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type is not None:
            fields["Content-Type"] = content_type
        return self.ask("POST", "/mutate", body, fields)

    def review(self, review):
        """The `response` of the answer to a review; fails unless it is a proper answer."""
        status, headers, body = self.post(json.dumps(review))
        if status != 200 or headers["Content-Type"] != "application/json":
            raise AssertionError(f"{status} {headers['Content-Type']}: {body!r}")
        return json.loads(body)["response"]

    def get(self, listener, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(listener), timeout=PATIENCE)
        try:
            return exchange(connection, method, path)
        finally:
            connection.close()

    def metric(self, series):
        """The value of a series written as on the page; 0 when it has not appeared."""
        _, _, page = self.get("metrics", "/metrics")
        for line in page.decode().splitlines():
            if line.startswith(series + " "):
                return float(line.split()[-1])
        return 0

    def resident_bytes(self):
        status = read(f"/proc/{self.process.pid}/status")
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) << 10

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def stop(self):
        """Ends the webhook as Kubernetes does; returns its exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            code = self.stop()
            if kind is None and code != self.ends_with:
                raise AssertionError(f"exit code {code}, not {self.ends_with}:\n{self.output()}")
        finally:
            self.process.kill()
            self.process.stdout.close()
            self._folder.cleanup()


def exchange(connection, method, target, body=None, headers=None):
    connection.request(method, target, body, headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


class SharedWebhookTest(unittest.TestCase):
    """Tests that share one webhook, since none of them changes it for the others."""

    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.webhook = WebhookProcess(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        cls.webhook.__exit__(None)
