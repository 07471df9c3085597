"""Pods created as fast as the API server takes them, or at a steady rate, with little work here:
the requests are bytes made once, and of the answers only the status is looked at."""

import collections
import json
import socket
import ssl
import threading
import time

from . import objects

_PAUSE_SECONDS = 0.05  # after a lost connection, as clients do

# `status` 0: no answer. `moment`: of its end, by the monotonic clock.
Failure = collections.namedtuple("Failure", "status text moment")


class Connection:
    """One kept HTTP/1.1 connection."""

    def __init__(self, api):
        self._api = api
        self._socket = None
        self._rest = b""

    def request(self, path, body):
        """The bytes of a POST to `path`, to be sent any number of times."""
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self._api.address}",
            *(f"{name}: {value}" for name, value in self._api.headers),
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, request):
        """Sends one request; returns (status, body). A lost connection is an OSError, and the next
        call connects anew."""
        try:
            if self._socket is None:
                plain = socket.create_connection((self._api.address, self._api.port), timeout=30)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket = self._api.tls().wrap_socket(
                    plain, server_hostname=self._api.address
                )
            self._socket.sendall(request)
            return self._answer()
        except (OSError, ssl.SSLError):
            self.close()
            raise

    def _more(self):
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("closed by the API server")
        self._rest += data

    def _until(self, mark):
        while mark not in self._rest:
            self._more()
        part, self._rest = self._rest.split(mark, 1)
        return part

    def _take(self, count):
        while len(self._rest) < count:
            self._more()
        part, self._rest = self._rest[:count], self._rest[count:]
        return part

    def _answer(self):
        head = self._until(b"\r\n\r\n").decode()
        status = int(head.split(" ", 2)[1])
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:])
        if headers.get("transfer-encoding") != "chunked":
            return status, self._take(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._take(size)
            self._take(2)
        self._take(2)
        return status, body

    def close(self):
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""


class Load:
    """Creates pods through several connections; what came of them is counted."""

    def __init__(self, api, namespace, pods, connections):
        """`pods`: manifests with generateName, taken by turns."""
        self._api, self._path = api, objects.pods(namespace)
        self._bodies = [json.dumps(pod).encode() for pod in pods]
        self._connections = connections
        self._lock = threading.Lock()
        self.failures = []  # Failure, each one
        self.outcomes = collections.Counter()  # HTTP status; 0 for a lost connection
        self.seconds = []  # of each creation that succeeded

    def run(self, count=None, seconds=None, rate=None):
        """Creates `count` pods, or goes on for `seconds`; at `rate` a second or as fast as the API
        server answers. Returns creations a second."""
        self._left, self._end = count, None
        begin = time.monotonic()
        if seconds is not None:
            self._end = begin + seconds
        self._rate, self._begin, self._sent = rate, begin, 0
        before = self.outcomes[201]
        threads = [threading.Thread(target=self._work) for _ in range(self._connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (self.outcomes[201] - before) / (time.monotonic() - begin)

    def stop(self):
        """Ends a run from another thread, after the creations in flight."""
        self._end = 0

    def _next(self):
        """Number of the next pod, when it is time for it; None: no more."""
        with self._lock:
            if self._left is not None and self._sent >= self._left:
                return None
            if self._end is not None and time.monotonic() >= self._end:
                return None
            number = self._sent
            self._sent += 1
        if self._rate:
            time.sleep(max(0, self._begin + number / self._rate - time.monotonic()))
        return number

    def _work(self):
        connection = Connection(self._api)
        requests = [connection.request(self._path, body) for body in self._bodies]
        while (number := self._next()) is not None:
            begin = time.monotonic()
            try:
                status, body = connection.send(requests[number % len(requests)])
            except OSError as error:
                status, body = 0, type(error).__name__.encode()
            self._count(status, body, time.monotonic() - begin)
            if status == 0:
                time.sleep(_PAUSE_SECONDS)
        connection.close()

    def _count(self, status, body, seconds):
        with self._lock:
            self.outcomes[status] += 1
            if status == 201:
                self.seconds.append(seconds)
            else:
                text = body[:400].decode(errors="replace")
                self.failures.append(Failure(status, text, time.monotonic()))
