"""Prints the results of run.sh as Markdown. Arguments: the file of results, a line "name server
rate p99" each; memory of the SDK and of the Go SDK after the load, "resident anonymous resident
anonymous"; the same of the SDK before and after a million messages."""

import statistics
import sys

STATE = "state get and set, {} at once"
SERIAL = "stream, one message at a time"
PIPELINED = "stream, 64 on the way"
PUBSUB = "published and acknowledged, {} publisher{}"


def read(path):
    runs = {}
    for line in open(path, encoding="ascii"):
        name, server, rate, p99 = line.rstrip().rsplit(" ", 3)
        runs.setdefault(name, {}).setdefault(server, []).append((float(rate), float(p99)))
    return runs


def ratios(servers, other):
    """Of neighbours in time, so that a noisy round weighs on both."""
    return sorted(a[0] / b[0] for a, b in zip(servers["ours"], servers[other]))


def spread(servers, other):
    if other not in servers:
        return ""
    all_ = ratios(servers, other)
    return f"{statistics.median(all_):.2f} ({all_[0]:.2f} to {all_[-1]:.2f})"


def print_figures(runs):
    print("| | bare gRPC | SDK | Go SDK | SDK / bare | SDK / Go | p99 bare / SDK / Go, ms |")
    print("|---|---|---|---|---|---|---|")
    for name, servers in runs.items():
        rate = {s: f"{statistics.median(r for r, _ in v):,.0f}" for s, v in servers.items()}
        p99 = {s: f"{statistics.median(p for _, p in v):.2f}" for s, v in servers.items()}
        order = [s for s in ("bare", "ours", "go") if s in p99]
        cells = [rate.get(s, "") for s in ("bare", "ours", "go")]
        cells += [spread(servers, "bare"), spread(servers, "go")]
        cells.append(" / ".join(p99[s] for s in order) if "state" in name else "")
        print(f"| {name} | {' | '.join(cells)} |")


def goals(runs, load, messages):
    """Yields what is asked, the figure, and whether it is met."""
    for text, names, other, least in (
        ("state / bare gRPC, 1, 8, 32 at once", [STATE.format(n) for n in (1, 8, 32)], "bare", 0.7),
        ("state / Go SDK, 1, 8, 32 at once", [STATE.format(n) for n in (1, 8, 32)], "go", 1),
        ("stream / bare gRPC, one at a time", [SERIAL], "bare", 0.7),
        ("stream / bare gRPC, 64 on the way", [PIPELINED], "bare", 0.6),
        ("acknowledged / Go SDK, 1 publisher", [PUBSUB.format(1, "")], "go", 3),
        ("acknowledged / Go SDK, 32 publishers", [PUBSUB.format(32, "s")], "go", 3),
    ):
        medians = [statistics.median(ratios(runs[name], other)) for name in names]
        figure = ", ".join(f"{m:.2f}" for m in medians)
        yield f"{text}: at least {least}", figure, min(medians) >= least
    resident, anonymous, _, go_anonymous = load
    yield "resident after the load: at most 25 MiB", f"{resident}", resident <= 25
    share = anonymous / go_anonymous
    figure = f"{anonymous} / {go_anonymous} MiB = {share:.2f}"
    yield "anonymous memory / Go SDK: at most 0.5", figure, share <= 0.5
    growth = messages[2] - messages[0]
    figure = f"{messages[0]} to {messages[2]} MiB resident, {messages[1]} to {messages[3]} anonymous"
    yield "memory over 1,000,000 messages: flat within 1 MiB", figure, growth <= 1


def main():
    runs = read(sys.argv[1])
    load, messages = ([float(word) for word in text.split()] for text in sys.argv[2:4])
    print_figures(runs)
    print("\n| asked | medians | met |\n|---|---|---|")
    for text, figure, met in goals(runs, load, messages):
        print(f"| {text} | {figure} | {'yes' if met else '**no**'} |")


main()
