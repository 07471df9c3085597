"""wrk, a widely used HTTP load generator, with a POST of always the same bytes."""

import dataclasses
import os
import re
import subprocess
import tempfile

_SCRIPT = """
local body = io.open("{body}"):read("*a")
local ports = {{{ports}}}
local count = 0
function setup(thread)
  count = count + 1
  thread.addr = wrk.lookup("127.0.0.1", tostring(ports[(count - 1) % #ports + 1]))[1]
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Host"] = "localhost"
wrk.body = body
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclasses.dataclass
class Result:
    requests: int
    seconds: float
    p50: float  # milliseconds, as the two below
    p99: float
    p999: float
    errors: int  # connections, reads, writes, statuses other than 2xx and 3xx, timeouts

    @property
    def rate(self):
        return self.requests / self.seconds


def run(ports, body, connections, seconds):
    """Posts `body` to /mutate over TLS for so long; one thread for each port."""
    with tempfile.TemporaryDirectory() as folder:
        body_file, script = os.path.join(folder, "body"), os.path.join(folder, "post.lua")
        with open(body_file, "w", encoding="utf-8") as file:
            file.write(body)
        with open(script, "w", encoding="utf-8") as file:
            file.write(_SCRIPT.format(body=body_file, ports=",".join(map(str, ports))))
        done = subprocess.run(
            ["wrk", f"-t{len(ports)}", "-c", str(max(connections, len(ports))), "-d",
             f"{seconds}s", "--timeout", "10s", "-s", script,
             f"https://127.0.0.1:{ports[0]}/mutate?timeout=10s"],
            capture_output=True, text=True, check=True)  # fmt: skip
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    requests, duration, *percentiles, errors = map(int, found.groups())
    return Result(requests, duration / 1e6, *(value / 1e3 for value in percentiles), errors)
