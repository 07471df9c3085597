"""Runs a pod's containers as local processes, by the kubelet's rules.

Init containers start in order: ordinary ones run to their end, sidecars (restartPolicy: Always)
start, pass their startup probe and keep running. Then the containers start, all at once. One folder
stands for each emptyDir; where a mount path occurs in environment or arguments, that folder is put
in its place. An image is a table: its files, its entrypoint, its user.
"""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from own_network import POD_IP

RESTART_PAUSE_SECONDS = 1
LAST_WORDS = 2048


class Image:
    """A local program in an image's place: paths of the image to files of this machine."""

    def __init__(self, files, entrypoint=(), user=None):
        self.files = files
        self.entrypoint = list(entrypoint)
        self.user = user


class PodFailed(Exception):
    """An init container failed: nothing behind it has started."""


class Container:
    def __init__(self, spec, kind):
        self.spec = spec
        self.name = spec["name"]
        self.kind = kind  # init, sidecar or app
        self.process = None
        self.restarts = 0
        self.log_path = None

    def log(self):
        if self.log_path is None or not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.process is not None and self.process.poll() is None


class PodRunner:
    """In: the pod as the API server would have it; image name to Image; an empty folder.

    `edit(container, arguments)` may change the arguments of a container before it starts.
    `tell(sentence)` hears what happens.
    """

    def __init__(self, pod, images, folder, edit=None, tell=None):
        self.pod = pod
        self.images = images
        self.folder = pathlib.Path(folder)
        self.edit = edit or (lambda container, arguments: arguments)
        self.tell = tell or (lambda sentence: None)
        self.begin = time.monotonic()
        self.events = []  # (seconds, sentence)
        spec = pod["spec"]
        self.inits = [
            Container(c, "sidecar" if c.get("restartPolicy") == "Always" else "init")
            for c in spec.get("initContainers", [])
        ]
        self.apps = [Container(c, "app") for c in spec["containers"]]
        self.volumes = {v["name"]: self._volume(v) for v in spec.get("volumes", [])}
        self.stopping = threading.Event()
        self.supervisor = None
        self.lock = threading.Lock()

    def _volume(self, volume):
        path = self.folder / "volumes" / volume["name"]
        path.mkdir(parents=True)
        path.chmod(0o777)  # as an emptyDir
        return path

    def container(self, name):
        return next(c for c in [*self.inits, *self.apps] if c.name == name)

    def event(self, sentence):
        self.events.append((time.monotonic() - self.begin, sentence))
        self.tell(sentence)

    # What a process gets.

    def _local(self, container, text):
        """`text` with the mount paths in it replaced by the volumes' folders."""
        mounts = container.spec.get("volumeMounts", [])
        for mount in sorted(mounts, key=lambda m: -len(m["mountPath"])):
            folder = str(self.volumes[mount["name"]])
            pattern = re.escape(mount["mountPath"].rstrip("/")) + r"(?=/|$|[\"\s,:])"
            text = re.sub(pattern, lambda _, to=folder: to, text)
        return text

    def _field(self, path):
        metadata = self.pod["metadata"]
        match = re.fullmatch(r"metadata\.(annotations|labels)\['(.*)'\]", path)
        if match:
            return metadata.get(match[1], {}).get(match[2], "")
        known = {
            "metadata.name": metadata["name"],
            "metadata.namespace": metadata.get("namespace", "default"),
            "metadata.uid": "00000000-0000-4000-8000-000000000000",
            "status.podIP": POD_IP,
            "status.podIPs": POD_IP,
            "status.hostIP": POD_IP,
            "spec.nodeName": "local",
            "spec.serviceAccountName": self.pod["spec"].get("serviceAccountName", "default"),
        }
        return known[path]

    def environment(self, container):
        values = {"PATH": os.environ["PATH"], "HOME": str(self._home(container))}
        for item in container.spec.get("env", []):
            source = item.get("valueFrom", {})
            if "fieldRef" in source:
                value = self._field(source["fieldRef"]["fieldPath"])
            else:
                value = self._expand(item.get("value", ""), values)
            values[item["name"]] = self._local(container, value)
        return values

    @staticmethod
    def _expand(text, values):
        """$(NAME) is the variable of that name, where there is one; $$ is a dollar."""

        def replace(match):
            if match[0] == "$$":
                return "$"
            return values.get(match[1], match[0])

        return re.sub(r"\$\$|\$\(([^)]+)\)", replace, text)

    def arguments(self, container, environment):
        image = self._image(container)
        words = [
            *(container.spec.get("command") or image.entrypoint),
            *container.spec.get("args", []),
        ]
        words = [self._expand(word, environment) for word in words]
        words = self.edit(container, words)
        return [image.files.get(words[0], words[0]), *(self._local(container, w) for w in words[1:])]

    def _image(self, container):
        name = container.spec["image"]
        if name not in self.images:
            raise PodFailed(f"container {container.name}: no local program for image {name}")
        return self.images[name]

    def _home(self, container):
        home = self.folder / "containers" / container.name
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o777)
        return home

    def _user(self, container):
        if os.geteuid() != 0 or not self.users_can_change():
            return None
        context = {
            **self.pod["spec"].get("securityContext", {}),
            **container.spec.get("securityContext", {}),
        }
        return context.get("runAsUser", self._image(container).user)

    @staticmethod
    def users_can_change():
        """Not inside a user namespace that maps root alone."""
        with open("/proc/self/uid_map", encoding="ascii") as file:
            return int(file.readline().split()[2]) > 65536

    def start(self, container):
        environment = self.environment(container)
        user = self._user(container)
        container.log_path = self.folder / f"{container.name}.log"
        with open(container.log_path, "ab") as log:
            container.process = subprocess.Popen(
                self.arguments(container, environment), env=environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, cwd=self._home(container), user=user, group=user,
                extra_groups=[] if user is not None else None,
            )  # fmt: skip
        self.event(f"{container.name} starts")

    # Order.

    def run(self):
        """Starts the pod. Raises PodFailed when an init container fails."""
        self.supervisor = threading.Thread(target=self._supervise, daemon=True)
        self.supervisor.start()
        for container in self.inits:
            with self.lock:
                self.start(container)
            if container.kind == "sidecar":
                self._await_startup(container)
            else:
                self._await_end(container)
        with self.lock:
            for container in self.apps:
                self.start(container)

    def _await_end(self, container):
        code = container.process.wait()
        if self.stopping.is_set():
            raise PodFailed("the pod was stopped")
        self.event(f"{container.name} ends with exit code {code}")
        if code != 0:
            # terminationMessagePolicy: FallbackToLogsOnError
            raise PodFailed(
                f"init container {container.name} failed: {container.log()[-LAST_WORDS:]}"
            )

    def _await_startup(self, container):
        probe = container.spec.get("startupProbe")
        if probe is None:
            return  # started is running
        for _ in range(probe.get("failureThreshold", 3) * 10):
            if self.probe(container, probe):
                self.event(f"{container.name} has started")
                return
            if self.stopping.wait(probe.get("periodSeconds", 10) / 10):
                break
        raise PodFailed(f"sidecar {container.name} did not pass its startup probe")

    def probe(self, container, probe):
        timeout = probe.get("timeoutSeconds", 1)
        try:
            if "exec" in probe:
                words = probe["exec"]["command"]
                words = [self._image(container).files.get(words[0], words[0]), *words[1:]]
                done = subprocess.run(
                    words, timeout=timeout, capture_output=True, check=False,
                    env=self.environment(container),
                )  # fmt: skip
                return done.returncode == 0
            if "httpGet" in probe:
                get = probe["httpGet"]
                connection = http.client.HTTPConnection("127.0.0.1", get["port"], timeout=timeout)
                connection.request("GET", get.get("path", "/"))
                return 200 <= connection.getresponse().status < 400
            with socket.create_connection(("127.0.0.1", probe["tcpSocket"]["port"]), timeout):
                return True
        except (OSError, subprocess.TimeoutExpired):
            return False

    def _supervise(self):
        """Starts again what ended, as the pod's restartPolicy says; sidecars always."""
        policy = self.pod["spec"].get("restartPolicy", "Always")
        while not self.stopping.wait(0.05):
            for container in [*self.inits, *self.apps]:
                if container.kind == "init" or container.process is None or container.running():
                    continue
                code = container.process.returncode
                again = container.kind == "sidecar" or policy == "Always"
                again = again or (policy == "OnFailure" and code != 0)
                if not again:
                    continue
                self.event(f"{container.name} ended with exit code {code}")
                if self.stopping.wait(RESTART_PAUSE_SECONDS):
                    return
                container.restarts += 1
                with self.lock:
                    if not self.stopping.is_set():
                        self.start(container)

    def stop(self, seconds=20):
        """SIGTERM to the containers, then to the sidecars, the last one first; then SIGKILL."""
        self.stopping.set()
        if self.supervisor is not None:
            self.supervisor.join()
        with self.lock:
            groups = [self.apps, *([c] for c in reversed(self.inits))]
        codes = {}
        for group in groups:
            for container in group:
                if container.running():
                    container.process.send_signal(signal.SIGTERM)
            for container in group:
                if container.process is None:
                    continue
                try:
                    codes[container.name] = container.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    container.process.kill()
                    codes[container.name] = container.process.wait()
        return codes


def load_pod(text):
    """The one pod in the output of `component-injector inject -o json`."""
    pod = json.loads(text)
    if pod["kind"] == "List":
        pod = pod["items"][0]
    if pod["kind"] != "Pod":
        raise ValueError(f"expected a Pod, not a {pod['kind']}")
    return pod
