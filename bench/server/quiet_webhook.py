"""The webhook of the system tests with nothing in its log but errors, for measuring it."""

import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tests/system"))
# pylint: disable=wrong-import-position
from webhook_process import PATIENCE, WebhookProcess, eventually


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class QuietWebhook(WebhookProcess):
    """It does not say its ports, so they are chosen here; nor when it is ready, so it is asked."""

    log_level = "error"

    def __init__(self, *flags, port=None, **options):
        """`port`: of the webhook, None chooses one."""
        self._ports = {name: free_port() for name in ("health", "metrics")}
        self._ports["webhook"] = port or free_port()
        super().__init__(
            "--log-level", self.log_level, *flags, wait_ready=False, **options,
            ports=("--port", str(self._ports["webhook"]), "--healthz-port",
                   str(self._ports["health"]), "--metrics-port", str(self._ports["metrics"])))
        eventually(self._is_ready, "ready", patience=300)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the webhook ended:\n{self.output()}")
        try:
            return self.get("health", "/readyz")[0] == 200
        except OSError:
            return False

    def port(self, listener):
        return self._ports[listener]

    def pids(self):
        return [self.process.pid]


class LoggingWebhook(QuietWebhook):
    """As it is by default; what it writes goes to a program that reads all of it."""

    log_level = "info"

    def _start(self, command, environment):
        self._drain = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(command, env=environment, stdout=self._drain.stdin,
                                        stderr=subprocess.STDOUT)
        self.process.stdout = self._drain.stdin  # for whoever closes it

    def wait(self):
        return self.process.wait(PATIENCE)

    def output(self):
        return ""
