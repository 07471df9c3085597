#!/usr/bin/env python3
"""Documents and program name the same things: annotations, flags, variables; links lead somewhere.

Run in the repository's root. Prints one line for each difference; exit code 1 when there is one.
"""
import os
import re
import subprocess
import sys

findings = []


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def files(*patterns):
    listed = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    return subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]


def same(what, code, document, path):
    for name in sorted(code - document):
        findings.append(f"{path}: {what} {name} is missing")
    for name in sorted(document - code):
        findings.append(f"{path}: there is no {what} {name}")


def first_cells(path, pattern):
    """What the first column of the document's tables holds between back quotes."""
    rows = [line.split("|")[1] for line in read(path).splitlines() if line.startswith("| ")]
    return {name for cell in rows for name in re.findall(pattern, cell)}


def check_annotations():
    sources = files("patch/annotation_keys.h", "patch/component.cc", "patch/status_annotation.h")
    keys = r'"((?:component-injector\.)?dapr\.io/[a-z0-9-]+)"'
    code = {key for path in sources for key in re.findall(keys, read(path))}
    document = first_cells("docs/annotations.md", r"`((?:component-injector\.)?dapr\.io/[a-z0-9-]+)`")
    same("annotation", code, document, "docs/annotations.md")


def check_flags():
    source = read("webhook/cli/flags.cc")
    code = set(re.findall(r'FlagSpec\{k\w+,\s*"([a-z0-9-]+)"', source))
    document = first_cells("docs/configuration.md", r"`--([a-z0-9-]+)")
    same("flag", {f"--{name}" for name in code}, {f"--{name}" for name in document},
         "docs/configuration.md")


def check_variables():
    # A variable is a text in capitals that the program reads; enumerations have kNames.
    code = set()
    for path in files("webhook/*.cc", "webhook/*.h", "webhook/cli/*.cc", "webhook/cli/*.h"):
        text = "\n".join(line for line in read(path).splitlines() if not line.strip().startswith("//"))
        code |= set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|NAMESPACE)"', text))
    document = first_cells("docs/configuration.md", r"`([A-Z][A-Z0-9_]+)`")
    code = {name for name in code if not name.startswith("COMPONENT_INJECTOR_")}
    same("variable", code, document, "docs/configuration.md")


def check_errors():
    for path in files("patch/result.h", "webhook/result.h", "k8s/error.h", "runtime/result.h"):
        layer = path.split("/")[0]
        body = re.search(r"enum class \w*ErrorKind \{(.*?)\};", read(path), re.S)
        code = {f"{layer}::{name}" for name in re.findall(r"^\s*(k[A-Z]\w+)", body[1], re.M)}
        document = first_cells("docs/errors.md", r"`(\w+::k\w+)`")
        same("error", code, {d for d in document if d.startswith(layer + "::")}, "docs/errors.md")


def check_links():
    for path in files("*.md", "docs/*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(path)):
            if "://" in target:
                continue
            if not os.path.exists(os.path.join(os.path.dirname(path), target)):
                findings.append(f"{path}: link to {target} leads nowhere")
        # Paths of the repository between back quotes are there.
        for name in re.findall(r"`((?:patch|k8s|webhook|tests|scripts|docs|deploy|cmake)/[\w./-]+)`",
                               read(path)):
            stem = name.rstrip("/.")
            if not (os.path.exists(stem) or any(os.path.exists(stem + end) for end in (".h", ".cc"))):
                findings.append(f"{path}: there is no {name}")


def check_metrics():
    code = set()
    for path in files("webhook/*.cc", "webhook/*.h"):
        code |= set(re.findall(r'"((?:component_injector|dapr_injector)_[a-z0-9_]+)"', read(path)))
    document = first_cells("docs/configuration.md", r"`((?:component_injector|dapr_injector)_[a-z_0-9]+)`")
    same("metric", code, document, "docs/configuration.md")


def check_tests():
    """Tests that the threat model names: `Suite.Name`, `.Name` of the same suite, `test_name`."""
    code = "\n".join(read(path) for path in files("tests/*.cc", "tests/*.py"))
    suite = ""
    for name in re.findall(r"`([A-Z]\w+\.[A-Z]\w+|\.[A-Z]\w+|test_\w+)`",
                           read("docs/threat-model.md")):
        if name.startswith("test_"):
            there = f"def {name}(" in code
        else:
            suite = name.split(".")[0] or suite
            name = name.split(".")[1]
            there = re.search(rf"TEST(?:_F|_P)?\({suite}, {name}\)", code)
        if not there:
            findings.append(f"docs/threat-model.md: there is no test {suite}.{name}")


for check in (check_annotations, check_flags, check_variables, check_errors, check_links,
              check_metrics, check_tests):
    check()
print("\n".join(findings))
sys.exit(1 if findings else 0)
