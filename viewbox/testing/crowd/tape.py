"""What a tracker would write down of it: events as columns, in the order of the contract, with their `seq`.

An interval precedes what closed it, stall and seek precede the `playing` that follows them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import AnyArray, Bools, Ints, runs
from viewbox.testing.crowd.habits import ENDING, ERROR_CODES, NEVER, RENDITIONS, Act, Plans
from viewbox.testing.crowd.playhead import RESUMING_MS, Play, Stretches
from viewbox.testing.crowd.visits import Visits

CUT_MS = 10_000  # an interval is closed at least this often
BEAT_MS = 10_000
LOOK_MS = 100  # the tracker looks so often: a cut or a beat is late by up to that much
FRAMES_PER_S = 25
NONE = np.int64(-(1 << 62))  # null in a column of whole numbers

TYPES = (
    "view_start", "play", "playing", "autoplay_blocked", "pause", "seek", "stall", "rate", "rendition", "interval",
    "heartbeat", "setting", "error", "ended", "view_end",
)  # fmt: skip
TYPE = {name: code for code, name in enumerate(TYPES)}
# Texts by column; events hold places in these.
TEXTS: dict[str, tuple[str, ...]] = {
    "cause": ("user", "skip", "resume", "loop", "network", "auto"),
    "mode": ("inline", "fullscreen"),
    "codec": ("avc1.64001f",),
    "name": ("mute", "mode"),
    "value": ("true", "false", "inline", "fullscreen"),
    "code": ERROR_CODES,
    "reason": ("unload", "ended"),
}
CAUSE = {name: code for code, name in enumerate(TEXTS["cause"])}
# Where several events of a view have the same time, in this order.
_ORDER = {name: place for place, name in enumerate(
    ("view_start", "seek_before", "rate_before", "interval", "pause", "seek", "stall", "rate", "rendition", "setting",
     "error", "ended", "play", "autoplay_blocked", "playing", "heartbeat", "view_end")
)}  # fmt: skip
FIELDS = (
    "from_ms", "to_ms", "wait_ms", "cause", "rate", "wall_ms", "visible", "muted", "mode", "width", "height",
    "bitrate_bps", "codec", "buffer_ms", "dropped_frames", "total_frames", "bandwidth_bps", "name", "value", "fatal",
    "code", "reason",
)  # fmt: skip


@dataclass
class Tape:
    """Events by view and seq. Every column is of whole numbers, null is NONE; positions and `rate` as in Stretches."""

    view: Ints
    seq: Ints
    type: Ints
    t_ms: Ints
    position_ms: Ints
    fields: dict[str, Ints]

    @property
    def count(self) -> int:
        return len(self.view)

    def kept(self, keep: Bools) -> Tape:
        """Some of the events, under the seqs that they had."""
        fields = {name: column[keep] for name, column in self.fields.items()}
        return Tape(self.view[keep], self.seq[keep], self.type[keep], self.t_ms[keep], self.position_ms[keep], fields)


class _Writer:
    def __init__(self) -> None:
        self._rows: list[tuple[Ints, Ints, int, int, Ints, dict[str, AnyArray | int]]] = []

    def add(
        self, kind: str, view: Ints, t_ms: Ints, position_ms: Ints, *, order: str = "", **fields: AnyArray | int
    ) -> None:
        self._rows.append((view, t_ms, TYPE[kind], _ORDER[order or kind], position_ms, fields))

    def tape(self) -> Tape:
        view = np.concatenate([row[0] for row in self._rows])
        t_ms = np.concatenate([row[1] for row in self._rows])
        sizes = [len(row[0]) for row in self._rows]
        kind = np.repeat(np.array([row[2] for row in self._rows], np.int64), sizes)
        place = np.repeat(np.array([row[3] for row in self._rows], np.int64), sizes)
        order = np.argsort((view << 33) | (t_ms << 5) | place, kind="stable")
        view = view[order]
        fields: dict[str, Ints] = {}
        for name in FIELDS:
            column = np.full(len(order), NONE, np.int64)
            low = 0
            for row, size in zip(self._rows, sizes, strict=True):
                if name in row[5]:
                    column[low : low + size] = row[5][name]
                low += size
            fields[name] = column[order]
        positions = np.concatenate([row[4] for row in self._rows])[order]
        first = np.searchsorted(view, view, side="left")
        return Tape(view, np.arange(len(view), dtype=np.int64) - first, kind[order], t_ms[order], positions, fields)


def record(visits: Visits, plans: Plans, play: Play, chance: np.random.Generator) -> Tape:
    """Every event of every view, none lost."""
    writer = _Writer()
    ended_ms = _endings(writer, plans, play)
    _start_up(writer, plans, play)
    _intervals(writer, play.stretches, chance)
    _acts(writer, play.stretches)
    _beats(writer, (visits, plans, play), ended_ms, chance)
    return writer.tape()


def _start_up(writer: _Writer, plans: Plans, play: Play) -> None:
    everyone = np.arange(len(plans.play_ms), dtype=np.int64)
    zero = np.zeros(len(everyone), np.int64)
    writer.add("view_start", everyone, zero, zero)
    at = plans.resume_ms
    resumed = np.flatnonzero(at > 0)
    nothing = np.zeros(len(resumed), np.int64)
    writer.add("seek", resumed, nothing + 25, at[resumed], order="seek_before", from_ms=nothing, to_ms=at[resumed],
               wait_ms=0, cause=CAUSE["resume"])  # fmt: skip
    fast = np.flatnonzero(plans.rate != 100)
    writer.add("rate", fast, np.full(len(fast), 25), at[fast], order="rate_before", rate=plans.rate[fast])
    blocked = np.flatnonzero(plans.blocked)
    writer.add("play", blocked, plans.play_ms[blocked], at[blocked])
    writer.add("autoplay_blocked", blocked, plans.play_ms[blocked] + 8, at[blocked])
    clicked = np.flatnonzero(plans.click_ms < NEVER)
    writer.add("play", clicked, plans.click_ms[clicked], at[clicked])
    shown = np.flatnonzero(play.shown)
    _rendition(writer, shown, play.first_ms[shown], at[shown], plans.first_rendition[shown])
    writer.add("playing", shown, play.first_ms[shown], at[shown])


def _rendition(writer: _Writer, view: Ints, t_ms: Ints, position_ms: Ints, which: Ints) -> None:
    ladder = np.array(RENDITIONS, np.int64)[which]
    writer.add("rendition", view, t_ms, position_ms, width=ladder[:, 0], height=ladder[:, 1],
               bitrate_bps=ladder[:, 2], codec=0, cause=CAUSE["auto"])  # fmt: skip


def _endings(writer: _Writer, plans: Plans, play: Play) -> Ints:
    """`view_end` and what led to it; returns when the watch clock stopped for good."""
    failing = np.flatnonzero(plans.fails_at_start & (plans.click_ms < NEVER) & (plans.gives_up_ms == NEVER))
    failed_ms = plans.click_ms[failing] + plans.startup_ms[failing]
    writer.add("error", failing, failed_ms, plans.resume_ms[failing], fatal=1,
               code=plans.start_error[failing])  # fmt: skip
    ended_ms = np.where(plans.click_ms < NEVER, plans.click_ms + np.minimum(plans.gives_up_ms, 1 << 40), plans.play_ms)
    ended_ms[failing] = failed_ms
    stretches = play.stretches
    last = np.flatnonzero(np.isin(stretches.act, ENDING))
    ended_ms[stretches.view[last]] = stretches.t1[last]
    at = plans.resume_ms.copy()
    at[stretches.view[last]] = stretches.to_ms[last]
    act = np.full(len(at), int(Act.LEAVE), np.int64)
    act[stretches.view[last]] = stretches.act[last]
    act[failing] = int(Act.FAIL)
    stays_on = np.isin(act, [Act.END, Act.FAIL]) | (plans.click_ms == NEVER)
    leaves_ms = ended_ms + np.where(stays_on, plans.lingers_ms, 0)
    says = np.flatnonzero(act != Act.VANISH)
    writer.add("view_end", says, leaves_ms[says], at[says], reason=0)
    return ended_ms


def _intervals(writer: _Writer, stretches: Stretches, chance: np.random.Generator) -> None:
    """Stretches, cut where the tracker looked first after ten seconds."""
    counts = (stretches.t1 - stretches.t0) // CUT_MS + 1
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    nth = runs(counts)
    lag = chance.integers(0, LOOK_MS, len(owner))
    lag[nth == 0] = 0
    sums = np.cumsum(lag)
    firsts = np.cumsum(counts) - counts
    begins = stretches.t0[owner] + nth * CUT_MS + sums - sums[firsts][owner]
    t1 = stretches.t1[owner]
    ends = np.append(begins[1:], 0)
    ends[np.cumsum(counts) - 1] = stretches.t1
    ends = np.minimum(ends, t1)
    # A device that died did not tell of its last stretch.
    untold = (stretches.act[owner] == Act.VANISH) & (ends == t1)
    keep = (begins < ends) & ~untold
    owner, begins, ends = owner[keep], begins[keep], ends[keep]
    from_ms, to_ms = _position(stretches, owner, begins), _position(stretches, owner, ends)
    ladder = np.array(RENDITIONS, np.int64)[stretches.rendition[owner]]
    writer.add(
        "interval", stretches.view[owner], ends, to_ms, from_ms=from_ms, to_ms=to_ms, rate=stretches.rate[owner],
        wall_ms=ends - begins, visible=stretches.visible[owner], muted=stretches.muted[owner],
        mode=stretches.mode[owner], height=ladder[:, 1], bitrate_bps=ladder[:, 2],
    )  # fmt: skip


def _position(stretches: Stretches, owner: Ints, t_ms: Ints) -> Ints:
    """Where the playhead of a stretch was at a time; waits stand at its end."""
    way = ((t_ms - stretches.t0[owner]) * stretches.rate[owner] + 50) // 100
    at_end = t_ms >= stretches.t1[owner]
    return np.where(at_end, stretches.to_ms[owner], np.minimum(stretches.from_ms[owner] + way, stretches.to_ms[owner]))


def _acts(writer: _Writer, stretches: Stretches) -> None:
    """What stood at the marks, and how the picture went on."""

    def of(act: Act) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        rows = np.flatnonzero(stretches.act == act)
        return (stretches.view[rows], stretches.t1[rows], stretches.to_ms[rows], stretches.value[rows],
                stretches.wait_ms[rows])  # fmt: skip

    view, t, at, _value, wait = of(Act.PAUSE)
    writer.add("pause", view, t, at)
    writer.add("play", view, t + wait, at)
    writer.add("playing", view, t + wait + RESUMING_MS, at)
    view, t, at, _value, wait = of(Act.STALL)
    writer.add("stall", view, t + wait, at, wait_ms=wait, cause=CAUSE["network"])
    writer.add("playing", view, t + wait, at)
    for act in (Act.SEEK, Act.LOOP):
        view, t, at, to, wait = of(act)
        cause = CAUSE["user"] if act == Act.SEEK else CAUSE["loop"]
        writer.add("seek", view, t + wait, to, from_ms=at, to_ms=to, wait_ms=wait, cause=cause)
        writer.add("playing", view, t + wait, to)
    view, t, at, value, _wait = of(Act.RENDITION)
    _rendition(writer, view, t, at, value)
    view, t, at, value, _wait = of(Act.RATE)
    writer.add("rate", view, t, at, rate=value)
    view, t, at, value, _wait = of(Act.MUTE)
    writer.add("setting", view, t, at, name=0, value=1 - value)
    view, t, at, value, _wait = of(Act.MODE)
    writer.add("setting", view, t, at, name=1, value=2 + value)
    view, t, at, value, _wait = of(Act.FAIL)
    writer.add("error", view, t, at, fatal=1, code=value)
    view, t, at, _value, _wait = of(Act.END)
    writer.add("ended", view, t, at)


def _beats(writer: _Writer, who: tuple[Visits, Plans, Play], ended_ms: Ints, chance: np.random.Generator) -> None:
    """A heartbeat for every ten seconds of a run of the watch clock: from play to pause, end or sleep."""
    visits, plans, play = who
    stretches = play.stretches
    stops = np.flatnonzero(np.isin(stretches.act, [Act.PAUSE, Act.SLEEP]))
    clicked = np.flatnonzero(plans.click_ms < NEVER)
    view = np.concatenate([clicked, stretches.view[stops]])
    start = np.concatenate([plans.click_ms[clicked], stretches.t1[stops] + stretches.wait_ms[stops]])
    order = np.argsort((view << 33) | start, kind="stable")
    view, start = view[order], start[order]
    # A run ends where the next stop of the view is, or at its end.
    end = ended_ms[view]
    follows = np.flatnonzero(view[1:] == view[:-1])
    stop_ms = np.concatenate([np.zeros(len(clicked), np.int64), stretches.t1[stops]])[order]
    end[follows] = stop_ms[follows + 1]
    counts = np.maximum(end - start, 0) // BEAT_MS
    owner = np.repeat(np.arange(len(view), dtype=np.int64), counts)
    t = start[owner] + (runs(counts) + 1) * BEAT_MS + chance.integers(0, LOOK_MS, len(owner))
    beats = np.flatnonzero(t < end[owner])
    owner, t = owner[beats], t[beats]
    view = view[owner]
    key = (stretches.view << 33) | stretches.t0
    at_stretch = np.searchsorted(key, (view << 33) | t, side="right") - 1
    begun = (at_stretch >= 0) & (stretches.view[at_stretch] == view)
    at_stretch = np.where(begun, at_stretch, 0)
    position = np.where(begun, _position(stretches, at_stretch, t), plans.resume_ms[view])
    played = _played_before(stretches)
    playing = np.clip(t - stretches.t0[at_stretch], 0, (stretches.t1 - stretches.t0)[at_stretch]) + played[at_stretch]
    frames = np.where(begun, playing, 0) * FRAMES_PER_S // 1000
    shares = np.where(chance.random(visits.count) < 0.12, chance.random(visits.count) ** 3 * 0.05, 0.0)
    line = visits.line_bps[view] * np.exp(0.12 * chance.standard_normal(len(view)))
    ahead = np.minimum(30_000.0, visits.line_bps[view] / 300) * (0.6 + 0.4 * chance.random(len(view)))
    writer.add(
        "heartbeat", view, t, position, buffer_ms=np.rint(ahead).astype(np.int64),
        dropped_frames=(frames * shares[view]).astype(np.int64), total_frames=frames,
        bandwidth_bps=np.rint(line).astype(np.int64),
    )  # fmt: skip


def _played_before(stretches: Stretches) -> Ints:
    """Playing time of a view before each of its stretches."""
    length = stretches.t1 - stretches.t0
    before = np.cumsum(length) - length
    first = np.searchsorted(stretches.view, stretches.view, side="left")
    in_view: Ints = before - before[first] if len(before) else before
    return in_view
