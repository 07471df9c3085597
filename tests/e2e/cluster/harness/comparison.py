"""Whether the pod that the API server stored is the one that was sent."""

import copy
import decimal
import re

_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i))?$")
_DRAWN = re.compile("kube-api-access-[a-z0-9]{5}")  # a volume's name, as the API server draws it
_TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"

# The API server appends to these: the account's token, how long a pod outlives its node.
_APPENDED = ("volumes", "volumeMounts", "tolerations")


def _quantity(text):
    match = _QUANTITY.match(str(text))
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    value = decimal.Decimal(number + (exponent or ""))
    if suffix in _BINARY:
        return value * 2 ** _BINARY[suffix]
    return value.scaleb(_SUFFIXES[suffix or ""])


def _same_scalar(ours, stored):
    if ours == stored:
        return True
    a, b = _quantity(ours), _quantity(stored)
    return a is not None and a == b


def _empty(value):
    return value is None or value in ({}, [], "", 0, False)


def losses(ours, stored, unknown=(), path=""):
    """Lists what of `ours` is not in `stored`, which has defaults besides. Fields of `unknown`,
    which no API server knows, may be lost."""
    if isinstance(ours, dict) and isinstance(stored, dict):
        found = []
        for key, value in ours.items():
            if key in stored:
                found += losses(value, stored[key], unknown, f"{path}/{key}")
            elif key not in unknown and not _empty(value):
                found.append(f"{path}/{key} is gone, was {value}")
        return found
    if isinstance(ours, list) and isinstance(stored, list):
        more = path.rsplit("/", 1)[-1] in _APPENDED
        if len(stored) < len(ours) or (len(stored) > len(ours) and not more):
            return [f"{path} has {len(stored)} entries, had {len(ours)}"]
        found = []
        for index, value in enumerate(ours):
            found += losses(value, stored[index], unknown, f"{path}/{index}")
        return found
    if ours is None or _same_scalar(ours, stored) or (_empty(ours) and _empty(stored)):
        return []
    return [f"{path} is {stored!r}, was {ours!r}"]


def resent(pod):
    """A copy of a stored pod that can be created once more."""
    pod = copy.deepcopy(pod)
    pod.pop("status", None)
    for key in ("uid", "creationTimestamp", "managedFields", "resourceVersion", "generation"):
        pod["metadata"].pop(key, None)
    return pod


def settled(pod):
    """A copy of a stored pod without what differs from one creation to the next."""
    pod = resent(pod)
    if "generateName" in pod["metadata"]:
        pod["metadata"].pop("name", None)
    spec = pod["spec"]
    drawn = [v["name"] for v in spec.get("volumes", []) if _DRAWN.fullmatch(v["name"])]
    spec["volumes"] = [v for v in spec.get("volumes", []) if v["name"] not in drawn]
    for container in spec.get("initContainers", []) + spec["containers"]:
        container["volumeMounts"] = [
            mount for mount in container.get("volumeMounts", [])
            if mount["name"] not in drawn or mount["mountPath"] != _TOKEN_FOLDER
        ]  # fmt: skip
    return pod
