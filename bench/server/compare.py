#!/usr/bin/env python3
"""Two builds of the program under load (wrk), by turns in one run, so that both see the same machine.

    bench/server/compare.py BEFORE AFTER

Admissions of a 10 KB pod with 3 of 10 Components, on kept TLS connections. Of each build the best of
ROUNDS (5) rounds of SECONDS (2) is printed, as Markdown; CONNECTIONS ("1 8 32 256") in the
environment changes the rows.
"""

import os
import sys

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "2"))
CONNECTIONS = os.environ.get("CONNECTIONS", "1 8 32 256").split()

if len(sys.argv) != 3:
    raise SystemExit(__doc__)
os.environ["COMPONENT_INJECTOR_BINARY"] = sys.argv[1]
# pylint: disable=wrong-import-position,wrong-import-order
from quiet_webhook import QuietWebhook
from servers import loaded
import inputs
import webhook_process


def load(webhook, connections):
    """What wrk says of one round, and CPU in us per admission."""
    result, used = loaded(webhook, inputs.body("3 components"), connections, SECONDS)
    if result.errors:
        print(f"{result.errors} errors with {connections} connections", file=sys.stderr)
    return result, used


def start(binary):
    webhook_process.BINARY = binary
    return QuietWebhook(resources=inputs.manifests())


def main():
    print("| connections | build | per second | p50, ms | p99, ms | CPU, us | resident, MiB |")
    print("|---|---|---|---|---|---|---|")
    builds = [start(binary) for binary in sys.argv[1:]]
    for connections in map(int, CONNECTIONS):
        runs = [[], []]
        for number in range(2 * ROUNDS):
            build = number % 2 ^ number // 2 % 2  # each goes first as often as the other
            runs[build].append(load(builds[build], connections))
        for name, webhook, results in zip(("before", "after"), builds, runs):
            best, used = max(results, key=lambda run: run[0].rate)
            resident = webhook.resident_bytes() / (1 << 20)
            print(f"| {connections} | {name} | {best.rate:,.0f} | {best.p50:.2f} | {best.p99:.2f} | "
                  f"{used:.0f} | {resident:.1f} |", flush=True)
    for webhook in builds:
        webhook.__exit__(None)


if __name__ == "__main__":
    main()
