"""How likely chance alone is to do this: tails, intervals and the correction for having looked many times. Pure.

Sources: Wilson 1927 (score interval of a rate); Newcombe 1998, method 10 (difference of two rates); Fisher 1935 (two
rates, small counts); Holm 1979 (many looks). Tails are exact sums, not approximations: stories are told of few views
too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054
ENOUGH = 1e-16  # a term that adds less than this share ends a sum


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `n`, in units that count once each (viewers); both may be fractions of a view."""

    part: float
    n: float

    @property
    def value(self) -> float:
        return self.part / self.n if self.n else 0.0

    def interval(self, z: float = Z95) -> tuple[float, float]:
        """Wilson's score interval."""
        if not self.n:
            return 0.0, 1.0
        rate, n = self.value, self.n
        middle = rate + z * z / (2 * n)
        half = z * math.sqrt(max(0.0, rate * (1 - rate)) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def effective(rate: float, n: float, low: float, high: float) -> Rate:
    """A rate and the number of independent units that its 95 % Wilson interval [low, high] tells of, at most n.

    An interval whose sampling unit is the viewer is wider than n views would make it; what it is as wide as, counts.
    """
    least, most = 1e-9, float(n)
    if Rate(rate * most, most).interval()[1] - Rate(rate * most, most).interval()[0] >= high - low:
        return Rate(rate * n, n)
    for _halving in range(60):
        middle = (least + most) / 2
        bounds = Rate(rate * middle, middle).interval()
        if bounds[1] - bounds[0] > high - low:
            least = middle
        else:
            most = middle
    return Rate(rate * most, most)


def difference(rate: Rate, other: Rate) -> tuple[float, float]:
    """95 % interval of `rate` − `other`: Newcombe's method 10."""
    (low, high), (other_low, other_high) = rate.interval(), other.interval()
    apart = rate.value - other.value
    down = math.hypot(rate.value - low, other_high - other.value)
    up = math.hypot(high - rate.value, other.value - other_low)
    return apart - down, apart + up


def of_interval(value: float, near: float, far_from: float = 0.0) -> float:
    """Two-sided chance of a value whose 95 % interval ends at `near` towards `far_from`, by the normal curve."""
    width = abs(value - near)
    if not width:
        return 1.0
    return math.erfc(abs(value - far_from) / (width / Z95) / math.sqrt(2))


def poisson_tail(count: float, mean: float) -> float:
    """P(X >= count) for a Poisson mean; 1 where the count is no more than that. A part of an event is none."""
    start = math.floor(count + 1e-9)
    if start <= mean or start <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    term = math.exp(start * math.log(mean) - mean - math.lgamma(start + 1))
    total, at = 0.0, start
    while term > total * ENOUGH:
        total += term
        at += 1
        term *= mean / at
    return min(1.0, total)


def binomial_tail(count: float, n: float, share: float) -> float:
    """P(X >= count) of n tries; 1 where the count is no more than the mean."""
    start, tries = math.floor(count + 1e-9), math.floor(n + 1e-9)
    if start <= tries * share or start <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    term = math.exp(_log_choose(tries, start) + start * math.log(share) + (tries - start) * math.log1p(-share))
    total, at = 0.0, start
    while at <= tries and term > total * ENOUGH:
        total += term
        term *= (tries - at) / (at + 1) * share / (1 - share)
        at += 1
    return min(1.0, total)


def fisher_tail(rate: Rate, other: Rate) -> float:
    """Chance that `rate` has so many of all that happened, if both were alike: Fisher's exact test, one-sided."""
    got, n = math.floor(rate.part + 1e-9), math.floor(rate.n + 1e-9)
    all_n = n + math.floor(other.n + 1e-9)
    happened = got + math.ceil(other.part - 1e-9)
    if not all_n or got * all_n <= happened * n:
        return 1.0
    most = min(n, happened)
    term = math.exp(_log_choose(n, got) + _log_choose(all_n - n, happened - got) - _log_choose(all_n, happened))
    total, at = 0.0, got
    while at <= most and term > total * ENOUGH:
        total += term
        term *= (n - at) * (happened - at) / ((at + 1) * (all_n - n - happened + at + 1))
        at += 1
    return min(1.0, total)


def holm(chances: Sequence[float], alpha: float, looked: int | None = None) -> list[bool]:
    """Which of them stay below `alpha` over all: Holm's step-down. `looked` counts what was looked at, if more."""
    looks = max(len(chances), looked or 0)
    kept = [False] * len(chances)
    for step, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > alpha / (looks - step):
            break
        kept[place] = True
    return kept


def _log_choose(n: int, k: int) -> float:
    if not 0 <= k <= n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
