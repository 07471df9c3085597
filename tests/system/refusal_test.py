"""Requests that the webhook refuses before a handler sees them: metrics and log say so."""

import unittest

from hostile_clients import BODY, receive_all
from webhook_process import WebhookProcess

RESPONSES = 'component_injector_http_responses_total{code="%d"}'


class RefusalTest(unittest.TestCase):
    def test_overload_is_counted_each_time_and_logged_twice(self):
        with WebhookProcess("--max-inflight-bytes", "100000") as webhook:
            for _ in range(3):
                self.assertEqual(webhook.post(b"x" * 200_000)[0], 503)
            self.assertEqual(webhook.metric(RESPONSES % 503), 3)
            webhook.await_line(r"level=warning msg=\"overloaded: .*, too many requests in flight; ")
            webhook.await_line(r"level=info msg=\"no longer overloaded; .*: 3\"")
            self.assertEqual(webhook.output().count("overloaded"), 2)
            self.assertEqual(webhook.post(BODY)[0], 200)
            self.assertEqual(webhook.metric(RESPONSES % 200), 1)

    def test_other_refusals_are_counted_by_status(self):
        with WebhookProcess("--max-body", "1000") as webhook:
            self.assertEqual(webhook.post(b"x" * 1001)[0], 413)
            self.assertEqual(webhook.ask("GET", "/mutate", headers={"X": "x" * 17000})[0], 431)
            self.assertEqual(webhook.ask("GET", "/nowhere")[0], 404)
            with webhook.connect_raw(webhook.trust()) as raw:
                raw.sendall(b"nonsense\r\n\r\n")
                self.assertTrue(receive_all(raw).startswith(b"HTTP/1.1 400 "))
            for status in (404, 400):
                self.assertEqual(webhook.metric(RESPONSES % status), 1)
            self.assertEqual(webhook.metric(RESPONSES % 413), 1)
            self.assertEqual(webhook.metric(RESPONSES % 431), 1)
            self.assertNotIn("overloaded", webhook.output())


if __name__ == "__main__":
    unittest.main()
