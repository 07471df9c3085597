"""An HTTP proxy that knows CONNECT: it notes where to, and what passed through."""

import re
import socket
import socketserver
import threading


class _Tunnel(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = self.request.recv(1)
            if not data:
                return
            head += data
        host, port = re.match(rb"CONNECT (\S+):(\d+) HTTP/1\.1\r\n", head).groups()
        self.server.targets.append(f"{host.decode()}:{port.decode()}")
        with socket.create_connection((host.decode(), int(port))) as target:
            self.request.sendall(b"HTTP/1.1 200 Established\r\nRetry-After: 300\r\n\r\n")
            back = threading.Thread(target=self._pass_on, args=(target, self.request))
            back.start()
            self._pass_on(self.request, target)
            back.join()

    def _pass_on(self, source, sink):
        try:
            while data := source.recv(65536):
                self.server.passed += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side went away


class ConnectProxy(socketserver.ThreadingTCPServer):
    """Use as a context manager."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.targets = []  # "host:port" of each connection
        self.passed = b""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()
