#!/usr/bin/env python3
"""Shows the whole way of a component to people: three runs of the same pod.

Environment: as chain.py says. Run in a terminal; exit code 1 when a run is not as it should be.
"""

import sys

import own_network
from chain import BROKER_IMAGE, STORE_IMAGE, Chain
from pod_runner import Image, PodFailed

BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
SLOW_SECONDS = 5


def step(text):
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def teller(begin):
    def tell(sentence):
        print(f"{begin()[-1][0]:6.1f} s  {sentence}", flush=True)

    return tell


class Shown:
    """A chain that prints what happens, and is always stopped."""

    def __init__(self, **options):
        self.chain = Chain(**options)
        self.chain.runner.tell = teller(lambda: self.chain.runner.events)

    def __enter__(self):
        return self.chain

    def __exit__(self, *_):
        self.chain.close()


def print_containers(pod):
    for kind in ("initContainers", "containers"):
        print(f"  {kind}:")
        for container in pod["spec"].get(kind, []):
            always = ", restartPolicy: Always" if container.get("restartPolicy") else ""
            print(f"    {container['name']}  ({container['image']}{always})")


def run_all():
    good = True
    late = f"sleep {SLOW_SECONDS}; exec "

    step(f"the pod starts; the store's component needs {SLOW_SECONDS} s to its socket")
    with Shown() as chain:
        print_containers(chain.pod)
        store = chain.images[STORE_IMAGE].entrypoint[0]
        chain.runner.images[STORE_IMAGE] = Image({}, ["sh", "-c", late + store])
        chain.runner.run()
        seen = chain.seen()
        print(f"the application saw: {seen}")
        good = good and seen is not None and seen.get("received") == {"id": 7}

    step("the broker's component never comes: it is named, and nothing else starts")
    never = {BROKER_IMAGE: Image({}, ["sleep", "600"])}
    timeout = {"component-injector.dapr.io/wait-timeout": "3s"}
    with Shown(images=never, annotations=timeout) as chain:
        try:
            chain.runner.run()
            good = False
        except PodFailed as failed:
            print(failed)

    step("the same pod without an order (placement: container): the race")
    placement = {"component-injector.dapr.io/component-placement": "container"}
    with Shown(annotations=placement) as chain:
        store = chain.images[STORE_IMAGE].entrypoint[0]
        chain.runner.images[STORE_IMAGE] = Image({}, ["sh", "-c", late + store])
        chain.runner.run()
        daprd = chain.runner.container("daprd")
        code = daprd.process.wait(60)
        print(f"daprd ended with exit code {code}; its last words:")
        print("  " + daprd.log().strip().splitlines()[-1])
        good = good and code != 0
    return good


def main():
    missing = own_network.enter()
    if missing:
        print(f"show.py: {missing}", file=sys.stderr)
        return 1
    good = run_all()
    step("all three as they should be" if good else "NOT as it should be: see above")
    print("With the order a late component is waited for, and a missing one is named; without it")
    print("the late one is not found, and daprd ends. The same as tests: scripts/test.sh chain")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
