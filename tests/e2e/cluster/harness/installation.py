"""The injector in the cluster, as its chart installs it, with its pods running."""

import base64

from . import objects
from .cluster import ROOT
from .deployment import Deployment
from .helm import Release
from .service import Service

NAMESPACE = "dapr-system"
NAME = "component-injector"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
TRUST_ANCHORS = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


def make_control_plane(cluster, namespace=NAMESPACE):
    """What the injector needs of Dapr's control plane: its trust bundle, its Configuration, and a
    sign that it is there."""
    admin = cluster.admin
    objects.make_namespace(admin, namespace)
    objects.create_once(
        admin, f"/api/v1/namespaces/{namespace}/configmaps",
        {"metadata": {"name": "dapr-trust-bundle"}, "data": {"ca.crt": TRUST_ANCHORS}},
    )  # fmt: skip
    objects.create_once(
        admin, f"{objects.DAPR_API}/namespaces/{namespace}/configurations",
        {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration",
         "metadata": {"name": "daprsystem"}, "spec": {"mtls": {
             "enabled": True, "controlPlaneTrustDomain": "cluster.local",
             "sentryAddress": f"dapr-sentry.{namespace}.svc.cluster.local:443"}}},
    )  # fmt: skip
    labels = {"app": "dapr-sentry"}
    objects.create_once(
        admin, f"/apis/apps/v1/namespaces/{namespace}/deployments",
        {"metadata": {"name": "dapr-sentry"}, "spec": {
            "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "sentry", "image": "registry.example/sentry:1"}]},
            }}},
    )  # fmt: skip


def certificate_files(cluster, namespace=NAMESPACE):
    """Chart values for a serving certificate from a Secret, which is made here."""
    authority = cluster.plane.authority
    pair = authority.issue("webhook", "/CN=webhook", (f"DNS:{NAME}.{namespace}.svc",))
    objects.make_namespace(cluster.admin, namespace)
    names = ("tls.crt", "tls.key")
    data = {name: base64.b64encode(path.read_bytes()).decode() for name, path in zip(names, pair)}
    secret = {"metadata": {"name": "serving"}, "data": data}
    objects.create_once(cluster.admin, f"/api/v1/namespaces/{namespace}/secrets", secret)
    bundle = authority.certificate.read_text(encoding="ascii")
    return {"certificate": {"source": "files", "secretName": "serving", "caBundle": bundle}}


class Running:
    """An injector that a release has installed, with its pods and its Service, until closed."""

    def __init__(self, release, name, account):
        """`name`: of the Deployment, the Service and the webhook configuration alike."""
        self.cluster, self.release, self.name = release.cluster, release, name
        self.namespace = release.namespace
        self.user = f"system:serviceaccount:{self.namespace}:{account}"
        self.deployment = Deployment(self.cluster, self.namespace, name)
        self.service = None

    def start(self, replicas=None, direct=False):
        """Starts the pods, waits until they are ready, and connects the Service."""
        try:
            self.deployment.start(replicas)
            self._connect(direct)
        except BaseException:
            self.close()
            raise

    def _connect(self, direct):
        if direct:
            path = f"/api/v1/namespaces/{self.namespace}/services/{self.name}"
            address = self.cluster.admin.get(path)["spec"]["clusterIP"]
            self.pods[0].sandbox.take_service(address)
        else:
            self.service = Service(self.cluster, self.namespace, self.name, lambda: self.pods)

    @property
    def pods(self):
        return self.deployment.pods

    def webhook_configuration(self):
        return self.cluster.admin.get(f"{WEBHOOKS}/{self.name}")

    def ca_bundle(self):
        return self.webhook_configuration()["webhooks"][0]["clientConfig"].get("caBundle", "")

    def log(self):
        return "".join(pod.log() for pod in self.pods)

    def retire(self, remove):
        """Calls remove(), which takes the Deployment away, then ends its pods as they end then."""
        remove()
        for pod in list(self.pods):
            pod.stop()
            self.pods.remove(pod)
        self._disconnect()

    def _disconnect(self):
        if self.service is not None:
            self.service.close()
            self.service = None

    def close(self):
        self._disconnect()
        self.deployment.close()
        if self.release.installed:
            self.release.uninstall()


class Installation(Running):
    """Our chart; ready and reachable when the constructor returns."""

    def __init__(self, cluster, values=None, replicas=None, *, direct=False, environment=None,
                 namespace=NAMESPACE):
        """`direct`: the Service's address is brought to the one replica without a proxy, which
        would have a share in what is measured; the replica listens on the Service's port.
        `environment`: variables of the pods besides those of the chart."""
        make_control_plane(cluster, namespace)
        values = dict(values or {})
        if direct:
            replicas, values["ports"] = 1, {"webhook": 443}
        release = Release(cluster, NAME, namespace, ROOT / "charts/component-injector")
        release.install(values)
        super().__init__(release, NAME, account=NAME)
        self.deployment.environment = environment or {}
        self.start(replicas, direct)


class StockInstallation(Running):
    """Dapr's own chart, in which our image stands in for the one of its injector."""

    NAMESPACE = "dapr-stock"

    def __init__(self, cluster):
        admin = cluster.admin
        objects.make_namespace(admin, self.NAMESPACE)
        release = Release(cluster, "dapr", self.NAMESPACE, cluster.dapr / "charts/dapr")
        release.install(self.values())
        # Written by Sentry, which does not run here.
        path = f"/api/v1/namespaces/{self.NAMESPACE}/configmaps/dapr-trust-bundle"
        admin.patch(path, {"data": {"ca.crt": TRUST_ANCHORS}})
        super().__init__(release, "dapr-sidecar-injector", account="dapr-injector")
        self.start()

    @staticmethod
    def values(enabled=True, image="registry.example.com/component-injector:test", **others):
        image = {"name": image}
        return {"dapr_sidecar_injector": {"enabled": enabled, "injectorImage": image, **others}}
