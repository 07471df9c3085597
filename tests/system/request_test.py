"""What /mutate makes of requests that are no proper reviews, and of other paths."""

import http.client
import json
import socket
import unittest

from reviews import review
from webhook_process import PATIENCE, SharedWebhookTest, exchange

TEXT = "text/plain; charset=utf-8"
CONTENT_TYPE_FAULT = b"invalid Content-Type, expected `application/json`\n"


class RequestTest(SharedWebhookTest):
    def assert_refused(self, answer, status, body=None):
        self.assertEqual(answer[0], status, answer[2])
        self.assertEqual(answer[1]["Content-Type"], TEXT)
        self.assertEqual(answer[1]["X-Content-Type-Options"], "nosniff")
        self.assertTrue(answer[2].endswith(b"\n"))
        if body is not None:
            self.assertEqual(answer[2], body)

    def test_other_methods_are_not_allowed(self):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method):
                answer = self.webhook.ask(method, "/mutate", json.dumps(review()),
                                          {"Content-Type": "application/json"})
                self.assert_refused(answer, 405)
                self.assertEqual(answer[1]["Allow"], "POST")

    def test_head_is_not_allowed_and_has_no_body(self):
        status, headers, body = self.webhook.ask("HEAD", "/mutate")
        self.assertEqual((status, headers["Allow"], body), (405, "POST", b""))

    def test_other_paths_are_not_found(self):
        for path in ("/", "/mutate/", "/healthz", "/mutate/x", "/Mutate", "/metrics"):
            with self.subTest(path):
                self.assert_refused(self.webhook.ask("POST", path, "{}"), 404,
                                    b"404 page not found\n")

    def test_query_is_ignored_but_for_the_timeout(self):
        for query in ("", "?timeout=10s", "?timeout=nonsense", "?a=b&timeout=30s"):
            with self.subTest(query):
                answer = self.webhook.ask("POST", "/mutate" + query, json.dumps(review()),
                                          {"Content-Type": "application/json"})
                self.assertEqual(answer[0], 200)

    def test_empty_body_is_told_before_the_content_type(self):
        for content_type in ("application/json", "text/plain", None):
            with self.subTest(content_type):
                self.assert_refused(self.webhook.post("", content_type), 400, b"empty body\n")

    def test_other_content_types_are_refused(self):
        self.assertEqual(len(CONTENT_TYPE_FAULT), 50)
        for content_type in ("text/plain", "application/yaml", "application/jsonx", "json", None):
            with self.subTest(content_type):
                self.assert_refused(self.webhook.post(json.dumps(review()), content_type), 415,
                                    CONTENT_TYPE_FAULT)

    def test_content_type_in_other_spellings_is_taken(self):
        for content_type in ("Application/JSON", "application/json; charset=utf-8",
                             "application/json;charset=utf-8"):
            with self.subTest(content_type):
                self.assertEqual(self.webhook.post(json.dumps(review()), content_type)[0], 200)

    def test_encoded_body_is_refused(self):
        for coding in ("gzip", "br", "deflate", "identity, gzip"):
            with self.subTest(coding):
                self.assert_refused(self.webhook.post("\x1f", Content_Encoding=coding), 415)

    def test_identity_is_no_encoding(self):
        answer = self.webhook.post(json.dumps(review()), Content_Encoding="Identity")
        self.assertEqual(answer[0], 200)

    def test_answer_is_not_compressed(self):
        answer = self.webhook.post(json.dumps(review()), Accept_Encoding="gzip, br, deflate")
        self.assertEqual(answer[0], 200)
        self.assertIsNone(answer[1]["Content-Encoding"])
        json.loads(answer[2])

    def test_what_is_no_json_object_is_refused(self):
        good = json.dumps(review())
        for body in ("x", "{", "[]", '"text"', "5", "true", good + "x", good + good, "[" + good,
                     "\ufeff" + good):
            with self.subTest(body[:20]):
                self.assert_refused(self.webhook.post(body.encode()), 400)

    def test_yaml_is_refused(self):
        self.assert_refused(self.webhook.post("kind: AdmissionReview\nrequest: {}\n"), 400)

    def test_json_that_is_no_review_is_refused(self):
        for body in ("{}", "null", '{"request":null}',
                     '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}'):
            with self.subTest(body):
                self.assert_refused(self.webhook.post(body), 400)

    def test_wrong_types_inside_are_refused_with_their_place(self):
        for changes, place in (({"uid": 5}, b"/request/uid"), ({"userInfo": []}, b"/request/userI"),
                               ({"kind": "Pod"}, b"/request/kind"),
                               ({"namespace": 1}, b"/request/namespace")):
            with self.subTest(str(changes)):
                answer = self.webhook.post(json.dumps(review(**changes)))
                self.assert_refused(answer, 400)
                self.assertIn(place, answer[2])

    def test_other_kinds_and_versions_are_refused(self):
        for member, value in (("kind", "ConversionReview"), ("kind", None),
                              ("apiVersion", "admission.k8s.io/v2"), ("apiVersion", None),
                              ("apiVersion", "v1")):
            with self.subTest(f"{member} {value}"):
                changed = review()
                if value is None:
                    del changed[member]
                else:
                    changed[member] = value
                self.assert_refused(self.webhook.post(json.dumps(changed)), 400)

    def test_json_that_nobody_should_trust_is_refused_with_its_offset(self):
        good = json.dumps(review()).encode()
        for name, bad in (
                ("integer beyond 64 bits", b'{"a":18446744073709551616,' + good[1:]),
                ("lone surrogate", b'{"a":"\\ud800",' + good[1:]),
                ("invalid UTF-8", b'{"a":"\xff",' + good[1:])):
            with self.subTest(name):
                answer = self.webhook.post(bad)
                self.assert_refused(answer, 400)
                self.assertRegex(answer[2], rb"offset \d+")

    def test_depth_is_limited(self):
        for depth, status in ((500, 200), (513, 400), (100_000, 400)):
            with self.subTest(depth):
                nested = b'{"a":' + b"[" * depth + b"]" * depth + b","
                answer = self.webhook.post(nested + json.dumps(review()).encode()[1:])
                self.assertEqual(answer[0], status, answer[2][:200])

    def test_body_over_8_mib_is_refused(self):
        answer = self.webhook.post(b" " * ((8 << 20) + 1))
        self.assert_refused(answer, 413)
        self.assertEqual(answer[1]["Connection"], "close")

    def test_body_of_8_mib_is_read(self):
        good = json.dumps(review()).encode()
        self.assertEqual(self.webhook.post(good + b" " * ((8 << 20) - len(good)))[0], 200)

    def test_idle_connections_do_not_hold_what_their_reviews_needed(self):
        # Reading these takes four times their size; the sanitizers keep some hundreds in all.
        body = b"[" + b'"0123456789abc",' * 499_990 + b"1]"
        before = self.webhook.resident_bytes()
        connections = []
        for _ in range(20):
            connections.append(self.webhook.connect())
            self.assertEqual(exchange(connections[-1], "POST", "/mutate", body,
                                      {"Content-Type": "application/json"})[0], 400)
        self.assertLess(self.webhook.resident_bytes() - before, 450 << 20)
        for connection in connections:
            connection.close()

    def test_chunked_body_is_bounded_too(self):
        # The webhook may close while chunks are still sent: then reading the answer has to do.
        connection = self.webhook.connect()
        connection.putrequest("POST", "/mutate")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        try:
            for _ in range(9):
                connection.send(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
        except OSError:
            pass
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def test_chunked_review_is_answered(self):
        body = json.dumps(review()).encode()
        connection = self.webhook.connect()
        connection.request("POST", "/mutate", iter((body[:7], body[7:])),
                           {"Content-Type": "application/json"}, encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()

    def test_expect_continue_gets_its_interim_answer(self):
        body = json.dumps(review()).encode()
        raw = self.webhook.connect_raw()
        raw.sendall(b"POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        self.assertEqual(raw.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
        raw.sendall(body)
        self.assertTrue(raw.recv(4096).startswith(b"HTTP/1.1 200 "))
        raw.close()

    def test_connection_is_kept_for_the_next_request(self):
        connection = self.webhook.connect()
        for _ in range(20):
            status, headers, _ = exchange(connection, "POST", "/mutate", json.dumps(review()),
                                          {"Content-Type": "application/json"})
            self.assertEqual((status, headers["Connection"]), (200, None))
        connection.close()

    def test_refused_request_leaves_the_connection_usable(self):
        connection = self.webhook.connect()
        self.assertEqual(exchange(connection, "POST", "/nowhere", "x")[0], 404)
        self.assertEqual(exchange(connection, "POST", "/mutate", json.dumps(review()),
                                  {"Content-Type": "application/json"})[0], 200)
        connection.close()

    def test_plain_http_is_not_answered(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.webhook.port("webhook"),
                                                timeout=PATIENCE)
        with self.assertRaises((http.client.HTTPException, OSError)):
            exchange(connection, "POST", "/mutate", "{}")
        connection.close()

    def test_slow_clients_delay_nobody(self):
        slow = []
        for _ in range(16):
            raw = self.webhook.connect_raw()
            raw.sendall(b"POST /mutate HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{")
            slow.append(raw)
        silent = [socket.create_connection(("127.0.0.1", self.webhook.port("webhook")))
                  for _ in range(16)]
        self.assertEqual(self.webhook.post(json.dumps(review()))[0], 200)
        for client in slow + silent:
            client.close()


if __name__ == "__main__":
    unittest.main()
