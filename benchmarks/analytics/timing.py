"""How long a warm answer takes: repeated, in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


def repeated_ms(call: Callable[[], object], times: int) -> list[float]:
    """One after the other; the answer that came before has warmed the caches."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """Between neighbours the straight line is taken.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([7.0], 0.95)
    (2.5, 7.0)
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
