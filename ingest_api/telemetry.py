"""What this process counted since it started: every refusal has a reason and a number."""

from __future__ import annotations

import bisect
import itertools
import math
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

Gauge = Literal["websocket_connections", "sql_running", "uploads_running"]
COMMIT_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Telemetry:
    """Counters and gauges of one process. Thread-safe; reading gives copies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusals: Counter[str] = Counter()
        self._responses: Counter[str] = Counter()
        self._gauges: Counter[Gauge] = Counter()
        self._commits = [0] * (len(COMMIT_BUCKETS_S) + 1)
        self._commits_s = 0.0

    def committed(self, seconds: float) -> None:
        """A group of messages is on disk, so long after it left for there."""
        with self._lock:
            self._commits[bisect.bisect_left(COMMIT_BUCKETS_S, seconds)] += 1
            self._commits_s += seconds

    def commits(self) -> tuple[list[int], float]:
        """How many commits took at most each of COMMIT_BUCKETS_S, and all of them; and their seconds in all."""
        with self._lock:
            return list(itertools.accumulate(self._commits)), self._commits_s

    def refused(self, reason: str) -> None:
        """The door turned something away: `reason` is the problem's code, or the bound that was met."""
        with self._lock:
            self._refusals[reason] += 1

    def answered(self, status: int) -> None:
        """An HTTP answer left; counted by its class, `2xx` … `5xx`."""
        with self._lock:
            self._responses[f"{status // 100}xx"] += 1

    def move(self, gauge: Gauge, by: int) -> None:
        with self._lock:
            self._gauges[gauge] += by

    @contextmanager
    def during(self, gauge: Gauge) -> Iterator[None]:
        """One more for the length of a block."""
        self.move(gauge, 1)
        try:
            yield
        finally:
            self.move(gauge, -1)

    def refusals(self) -> dict[str, int]:
        with self._lock:
            return dict(self._refusals)

    def responses(self) -> dict[str, int]:
        with self._lock:
            return dict(self._responses)

    def gauges(self) -> dict[Gauge, int]:
        with self._lock:
            return dict(self._gauges)


def sample(name: str, value: float, **labels: str) -> str:
    """One line of the Prometheus text format."""
    marked = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
    return f"{name}{{{marked}}} {_number(value)}" if marked else f"{name} {_number(value)}"


def family(name: str, kind: Literal["counter", "gauge"], help_text: str, samples: list[str]) -> str:
    """A metric with its HELP and TYPE lines."""
    return "\n".join([f"# HELP {name} {help_text}", f"# TYPE {name} {kind}", *samples])


def histogram(name: str, help_text: str, bounds: Sequence[float], counts: Sequence[int], total: float) -> str:
    """A distribution: `counts` of values up to each of `bounds`, and of all; `total`: their sum."""
    samples = [
        sample(f"{name}_bucket", count, le=_number(bound))
        for bound, count in zip((*bounds, math.inf), counts, strict=True)
    ]
    samples += [sample(f"{name}_sum", total), sample(f"{name}_count", counts[-1])]
    return "\n".join([f"# HELP {name} {help_text}", f"# TYPE {name} histogram", *samples])


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
