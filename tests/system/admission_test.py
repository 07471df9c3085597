"""What /mutate answers to reviews: every outcome, with its metric."""

import json
import unittest

from reviews import STRANGER, containers_added, patch_of, pod, review
from webhook_process import SharedWebhookTest, WebhookProcess

REQUESTS = "dapr_injector_sidecar_injection_requests_total"
FAILED = "dapr_injector_sidecar_injection_failed_total"
SUCCEEDED = "dapr_injector_sidecar_injection_succeeded_total"


class AdmissionTest(SharedWebhookTest):
    def judge(self, sent, failed=None, app_id="orders"):
        """The response to a review; also checks what it adds to Dapr's failures."""
        series = [f'{FAILED}{{app_id="{app_id}",reason="{reason}"}}'
                  for reason in ("pod_patch", "patch", "response", "write_response")]
        before = [self.webhook.metric(name) for name in series]
        response = self.webhook.review(sent)
        added = [self.webhook.metric(name) - value for name, value in zip(series, before)]
        expected = [1 if failed and f'reason="{failed}"' in name else 0 for name in series]
        self.assertEqual(added, expected, series)
        return response

    def assert_left_alone(self, response):
        self.assertIs(response["allowed"], True)
        self.assertNotIn("patch", response)
        self.assertNotIn("patchType", response)

    def assert_denied(self, response, message):
        self.assertIs(response["allowed"], False)
        self.assertRegex(response["status"]["message"], message)
        self.assertNotIn("patch", response)

    def test_pod_gets_its_sidecar_and_component(self):
        before = self.webhook.metric(SUCCEEDED + '{app_id="orders"}')
        asked = pod({"dapr.io/inject-pluggable-components": "true"})
        response = self.judge(review(asked))
        self.assertIs(response["allowed"], True)
        self.assertEqual(response["patchType"], "JSONPatch")
        self.assertEqual(containers_added(response), ["store", "wait-for-sockets", "daprd"])
        self.assertEqual(self.webhook.metric(SUCCEEDED + '{app_id="orders"}'), before + 1)

    def test_answer_holds_nothing_but_the_response(self):
        for version in ("admission.k8s.io/v1", "admission.k8s.io/v1beta1"):
            with self.subTest(version):
                sent = review()
                sent["apiVersion"] = version
                answer = json.loads(self.webhook.post(json.dumps(sent))[2])
                self.assertEqual(sorted(answer), ["apiVersion", "kind", "response"])
                self.assertEqual(answer["apiVersion"], version)
                self.assertEqual(answer["kind"], "AdmissionReview")
                self.assertEqual(answer["response"]["uid"], sent["request"]["uid"])

    def test_same_review_gets_the_same_bytes(self):
        sent = json.dumps(review())
        self.assertEqual(self.webhook.post(sent)[2], self.webhook.post(sent)[2])

    def test_unknown_fields_are_ignored(self):
        sent = review(dryRun=True, somethingNew={"a": [1]})
        sent["more"] = "x"
        self.assertIn("patch", self.judge(sent))

    def test_other_kinds_are_left_alone(self):
        for kind in ("Deployment", "pod", ""):
            with self.subTest(kind):
                self.assert_left_alone(self.judge(
                    review(kind={"group": "", "version": "v1", "kind": kind}), "pod_patch"))

    def test_pods_of_another_group_are_left_alone(self):
        self.assert_left_alone(self.webhook.review(
            review(kind={"group": "example.com", "version": "v1", "kind": "Pod"})))

    def test_only_creation_is_answered_with_a_patch(self):
        for changes in ({"operation": "DELETE"}, {"operation": "UPDATE"}, {"operation": None},
                        {"subResource": "ephemeralcontainers"}):
            with self.subTest(str(changes)):
                self.assert_left_alone(self.judge(review(**changes)))

    def test_pod_that_did_not_opt_in_is_left_alone(self):
        for enabled in (None, "false", "no", ""):
            with self.subTest(enabled):
                self.assert_left_alone(self.judge(review(pod({"dapr.io/enabled": enabled}))))

    def test_missing_or_malformed_pod_is_denied(self):
        for changes in ({"object": None}, {"object": []}, {"object": {"metadata": 5}},
                        {"object": {"spec": {"containers": {}}}}):
            with self.subTest(str(changes)):
                if changes["object"] == {"spec": {"containers": {}}}:
                    changes = {"object": {**pod(), "spec": {"containers": {}}}}
                self.assert_denied(self.judge(review(**changes), "patch", app_id=""),
                                   "^could not unmarshal raw object: ")

    def test_null_pod_is_denied(self):
        sent = review()
        sent["request"]["object"] = None
        self.assert_denied(self.judge(sent, "patch", app_id=""),
                           "^could not unmarshal raw object: ")

    def test_malformed_pod_of_a_stranger_is_left_alone(self):
        self.assert_left_alone(self.webhook.review(review(object=None, userInfo=STRANGER)))

    def test_callers_that_may_not_ask_are_told(self):
        for user in (STRANGER, {"username": "system:serviceaccount:shop:default"},
                     {"username": "system:serviceaccount:kube-system:replicaset-controller:x"},
                     None):
            with self.subTest(str(user)):
                response = self.judge(review(userInfo=user), "pod_patch")
                self.assert_left_alone(response)
                self.assertTrue(response["warnings"])
                self.assertLessEqual(max(map(len, response["warnings"])), 120)

    def test_members_of_system_masters_may_ask(self):
        self.assertIn("patch", self.judge(
            review(userInfo={"username": "bob", "groups": ["system:masters"]})))

    def test_pod_that_has_daprd_is_left_alone(self):
        injected = pod()
        injected["spec"]["containers"].append({"name": "daprd", "image": "daprd"})
        self.assert_left_alone(self.judge(review(injected)))

    def test_invalid_app_id_is_denied(self):
        nameless = pod({"dapr.io/app-id": ""}, name="", generateName="orders-")
        self.assert_denied(self.judge(review(nameless), "patch", app_id=""),
                           "^value for the dapr.io/app-id annotation is empty$")
        self.assert_denied(
            self.judge(review(pod({"dapr.io/app-id": "a_b"})), "patch", app_id="a_b"),
            "^invalid app id \\(input: 'a_b', service: 'a_b-dapr'\\): ")

    def test_every_request_counts_before_any_check(self):
        before = self.webhook.metric(REQUESTS)
        self.webhook.ask("GET", "/mutate")
        self.webhook.post("")
        self.webhook.post("x", "text/plain")
        self.webhook.review(review())
        self.webhook.ask("POST", "/elsewhere", "x")
        self.assertEqual(self.webhook.metric(REQUESTS), before + 4)

    def test_huge_pod_is_answered(self):
        huge = pod()
        huge["spec"]["containers"][0]["env"] = [
            {"name": f"NAME_{i}", "value": "x" * 200} for i in range(4000)]
        self.assertIn("patch", self.judge(review(huge)))

    def test_log_tells_the_pod_and_what_became_of_it(self):
        self.webhook.review(review(uid="uid-for-the-log"))
        line = self.webhook.await_line("level=info .*uid-for-the-log.*").group(0)
        for part in ("shop", "orders-1", "CREATE", "replicaset-controller",
                     "scope=dapr.injector", "type=log"):
            self.assertIn(part, line)

    def test_decisions_and_durations_are_measured(self):
        name = 'component_injector_decisions_total{reason="pod/injected"}'
        count = "component_injector_admission_duration_seconds_count"
        before = self.webhook.metric(name), self.webhook.metric(count)
        self.webhook.review(review())
        self.assertEqual((self.webhook.metric(name), self.webhook.metric(count)),
                         (before[0] + 1, before[1] + 1))


