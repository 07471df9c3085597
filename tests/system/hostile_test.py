"""Clients that are slow, silent, too many or send bombs: others are served, and memory, descriptors
and time stay bounded.

INJECTOR_SHORT_CONNECTIONS in the environment sets how many come in a row (10,000; 1,000 when the
program is sanitised, which takes ten times as long).
"""

import json
import os
import resource
import socket
import ssl
import threading
import time
import unittest

from hostile_clients import (BODY, HEAD, JSON, connect_deaf, cpu_seconds, descriptors, ended,
                             is_sanitized, one_byte_records, plain, receive_all, receive_now, reset,
                             threads)
from reviews import pod, review
from webhook_process import PATIENCE, WebhookProcess, eventually, exchange

SLOW = 500
SHORT_CONNECTIONS = int(os.environ.get("INJECTOR_SHORT_CONNECTIONS",
                                       "1000" if is_sanitized() else "10000"))
MOST_RESIDENT = 100 << 20
MIB = b" " * (1 << 20)
# The headers of a record and of a ClientHello of 131,000 bytes, for which OpenSSL makes room.
GREEDY_HELLO = b"\x16\x03\x01\x00\x04" + b"\x01\x01\xff\xb8"


class HostileTest(unittest.TestCase):
    def serve_some(self, webhook, kept, count=20):
        """Admissions on a kept connection and on new ones, all of which must be answered."""
        for _ in range(count):
            self.assertEqual(exchange(kept, "POST", "/mutate", BODY, JSON)[0], 200)
        for _ in range(3):
            self.assertEqual(webhook.post(BODY)[0], 200)

    def assert_resident(self, webhook):
        self.assert_memory(webhook.resident_bytes())

    def assert_memory(self, most):
        if not is_sanitized():
            self.assertLess(most, MOST_RESIDENT)


class SlowClientsTest(HostileTest):
    def served_beside(self, webhook, slow, dribble):
        """Serves beside slow clients, each of which sends a byte now and then; they must be gone
        after their time. Returns for how long they were there."""
        start = time.monotonic()
        kept = webhook.connect()
        before = threads(webhook)
        while slow:
            self.assertLess(time.monotonic() - start, PATIENCE)
            self.serve_some(webhook, kept)
            slow = [raw for raw in slow if not ended(raw)]
            for raw in slow:
                try:
                    raw.send(dribble)
                except OSError:
                    pass  # found out above, next time
            time.sleep(0.1)
        self.assertLess(threads(webhook), before + 16, "slow clients cost no threads")
        self.assert_resident(webhook)
        kept.close()
        return time.monotonic() - start

    def test_handshake_that_does_not_end(self):
        with WebhookProcess() as webhook:
            hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # of a record of 512 bytes
            slow = [plain(webhook) for _ in range(SLOW)]
            for raw in slow[::2]:
                raw.sendall(hello)
            self.assertGreater(self.served_beside(webhook, slow, b""), 3)

    def served_beside_requests(self, beginning, more):
        """The same, with requests that begin so and go on with a bit more now and then."""
        with WebhookProcess() as webhook:
            trust = webhook.trust()
            slow = [webhook.connect_raw(trust) for _ in range(SLOW)]
            for raw in slow:
                raw.sendall(beginning)
            return self.served_beside(webhook, slow, more)

    def test_head_that_does_not_end(self):
        head = b"POST /mutate HTTP/1.1\r\nX-Slow: "
        self.assertGreater(self.served_beside_requests(head, b"x"), 1)

    def test_body_that_does_not_end(self):
        body = b"POST /mutate HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n{"
        self.assertGreater(self.served_beside_requests(body, b" "), 5)

    def test_records_of_one_byte_cost_what_they_weigh(self):
        head = b"POST /mutate HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"
        chunks = b"POST /mutate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        with WebhookProcess() as webhook:
            kept = webhook.connect()

            def cost(data):
                """For each of its bytes, the webhook's time, others' admissions included."""
                tiny = [one_byte_records(webhook, data) for _ in range(6)]
                before = cpu_seconds(webhook)
                for raw, records in tiny:
                    raw.sendall(records)
                    self.serve_some(webhook, kept, 5)
                took = cpu_seconds(webhook) - before
                for raw, _ in tiny:
                    raw.close()
                return took / len(data)

            body = cost(head + b" " * 16384)  # in which nothing is searched
            for searched in (b"\r" * 16384, chunks + b"\r" * 8000):
                self.assertLess(cost(searched), 6 * body)
            kept.close()

    def test_clients_that_do_not_read(self):
        with WebhookProcess() as webhook:
            slow = []
            for _ in range(50):
                slow.append(connect_deaf(webhook))
                slow[-1].settimeout(0.02)
                try:
                    while True:
                        slow[-1].sendall((HEAD + BODY) * 50)
                except (TimeoutError, ssl.SSLError):
                    pass  # nothing leaves any more, since the webhook waits to be read
            kept = webhook.connect()
            self.serve_some(webhook, kept)
            self.assert_resident(webhook)
            kept.close()
            for raw in slow:
                raw.close()


