"""Reads the YAML files of a folder with independent readers and compares them with the JSON files
beside them. Exit 77 when a reader is not installed."""

import json
import pathlib
import sys

try:
    import ruamel.yaml
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)

READERS = {
    "PyYAML, YAML 1.1": yaml.safe_load,
    "ruamel.yaml, YAML 1.2": ruamel.yaml.YAML(typ="safe", pure=True).load,
}


def same(a, b):
    """Equality that tells true from 1 and 1 from 1.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def main(folder):
    compared = 0
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        expected = json.loads(path.with_suffix(".json").read_bytes())
        text = path.read_bytes().decode()
        for name, load in READERS.items():
            found = load(text)
            if not same(found, expected):
                print(f"{name}: {path}:\n{text}\nread as {found!r}\nexpected {expected!r}")
                return 1
            compared += 1
    print(f"{compared} readings")
    return 0 if compared else 1


sys.exit(main(sys.argv[1]))
