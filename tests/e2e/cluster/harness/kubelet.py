"""Runs one pod of the injector as a kubelet would: its namespaces, files, variables, probes."""

import http.client
import threading
import time

from . import network, objects
from .control_plane import API_PORT
from .process import Process, wait_for
from .volumes import Volumes

USER = "65532"  # of the image
_PROBE_TIMEOUT = 1


class RunningPod:
    """A pod that exists in the API server, and the process of its first container."""

    def __init__(self, cluster, manifest, namespace, environment=None):
        """`manifest`: the pod to create; the API server completes it (account, token).
        `environment`: variables besides."""
        self.admin = cluster.admin
        self.pod = self.admin.create(objects.pods(namespace), manifest)
        self.name, self.namespace = self.pod["metadata"]["name"], namespace
        self._path = f"{objects.pods(namespace)}/{self.name}"
        folder = cluster.folder / "pods" / self.name
        folder.mkdir(parents=True)
        self.container = self.pod["spec"]["containers"][0]
        self.volumes = Volumes(self.admin, self.pod, folder / "volumes")
        self.sandbox = network.Sandbox(folder)
        self.address = self.sandbox.address
        self.volumes.mount(self.sandbox, self.container)
        self._line = self.sandbox.enter(
            "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", *self._command(cluster),
        )  # fmt: skip
        self._variables_set = {**self._environment(), **(environment or {})}
        self._folder = folder
        self.terminating = False
        self._start()

    def _start(self):
        self.process = Process(self.name, self._line, self._folder, self._variables_set)
        self.ready = False
        self._prober = threading.Thread(target=self._probe, daemon=True)
        self._prober.start()

    def crash(self):
        """Ends the program without a word and starts it anew in the same pod."""
        self.process.kill()
        self._prober.join()
        self._start()

    def _command(self, cluster):
        # The image's entry point, under the name that the container's command gives it.
        name, *first = self.container.get("command", ["/component-injector"])
        variables = self._variables()
        arguments = [_expand(text, variables) for text in self.container.get("args", [])]
        return ["bash", "-c", 'program=$0; name=$1; shift; exec -a "$name" "$program" "$@"',
                cluster.injector, name, *first, *arguments]  # fmt: skip

    def _variables(self):
        values = {}
        for variable in self.container.get("env", []):
            if "valueFrom" in variable:
                values[variable["name"]] = self._field(variable["valueFrom"])
            else:
                values[variable["name"]] = variable.get("value", "")
        return values

    def _environment(self):
        return {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOSTNAME": self.name,
            "KUBERNETES_SERVICE_HOST": network.API_ADDRESS,
            "KUBERNETES_SERVICE_PORT": str(API_PORT),
            **self._variables(),
        }

    def _field(self, source):
        path = source.get("fieldRef", {}).get("fieldPath")
        known = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.pod["metadata"]["uid"],
            "status.podIP": self.address,
            "spec.nodeName": "node",
        }
        if path not in known:
            raise AssertionError(f"a variable's source that the tests do not know: {source}")
        return known[path]

    def port(self, name):
        """Number of the container's port of that name; a number is itself."""
        if isinstance(name, int):
            return name
        for port in self.container["ports"]:
            if port.get("name") == name:
                return port["containerPort"]
        raise AssertionError(f"no port {name} in {self.container['ports']}")

    def http(self, path, port):
        """Returns (status, text) of a GET; status 0 when there is no answer."""
        connection = http.client.HTTPConnection(
            self.address, self.port(port), timeout=_PROBE_TIMEOUT
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def metrics(self):
        """The text of the metrics, which would all be 0 without an answer: waits for one."""
        what = f"{self.name} tells its metrics"
        return wait_for(what, lambda: self.http("/metrics", "metrics")[1])

    def readiness(self):
        """Returns (status, text) of the readiness check, asked now."""
        check = self.container["readinessProbe"]["httpGet"]
        return self.http(check["path"], check["port"])

    def _probe(self):
        probe = self.container["readinessProbe"]
        limit, failures = probe.get("failureThreshold", 3), 0
        while self.running():
            if self.readiness()[0] == 200:
                self.ready, failures = True, 0
            else:
                failures += 1
                if failures >= limit:
                    self.ready = False
            time.sleep(probe.get("periodSeconds", 10) if self.ready else 0.1)
        self.ready = False

    def serving(self):
        """As an EndpointSlice has it: terminating pods are out."""
        return self.ready and not self.terminating and self.running()

    def running(self):
        return self.process.running()

    def log(self):
        return self.process.log()

    def wait_ready(self):
        def ready():
            if not self.running():
                raise AssertionError(f"{self.name} ended:\n{self.log()[-4000:]}")
            return self.ready

        try:
            wait_for(f"{self.name} is ready", ready)
        except AssertionError as error:
            text = f"{error}\n{self.readiness()[1]}\n{self.log()[-4000:]}"
            raise AssertionError(text) from error
        return self

    def stop(self):
        """SIGTERM and the pod's grace period; returns the exit code."""
        self.terminating = True
        code = self.process.stop(self.pod["spec"].get("terminationGracePeriodSeconds", 30))
        self._remove()
        return code

    def kill(self):
        self.terminating = True
        if self.running():
            self.process.kill()
        self._remove()

    def _remove(self):
        self.sandbox.close()
        if self.admin.exists(self._path):
            self.admin.delete(self._path, gracePeriodSeconds=0)


def _expand(text, variables):
    for name, value in variables.items():
        text = text.replace(f"$({name})", value)
    return text

