"""A Service without kube-proxy: takes connections at its address and passes them on.

Usage: service_proxy.py ADDRESS PORT. Each line of standard input replaces the endpoints:
"10.1.0.2:4000 10.1.0.3:4000". A new connection goes to one of them, by turns; connections that are
open stay where they are, as they do in a cluster. Without endpoints a connection is reset.
"""

import asyncio
import socket
import struct
import sys


class End(asyncio.Protocol):
    """One end of a connection that is passed on; `other` is its partner."""

    def __init__(self, other=None):
        self.other, self.transport = other, None

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.other.transport.write(data)

    def eof_received(self):
        if self.other and self.other.transport and self.other.transport.can_write_eof():
            self.other.transport.write_eof()
        return True

    def connection_lost(self, _):
        if self.other and self.other.transport:
            self.other.transport.close()


class Client(End):
    def __init__(self, proxy):
        super().__init__()
        self.proxy = proxy

    def connection_made(self, transport):
        super().connection_made(transport)
        transport.pause_reading()
        asyncio.ensure_future(self._connect())

    async def _connect(self):
        endpoint = self.proxy.next()
        try:
            if endpoint is None:
                raise ConnectionRefusedError
            loop = asyncio.get_running_loop()
            _, self.other = await loop.create_connection(lambda: End(self), *endpoint)
            self.transport.resume_reading()
        except OSError:
            # Closing with SO_LINGER 0 sends a reset, as a refused connection would look.
            client = self.transport.get_extra_info("socket")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()


class Proxy:
    def __init__(self):
        self.endpoints, self.turn = [], 0

    def next(self):
        if not self.endpoints:
            return None
        self.turn += 1
        return self.endpoints[self.turn % len(self.endpoints)]

    def replace(self):
        line = sys.stdin.readline()
        if not line:
            asyncio.get_running_loop().stop()
            return
        pairs = (text.rsplit(":", 1) for text in line.split())
        self.endpoints = [(host, int(port)) for host, port in pairs]


async def serve(address, port):
    proxy, loop = Proxy(), asyncio.get_running_loop()
    loop.add_reader(sys.stdin, proxy.replace)
    server = await loop.create_server(lambda: Client(proxy), address, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
    except (RuntimeError, asyncio.CancelledError):
        pass  # stopped with the test
