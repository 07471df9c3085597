"""What the planner makes of pods, shown to a real API server: no webhook takes part here.

Each pod is created with a server-side dry run as it is, and as the planner would have it. A patch
must not make the API server refuse a pod that it would have taken, and nothing of the result may
get lost.
"""

import collections
import json
import os
import unittest

from harness import cluster, comparison, json_patch, objects, random_pairs
from harness.api import ApiError
from harness.figures import record

FIXTURES = cluster.ROOT / "tests/fixtures"
RANDOM_SEED = int(os.environ.get("CLUSTER_SEED", "1"))
RANDOM_PODS = 1000


def pod_of(image):
    containers = [{"name": "app", "image": image}]
    return {"metadata": {"name": "app"}, "spec": {"containers": containers}}


class DryRun:
    """Asks the API server what it would store."""

    def __init__(self, api, namespace):
        self.api, self.namespace = api, namespace

    def create(self, pod):
        """Returns (stored pod, None) or (None, why it was refused)."""
        pod = random_pairs.placed(pod, self.namespace)
        path = objects.pods(self.namespace)
        try:
            stored = self.api.create(path, pod, dryRun="All", fieldValidation="Warn")
        except ApiError as error:
            return None, error.message
        return stored, None

    def unknown_fields(self):
        """Names of the last pod's fields that the API server does not know."""
        return {
            json.loads(text.removeprefix("unknown field ")).rsplit(".", 1)[-1]
            for text in self.api.warnings
            if text.startswith("unknown field ")
        }


class PatchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        objects.make_namespace(cls.cluster.admin, "shop")
        cls.dry_run = DryRun(cls.cluster.admin, "shop")

    def outcome(self, original, patched, authored):
        """Creates both; returns a word for what happened, or fails. Fields that the API server
        does not know may come from the pod, or from the Components, whose text is `authored`."""
        _, refused = self.dry_run.create(original)
        if refused:
            return "refused as it was"
        unknown = self.dry_run.unknown_fields()
        stored, refused = self.dry_run.create(patched)
        self.assertIsNone(refused, "refused because of the patch")
        added = self.dry_run.unknown_fields() - unknown
        ours = [name for name in added if name.split("\n", 1)[0] not in authored]
        self.assertEqual(ours, [], "the patch adds fields that the API server does not know")
        lost = comparison.losses(patched["spec"], stored["spec"], unknown | added)
        for part in ("labels", "annotations"):
            lost += comparison.losses(patched["metadata"].get(part), stored["metadata"].get(part))
        self.assertEqual(lost, [], "what the patch says and the API server stored differ")
        return "taken"


class GoldenPodTest(PatchTest):
    def test_every_golden_pod_is_taken_as_it_is(self):
        outcomes = collections.Counter()
        for path in sorted(FIXTURES.glob("*/pod.json")):
            with self.subTest(path.parent.name):
                review = json.loads((path.parent / "review.json").read_text())
                golden = json.loads(path.read_text())
                components = sorted(path.parent.glob("components/*.yaml"))
                authored = "".join(component.read_text() for component in components)
                outcome = self.outcome(review["request"]["object"], golden, authored)
                outcomes[outcome] += 1
                if outcome != "taken":
                    print("refused without the patch:", path.parent.name)
        record("golden pods, dry run without webhook", dict(outcomes))
        self.assertGreater(outcomes["taken"], 200)


class ImageTest(PatchTest):
    def test_an_image_with_any_of_unicodes_blanks_around_it_is_refused(self):
        """Why the planner takes no image that begins or ends with more than printable ASCII."""
        taken, _ = self.dry_run.create(pod_of("registry.example/daprd:1"))
        self.assertIsNotNone(taken)
        for blank in " \n\u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000":
            for image in (f"{blank}registry.example/daprd:1", f"registry.example/daprd:1{blank}"):
                with self.subTest(ascii(image)):
                    _, refused = self.dry_run.create(pod_of(image))
                    self.assertIn("whitespace", refused or "it was taken")


class RandomPodTest(PatchTest):
    def test_random_pods_that_the_api_server_takes_are_taken_with_their_patch(self):
        outcomes = collections.Counter()
        for pair in random_pairs.pairs(RANDOM_SEED):
            with self.subTest(seed=pair["seed"]):
                if not pair["allowed"]:
                    outcomes["denied"] += 1
                    continue
                patched = json_patch.apply(pair["pod"], pair["patch"])
                authored = json.dumps(pair["components"])
                outcomes[self.outcome(pair["pod"], patched, authored)] += 1
            if outcomes["taken"] == RANDOM_PODS:
                break
        record(f"{RANDOM_PODS} random pods, dry run without webhook", dict(outcomes))


if __name__ == "__main__":
    unittest.main()
