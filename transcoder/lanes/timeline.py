"""Which segments a track will have: known from the plan before one of them is made. Pure."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

AAC_FRAME = 1024  # samples


@dataclass(frozen=True)
class Timeline:
    """Half-open segments [starts[n], starts[n + 1]); the last one ends at `end_s`. Seconds, exact.

    `tolerance_s`: how far a measured segment may lie from its place; beyond, it is not the segment that was announced.
    """

    starts: tuple[Fraction, ...]
    end_s: Fraction
    tolerance_s: Fraction = Fraction(0)

    def __len__(self) -> int:
        return len(self.starts)

    def duration_s(self, number: int) -> Fraction:
        following = self.starts[number + 1] if number + 1 < len(self.starts) else self.end_s
        return following - self.starts[number]

    def at(self, time_s: Fraction | float) -> int:
        """The number of the segment that holds this moment; the nearest one outside."""
        return max(0, bisect_right(self.starts, time_s) - 1)


def uniform(step_s: Fraction, duration_s: float) -> Timeline:
    """Segments of `step_s`, the last one shorter. What is left of less than a millisecond is none.

    >>> [float(start) for start in uniform(Fraction(6), 12.5).starts], len(uniform(Fraction(6), 12.0001))
    ([0.0, 6.0, 12.0], 2)
    """
    end_s = Fraction(duration_s).limit_denominator(1_000_000)
    count = max(1, math.ceil((end_s - Fraction(1, 1000)) / step_s))
    return Timeline(tuple(step_s * number for number in range(count)), end_s)


def aac(step_s: Fraction, duration_s: float, rate_hz: int) -> Timeline:
    """As FFmpeg cuts sound: at the first AAC frame at or after each multiple of `step_s`.

    >>> [int(start * 48_000) for start in aac(Fraction(6), 18.0, 48_000).starts]
    [0, 288768, 576512]
    """
    plain = uniform(step_s, duration_s)
    frame_s = Fraction(AAC_FRAME, rate_hz)
    starts = tuple(math.ceil(start / frame_s) * frame_s for start in plain.starts)
    while len(starts) > 1 and starts[-1] >= plain.end_s:
        starts = starts[:-1]
    return Timeline(starts, plain.end_s, frame_s)


def cuts(step_s: Fraction, keyframes_s: Sequence[Fraction], end_s: Fraction) -> Timeline:
    """As FFmpeg cuts a copied picture: at the first keyframe at or after the n-th multiple of `step_s`.

    >>> [int(start) for start in cuts(Fraction(4), [Fraction(k) for k in (0, 3, 6, 9, 12)], Fraction(14)).starts]
    [0, 6, 9, 12]
    """
    starts = [Fraction(0)]
    multiples = itertools.count(1)
    multiple = next(multiples)
    for keyframe_s in keyframes_s:
        if keyframe_s >= step_s * multiple:
            starts.append(keyframe_s)
            multiple = next(multiples)
    return Timeline(tuple(starts), end_s, Fraction(1, 20))
