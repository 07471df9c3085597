#!/usr/bin/env python3
"""Shows what an admission did: the answer, its patch, and the patched pod with added lines marked.

Usage: show_pod.py REVIEW RESPONSE   (two AdmissionReview JSON files)
Reads nothing else and needs PyYAML only to quote scalars.
"""
import argparse
import base64
import json
import os
import sys

import yaml

GREEN, BOLD, PLAIN = "\033[32m", "\033[1m", "\033[0m"


class Added:
    """A value that the patch brought in."""

    def __init__(self, value):
        self.value = value


def bare(node):
    return node.value if isinstance(node, Added) else node


def apply_add(root, path, value):
    """Applies one RFC 6902 `add` below the root; the injector uses no other operation."""
    tokens = [t.replace("~1", "/").replace("~0", "~") for t in path.split("/")[1:]]
    parent = root
    for token in tokens[:-1]:
        parent = bare(parent[int(token)] if isinstance(parent, list) else parent[token])
    last = tokens[-1]
    if not isinstance(parent, list):
        parent[last] = Added(value)
    elif last == "-":
        parent.append(Added(value))
    else:
        parent.insert(int(last), Added(value))


def scalar(value):
    text = yaml.safe_dump(value, width=10**6, default_style=None).strip()
    return text.removesuffix("...").strip()


def emit(node, indent, added, out, prefix):
    """Appends (added, line) for each line of the YAML of `node`; `prefix` begins the first one."""
    added = added or isinstance(node, Added)
    node = bare(node)
    pad = " " * indent
    if isinstance(node, str) and "\n" in node:
        out.append((added, prefix + "|"))
        out.extend((added, pad + line) for line in node.splitlines())
    elif isinstance(node, dict) and node:
        first = prefix.endswith("- ")
        if prefix and not first:
            out.append((added, prefix.rstrip()))
        for key, value in node.items():
            begin = prefix if first else pad
            first = False
            emit(value, indent + 2, added, out, f"{begin}{scalar(key)}: ")
    elif isinstance(node, list) and node:
        out.append((added, prefix.rstrip()))
        for value in node:
            emit(value, indent, added, out, " " * (indent - 2) + "- ")
    else:
        out.append((added, prefix + (scalar(node) if not isinstance(node, (dict, list)) else
                                     "{}" if isinstance(node, dict) else "[]")))


def pod_lines(pod):
    """(added, line) for each line of the pod as YAML, without managedFields."""
    pod["metadata"].pop("managedFields", None)
    lines = []
    for key, value in pod.items():
        emit(value, 2, False, lines, f"{key}: ")
    return lines


def short(text, width):
    return text if len(text) <= width else f"{text[:width - 20]}... ({len(text)} bytes)"


class Printer:
    def __init__(self, colour):
        self.colour = colour

    def say(self, text="", style=""):
        print(f"{style}{text}{PLAIN}" if self.colour and style else text)


def show(review, response, printer):
    request, answer = review["request"], response["response"]
    printer.say("The answer", BOLD)
    printer.say(f"  uid {answer['uid']}, allowed: {json.dumps(answer['allowed'])}")
    for warning in answer.get("warnings", []):
        printer.say(f"  warning: {warning}")
    for key, value in answer.get("auditAnnotations", {}).items():
        printer.say(f"  audit {key}: {value}")
    if "message" in answer.get("status", {}):
        printer.say(f"  message: {answer['status']['message']}")
    if "patch" not in answer:
        printer.say("  no patch")
        return
    operations = json.loads(base64.b64decode(answer["patch"]))
    printer.say()
    printer.say(f"The patch: {len(operations)} operations", BOLD)
    pod = request["object"]
    for operation in operations:
        value = json.dumps(operation["value"], separators=(",", ":"))
        printer.say(f"  {operation['op']} {operation['path']}  {short(value, 100)}")
        apply_add(pod, operation["path"], operation["value"])
    printer.say()
    printer.say("The pod (+ is what the injector added; managedFields left out)", BOLD)
    for added, line in pod_lines(pod):
        printer.say(f"{'+' if added else ' '} {line}", GREEN if added else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("review")
    parser.add_argument("response")
    arguments = parser.parse_args()
    with open(arguments.review, encoding="utf-8") as file:
        review = json.load(file)
    with open(arguments.response, encoding="utf-8") as file:
        response = json.load(file)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    show(review, response, Printer(colour))


if __name__ == "__main__":
    main()
