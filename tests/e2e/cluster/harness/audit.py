"""The API server's audit log: who called what."""

import json


class AuditLog:
    """Reads the events written since the last look."""

    def __init__(self, path):
        self._path, self._offset = path, 0
        self.skip()

    def skip(self):
        """Leaves out what was written until now."""
        with open(self._path, "rb") as file:
            file.seek(0, 2)
            self._offset = file.tell()

    def events(self, user=None):
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        data = data[: data.rfind(b"\n") + 1]  # a line may be half written
        self._offset += len(data)
        events = [json.loads(line) for line in data.splitlines()]
        if user is None:
            return events
        return [event for event in events if event["user"]["username"] == user]
