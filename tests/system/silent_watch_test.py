"""A watch that dies without a word: the program's own read deadline, 75 s, ends it."""

import json
import unittest

from living_cluster import LivingCluster
from reviews import pod, review
from webhook_process import WebhookProcess, eventually

READ_DEADLINE = 75  # seconds; bookmarks of a real server come every 60
ASKING = review(pod({"dapr.io/inject-pluggable-components": "true"}))


def injected(webhook):
    response = webhook.review(ASKING)
    return [entry["component"]
            for entry in json.loads(response["auditAnnotations"]["components"])["injected"]]


class SilentWatchTest(unittest.TestCase):
    def test_silent_watch_is_opened_again_from_its_version(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            eventually(lambda: injected(webhook) == ["one"], "the event is seen")
            before = cluster.count("watch")
            eventually(lambda: cluster.count("watch") > before, "another watch",
                       patience=2 * READ_DEADLINE)
            self.assertIn("nothing came in time", webhook.output())
            webhook.await_line("components: recovered, watching again: 1 Component")
            self.assertEqual(cluster.count("list"), 1)
            cluster.put("two")
            eventually(lambda: injected(webhook) == ["one", "two"], "the new watch is heard")


if __name__ == "__main__":
    unittest.main()
