"""What a healthy client notices of 500 slow ones: latency of admissions on a kept TLS connection."""

import json
import multiprocessing
import time

from quiet_webhook import QuietWebhook
# pylint: disable=wrong-import-order
from hostile_clients import ended, plain
from reviews import pod, review
from webhook_process import exchange

CLIENTS = 500
JSON = {"Content-Type": "application/json"}
BODY = json.dumps(review(pod({"dapr.io/inject-pluggable-components": "true"})))

KINDS = (  # name, what each sends first, what it goes on with, whether over TLS
    ("silent before the handshake", b"", b"", False),
    ("half a handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"", False),
    ("half a head, byte by byte", b"POST /mutate HTTP/1.1\r\nX-Slow: ", b"x", True),
    ("half a body, byte by byte",
     b"POST /mutate HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n{", b" ", True),
)  # fmt: skip


class SlowClients:
    """Keeps so many slow connections open, in a process of its own: whoever is closed comes again."""

    def __init__(self, webhook, first, then, tls):
        self._webhook, self._first, self._then = webhook, first, then
        self._trust = webhook.trust() if tls else None
        self._ready, self._ended = multiprocessing.Event(), multiprocessing.Event()
        self._process = multiprocessing.Process(target=self._run)

    def _connect(self):
        raw = self._webhook.connect_raw(self._trust) if self._trust else plain(self._webhook)
        raw.sendall(self._first)
        return raw

    def _run(self):
        open_ones = [self._connect() for _ in range(CLIENTS)]
        self._ready.set()
        while not self._ended.is_set():
            for index, raw in enumerate(open_ones):
                try:
                    if self._then:
                        raw.send(self._then)
                    gone = ended(raw)
                except OSError:
                    gone = True
                if gone:
                    raw.close()
                    open_ones[index] = self._connect()
                time.sleep(0.001)
                if self._ended.is_set():
                    break

    def __enter__(self):
        self._process.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._process.join()


def measure(webhook, seconds):
    """Milliseconds of each admission, one after the other on a kept connection, sorted."""
    kept = webhook.connect()
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        status = exchange(kept, "POST", "/mutate", BODY, JSON)[0]
        times.append((time.perf_counter() - start) * 1000)
        assert status == 200, status
    kept.close()
    return sorted(times)


def row(name, webhook, seconds):
    times = measure(webhook, seconds)
    count = len(times)
    return {
        "slow clients": name, "admissions": count, "p50, ms": times[count // 2],
        "p99, ms": times[count * 99 // 100], "longest, ms": times[-1],
        "resident, MB": webhook.resident_bytes() / 1e6,
    }  # fmt: skip


def rows(seconds):
    """Of a healthy client alone, and beside each kind of slow ones."""
    with QuietWebhook() as webhook:
        found = [row("none", webhook, seconds)]
    for name, first, then, tls in KINDS:
        with QuietWebhook() as webhook, SlowClients(webhook, first, then, tls):
            found.append(row(name, webhook, seconds))
    return found
