"""Processes that the tests start, and waiting for what they do."""

import os
import pathlib
import signal
import subprocess
import time

PATIENCE_SECONDS = 60


def wait_for(what, condition, seconds=PATIENCE_SECONDS, pause=0.02):
    """Polls until condition() is true and returns its value; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


def run(*command, **options):
    """Runs a command to its end and returns what it printed; a failure shows what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


class Process:
    """A child whose output goes to `name`.log in `folder`, behind what an earlier one wrote."""

    def __init__(self, name, command, folder, environment=None, stdin=None):
        self.name = name
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, env=environment or os.environ, stdin=stdin, stdout=log, stderr=log
            )

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def stop(self, seconds):
        """SIGTERM, and SIGKILL when that takes too long; returns the exit code."""
        if self.running():
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()
