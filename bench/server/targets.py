"""What the figures ought to be, beside what they are."""

import json

from inputs import namespace_components

REVIEW = "3 components"
RATES = {1: 5_000, 8: 15_000, 32: 15_000, 256: 12_000}  # admissions a second by connections
LATENCY_UP_TO = 32  # connections
SHARE = 0.6


def judged(results):
    """Rows: what, asked, seen, met. `results`: {section: rows}; a section that is missing has no
    targets."""
    rows = []

    def add(what, asked, seen, met):
        rows.append({"what": what, "asked": asked, "seen": seen, "met": "yes" if met else "no"})

    def at_most(what, limit, seen):
        add(what, f"at most {limit:,}", seen, seen <= limit)

    def at_least(what, limit, seen):
        add(what, f"at least {limit:,}", seen, seen >= limit)

    for section, judge in (("planning", _planning), ("server", _server), ("slow", _slow),
                           ("components", _components), ("life", _life)):  # fmt: skip
        if section in results:
            judge(results[section], at_most, at_least)
    return rows


def _planning(rows, at_most, _):
    seen = {row["what"]: row["CPU, us"] for row in rows}
    at_most("planning, pod of 10 KB, 3 Components, us", 40, seen["Plan, pod KiB 10, components 3"])
    flat = seen["PlanFromCache, cached 10000"] / seen["PlanFromCache, cached 10"]
    at_most("planning with 10,000 Components known, of that with 10", 1.1, flat)


def _server(rows, at_most, at_least):
    for row in (row for row in rows if row["review"] == REVIEW):
        connections = row["connections"]
        where = f"{connections} connection{'s' if connections > 1 else ''}"
        at_least(f"admissions a second, {where}", RATES[connections], row["per second"])
        if connections <= LATENCY_UP_TO:
            at_most(f"p99, {where}, ms", 5, row["p99, ms"])
        at_least(f"share of the limit, {where}", SHARE, row["of the limit"])
    at_most("resident under load, MB", 40, max(row["resident, MB"] for row in rows))


def _slow(rows, at_most, _):
    at_most("p99 of a client beside 500 slow ones, ms", 20, max(row["p99, ms"] for row in rows))
    at_most("resident with 500 slow clients, MB", 100, max(row["resident, MB"] for row in rows))


def _components(rows, at_most, _):
    by_count = {row["Components"]: row for row in rows}
    few, many = by_count[10], by_count[10_000]
    at_most("CPU of an admission with 10,000 Components in a cluster, of that with 10", 1.1,
            many["CPU, us"] / few["CPU, us"])  # fmt: skip
    each = (many["resident, MB"] - few["resident, MB"]) * 1e6 / (10_000 - 10)
    text = len(json.dumps(namespace_components("shop")[0], separators=(",", ":")))
    at_most("memory for each Component beyond its JSON, bytes", 4_096, round(each - text))


def _life(rows, at_most, _):
    seen = {row["what"]: row["figure"] for row in rows}
    at_most("resident when idle, MB", 22, seen["resident at start, MB"])
    at_most("start to ready, ms", 200, seen["start to ready with a certificate of its own, ms"])
