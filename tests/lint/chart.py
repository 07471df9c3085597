#!/usr/bin/env python3
"""The chart's values, their schema, its list of keys and the table in its README say the same.

Run in the repository's root. Prints one line for each difference; exit code 1 when there is one.
With --write the table and the list (files/keys.json) are made anew from the other two.
"""
import json
import sys

import yaml

CHART = "charts/component-injector"
BEGIN = "| value | default | meaning |\n|---|---|---|\n"
# A parent chart's own: what it shares, and its condition. Selectors and references are one value
# each.
NO_VALUES = {"enabled", "global"}
WHOLE = {"certificate.certManager.issuerRef", "webhook.namespaceSelector", "webhook.objectSelector"}

findings = []


def read(name):
    with open(f"{CHART}/{name}", encoding="utf-8") as file:
        return file.read()


def leaves(schema, prefix=""):
    """(path, schema) of each value that has a default of its own."""
    for key, node in schema["properties"].items():
        path = prefix + key
        if "properties" in node and path not in WHOLE:
            yield from leaves(node, path + ".")
        elif path not in NO_VALUES:
            yield path, node


def check_open(node, path):
    """Other members are refused by templates/_keys.tpl, which can say what was meant; the schema,
    which comes first, would only list everything."""
    if "properties" in node and {"additionalProperties", "propertyNames"} & set(node):
        findings.append(f"values.schema.json: {path}: must leave other keys to templates/_keys.tpl")
    for key, child in node.get("properties", {}).items():
        check_open(child, f"{path}.{key}".lstrip("."))


def keys_of(node):
    return {key: keys_of(child) for key, child in sorted(node.get("properties", {}).items())}


def value_at(values, path):
    for key in path.split("."):
        if not isinstance(values, dict) or key not in values:
            findings.append(f"values.yaml: {path} is missing")
            return None
        values = values[key]
    return values


def check_known(values, node, path=""):
    for key, value in values.items():
        child = node["properties"].get(key)
        if child is None:
            findings.append(f"values.schema.json: {path}{key} is missing")
        elif "properties" in child and isinstance(value, dict):
            check_known(value, child, f"{path}{key}.")


def row(path, node, default):
    text = json.dumps(default, separators=(", ", ": "))
    return f"| `{path}` | `{text}` | {node.get('description', '')} |\n"


schema, values = json.loads(read("values.schema.json")), yaml.safe_load(read("values.yaml"))
check_open(schema, "")
check_known(values, schema)
table = "".join(row(path, node, value_at(values, path)) for path, node in leaves(schema))
readme = read("README.md")
before, begin, rest = readme.partition(BEGIN)
end = rest.find("\n\n")
after = "" if end < 0 else rest[end + 1:]
wanted = before + BEGIN + table + after
keys = json.dumps(keys_of(schema), indent=1) + "\n"
for name, text in (("README.md", wanted), ("files/keys.json", keys)):
    if sys.argv[1:] == ["--write"]:
        with open(f"{CHART}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    elif read(name) != text:
        findings.append(f"{CHART}/{name}: does not hold the values of values.yaml and "
                        "values.schema.json: run tests/lint/chart.py --write")
for key in ("version", "appVersion"):
    chart = yaml.safe_load(read("Chart.yaml"))[key]
    with open("CMakeLists.txt", encoding="utf-8") as file:
        if f"project(component-injector VERSION {chart} " not in file.read():
            findings.append(f"Chart.yaml: {key} {chart} is not the version in CMakeLists.txt")
print("\n".join(findings))
sys.exit(1 if findings else 0)
