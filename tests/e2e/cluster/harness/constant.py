"""A webhook that answers every pod of one label with the same bytes, beside the injector."""

import base64
import json
import os

from . import network, objects
from .process import Process, wait_for

_PORT = 8443


class ConstantWebhook:
    """Answers pods of the label with the patch that the injector would give them."""

    NAME = "constant.example.com"
    _PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"

    def __init__(self, cluster, namespace, label, value, sample):
        """`sample`: a pod that the injector patches; what it becomes is the constant answer."""
        self._cluster, self._namespace = cluster, namespace
        self._label, self._value, self._sample = label, value, sample

    def _patch(self):
        """The operations that make the injector's pod out of the sample, as it would send them."""
        stored = self._cluster.controller.create(
            objects.pods(self._namespace), self._sample, dryRun="All"
        )
        had = self._sample["spec"]["containers"][0]["name"]
        spec = stored["spec"]
        operations = [
            {"op": "add", "path": "/spec/initContainers", "value": spec["initContainers"]},
            *({"op": "add", "path": "/spec/volumes/-", "value": volume}
              for volume in spec["volumes"] if not volume["name"].startswith("kube-api-access")),
            *({"op": "add", "path": "/spec/containers/-", "value": container}
              for container in spec["containers"] if container["name"] != had),
        ]  # fmt: skip
        drawn = {v["name"] for v in spec["volumes"] if v["name"].startswith("kube-api-access")}
        for operation in operations:
            containers = operation["value"]
            for container in containers if isinstance(containers, list) else [containers]:
                mounts = container.get("volumeMounts", [])
                container["volumeMounts"] = [m for m in mounts if m["name"] not in drawn]
        return json.dumps(operations, separators=(",", ":")).encode()

    def __enter__(self):
        folder = self._cluster.folder / "constant"
        folder.mkdir(exist_ok=True)
        answer, certificate = folder / "answer.json", folder / "tls.crt"
        answer.write_text(json.dumps({"patch": base64.b64encode(self._patch()).decode()}))
        certificate.unlink(missing_ok=True)
        name = f"constant.{self._namespace}.svc"
        self._sandbox = network.Sandbox(folder)
        self._process = Process(
            "constant",
            self._sandbox.enter(os.environ["CONSTANT_WEBHOOK"], str(_PORT), name,
                                str(certificate), str(answer)),
            folder,
        )  # fmt: skip
        pem = wait_for("the constant webhook listens", lambda: self._certificate(certificate))
        admin = self._cluster.admin
        services = f"/api/v1/namespaces/{self._namespace}/services"
        service = admin.create(
            services, {"metadata": {"name": "constant"}, "spec": {"ports": [{"port": _PORT}]}}
        )
        self._sandbox.take_service(service["spec"]["clusterIP"])
        admin.create(self._PATH, self._configuration(pem))
        self._wait_until_called()
        return self

    def _certificate(self, path):
        if not self._process.running():
            raise AssertionError(self._process.log())
        return path.read_bytes() if path.exists() and path.stat().st_size else None

    def _configuration(self, pem):
        return {
            "metadata": {"name": self.NAME},
            "webhooks": [{
                "name": self.NAME,
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "reinvocationPolicy": "Never",  # one call for each pod, as ours needs
                "failurePolicy": "Fail",
                "objectSelector": {"matchLabels": {self._label: self._value}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"],
                           "operations": ["CREATE"]}],
                "clientConfig": {
                    "caBundle": base64.b64encode(pem).decode(),
                    "service": {"namespace": self._namespace, "name": "constant", "port": _PORT},
                },
            }],
        }  # fmt: skip

    def _wait_until_called(self):
        pod = json.loads(json.dumps(self._sample))
        pod["metadata"]["labels"][self._label] = self._value

        def injected():
            path = objects.pods(self._namespace)
            stored = self._cluster.controller.create(path, pod, dryRun="All")
            return len(stored["spec"]["containers"]) > 1

        wait_for("the API server calls the constant webhook", injected)

    def __exit__(self, *_):
        self._cluster.admin.delete(f"{self._PATH}/{self.NAME}")
        self._cluster.admin.delete(f"/api/v1/namespaces/{self._namespace}/services/constant")
        self._process.kill()
        self._sandbox.close()
