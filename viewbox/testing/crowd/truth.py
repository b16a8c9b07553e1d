"""What really happened, added up from the playheads themselves: no event, no table and no SQL has a part in it.

`curves` hold, for each second of each video, over valid views: `plays` (how often the playhead went through its
middle), `unique` (views that did so at least once), `skips` (counted forward jumps over it).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import AnyArray, Bools, Floats, Ints
from viewbox.testing.crowd.chunk import Lived, Made
from viewbox.testing.crowd.habits import ENDING, NEVER, RENDITIONS, Act
from viewbox.testing.crowd.library import Library
from viewbox.testing.crowd.playhead import Stretches
from viewbox.testing.crowd.tape import NONE, TYPE
from viewbox.testing.truth import COMPLETED_AT, SEEK_MIN_S, VALID_FROM_MS

CURVES = ("plays", "unique", "skips")
# By video: sums over all views, over played non-bot ones, and over valid ones.
_OF_ALL = ("sent", "attempts", "exits_before_start", "failed", "startup_failed", "events")
_OF_PLAYED = ("stalls", "stall_ms", "played_watch_ms")
_OF_VALID = (
    "views", "watch_ms", "playing_ms", "media_ms", "unique_ms", "coverage", "completed", "pauses", "seeks_forward",
    "seeks_back", "skipped_ms",
)  # fmt: skip
TOTALS = (*_OF_ALL, *_OF_PLAYED, *_OF_VALID)
LOST = ("messages", "events", "views", "playing_ms")


@dataclass
class Truth:
    """Sums by video; `viewers` are the numbers of those with a valid view; `lost` is what never arrived."""

    totals: dict[str, Floats]
    curves: dict[str, Ints]
    viewers: Ints
    lost: dict[str, int]

    def add(self, other: Truth) -> None:
        for name in TOTALS:
            self.totals[name] += other.totals[name]
        for name in CURVES:
            self.curves[name] += other.curves[name]
        self.viewers = np.union1d(self.viewers, other.viewers)
        for name in LOST:
            self.lost[name] += other.lost[name]


def nothing(library: Library) -> Truth:
    count, seconds = len(library.ids), int(_slices(library).sum())
    return Truth(
        {name: np.zeros(count) for name in TOTALS},
        {name: np.zeros(seconds, np.int64) for name in CURVES},
        np.empty(0, np.int64),
        dict.fromkeys(LOST, 0),
    )


def truth_of(made: Made) -> Truth:
    library = made.library
    views = view_truths(made) | {"events": np.bincount(made.tape.view, minlength=made.visits.count)}
    truth = nothing(library)
    valid: Bools = views["is_valid"]
    person: Bools = ~made.visits.robot
    for names, among in ((_OF_ALL, np.ones_like(valid)), (_OF_PLAYED, views["played"] & person), (_OF_VALID, valid)):
        for name in names:
            values = np.where(among, _summand(name, views), 0).astype(np.float64)
            truth.totals[name] = np.bincount(made.visits.video, values, len(library.ids)).astype(np.float64)
    _add_curves(truth, made, valid)
    truth.viewers = np.unique(made.visits.viewer[valid])
    truth.lost = _lost(made)
    return truth


def seconds_of(library: Library) -> tuple[Ints, Ints]:
    """Video and second of each place in a curve."""
    counts = _slices(library)
    video = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return video, np.arange(len(video), dtype=np.int64) - np.repeat(_offsets(counts), counts)


def view_truths(lived: Lived) -> dict[str, AnyArray]:
    """The books of each view; names as in `views`, lengths of media in ms."""
    visits, plans, stretches = lived.visits, lived.plans, lived.play.stretches
    n = visits.count
    duration = lived.library.duration_ms[visits.video]
    wall = stretches.t1 - stretches.t0
    played = lived.play.shown

    def total(values: AnyArray, where: Bools | None = None) -> Ints:
        rows = slice(None) if where is None else where
        sums = np.bincount(stretches.view[rows], np.asarray(values, np.float64)[rows], n)
        return np.rint(sums).astype(np.int64)

    def acts(act: Act) -> Bools:
        found: Bools = stretches.act == act
        return found

    one = np.ones(len(wall))
    jump = stretches.value - stretches.to_ms
    counted = acts(Act.SEEK) & (np.abs(jump) > SEEK_MIN_S * 1000)
    unique_ms = _union(stretches, duration)
    playing = total(wall)
    coverage = np.minimum(1.0, unique_ms / duration)
    attempted = plans.click_ms < NEVER
    failing = attempted & plans.fails_at_start & (plans.gives_up_ms == NEVER)
    waited = np.where(plans.gives_up_ms < NEVER, plans.gives_up_ms, np.where(failing, plans.startup_ms, 0))
    last = np.isin(stretches.act, ENDING)
    ended = total(stretches.t1, last)
    rests = total(stretches.wait_ms, acts(Act.PAUSE) | acts(Act.SLEEP))
    watch = np.where(played, ended - plans.click_ms - rests, np.where(attempted, waited, 0))
    failed = failing | (total(one, acts(Act.FAIL)) > 0)
    moved = np.flatnonzero(wall > 0)
    first = np.full(n, NONE, np.int64)
    first[stretches.view[moved][::-1]] = stretches.from_ms[moved][::-1]
    final = plans.resume_ms.copy()
    final[stretches.view[last]] = stretches.to_ms[last]
    heights = np.array([height for _width, height, _bps in RENDITIONS], np.int64)
    tallest = np.where(played, heights[plans.first_rendition], 0)
    np.maximum.at(tallest, stretches.view, heights[stretches.rendition])
    changed = acts(Act.RENDITION)
    np.maximum.at(tallest, stretches.view[changed], heights[stretches.value[changed]])
    return {
        "played": played, "is_valid": played & (playing >= VALID_FROM_MS) & ~visits.robot, "attempted": attempted,
        "startup_ms": np.where(played, lived.play.first_ms - plans.click_ms, NONE), "watch_ms": watch,
        "playing_ms": playing, "media_ms": total(stretches.to_ms - stretches.from_ms), "unique_ms": unique_ms,
        "coverage": coverage, "completed": coverage >= COMPLETED_AT, "reached_end": total(one, acts(Act.END)) > 0,
        "pauses": total(one, acts(Act.PAUSE)), "paused_ms": total(stretches.wait_ms, acts(Act.PAUSE)),
        "seeks_forward": total(one, counted & (jump > 0)), "seeks_back": total(one, counted & (jump < 0)),
        "skipped_ms": total(jump, counted & (jump > 0)),
        "seek_wait_ms": total(stretches.wait_ms, acts(Act.SEEK) | acts(Act.LOOP)),
        "stalls": total(one, acts(Act.STALL)), "stall_ms": total(stretches.wait_ms, acts(Act.STALL)),
        "rate_changes": total(one, acts(Act.RATE)), "failed": failed, "startup_failed": failing,
        "exit_before_start": attempted & ~played & ~failed, "first_position_ms": first, "last_position_ms": final,
        "max_height": np.where(played, tallest, NONE), "visible_ms": total(wall * stretches.visible),
        "muted_ms": total(wall * stretches.muted), "fullscreen_ms": total(wall * (stretches.mode == 1)),
    }  # fmt: skip


def _summand(name: str, views: dict[str, AnyArray]) -> AnyArray:
    if name in {"sent", "views"}:
        return np.ones(len(views["played"]))
    renamed = {"attempts": "attempted", "exits_before_start": "exit_before_start", "played_watch_ms": "watch_ms"}
    return views[renamed.get(name, name)]


def _union(stretches: Stretches, duration: Ints) -> Ints:
    """Length of what each view saw at least once, in ms."""
    view, low, high = _fresh(stretches.view, stretches.from_ms, np.minimum(stretches.to_ms, duration[stretches.view]))
    sums = np.bincount(view, (high - low).astype(np.float64), len(duration))
    return np.rint(sums).astype(np.int64)


def _fresh(view: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """Ranges of each view without what an earlier range of it covers already."""
    order = np.argsort((view << 33) | low, kind="stable")
    view, low, high = view[order], low[order], high[order]
    reached = np.maximum.accumulate((view << 33) | high)
    before = np.append(0, reached[:-1])
    same = np.append(False, view[1:] == view[:-1])
    low = np.where(same, np.maximum(low, before & ((1 << 33) - 1)), low)
    new = low < high
    return view[new], low[new], high[new]


def _add_curves(truth: Truth, made: Lived, valid: Bools) -> None:
    library, video = made.library, made.visits.video
    counts = _slices(library)
    offsets, size = _offsets(counts), int(counts.sum())
    stretches = made.play.stretches

    def count(name: str, view: Ints, low: Ints, high: Ints) -> None:
        steps = np.zeros(size + 1, np.int64)
        np.add.at(steps, offsets[video[view]] + low, 1)
        np.add.at(steps, offsets[video[view]] + high, -1)
        truth.curves[name] += np.cumsum(steps[:-1])

    seen = valid[stretches.view]
    view = stretches.view[seen]
    most = counts[video[view]]
    low, high = _passed(stretches.from_ms[seen], most), _passed(stretches.to_ms[seen], most)
    count("plays", view, low, high)
    count("unique", *_fresh(view, low, high))
    jumps = seen & (stretches.act == Act.SEEK) & (stretches.value > stretches.to_ms + SEEK_MIN_S * 1000)
    view = stretches.view[jumps]
    most = counts[video[view]]
    count("skips", view, _passed(stretches.to_ms[jumps], most), _passed(stretches.value[jumps], most))


def _passed(position_ms: Ints, slices: Ints) -> Ints:
    """How many middles of one-second slices lie before a position."""
    return np.clip(-((500 - position_ms) // 1000), 0, slices)


def _slices(library: Library) -> Ints:
    return np.maximum(1, -((500 - library.duration_ms) // 1000))


def _offsets(counts: Ints) -> Ints:
    return np.cumsum(counts) - counts


def _lost(made: Made) -> dict[str, int]:
    messages, tape = made.messages, made.tape
    gone = messages.lost[messages.owner]
    arrived = np.bincount(tape.view[~gone], minlength=made.visits.count)
    told = int(tape.fields["wall_ms"][~gone & (tape.type == TYPE["interval"])].sum())
    stretches = made.play.stretches
    return {
        "messages": int(messages.lost.sum()),
        "events": int(gone.sum()),
        "views": int((arrived == 0).sum()),
        "playing_ms": int((stretches.t1 - stretches.t0).sum()) - told,
    }
