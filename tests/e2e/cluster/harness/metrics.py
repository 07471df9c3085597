"""Prometheus text, read."""

import re

_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape."""

    def __init__(self, text):
        self._samples = []
        for line in text.splitlines():
            match = _LINE.match(line)
            if match:
                name, labels, value = match.groups()
                self._samples.append((name, dict(_LABEL.findall(labels or "")), float(value)))

    def values(self, metric, /, **labels):
        """Lists (labels, value) of the samples that have all of `labels`."""
        return [
            (own, value)
            for found, own, value in self._samples
            if found == metric and labels.items() <= own.items()
        ]

    def sum(self, metric, /, **labels):
        return sum(value for _, value in self.values(metric, **labels))


def share_below(before, after, seconds, metric, /, **labels):
    """Returns (share, count): how much of a histogram's growth was at most `seconds`."""
    buckets = {}
    for metrics, sign in ((after, 1), (before, -1)):
        for own, value in metrics.values(metric + "_bucket", **labels):
            bound = float(own["le"])
            buckets[bound] = buckets.get(bound, 0) + sign * value
    total = buckets.get(float("inf"), 0)
    return (buckets[seconds] / total if total else 0.0), int(total)
