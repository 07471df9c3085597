"""What the chart looks up before it installs anything, and `helm test`."""

import copy
import itertools
import unittest

import yaml
from harness import cluster, objects
from harness.control_plane import API_PORT
from harness.helm import Release
from harness.installation import NAME, NAMESPACE, WEBHOOKS, Installation, make_control_plane
from harness.kubelet import USER
from harness.network import API_ADDRESS, Sandbox
from harness.process import PATIENCE_SECONDS, Process
from harness.volumes import Volumes

CHART = cluster.ROOT / "charts/component-injector"
DAPRS_INJECTOR = "dapr-sidecar-injector"


class LookupTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()

    def refusal(self, release, values):
        with self.assertRaises(AssertionError) as raised:
            release.install(values)
            release.uninstall()
        return str(raised.exception)

    def test_namespace_without_a_control_plane_is_refused(self):
        objects.make_namespace(self.cluster.admin, "nothing")
        release = Release(self.cluster, NAME, "nothing", CHART)
        self.assertIn(
            "controlPlane.namespace: there is no Dapr control plane in namespace nothing",
            self.refusal(release, {}),
        )

    def test_checks_can_be_left_out(self):
        objects.make_namespace(self.cluster.admin, "nothing")
        release = Release(self.cluster, NAME, "nothing", CHART)
        release.install({"controlPlane": {"checks": False}})
        release.uninstall()

    def test_daprs_own_injector_is_refused_until_the_value_allows_it(self):
        make_control_plane(self.cluster)
        self.cluster.admin.create(WEBHOOKS, {"metadata": {"name": DAPRS_INJECTOR}})
        self.addCleanup(self.cluster.admin.delete, f"{WEBHOOKS}/{DAPRS_INJECTOR}")
        release = Release(self.cluster, NAME, NAMESPACE, CHART)
        refusal = self.refusal(release, {})
        self.assertIn("Dapr's own injector is enabled", refusal)
        self.assertIn("--set dapr_sidecar_injector.enabled=false", refusal)
        notes = release.install({
            "controlPlane": {"besideDaprInjector": True}, "webhook": {"failurePolicy": "Ignore"},
        })  # fmt: skip
        release.uninstall()
        self.assertIn("--set controlPlane.besideDaprInjector=false", notes)


class StartTest(unittest.TestCase):
    def test_program_sees_daprs_own_injector_with_the_rights_of_the_chart(self):
        installation = Installation(cluster.shared(), replicas=1)
        self.addCleanup(installation.close)
        admin = installation.cluster.admin
        self.assertNotIn("own injector", installation.pods[0].log())
        admin.create(WEBHOOKS, {"metadata": {"name": DAPRS_INJECTOR}})
        self.addCleanup(admin.delete, f"{WEBHOOKS}/{DAPRS_INJECTOR}")
        installation.deployment.roll()
        status, report = installation.pods[0].readiness()
        self.assertEqual(status, 200)
        self.assertIn("other-injector: Dapr's own injector is still installed", report)


class TestPod:
    """The pod of `helm test`, run to its end; there is no DNS, so names come from a file."""

    _serial = itertools.count(1)

    def __init__(self, installation):
        self.cluster = installation.cluster
        hooks = installation.release.template({}, "-s", "templates/tests/review.yaml")
        self.made = []
        for manifest in yaml.safe_load_all(hooks):
            if manifest["kind"] == "Pod":
                self.manifest = manifest
            else:
                self._create(manifest)
        service = f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}"
        address = self.cluster.admin.get(service)["spec"]["clusterIP"]
        self.hosts = f"127.0.0.1 localhost\n{address} {NAME}.{NAMESPACE}.svc\n"

    def _create(self, manifest):
        group = "/api/v1" if manifest["apiVersion"] == "v1" else f"/apis/{manifest['apiVersion']}"
        space = manifest["metadata"].get("namespace")
        path = f"{group}{f'/namespaces/{space}' if space else ''}/{manifest['kind'].lower()}s"
        self.cluster.admin.create(path, manifest)
        self.made.append(f"{path}/{manifest['metadata']['name']}")

    def run(self):
        """Returns the exit code and what it said."""
        manifest = copy.deepcopy(self.manifest)
        manifest["metadata"]["name"] += f"-{next(self._serial)}"
        manifest["spec"]["nodeName"] = "node"
        pod = self.cluster.admin.create(objects.pods(NAMESPACE), manifest)
        self.made.append(f"{objects.pods(NAMESPACE)}/{pod['metadata']['name']}")
        folder = self.cluster.folder / "pods" / pod["metadata"]["name"]
        folder.mkdir(parents=True)
        container = pod["spec"]["containers"][0]
        sandbox = Sandbox(folder)
        try:
            Volumes(self.cluster.admin, pod, folder / "volumes").mount(sandbox, container)
            (folder / "hosts").write_text(self.hosts)
            sandbox.run("mount", "--bind", str(folder / "hosts"), "/etc/hosts")
            # Under the name that the container's command gives it.
            command = ["bash", "-c", 'program=$0; name=$1; shift; exec -a "$name" "$program" "$@"',
                       self.cluster.injector, *container["command"], *container["args"]]
            process = Process("check", sandbox.enter(
                "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command,
            ), folder, {
                "KUBERNETES_SERVICE_HOST": API_ADDRESS, "KUBERNETES_SERVICE_PORT": str(API_PORT),
            })  # fmt: skip
            code = process.process.wait(PATIENCE_SECONDS)
            return code, process.log()
        finally:
            sandbox.close()

    def close(self):
        for path in reversed(self.made):
            self.cluster.admin.delete(path, gracePeriodSeconds=0)


class HelmTestTest(unittest.TestCase):
    def test_reviews_go_through_the_service_to_every_replica(self):
        installation = Installation(cluster.shared())
        self.addCleanup(installation.close)
        test = TestPod(installation)
        self.addCleanup(test.close)
        code, log = test.run()
        self.assertEqual((code, log.count(": daprd is injected")), (0, 6), log)
        for pod in installation.pods:
            self.assertIn("dapr_injector_sidecar_injection_requests_total 3", pod.metrics())

    def test_no_replica_is_a_failure(self):
        installation = Installation(cluster.shared(), replicas=1)
        self.addCleanup(installation.close)
        test = TestPod(installation)
        self.addCleanup(test.close)
        installation.pods[0].stop()
        code, log = test.run()
        # The last one has taken its certificate with it.
        self.assertEqual(code, 2, log)
        self.assertIn(f"MutatingWebhookConfiguration {NAME} has no caBundle", log)


if __name__ == "__main__":
    unittest.main()
