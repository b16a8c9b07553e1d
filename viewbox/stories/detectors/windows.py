"""Places of a video at which something stands out, as detectors that slide a window over its seconds find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Window: TypeAlias = tuple[
    float, float, int, float
]  # chance, −share, first second, usual share: the clearest sorts first


def apart(found: Iterable[Window], width_s: int) -> list[Window]:
    """The clearest ones, no two within two widths: neighbours tell of the same thing.

    >>> apart([(0.02, -0.1, 11, 0.0), (0.01, -0.2, 10, 0.0), (0.03, -0.1, 40, 0.0)], 3)
    [(0.01, -0.2, 10, 0.0), (0.03, -0.1, 40, 0.0)]
    """
    kept: list[Window] = []
    for one in sorted(found):
        if all(abs(one[2] - other[2]) > 2 * width_s for other in kept):
            kept.append(one)
    return kept
