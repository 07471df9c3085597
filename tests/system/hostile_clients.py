"""What clients do that mean no good, and what can be seen of a webhook that has to bear them."""

import json
import os
import socket
import ssl
import struct

from reviews import review
from webhook_process import BINARY, PATIENCE

JSON = {"Content-Type": "application/json"}
BODY = json.dumps(review()).encode()
HEAD = (b"POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(BODY))


def is_sanitized():
    with open(BINARY, "rb") as file:
        program = file.read()
    return b"__asan_init" in program or b"__tsan_init" in program


def descriptors(webhook):
    return len(os.listdir(f"/proc/{webhook.process.pid}/fd"))


def threads(webhook):
    return len(os.listdir(f"/proc/{webhook.process.pid}/task"))


def plain(webhook):
    return socket.create_connection(("127.0.0.1", webhook.port("webhook")), PATIENCE)


def cpu_seconds(webhook):
    with open(f"/proc/{webhook.process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connect_deaf(webhook):
    """A connection for which the system keeps little of what nobody reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(PATIENCE)
    raw.connect(("127.0.0.1", webhook.port("webhook")))
    return webhook.trust().wrap_socket(raw, server_hostname="localhost")


def one_byte_records(webhook, data):
    """A connection, and what carries each byte of the data in a TLS record of its own."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = webhook.trust().wrap_bio(incoming, outgoing, server_hostname="localhost")
    raw = plain(webhook)
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            raw.sendall(outgoing.read())
            incoming.write(raw.recv(65536))
    for at in range(len(data)):
        tls.write(data[at:at + 1])
    return raw, outgoing.read()


def reset(raw):
    """Ends a connection so that the other side gets a reset."""
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()


def ended(raw):
    """Whether the connection is over; what it still brings is thrown away."""
    raw.setblocking(False)
    try:
        while raw.recv(65536):
            pass
        return True
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def receive_now(raw):
    """What has come by now."""
    raw.setblocking(False)
    return receive_all(raw)


def receive_all(raw):
    parts = []
    try:
        while part := raw.recv(65536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)
