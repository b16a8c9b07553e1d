"""The videos that a crowd watches: how long each is, how popular, and where its intro and its highlight lie.

Shares fall off like a power of the rank; the power is the one that gives the first video its tenth of all views.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import Bools, Floats, Ints, uniform

TOP_SHARE = 0.10  # of all views, for the most watched video of a large library
FEW_VIDEOS_POWER = 0.8  # so few videos that each has more than TOP_SHARE anyway
SHORTEST_MS, LONGEST_MS = 30_000, 1_200_000
MARATHON_FROM = 100  # videos from which one of them is ten hours long
MARATHON_MS = 36_000_000
MARATHON_RANK = 19
INTRO_SHARE, HIGHLIGHT_SHARE = 0.35, 0.5  # of videos that have one

_LENGTH, _INTRO, _INTRO_END, _HIGHLIGHT, _HIGHLIGHT_PLACE, _HIGHLIGHT_LENGTH = range(101, 107)


@dataclass(frozen=True)
class Library:
    """Arrays by video. An intro lasts from 0 to `intro_ms` (0: none), a highlight from `high_from_ms` (-1: none)."""

    ids: tuple[str, ...]
    duration_ms: Ints
    share: Floats
    intro_ms: Ints
    high_from_ms: Ints
    high_to_ms: Ints
    revision: int = 1


def invented_library(seed: int, count: int) -> Library:
    """`count` videos that exist nowhere else: durations spread evenly over the logarithm of 30 s … 20 min."""
    numbers = np.arange(count, dtype=np.int64)
    spread = np.log(LONGEST_MS / SHORTEST_MS)
    duration_ms = np.rint(SHORTEST_MS * np.exp(spread * uniform(numbers, _salt(seed, _LENGTH)))).astype(np.int64)
    if count >= MARATHON_FROM:
        duration_ms[MARATHON_RANK] = MARATHON_MS
    ids = tuple(f"synthetic-{seed}-{number:05d}" for number in range(count))
    return _furnished(seed, ids, duration_ms)


def known_library(seed: int, video_id: str, duration_s: float, *, revision: int = 1) -> Library:
    """One video that is there already: nobody skips or replays a certain part of it, unless a story says so."""
    del seed
    return Library(
        ids=(video_id,), duration_ms=np.array([max(1, round(duration_s * 1000))], np.int64), share=_shares(1),
        intro_ms=np.zeros(1, np.int64), high_from_ms=np.full(1, -1, np.int64), high_to_ms=np.full(1, -1, np.int64),
        revision=revision,
    )  # fmt: skip


def _furnished(seed: int, ids: tuple[str, ...], duration_ms: Ints) -> Library:
    numbers = np.arange(len(ids), dtype=np.int64)
    has_intro: Bools = uniform(numbers, _salt(seed, _INTRO)) < INTRO_SHARE
    intro = np.minimum(8000 + 12_000 * uniform(numbers, _salt(seed, _INTRO_END)), duration_ms * 0.2)
    has_highlight: Bools = uniform(numbers, _salt(seed, _HIGHLIGHT)) < HIGHLIGHT_SHARE
    place = duration_ms * (0.25 + 0.5 * uniform(numbers, _salt(seed, _HIGHLIGHT_PLACE)))
    length = np.minimum(6000 + 9000 * uniform(numbers, _salt(seed, _HIGHLIGHT_LENGTH)), duration_ms * 0.2)
    return Library(
        ids=ids,
        duration_ms=duration_ms,
        share=_shares(len(ids)),
        intro_ms=np.where(has_intro, np.rint(intro), 0).astype(np.int64),
        high_from_ms=np.where(has_highlight, np.rint(place), -1).astype(np.int64),
        high_to_ms=np.where(has_highlight, np.rint(place + length), -1).astype(np.int64),
    )


def _shares(count: int) -> Floats:
    """Rank ** -power, with the power at which the first has TOP_SHARE."""
    ranks = np.arange(1, count + 1, dtype=np.float64)
    low, high = 0.0, 3.0
    power = FEW_VIDEOS_POWER
    if count * TOP_SHARE > 1:
        for _halving in range(60):
            power = (low + high) / 2
            if 1 / np.sum(ranks**-power) > TOP_SHARE:
                high = power
            else:
                low = power
    weights = ranks**-power
    shares: Floats = weights / weights.sum()
    return shares


def _salt(seed: int, of: int) -> int:
    return (seed * 1000 + of) & ((1 << 63) - 1)
