#!/usr/bin/env python3
"""Counts the instructions of planning and compares them with those of bench/instructions.json.

A count does not depend on what else the machine does, as a time does. What depends on the processor
is pinned: simdjson's implementation and the C library's choice of string functions. The counts of
one toolchain are a reference for that one only; of an unknown one nothing is said.

Usage: bench/instructions.py PROGRAM [--write]
  PROGRAM  planning_instructions of the release build
  --write  make the counts of today the reference of this toolchain
Exit code 1 when a count has grown by more than a tenth. Prints "counted N, grown N" at the end.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.json")
CASES = [(kib, components) for kib in (10, 50) for components in (0, 3, 10)]
MOST_GROWTH = 1.10

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "SIMDJSON_FORCE_IMPLEMENTATION": "westmere",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-ERMS,-FSRM,-BMI2",
}


def toolchain_of(program):
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.strip()


def count(program, kib, components):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=MeasuredPlan",
             f"--callgrind-out-file={folder}/out", program, str(kib), str(components)],
            check=False, capture_output=True, text=True, env=ENVIRONMENT)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found or found[1] == "0":
        raise SystemExit(f"no count of {program} {kib} {components}:\n{run.stderr}")
    return int(found[1])


def read_reference():
    with open(REFERENCE, encoding="utf-8") as file:
        return json.load(file)


def write_reference(toolchain, counts):
    reference = read_reference() if os.path.exists(REFERENCE) else {}
    reference[toolchain] = counts
    with open(REFERENCE, "w", encoding="utf-8") as file:
        json.dump(reference, file, indent=2, sort_keys=True)
        file.write("\n")


def compare(counts, expected):
    grown = 0
    for name, now in counts.items():
        before = expected[name]
        verdict = "ok"
        if now > MOST_GROWTH * before:
            grown += 1
            verdict = "GROWN by more than 10 %"
        print(f"{name:24} {now:10} instructions, reference {before:10}, "
              f"{100 * now / before - 100:+6.1f} %  {verdict}")
    return grown


def main():
    program = sys.argv[1]
    toolchain = toolchain_of(program)
    if "--write" not in sys.argv[2:] and toolchain not in read_reference():
        print(f"no reference for this toolchain ({toolchain}): nothing is compared; to make one: "
              f"bench/instructions.py {program} --write")
        print("counted 0, grown 0")
        return 0
    counts = {f"{kib} KiB, {components} components": count(program, kib, components)
              for kib, components in CASES}
    if "--write" in sys.argv[2:]:
        write_reference(toolchain, counts)
    grown = compare(counts, read_reference()[toolchain])
    if grown:
        print("planning has become slower. If that is what the change is worth, make the new counts "
              f"the reference, in the same commit:\n  bench/instructions.py {program} --write")
    print(f"counted {len(counts)}, grown {grown}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
