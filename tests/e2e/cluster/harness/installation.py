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


class Installation:
    """Installed, ready and reachable when the constructor returns."""

    def __init__(self, cluster, values=None, replicas=None, namespace=NAMESPACE, direct=False):
        """`direct`: the Service's address is brought to the one replica without a proxy, which
        would have a share in what is measured; the replica listens on the Service's port."""
        self.cluster, self.namespace = cluster, namespace
        self.user = f"system:serviceaccount:{namespace}:{NAME}"
        make_control_plane(cluster, namespace)
        self.release = Release(cluster, NAME, namespace, ROOT / "charts/component-injector")
        values = dict(values or {})
        if direct:
            replicas, values["ports"] = 1, {"webhook": 443}
        self.release.install(values)
        self.deployment = Deployment(cluster, namespace, NAME)
        self.service = None
        try:
            self.deployment.start(replicas)
            self._connect(direct)
        except BaseException:
            self.close()
            raise

    def _connect(self, direct):
        if direct:
            path = f"/api/v1/namespaces/{self.namespace}/services/{NAME}"
            address = self.cluster.admin.get(path)["spec"]["clusterIP"]
            self.pods[0].sandbox.take_service(address)
        else:
            self.service = Service(self.cluster, self.namespace, NAME, lambda: self.pods)

    @property
    def pods(self):
        return self.deployment.pods

    def webhook_configuration(self):
        return self.cluster.admin.get(f"{WEBHOOKS}/{NAME}")

    def ca_bundle(self):
        return self.webhook_configuration()["webhooks"][0]["clientConfig"].get("caBundle", "")

    def close(self):
        if self.service is not None:
            self.service.close()
        self.deployment.close()
        self.release.uninstall()
