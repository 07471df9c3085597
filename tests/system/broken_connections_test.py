"""Connections that break at any moment, TLS that is too old or none, requests that two readers would
read differently: nobody else notices, and nothing is served that should not be.
"""

import socket
import ssl
import subprocess
import unittest

from hostile_clients import BODY, HEAD, descriptors, plain, receive_all, reset
from webhook_process import PATIENCE, SharedWebhookTest, eventually

REFUSALS = (40, 70)  # the alerts handshake_failure and protocol_version


def hello(version):
    """A ClientHello that offers this version and none above it, with common cipher suites."""
    body = (version.to_bytes(2, "big") + b"\x11" * 32 + b"\0" + b"\0\x06\0\x2f\0\x35\xc0\x13" +
            b"\x01\0")
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16" + version.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message


def vanish(raw):
    """Ends a connection so that the other side hears nothing of it, where that is permitted."""
    tcp_repair = 19
    try:
        raw.setsockopt(socket.IPPROTO_TCP, tcp_repair, 1)
    except PermissionError:
        return  # it stays open and silent, which looks the same from there
    raw.close()


class BrokenConnectionsTest(SharedWebhookTest):
    def test_resets_at_every_moment_harm_nobody(self):
        request = HEAD + BODY
        for size in (0, 1, 20, len(HEAD), len(HEAD) + 5, len(request)):
            raw = self.webhook.connect_raw()
            raw.sendall(request[:size])
            reset(raw)
        for size in (0, 3, 11):
            raw = plain(self.webhook)
            raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[:size])
            reset(raw)
        self.assertEqual(self.webhook.post(BODY)[0], 200)

    def test_half_closed_connection_gets_its_answer(self):
        raw = self.webhook.connect_raw()
        raw.sendall(HEAD + BODY)
        socket.socket.shutdown(raw, socket.SHUT_WR)  # TCP alone, without close_notify
        self.assertTrue(raw.recv(65536).startswith(b"HTTP/1.1 200 "))
        raw.close()

    def test_requests_sent_at_once_are_answered_in_turn(self):
        raw = self.webhook.connect_raw()
        raw.sendall((HEAD + BODY) * 20)
        received = b""
        while received.count(b"HTTP/1.1 200 ") < 20:
            part = raw.recv(65536)
            self.assertTrue(part, "the connection ended early")
            received += part
        raw.close()

    def test_tls_records_may_arrive_byte_by_byte(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.webhook.trust().wrap_bio(incoming, outgoing, server_hostname="localhost")
        raw = plain(self.webhook)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def until_done(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    flush()
                    part = raw.recv(65536)
                    self.assertTrue(part, "the connection ended early")
                    incoming.write(part)

        def flush():
            for byte in outgoing.read():
                raw.sendall(bytes((byte,)))

        until_done(tls.do_handshake)
        for _ in range(2):
            tls.write(HEAD)
            tls.write(BODY)
            flush()
            self.assertTrue(until_done(lambda: tls.read(65536)).startswith(b"HTTP/1.1 200 "))
        raw.close()

    def talk_with_openssl(self, *options, say=""):
        """All that OpenSSL's client says of a connection on which it is told `say`."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.webhook.port('webhook')}",
             "-cipher", "DEFAULT:@SECLEVEL=0", *options],
            input=say, capture_output=True, check=False, text=True, timeout=PATIENCE)
        return done.stdout + done.stderr

    def test_versions_from_ssl_3_to_tls_1_1_are_refused(self):
        for version in (0x300, 0x301, 0x302):
            with self.subTest(hex(version)):
                raw = plain(self.webhook)
                raw.sendall(hello(version))
                answer = receive_all(raw)
                raw.close()
                self.assertEqual((answer[0], len(answer)), (21, 7), "one alert")
                self.assertIn(answer[6], REFUSALS)

    def test_ssl_2_is_refused(self):
        raw = plain(self.webhook)
        raw.sendall(b"\x80\x1c\x01\x00\x02\x00\x03\x00\x00\x00\x10\x01\x00\x80" + b"\x11" * 16)
        self.assertNotIn(b"HTTP/", receive_all(raw))
        raw.close()

    def test_old_tls_versions_are_refused_to_a_client_that_would_take_them(self):
        for version in ("-tls1", "-tls1_1"):
            with self.subTest(version):
                self.assertIn("alert protocol version", self.talk_with_openssl(version))
        self.assertNotIn("alert protocol version", self.talk_with_openssl("-tls1_2"))

    def test_plain_http_is_not_answered(self):
        for bytes_sent in (HEAD + BODY, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 100):
            with self.subTest(bytes_sent[:10]):
                raw = plain(self.webhook)
                raw.sendall(bytes_sent)
                self.assertNotIn(b"HTTP/", receive_all(raw))
                raw.close()
        self.assertEqual(self.webhook.post(BODY)[0], 200)

    def test_clients_that_vanish_without_a_word_are_given_up(self):
        before = descriptors(self.webhook)
        crowd = [self.webhook.connect_raw() for _ in range(20)]
        for index, raw in enumerate(crowd):
            if index % 2:
                raw.sendall(HEAD)
            vanish(raw)
        eventually(lambda: descriptors(self.webhook) <= before, "descriptors are given back")

    def test_renegotiation_is_refused(self):
        said = self.talk_with_openssl("-tls1_2", say="R\n")
        self.assertIn("RENEGOTIATING", said)
        self.assertIn("no renegotiation", said)

    def test_ambiguous_requests_are_refused_and_end_the_connection(self):
        inner = b"GET /inner HTTP/1.1\r\nHost: a\r\n\r\n"
        for name, fields in (
                ("two lengths", b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(inner)),
                ("list of lengths", b"Content-Length: 0, 0\r\n"),
                ("signed length", b"Content-Length: +0\r\n"),
                ("length and chunks", b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
                ("chunks twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                ("other coding", b"Transfer-Encoding: identity\r\n"),
                ("coding with a vertical tab", b"Transfer-Encoding: \x0bchunked\r\n"),
                ("blank before the colon", b"Content-Length : 0\r\n"),
                ("folded line", b"X: a\r\n Content-Length: 0\r\n"),
                ("bare line feed", b"X: a\nContent-Length: 0\r\n"),
                ("bare carriage return", b"X: a\rContent-Length: 0\r\n"),
                ("NUL", b"X: a\0b\r\n")):
            with self.subTest(name):
                raw = self.webhook.connect_raw()
                raw.sendall(b"POST /mutate HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + inner)
                answer = receive_all(raw)
                raw.close()
                self.assertRegex(answer, rb"^HTTP/1\.1 (400|501) ")
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, "one answer, then the end")


if __name__ == "__main__":
    unittest.main()
