"""What becomes of the log, and of admissions, when nobody reads the log any more."""

import json
import threading
import unittest

from reviews import pod, review
from webhook_process import WebhookProcess, eventually, exchange

LOST = "component_injector_log_lines_lost_total"
MOST_REVIEWS = 20000  # each writes some hundred bytes; the pipe holds 64 KiB, the program 1 MiB


class WebhookWhoseReaderStops(WebhookProcess):
    """Its log is read until it is ready, and again after read_on()."""

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
            if 'msg="ready"' in line:
                return

    def read_on(self):
        self._reader = threading.Thread(target=super()._read, daemon=True)
        self._reader.start()


def review_until(webhook, enough):
    """Sends reviews of pods until there have been enough; returns how many."""
    body = json.dumps(review(pod(name="orders-" + "x" * 200)))
    headers = {"Content-Type": "application/json"}
    connection = webhook.connect()
    for count in range(1, MOST_REVIEWS):
        status, _, answer = exchange(connection, "POST", "/mutate", body, headers)
        if status != 200 or "patch" not in json.loads(answer)["response"]:
            raise AssertionError(f"{status}: {answer!r}")
        if count % 100 == 0 and enough():
            connection.close()
            return count
    raise AssertionError(f"{MOST_REVIEWS} reviews were not enough")


class SilentLogTest(unittest.TestCase):
    def test_admissions_go_on_when_nobody_reads_the_log(self):
        with WebhookWhoseReaderStops("--log-level", "debug") as webhook:
            self.assertEqual(webhook.metric(LOST), 0)
            review_until(webhook, lambda: webhook.metric(LOST) > 0)
            webhook.read_on()
            eventually(lambda: webhook.review(review())["allowed"] and
                       "lines of the log were lost here" in webhook.output(), "the loss is told")

    def test_stop_does_not_wait_for_a_reader(self):
        with WebhookWhoseReaderStops() as webhook:
            review_until(webhook, lambda: webhook.metric(LOST) > 0)
            self.assertEqual(webhook.stop(), 0)

    def test_everything_is_written_before_the_end(self):
        webhook = WebhookProcess()
        with webhook:
            review_until(webhook, lambda: True)
        self.assertIn('msg="stopped"', webhook.output())


if __name__ == "__main__":
    unittest.main()
