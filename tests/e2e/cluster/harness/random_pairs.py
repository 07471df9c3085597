"""Random pods with random and hostile Components, as the property tests draw them."""

import json
import os
import subprocess

_AT_ONCE = 200


def pairs(seed):
    """Yields dicts without end: seed, pod, components, and the planner's answer for settings that
    are random too: allowed, patch."""
    while True:
        command = [os.environ["RANDOM_PODS"], str(seed), str(_AT_ONCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            pair = json.loads(line)
            if isinstance(pair["pod"], dict):
                yield pair
        seed += _AT_ONCE


def placed(pod, namespace):
    """The pod as a client would send it to the namespace."""
    pod = {**pod, "apiVersion": "v1", "kind": "Pod"}
    if isinstance(pod.get("metadata"), dict):
        pod["metadata"] = {**pod["metadata"], "namespace": namespace}
    return pod
