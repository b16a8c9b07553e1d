"""Names of the array types that the crowd is made of, and chance that follows from a number alone."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Words: TypeAlias = npt.NDArray[np.uint64]
AnyArray: TypeAlias = npt.NDArray[Any]

DAY_MS = 86_400_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def mixed(numbers: Ints, salt: int) -> Words:
    """SplitMix64 of (number, salt): what belongs to a viewer or video is the same wherever it is asked for."""
    words: Words = numbers.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(salt * 0xD1B54A32D192ED03 & _WORD)
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words


def uniform(numbers: Ints, salt: int) -> Floats:
    """A number in [0, 1) for each (number, salt)."""
    return (mixed(numbers, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def chosen(cumulative: Floats, draws: Floats) -> Ints:
    """Which share of a cumulative distribution (its last entry 1) each draw in [0, 1) falls into."""
    places: Ints = np.searchsorted(cumulative, draws, side="right").astype(np.int64)
    return np.minimum(places, len(cumulative) - 1)


def cumulative(weights: npt.ArrayLike) -> Floats:
    shares = np.cumsum(np.asarray(weights, np.float64))
    total: Floats = shares / shares[-1]
    return total


def runs(counts: Ints) -> Ints:
    """0 … count-1 for each count, one after the other."""
    total = int(counts.sum())
    starts = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) - np.repeat(starts, counts)
