"""Processes that the tests start, and waiting for what they do."""

import os
import pathlib
import signal
import subprocess
import time

DEADLINE_SECONDS = 60


def wait_for(what, condition, seconds=DEADLINE_SECONDS):
    """Polls until condition() is true and returns its value; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class Process:
    def __init__(self, name, command, folder, environment=None, user=None):
        self.name = name
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdout=log,
                stderr=log,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
            )

    def log(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def stop(self, seconds=DEADLINE_SECONDS):
        """SIGTERM; returns the exit code. One that does not end is killed and fails the test."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as hang:
            self.kill()
            raise AssertionError(f"{self.name} did not stop on SIGTERM:\n{self.log()}") from hang
