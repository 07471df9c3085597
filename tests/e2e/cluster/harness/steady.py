"""Pods created without a pause while something happens, and what became of each."""

import threading

from . import objects
from .load import Load
from .metrics import Metrics

_CONNECTIONS = 4
_LONGEST_SECONDS = 600
# After it says that it is ready, the API server reads RBAC and prepares storage: for a moment, or
# for seconds where programs beside it take the processors.
_SETTLING_SECONDS = 15


def fail_open_count(cluster):
    """How often this process of the API server went on without a webhook that did not answer."""
    metrics = Metrics(cluster.admin.text("/metrics"))
    return metrics.sum("apiserver_admission_webhook_fail_open_count")


def by_restart(failure, outages):
    """Whether a creation failed because the API server itself ended or began: no connection while
    it was away; or, until it has settled, its RBAC not read yet (403), its storage not ready (429),
    shutting down (503)."""
    if failure.status not in (0, 403, 429, 503) or "webhook" in failure.text:
        return False
    settling = 0 if failure.status == 0 else _SETTLING_SECONDS
    return any(begin <= failure.moment <= end + settling for begin, end in outages)


class SteadyCreation:
    """Of pods of one kind in a namespace."""

    def __init__(self, cluster, namespace, wanted):
        """`wanted`: names of the containers that each pod asks for."""
        self.cluster, self.namespace, self.wanted = cluster, namespace, set(wanted)

    def run_while(self, disturb, least):
        """Creates at least `least` pods, and goes on until disturb() has returned."""
        pod = objects.pod("busy", app_id="busy")
        del pod["metadata"]["name"]
        pod["metadata"]["generateName"] = "busy-"
        load = Load(self.cluster.controller, self.namespace, [pod], _CONNECTIONS)
        creating = threading.Thread(target=load.run, kwargs={"seconds": _LONGEST_SECONDS})
        creating.start()
        try:
            disturb()
            while load.outcomes[201] < least and creating.is_alive():
                creating.join(0.1)
        finally:
            load.stop()
            creating.join()
        return load

    def bare_pods(self):
        """Names of the stored pods that lack what they asked for. All of them are deleted: the API
        server keeps what is stored in memory."""
        bare = []
        for pod in objects.take_pods(self.cluster.admin, self.namespace):
            spec = pod["spec"]
            names = {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}
            if not self.wanted <= names:
                bare.append(pod["metadata"]["name"])
        return bare
