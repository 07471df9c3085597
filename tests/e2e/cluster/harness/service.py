"""A Service: its clusterIP, and a proxy that follows the readiness of its pods."""

import pathlib
import socket
import subprocess
import sys
import threading
import time

from . import network
from .process import Process, wait_for

_PROXY = pathlib.Path(__file__).resolve().parents[1] / "service_proxy.py"
_FOLLOW_SECONDS = 0.1  # endpoints reach every node's proxy about that fast


class Service:
    """Connects the Service's address to the pods that serve, until closed."""

    def __init__(self, cluster, namespace, name, pods, port_name="https"):
        """`pods`: a function that lists the running pods."""
        path = f"/api/v1/namespaces/{namespace}/services/{name}"
        spec = cluster.admin.get(path)["spec"]
        self.address, self._pods, self._port_name = spec["clusterIP"], pods, port_name
        (port,) = [p["port"] for p in spec["ports"] if p.get("name", port_name) == port_name]
        network.add_service_address(self.address)
        self._proxy = Process(
            f"service-{name}", [sys.executable, str(_PROXY), self.address, str(port)],
            cluster.folder, stdin=subprocess.PIPE,
        )  # fmt: skip
        self._endpoints = None
        self._closed = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self.follow()
        wait_for("the Service's address is served", lambda: self._listens(port))
        self._follower.start()

    def _listens(self, port):
        with socket.socket() as probe:
            return probe.connect_ex((self.address, port)) == 0

    def follow(self):
        """Brings the proxy up to date now."""
        serving = [pod for pod in self._pods() if pod.serving()]
        endpoints = " ".join(f"{pod.address}:{pod.port(self._port_name)}" for pod in serving)
        if endpoints != self._endpoints:
            self._endpoints = endpoints
            self._proxy.process.stdin.write(f"{endpoints}\n".encode())
            self._proxy.process.stdin.flush()

    def _follow(self):
        while not self._closed.is_set():
            self.follow()
            time.sleep(_FOLLOW_SECONDS)

    def close(self):
        self._closed.set()
        self._follower.join()
        self._proxy.kill()
        network.remove_service_address(self.address)
