"""Figures that a run measured, for people: printed, and kept where CLUSTER_FIGURES says."""

import json
import os


def record(what, value):
    print(f"  {what}: {json.dumps(value)}", flush=True)
    path = os.environ.get("CLUSTER_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "value": value}) + "\n")
