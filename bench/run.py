#!/usr/bin/env python3
"""Measures the injector and writes docs/performance/injector.md, its JSON and its plots.

    bench/run.py [--seconds N] [--out FOLDER] [SECTION...]

Sections: planning server slow log components connections replicas life (all). Needs the release
build of component-injector, constant_webhook and the planning benchmarks (`make bench` builds them),
and the packages wrk, nginx-light, gnuplot-nox and valgrind. About ten minutes, in which nothing else
should run; what is being measured is printed as it goes on. A section measured alone leaves the
others' figures as they are.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import instructions

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
BINARY = BUILD / "webhook" / "component-injector"
CONSTANT = BUILD / "tests" / "constant_webhook"
PLANNING = [BUILD / "bench" / name for name in ("planning_bench", "cache_bench")]
COUNTED = BUILD / "bench" / "planning_instructions"
SECTIONS = ("planning", "server", "slow", "log", "components", "connections", "replicas", "life")

os.environ.setdefault("COMPONENT_INJECTOR_BINARY", str(BINARY))
sys.path[:0] = [str(ROOT / "bench" / "server"), str(ROOT / "tests" / "system")]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement (5)")
    parser.add_argument("--admissions", type=int, default=1_000_000, help="for memory (1000000)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "performance")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=" ".join(SECTIONS))
    found = parser.parse_args()
    unknown = set(found.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {sorted(unknown)[0]}; there are {' '.join(SECTIONS)}")
    return found


def check_machine():
    """Says all that is missing at once."""
    missing = [f"{path} (make bench builds it)" for path in (BINARY, CONSTANT, *PLANNING, COUNTED)
               if not path.exists()]  # fmt: skip
    packages = {"wrk": "wrk", "nginx": "nginx-light", "gnuplot": "gnuplot-nox",
                "valgrind": "valgrind"}  # fmt: skip
    missing += [f"{name} (apt-get install {package})" for name, package in packages.items()
                if not shutil.which(name)]  # fmt: skip
    if missing:
        sys.exit("bench/run.py: missing: " + ", ".join(missing))


def planning():
    """Rows of the planning benchmarks: Google Benchmark's medians, callgrind's counts."""
    rows = []
    counts = {
        f"Plan, pod KiB {kib}, components {components}":
            instructions.count(COUNTED, kib, components)
        for kib, components in instructions.CASES
    }  # fmt: skip
    for program in PLANNING:
        done = subprocess.run(
            [program, "--benchmark_format=json", "--benchmark_repetitions=5",
             "--benchmark_report_aggregates_only=true"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        for run in json.loads(done.stdout)["benchmarks"]:
            if run["aggregate_name"] == "median":
                what = run["run_name"].replace("/", ", ").replace(":", " ").replace("_", " ")
                rows.append({"what": what, "CPU, us": run["cpu_time"],
                             "instructions": counts.get(what, "")})  # fmt: skip
    return rows


def main():
    asked = arguments()
    check_machine()
    import page  # pylint: disable=import-outside-toplevel
    from figures import Bench  # pylint: disable=import-outside-toplevel

    bench = Bench(asked.seconds, str(CONSTANT))
    measure = {"planning": planning, "life": lambda: bench.life(asked.admissions)}
    for section in asked.sections or SECTIONS:
        print(f"{section} ...", file=sys.stderr, flush=True)
        page.write(asked.out, {section: (measure.get(section) or getattr(bench, section))()})
    print(asked.out / "injector.md")


if __name__ == "__main__":
    main()
