"""How many views of which day: an audience cut into parts that any process can make by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from viewbox.testing.crowd.arrays import DAY_MS, HOUR_MS, Floats, Ints
from viewbox.testing.crowd.library import Library
from viewbox.testing.crowd.stories import NO_STORIES, Stories, bot_hours

PART_VIEWS = 200_000  # of one file
CHUNK_VIEWS = 25_000  # made at once; bounds a process' memory at about 1 GiB
HOURS: Floats = np.array(  # UTC, quiet nights
    [2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 10, 9, 8, 8, 9, 11, 13, 15, 16, 14, 9, 5], np.float64
)
WEEKDAYS: Floats = np.array([1.0, 0.97, 0.96, 0.98, 1.05, 1.25, 1.22], np.float64)  # Monday first
EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True)
class Crowd:
    """All that an audience follows from. `until_ms` is the end of the range in which views begin.

    `loss` and `late` are shares of messages; with no loss at all no device sleeps or dies unheard either.
    """

    seed: int
    library: Library
    views: int
    until_ms: int
    days: float
    stories: Stories = NO_STORIES
    loss: float = 0.01
    late: float = 0.004

    @property
    def from_ms(self) -> int:
        return self.until_ms - round(self.days * DAY_MS)


@dataclass(frozen=True)
class Part:
    """`views` views that begin within [from_ms, to_ms) of one UTC day, as hour weights inside it say."""

    crowd: Crowd
    number: int
    day: int  # days since 1970-01-01
    from_ms: int
    to_ms: int
    views: int
    viewers: int  # of the whole audience
    robots: bool = False

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
        crowd = self.part.crowd
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([crowd.seed & (1 << 63) - 1, self.part.number, self.number]))
        )


def parts(crowd: Crowd) -> list[Part]:
    """The audience by UTC day and file, in the order of time. Views are shared out by weekday and hour."""
    from_ms = crowd.from_ms
    first, last = from_ms // DAY_MS, (crowd.until_ms - 1) // DAY_MS
    days = np.arange(first, last + 1, dtype=np.int64)
    lows = np.maximum(days * DAY_MS, from_ms)
    highs = np.minimum((days + 1) * DAY_MS, crowd.until_ms)
    weights = np.array([_weight(int(low), int(high)) for low, high in zip(lows, highs, strict=True)])
    views = _shared_out(crowd.views, weights)
    viewers = max(1, round(crowd.views * 0.55))
    found: list[Part] = []
    for low, high, count in zip(lows.tolist(), highs.tolist(), views.tolist(), strict=True):
        found += _files(Part(crowd, len(found), low // DAY_MS, low, high, count, viewers))
    bots = round(crowd.views * crowd.stories["bot-spike"])
    low, high = bot_hours(from_ms, crowd.until_ms)
    high = min(high, (low // DAY_MS + 1) * DAY_MS)
    found += _files(Part(crowd, len(found), low // DAY_MS, low, high, bots, viewers, robots=True))
    return found


def _files(whole: Part) -> list[Part]:
    """A part in as many parts as its views take."""
    files = -(-whole.views // PART_VIEWS)
    if not files:
        return []
    edges = quantiles(whole.from_ms, whole.to_ms, np.linspace(0, 1, files + 1)).tolist()
    sizes = [whole.views * (n + 1) // files - whole.views * n // files for n in range(files)]
    return [
        replace(whole, number=whole.number + n, from_ms=edges[n], to_ms=edges[n + 1], views=size)
        for n, size in enumerate(sizes)
    ]


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
    counts: Ints = np.diff(edges)
    return counts
