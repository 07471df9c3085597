"""From an annotated pod to a component that answers: injector, containers, daprd, application.

Environment: INJECTOR and COMPONENTS (programs built from this repository), DAPRD (the real one).
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from pod_runner import Image, PodRunner, load_pod

HERE = pathlib.Path(__file__).resolve().parent
DAPRD_IMAGE = "ghcr.io/dapr/daprd:1.18.3"
INJECTOR_IMAGE = "registry.example.com/component-injector:0.1.0"
APPLICATION_IMAGE = "registry.example.com/shop/orders:2.3.1"
STORE_IMAGE = "registry.example.com/components/sqlite-state:1.0.0"
BROKER_IMAGE = "registry.example.com/components/memory-pubsub:1.0.0"
# The user of Dapr's own image; components run as others.
DAPRD_USER = 65532

# daprd's arguments that name a control plane, and how many values each has.
CONTROL_PLANE = {
    "--control-plane-address": 1,
    "--sentry-address": 1,
    "--enable-mtls": 0,
    "--mode": 1,
    "--placement-host-address": 1,
    "--scheduler-host-address": 1,
}


def standalone(arguments, resources):
    """daprd's arguments without a control plane; all others stay."""
    kept, skip = [], 0
    for word in arguments:
        if skip:
            skip -= 1
        elif word in CONTROL_PLANE:
            skip = CONTROL_PLANE[word]
        else:
            kept.append(word)
    return [
        *kept, "--mode", "standalone", "--resources-path", str(resources),
        "--placement-host-address", "", "--scheduler-host-address", "",
    ]  # fmt: skip


class Chain:
    """One pod, injected and run.

    `images` replaces the programs of images by name, `annotations` adds to the pod's.
    """

    def __init__(self, images=None, annotations=None, tell=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chain-"))
        self.folder.chmod(0o755)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        self.resources = HERE / "components"
        self.local_resources = self.folder / "resources"
        shutil.copytree(self.resources, self.local_resources)
        self.images = {**self._images(), **(images or {})}
        self.pod = self._inject(annotations or {})
        self.runner = PodRunner(self.pod, self.images, self.folder, edit=self._edit, tell=tell)

    def program(self, path):
        """A copy that every user can run."""
        copy = self.programs / pathlib.Path(path).name
        if not copy.exists():
            shutil.copy(path, copy)
            copy.chmod(0o755)
        return str(copy)

    def _images(self):
        components = pathlib.Path(os.environ["COMPONENTS"])
        application = self.programs / "application.py"
        shutil.copy(HERE / "application.py", application)
        return {
            DAPRD_IMAGE: Image({"/daprd": self.program(os.environ["DAPRD"])}, user=DAPRD_USER),
            INJECTOR_IMAGE: Image({"/component-injector": self.program(os.environ["INJECTOR"])}),
            APPLICATION_IMAGE: Image({}, [sys.executable, "-u", str(application)]),
            STORE_IMAGE: Image({}, [self.program(components / "sqlite-state-component")]),
            BROKER_IMAGE: Image({}, [self.program(components / "memory-pubsub-component")]),
        }

    def _inject(self, annotations):
        anchors = self.folder / "ca.crt"
        anchors.write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        environment = {
            **os.environ,
            "SIDECAR_IMAGE": DAPRD_IMAGE,
            "COMPONENT_WAIT_IMAGE": INJECTOR_IMAGE,
            "NAMESPACE": "dapr-system",
        }
        pod = self.folder / "pod.yaml"
        text = (HERE / "pod.yaml").read_text()
        extra = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in annotations.items())
        pod.write_text(text.replace("  annotations:\n", "  annotations:\n" + extra))
        command = [
            os.environ["INJECTOR"], "inject", "-f", str(pod), "--resources", str(self.resources),
            "-o", "json",
        ]  # fmt: skip
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        # 1: no certificates of a control plane, which a standalone daprd does not need.
        if done.returncode not in (0, 1):
            raise AssertionError(f"inject failed: {done.stderr}")
        return load_pod(done.stdout)

    def _edit(self, container, arguments):
        if container.name != "daprd":
            return arguments
        return standalone(arguments, self.local_resources)

    def seen(self, seconds=90):
        """What the application saw; None when it said nothing in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.runner.container("orders").log().splitlines():
                if line.startswith("{"):
                    return json.loads(line)
            time.sleep(0.05)
        return None

    def moment(self, sentence):
        """When it happened, in seconds; None when it did not."""
        return next((at for at, said in self.runner.events if said == sentence), None)

    def close(self):
        codes = self.runner.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return codes