class TrustAnchorsTest(unittest.TestCase):
    def test_pod_is_denied_until_the_trust_anchors_are_there(self):
        with WebhookProcess(trust_anchors=False) as webhook:
            response = webhook.review(review())
            self.assertIs(response["allowed"], False)
            self.assertNotIn("patch", response)
            self.assertEqual(
                webhook.metric(FAILED + '{app_id="orders",reason="patch"}'), 1)
            # A pod that did not opt in does not need them.
            self.assertIs(webhook.review(review(pod({"dapr.io/enabled": None})))["allowed"], True)


class PatchTest(SharedWebhookTest):
    def test_patched_pod_needs_nothing_more(self):
        asked = pod({"dapr.io/inject-pluggable-components": "true"})
        operations = patch_of(self.webhook.review(review(asked)))
        for operation in operations:
            self.assertEqual(operation["op"], "add")
            apply_add(asked, operation["path"], operation["value"])
        again = self.webhook.review(review(asked))
        self.assertNotIn("patch", again)


def apply_add(document, pointer, value):
    """RFC 6902's `add`, as far as patches of the webhook use it."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in parts[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    if isinstance(document, dict):
        document[parts[-1]] = value
    elif parts[-1] == "-":
        document.append(value)
    else:
        document.insert(int(parts[-1]), value)


if __name__ == "__main__":
    unittest.main()
