"""The pods of a Deployment, run as its controller and a kubelet would."""

import copy
import itertools

from .kubelet import RunningPod


class Deployment:
    """Replicas of one Deployment of the API server. None runs until told so."""

    _serial = itertools.count(1)

    def __init__(self, cluster, namespace, name):
        self.cluster, self.namespace, self.name = cluster, namespace, name
        self.pods = []
        self.environment = {}  # variables of pods to come, besides those of the template

    def object(self):
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{self.name}"
        return self.cluster.admin.get(path)

    def start_one(self):
        """Starts one more pod of the template as it is now; does not wait."""
        template = copy.deepcopy(self.object()["spec"]["template"])
        metadata = template["metadata"]
        metadata["name"] = f"{self.name}-{next(self._serial):05d}"
        manifest = {"apiVersion": "v1", "kind": "Pod", **template}
        # There is no node to place it on; the API server takes the word for it.
        manifest["spec"]["nodeName"] = "node"
        running = RunningPod(self.cluster, manifest, self.namespace, self.environment)
        self.pods.append(running)
        return running

    def start(self, replicas=None):
        """Starts what the Deployment asks for, or `replicas`, and waits until all are ready."""
        wanted = self.object()["spec"]["replicas"] if replicas is None else replicas
        for pod in [self.start_one() for _ in range(wanted)]:
            pod.wait_ready()
        return self

    def replace(self, old):
        """As a rollout with maxUnavailable 0: the new one is ready before the old one is told."""
        new = self.start_one().wait_ready()
        self.pods.remove(old)
        return new, old.stop()

    def roll(self):
        """Replaces every pod, one after the other; returns the exit codes of the old ones."""
        return [self.replace(old)[1] for old in list(self.pods)]

    def close(self):
        for pod in self.pods:
            pod.kill()
        self.pods.clear()
