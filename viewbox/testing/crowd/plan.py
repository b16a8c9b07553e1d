"""How many views of which day: an audience cut into parts that any process can make by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import Floats, Ints
from viewbox.testing.crowd.library import Library

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PART_VIEWS = 200_000  # of one file
CHUNK_VIEWS = 25_000  # made at once; bounds a process' memory at about 1 GiB
HOURS: Floats = np.array(  # UTC, quiet nights
    [2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 10, 9, 8, 8, 9, 11, 13, 15, 16, 14, 9, 5], np.float64
)
WEEKDAYS: Floats = np.array([1.0, 0.97, 0.96, 0.98, 1.05, 1.25, 1.22], np.float64)  # Monday first
EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True)
class Audience:
    """All that an audience follows from. `until_ms` is the end of the range in which views begin."""

    seed: int
    library: Library
    views: int
    until_ms: int
    days: float
    loss: float = 0.01
    late: float = 0.004


@dataclass(frozen=True)
class Part:
    """`views` views that begin within [from_ms, to_ms) of one UTC day, as hour weights inside it say."""

    audience: Audience
    number: int
    day: int  # days since 1970-01-01
    from_ms: int
    to_ms: int
    views: int
    viewers: int  # of the whole audience

    def chunks(self) -> list[Chunk]:
        """The part in pieces, in the order of time."""
        count = -(-self.views // CHUNK_VIEWS)
        sizes = [self.views * (n + 1) // count - self.views * n // count for n in range(count)]
        low = 0
        pieces: list[Chunk] = []
        for number, size in enumerate(sizes):
            pieces.append(Chunk(self, number, size, low / self.views, (low + size) / self.views))
            low += size
        return pieces


@dataclass(frozen=True)
class Chunk:
    """`views` views of a part, which begin between two quantiles of its time: chunks follow one another."""

    part: Part
    number: int
    views: int
    low: float
    high: float

    def chance(self) -> np.random.Generator:
        audience = self.part.audience
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([audience.seed & (1 << 63) - 1, self.part.number, self.number]))
        )


def parts(audience: Audience) -> list[Part]:
    """The audience by UTC day and file, in the order of time. Views are shared out by weekday and hour."""
    from_ms = audience.until_ms - round(audience.days * DAY_MS)
    first, last = from_ms // DAY_MS, (audience.until_ms - 1) // DAY_MS
    days = np.arange(first, last + 1, dtype=np.int64)
    lows = np.maximum(days * DAY_MS, from_ms)
    highs = np.minimum((days + 1) * DAY_MS, audience.until_ms)
    weights = np.array([_weight(int(low), int(high)) for low, high in zip(lows, highs, strict=True)])
    views = _shared_out(audience.views, weights)
    viewers = max(1, round(audience.views * 0.55))
    found: list[Part] = []
    for day, low, high, count in zip(days.tolist(), lows.tolist(), highs.tolist(), views.tolist(), strict=True):
        files = -(-count // PART_VIEWS)
        edges = quantiles(low, high, np.linspace(0, 1, files + 1)) if files else np.empty(0, np.int64)
        for n in range(files):
            size = count * (n + 1) // files - count * n // files
            found.append(Part(audience, len(found), day, int(edges[n]), int(edges[n + 1]), size, viewers))
    return found


def quantiles(from_ms: int, to_ms: int, shares: Floats) -> Ints:
    """Moments within [from_ms, to_ms) of one UTC day by which these shares of its views have begun."""
    day_ms = from_ms // DAY_MS * DAY_MS
    edges = np.unique(np.clip(np.arange(25, dtype=np.int64) * HOUR_MS + day_ms, from_ms, to_ms))
    hours = np.minimum((edges[:-1] - day_ms) // HOUR_MS, 23)
    grown = np.concatenate([[0.0], np.cumsum(HOURS[hours] * np.diff(edges))])
    moments: Ints = np.interp(shares * grown[-1], grown, edges.astype(np.float64)).astype(np.int64)
    return np.clip(moments, from_ms, to_ms)


def _weight(from_ms: int, to_ms: int) -> float:
    day = from_ms // DAY_MS
    hours = np.arange(24, dtype=np.int64) * HOUR_MS + day * DAY_MS
    shares = np.clip(np.minimum(hours + HOUR_MS, to_ms) - np.maximum(hours, from_ms), 0, None) / HOUR_MS
    return float((HOURS * shares).sum() * WEEKDAYS[(day + EPOCH_WEEKDAY) % 7])


def _shared_out(total: int, weights: Floats) -> Ints:
    """Whole numbers in proportion to weights, by cumulative rounding: their sum is exact."""
    edges = np.rint(np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum() * total).astype(np.int64)
    return np.diff(edges)
