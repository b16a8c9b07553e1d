"""A video's slices as the contract counts them: [k, k + 1), the last one reaches the end."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slices:
    """`middle_s`: what a stretch must hold of slice k, counted from k, to pass it. `half_width`: of the smoothing."""

    count: int
    middle_s: float
    length_s: float
    half_width: int

    @classmethod
    def of(cls, duration_s: float) -> Slices:
        """Of a video whose length is known.

        >>> Slices.of(5.28).count, Slices.of(5.6).count, Slices.of(36000.0).half_width
        (5, 6, 180)
        """
        middle_s = duration_s / 2 if duration_s < 1 else 0.5
        half_width = max(1, math.floor(duration_s / 200 + 0.5))
        return cls(max(1, math.ceil(duration_s - 0.5)), middle_s, max(duration_s, 0.001), half_width)
