"""What really happened in a simulated view: the answers that any correct analysis of its events must give.

Nothing here reads events. The simulated player keeps these books by its own clock and playhead while it plays,
so that a mistake in cutting, ordering or sessionising cannot hide in both sides of a comparison.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

COMPLETED_AT = 0.9  # coverage from which a view is completed
VALID_FROM_MS = 1000  # playing time from which a view is valid
SEEK_MIN_S = 0.25  # a jump up to this far is no behaviour
BEHAVIOUR = frozenset({"user", "chapter", "skip", None})  # causes of seeks that people mean


class Stretch(msgspec.Struct, frozen=True):
    """The playhead moved from `from_s` to `to_s` without a jump, at one speed, for `wall_ms`."""

    from_s: float
    to_s: float
    rate: float
    wall_ms: int


class Jump(msgspec.Struct, frozen=True):
    """One seek. `counted` when it is behaviour: neither resume, program, loop nor a nudge."""

    from_s: float
    to_s: float
    wait_ms: int
    cause: str | None

    @property
    def counted(self) -> bool:
        return self.cause in BEHAVIOUR and abs(self.to_s - self.from_s) > SEEK_MIN_S


class ViewTruth(msgspec.Struct, kw_only=True):
    """The books of one view; every field bears the name of its column in `views`. Times in ms, positions in s."""

    duration_s: float | None
    played: bool = False
    attempted: bool = False
    closed_by: str | None = None
    startup_ms: int | None = None
    watch_ms: int = 0
    playing_ms: int = 0
    pauses: int = 0
    paused_ms: int = 0
    stalls: int = 0
    stall_ms: int = 0
    rate_changes: int = 0
    failed: bool = False
    startup_failed: bool = False
    error_code: str | None = None
    reached_end: bool = False
    switches_up: int = 0
    switches_down: int = 0
    max_height: int | None = None
    visible_ms: int = 0
    muted_ms: int = 0
    last_position_s: float = 0.0
    events: int = 0
    stretches: list[Stretch] = []
    jumps: list[Jump] = []

    @property
    def is_valid(self) -> bool:
        return self.played and self.playing_ms >= VALID_FROM_MS

    @property
    def media_s(self) -> float:
        return sum(stretch.to_s - stretch.from_s for stretch in self.stretches)

    @property
    def unique_s(self) -> float:
        """Length of the union of the stretches, inside the video."""
        end_s = math.inf if self.duration_s is None else self.duration_s
        return union_s((stretch.from_s, min(stretch.to_s, end_s)) for stretch in self.stretches)

    @property
    def rewatched_s(self) -> float:
        return self.media_s - self.unique_s

    @property
    def coverage(self) -> float | None:
        return min(1.0, self.unique_s / self.duration_s) if self.duration_s else None

    @property
    def completed(self) -> bool | None:
        return None if self.coverage is None else self.coverage >= COMPLETED_AT

    @property
    def mean_rate(self) -> float | None:
        return self.media_s / (self.playing_ms / 1000) if self.playing_ms else None

    @property
    def rebuffer_ratio(self) -> float | None:
        return self.stall_ms / self.watch_ms if self.watch_ms else None

    @property
    def exit_before_start(self) -> bool:
        return self.attempted and not self.played and not self.failed and self.closed_by is not None

    @property
    def seeks_forward(self) -> int:
        return sum(jump.counted and jump.to_s > jump.from_s for jump in self.jumps)

    @property
    def seeks_back(self) -> int:
        return sum(jump.counted and jump.to_s < jump.from_s for jump in self.jumps)

    @property
    def skipped_s(self) -> float:
        return sum(jump.to_s - jump.from_s for jump in self.jumps if jump.counted and jump.to_s > jump.from_s)

    @property
    def seek_wait_ms(self) -> int:
        return sum(jump.wait_ms for jump in self.jumps)

    @property
    def first_position_s(self) -> float | None:
        return next((stretch.from_s for stretch in self.stretches if stretch.to_s > stretch.from_s), None)

    def passes(self) -> list[int]:
        """How often the playhead went through each slice of the video. Needs a duration."""
        assert self.duration_s is not None
        middles = slice_middles(self.duration_s)
        passes = [0] * len(middles)
        for from_s, to_s in joined(self.stretches):
            for second, middle_s in enumerate(middles):
                passes[second] += from_s <= middle_s < to_s
        return passes

    def skips(self) -> list[int]:
        """How many counted forward jumps went over each slice. Needs a duration."""
        assert self.duration_s is not None
        forward = [(jump.from_s, jump.to_s) for jump in self.jumps if jump.counted and jump.to_s > jump.from_s]
        return [
            sum(from_s <= middle_s < to_s for from_s, to_s in forward) for middle_s in slice_middles(self.duration_s)
        ]


def slice_middles(duration_s: float) -> list[float]:
    """Middle of each one-second slice; the last slice reaches the end of the video."""
    if duration_s < 1:
        return [duration_s / 2]
    return [second + 0.5 for second in range(max(1, math.ceil(duration_s - 0.5)))]


def joined(stretches: Sequence[Stretch]) -> list[tuple[float, float]]:
    """The way of the playhead: stretches that continue each other are one."""
    way: list[tuple[float, float]] = []
    for stretch in stretches:
        if way and way[-1][1] == stretch.from_s:
            way[-1] = (way[-1][0], stretch.to_s)
        else:
            way.append((stretch.from_s, stretch.to_s))
    return way


def union_s(ranges: Iterable[tuple[float, float]]) -> float:
    """Length of the union of half-open ranges."""
    total_s, reached_s = 0.0, -math.inf
    for from_s, to_s in sorted(ranges):
        if to_s > reached_s:
            total_s += to_s - max(from_s, reached_s)
            reached_s = to_s
    return total_s