class BombTest(HostileTest):
    """Input made to need memory, from many connections at once, with the limits as they are."""

    def bomb(self, webhook, parts, connections=128):
        """Sends the parts on many connections at once; returns the status lines that came back."""
        trust = webhook.trust()
        answers = []

        def run():
            try:
                with webhook.connect_raw(trust) as raw:
                    try:
                        for part in parts:
                            raw.sendall(part)
                    except OSError:
                        pass
                    answers.append(receive_all(raw).split(b"\r\n")[0])
            except OSError:
                pass  # had to make room

        runners = [threading.Thread(target=run) for _ in range(connections)]
        for runner in runners:
            runner.start()
        most = 0
        while any(runner.is_alive() for runner in runners):
            most = max(most, webhook.resident_bytes())
            time.sleep(0.01)
        self.assert_memory(most)
        self.assertEqual(webhook.post(BODY)[0], 200, "the webhook goes on")
        return set(answers)

    def assert_statuses(self, lines, *statuses):
        self.assertTrue(lines)
        for line in lines - {b""}:
            self.assertIn(int(line.split()[1]), statuses, line)

    def test_head_without_end(self):
        with WebhookProcess() as webhook:
            self.assert_statuses(self.bomb(webhook, [b"GET /mutate HTTP/1.1\r\n"] +
                                           [b"X-Long: " + b"x" * 8000 + b"\r\n"] * 1000), 431)

    def test_many_small_headers(self):
        with WebhookProcess() as webhook:
            self.assert_statuses(self.bomb(webhook, [b"GET /mutate HTTP/1.1\r\n"] +
                                           [b"A:b\r\n" * 1000] * 1000), 431)

    def test_chunks_without_end(self):
        with WebhookProcess() as webhook:
            head = b"POST /mutate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            for parts in ([b"100000\r\n" + MIB + b"\r\n"] * 16, [b"1\r\n \r\n" * 10000] * 200,
                          [b"1;" + b"x" * 60000]):
                with self.subTest(parts[0][:10]):
                    self.assert_statuses(self.bomb(webhook, [head] + parts, 64), 400, 408, 413, 503)

    def test_bodies_that_are_never_whole(self):
        with WebhookProcess() as webhook:
            head = b"POST /mutate HTTP/1.1\r\nContent-Length: 8388608\r\n\r\n"
            self.assert_statuses(self.bomb(webhook, [head] + [MIB] * 7, 32), 408, 503)

    def test_deep_json(self):
        with WebhookProcess() as webhook:
            for body in (b"[" * (1 << 20), b'{"a":' * (1 << 18), b'{"request":' + b"[" * (4 << 20)):
                with self.subTest(body[:12]):
                    head = (b"POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\n"
                            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
                    self.assert_statuses(self.bomb(webhook, [head, body], 64), 400, 408, 503)


class MemoryTest(HostileTest):
    """All that there may be of something, with the limits as they are."""

    def watch(self, webhook, most, until):
        while time.monotonic() < until:
            most = max(most, webhook.resident_bytes())
            time.sleep(0.005)
        return most

    def test_handshakes_that_ask_for_memory(self):
        with WebhookProcess() as webhook:
            kept = webhook.connect()
            self.serve_some(webhook, kept)
            most = 0
            greedy = []
            for _ in range(1024):
                greedy.append(plain(webhook))
                greedy[-1].sendall(GREEDY_HELLO)
                most = max(most, webhook.resident_bytes())
            self.serve_some(webhook, kept)
            self.assert_memory(max(most, webhook.resident_bytes()))
            kept.close()
            for raw in greedy:
                raw.close()

    def test_answers_that_nobody_reads(self):
        containers = [{"name": f"c{i}", "image": "x"} for i in range(28_000)]
        large = pod()
        large["spec"]["containers"] = containers  # the answer has seven times as much
        body = json.dumps(review(large)).encode()
        request = (b"POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n" % len(body)) + body
        with WebhookProcess() as webhook:
            silent = [connect_deaf(webhook) for _ in range(24)]
            most = 0
            for raw in silent:
                try:
                    raw.sendall(request)
                except OSError:
                    pass  # refused
                most = max(most, webhook.resident_bytes())
            most = self.watch(webhook, most, time.monotonic() + 1)
            eventually(lambda: webhook.post(BODY)[0] == 200, "the webhook goes on")
            self.assert_memory(most)
            for raw in silent:
                raw.close()

    def test_everything_at_once(self):
        """Connections, handshakes and bodies up to their limits, and reviews that are costly to
        parse. Nothing here is new after five seconds, when handshakes are given up."""
        post = (b"POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n")
        dense = b'{"request":[' + b"1," * 499_000 + b"1]}"
        with WebhookProcess() as webhook:
            trust = webhook.trust()
            unused = descriptors(webhook)
            idle = [webhook.connect_raw(trust) for _ in range(755)]
            for raw in idle:
                raw.sendall(HEAD + BODY)
                self.assertTrue(raw.recv(65536).startswith(b"HTTP/1.1 200 "))
            sending = [(webhook.connect_raw(trust), data) for data in
                       [post % 8388608 + b" " * 8000000] + [post % 65000 + b" " * 60000] * 120 +
                       [post % len(dense) + dense] * 20]
            greedy = [plain(webhook) for _ in range(280)]
            for raw in greedy:
                raw.sendall(GREEDY_HELLO)
            most = connections = 0
            for raw, data in sending:
                try:
                    raw.sendall(data)
                except OSError:
                    pass  # beyond the budget
                most = max(most, webhook.resident_bytes())
                connections = max(connections, descriptors(webhook) - unused)
            most = self.watch(webhook, most, time.monotonic() + 1)
            eventually(lambda: webhook.post(BODY)[0] == 200, "the webhook goes on")
            self.assert_memory(most)
            self.assertGreater(connections, 1000, "the limit of connections is near")
            answers = [receive_now(raw) for raw, _ in sending]
            self.assertTrue(any(answer.startswith(b"HTTP/1.1 503 ") for answer in answers),
                            "the limit of bodies was reached")
            for raw in idle + greedy + [raw for raw, _ in sending]:
                raw.close()


class TooManyTest(HostileTest):
    def test_heads_that_are_never_whole_at_the_limit_fit_in_memory(self):
        # Each has nearly all of a head here, and the beginning of one more TLS record.
        with WebhookProcess() as webhook:
            trust = webhook.trust()
            slow = []
            most = 0
            for _ in range(1100):
                slow.append(webhook.connect_raw(trust))
                try:
                    slow[-1].sendall(b"POST /mutate HTTP/1.1\r\nX-Slow: " + b"x" * 15000)
                    socket.socket.send(slow[-1], b"\x17\x03\x03\x40\x00" + b"x" * 16000)
                except OSError:
                    pass  # had to make room
                most = max(most, webhook.resident_bytes())
            self.assertEqual(webhook.post(BODY)[0], 200)
            self.assert_memory(max(most, webhook.resident_bytes()))
            for raw in slow:
                raw.close()

    def test_silent_connections_at_the_limit_leave_room(self):
        with WebhookProcess("--max-connections", "200") as webhook:
            kept = webhook.connect()
            self.serve_some(webhook, kept)
            silent = []
            for _ in range(600):
                silent.append(plain(webhook))
            self.serve_some(webhook, kept)
            eventually(lambda: sum(not ended(raw) for raw in silent) <= 200,
                       "those beyond the limit are closed")
            kept.close()
            for raw in silent:
                raw.close()

    def test_idle_connections_at_the_limit_fit_in_memory(self):
        with WebhookProcess() as webhook:
            trust = webhook.trust()
            idle = []
            for _ in range(1000):
                idle.append(webhook.connect_raw(trust))
                idle[-1].sendall(HEAD + BODY)
            for raw in idle:
                self.assertTrue(raw.recv(65536).startswith(b"HTTP/1.1 200 "))
            self.assert_resident(webhook)
            self.assertLess(threads(webhook), 16)
            for raw in idle:
                raw.close()

    def test_accepting_recovers_when_descriptors_run_out(self):
        with WebhookProcess() as webhook:
            kept = webhook.connect()
            self.serve_some(webhook, kept)
            limit = descriptors(webhook) + 20
            resource.prlimit(webhook.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
            crowd = [plain(webhook) for _ in range(200)]
            # Whoever waits longest makes room, so even now a new one is served.
            self.assertEqual(webhook.post(BODY)[0], 200)
            self.assertEqual(exchange(kept, "POST", "/mutate", BODY, JSON)[0], 200)
            for raw in crowd:
                raw.close()
            eventually(lambda: descriptors(webhook) < limit - 10, "descriptors are given back")
            self.serve_some(webhook, kept)
            kept.close()

    def test_short_connections_leave_nothing_behind(self):
        with WebhookProcess() as webhook:
            trust = webhook.trust()

            def run(count):
                for number in range(count):
                    raw = webhook.connect_raw(trust)
                    if number % 3 == 0:
                        raw.sendall(HEAD + BODY)
                        self.assertTrue(raw.recv(65536).startswith(b"HTTP/1.1 200 "))
                    if number % 3 == 1:
                        raw.sendall(HEAD)
                        reset(raw)
                    else:
                        raw.close()
                self.assertEqual(webhook.post(BODY)[0], 200)

            run(SHORT_CONNECTIONS // 10)  # until buffers have their size
            open_before, bytes_before = descriptors(webhook), webhook.resident_bytes()
            run(SHORT_CONNECTIONS)
            eventually(lambda: descriptors(webhook) <= open_before, "descriptors are given back")
            if not is_sanitized():
                self.assertLess(webhook.resident_bytes() - bytes_before, 4 << 20)


if __name__ == "__main__":
    unittest.main()
