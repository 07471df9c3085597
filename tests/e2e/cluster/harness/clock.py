"""A wall clock that is off, for single programs (shifted_clock.cc)."""

import os

DAY = 24 * 3600


def environment(path):
    """Variables for a program whose clock is off by the seconds that the file at `path` says."""
    return {"LD_PRELOAD": os.environ["SHIFTED_CLOCK_LIBRARY"], "SHIFTED_CLOCK": str(path)}


class ShiftedClock:
    """The clock of some programs, in the hand of a test."""

    def __init__(self, path, seconds):
        self.path = path
        self.set(seconds)

    def set(self, seconds):
        """Jumps: the programs are `seconds` ahead from now on."""
        part = self.path.with_suffix(".part")
        part.write_text(str(int(seconds)))
        part.chmod(0o644)
        os.replace(part, self.path)

    def environment(self):
        return environment(self.path)
