"""Components, each a process that serves one socket.

Environment: COMPONENTS, the folder of the example programs.
"""

import os
import pathlib
import socket

from .process import Process, wait_for

PROGRAMS = pathlib.Path(os.environ["COMPONENTS"])

# Name of the socket to program.
EXAMPLES = {
    "smallest": "smallest-component",
    "sqlite-example": "sqlite-state-component",
    "memory-example": "memory-pubsub-component",
    "file-example": "file-output-component",
    "timer-example": "timer-input-component",
    "yaml-example": "yaml-secrets-component",
}


class Component(Process):
    """Ready when its socket answers; both SDKs' names of the folder's variable are set."""

    def __init__(self, program, socket_name, folder, sockets):
        self.socket = pathlib.Path(sockets) / f"{socket_name}.sock"
        variables = ("DAPR_COMPONENTS_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKETS_FOLDER")
        super().__init__(socket_name, [program], folder, dict.fromkeys(variables, str(sockets)))

    def wait(self):
        wait_for(f"{self.socket} answers", self.answers)
        return self

    def answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return self.running() and probe.connect_ex(str(self.socket)) == 0


class Components:
    """The examples, and `more` (name to program), in one folder of sockets.

    Logs and the folder of sockets go into `folder`.
    """

    def __init__(self, folder, more=None):
        self.folder = pathlib.Path(folder)
        self.sockets = self.folder / "sockets"
        self.sockets.mkdir()
        self.programs = {name: str(PROGRAMS / EXAMPLES[name]) for name in EXAMPLES}
        self.programs.update(more or {})
        self.running = {}
        try:
            for name in self.programs:
                self.start(name)
            for component in self.running.values():
                component.wait()
        except BaseException:
            self.close()
            raise

    def __getitem__(self, name):
        return self.running[name]

    def items(self):
        return self.running.items()

    def start(self, name):
        self.running[name] = Component(self.programs[name], name, self.folder, self.sockets)
        return self.running[name]

    def kill(self, name):
        self.running[name].kill()

    def close(self):
        for component in self.running.values():
            if component.running():
                component.kill()
