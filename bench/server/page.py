"""The results as Markdown, JSON and plots (gnuplot)."""

import datetime
import json
import os
import platform
import subprocess

import targets


def machine():
    """What the run was made on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file
                      if line.startswith("model name")), platform.machine())  # fmt: skip
    return {
        "date": datetime.date.today().isoformat(),
        "CPU": model,
        "cores, shared with the load": os.cpu_count(),
        "kernel": platform.release(),
        "load before": round(os.getloadavg()[0], 2),
    }


def number(value):
    """A figure as people read it."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows):
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(number(row[name]) for name in names) + " |" for row in rows]
    return "\n".join(lines)


def plot(path, rows, x, y, series=None):
    """An SVG of `y` over `x`, both logarithmic axes from the data; a line for each `series`."""
    names = list(dict.fromkeys(row[series] for row in rows)) if series else [""]
    script = [
        "set terminal svg size 720,400 dynamic background rgb 'white'",
        f"set output '{path}'", f"set xlabel '{x}'", f"set ylabel '{y}'", "set logscale x",
        "set yrange [0:*]", "set grid", "set key outside top center horizontal",
        "plot " + ", ".join(f"'-' using 1:2 with linespoints lw 2 pt 7 ps 0.5 title '{name}'"
                            for name in names),
    ]  # fmt: skip
    for name in names:
        script += [f"{row[x]} {row[y]}" for row in rows if not series or row[series] == name]
        script.append("e")
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def write(folder, results):
    """`results`: {section: rows}; the sections that are missing keep their former figures."""
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, "injector.json")
    known = {}
    if os.path.exists(file):
        with open(file, encoding="utf-8") as former:
            known = json.load(former)
    known.update({name: {"machine": machine(), "rows": rows} for name, rows in results.items()})
    with open(file, "w", encoding="utf-8") as out:
        json.dump(known, out, indent=1)
        out.write("\n")
    for name, (x, y, series) in PLOTS.items():
        if name in known:
            plot(os.path.join(folder, f"{name}.svg"), known[name]["rows"], x, y, series)
    with open(os.path.join(folder, "injector.md"), "w", encoding="utf-8") as out:
        out.write(text(known))


PLOTS = {  # section: x, y, a line for each
    "server": ("connections", "per second", "review"),
    "components": ("Components", "per second", None),
    "connections": ("connections", "per second", None),
    "replicas": ("replicas", "per second", None),
}
TITLES = {
    "planning": ("Planning", """From the bytes of a review to the bytes of its patch, without
base64, TLS or HTTP. Instructions are callgrind's, with simdjson and libc pinned
(`bench/instructions.py`); `scripts/test.sh` fails when they grow by more than a tenth."""),
    "server": ("The server over TLS", """Kept connections, HTTP/1.1, bodies of 10 KB and 50 KB. The
limit is the same server with a handler that answers the same patch without looking at the pod; nginx
answers the same bytes from a file. Of the load generator (wrk) each measurement has one thread, on
the same cores."""),
    "slow": ("Beside slow clients", """One client's admissions, one after the other, while 500 others
hold connections open: silent, or sending a byte now and then; who is closed comes again. The longest
is the first, with its handshake: beyond 128 at once, newcomers wait for the silent ones to go."""),
    "log": ("Log", """8 connections, 3 of 10 Components injected, with nothing but errors in the log, as
in all other measurements here, and as it is by default, with lines for each injected pod."""),
    "components": ("Growth: Components", """Of a cluster, ten in each namespace, watched; 8
connections, 3 of the namespace's 10 injected."""),
    "connections": ("Growth: connections", "3 of 10 Components injected; `--max-connections 4096`."),
    "replicas": ("Growth: replicas", """On the same two cores, so that more replicas can hardly do more; a
thread of the load generator, with connections of its own, for each."""),
    "life": ("Start, size, memory", "8 connections, 3 of 10 Components injected."),
}  # fmt: skip

TARGETS = """Set before the program was written, for two cores that the load generator shares; `limits.md`
says why one is missed, and what was tried."""


def text(known):
    lines = [
        "# Performance of the injector",
        "Made by `make bench`, which writes this page, `injector.json` and the plots. Times of other",
        "machines differ; the shares of the limit, of one run, differ less.",
        "",
    ]
    rows = targets.judged({name: part["rows"] for name, part in known.items()})
    if rows:
        lines += ["## Targets", *TARGETS.splitlines(), "", table(rows), ""]
    for name, (title, words) in TITLES.items():
        if name not in known:
            continue
        where = ", ".join(f"{key} {value}" for key, value in known[name]["machine"].items())
        lines += [f"## {title}", words, "", table(known[name]["rows"]), ""]
        if name in PLOTS:
            lines += [f"![{title}]({name}.svg)", ""]
        lines += [f"({where})", ""]
    return "\n".join(lines)
