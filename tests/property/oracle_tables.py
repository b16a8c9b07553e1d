"""What many views make together, in slow Python: lengths of videos, `seconds`, `viewer_videos`, and the lists of marks.

Written from the contract's "Slices" and its tables; shares nothing with the models.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.property import oracle_views as one
from tests.property.oracle_views import Event, Row

Revision = tuple[str, int]


@dataclass(frozen=True)
class Length:
    """A revision's duration, if known, and its number of slices."""

    duration_s: float | None
    n: int

    def middle_s(self, k: int) -> float:
        short = self.duration_s is not None and self.duration_s < 1
        return self.duration_s / 2 if self.duration_s is not None and short else k + 0.5

    def slice_of(self, position_s: float) -> int:
        return min(math.floor(position_s), self.n - 1)

    def passed(self, stretch: Event) -> list[int]:
        """Slices whose middle lies in [from_s, to_s); only those near the stretch are tried."""
        near = range(max(0, math.floor(stretch["from_s"]) - 1), min(self.n, math.floor(stretch["to_s"]) + 2))
        return [k for k in near if stretch["from_s"] <= self.middle_s(k) < stretch["to_s"]]


@dataclass(frozen=True)
class View:
    """A view: its row of `views`, its events by seq, and the length of what it shows."""

    row: Row
    events: list[Event]
    length: Length

    @property
    def intervals(self) -> list[Event]:
        return [event for event in self.events if event["type"] == "interval"]

    @property
    def seeks(self) -> list[Event]:
        """The counted ones."""
        return [event for event in self.events if event["type"] == "seek" and one.is_counted_seek(event)]

    @property
    def skips(self) -> list[Event]:
        return [seek for seek in self.seeks if seek["to_s"] > seek["from_s"]]

    @property
    def is_exit(self) -> bool:
        row = self.row
        return row["closed_by"] is not None and not row["completed"] and not row["reached_end"]

    def passes(self) -> Counter[int]:
        """How often the view passed each slice."""
        return Counter(k for interval in self.intervals for k in self.length.passed(interval))

    def skipped(self) -> Counter[int]:
        """How often it jumped over each slice."""
        return Counter(k for skip in self.skips for k in self.length.passed(skip))


def views(events: Iterable[Event], catalog: Mapping[Revision, float], now: datetime) -> list[View]:
    """Every view of these rows of `events`. `catalog`: durations of published revisions."""
    told: dict[str, list[Event]] = {}
    for event in events:
        told.setdefault(event["view_id"], []).append(event)
    by_view = [one.in_order(events) for events in told.values()]
    known = lengths(by_view, catalog, now)
    found = []
    for of_view in by_view:
        length = known[of_view[0]["video_id"], of_view[0]["revision"]]
        found.append(View(one.view(of_view, length.duration_s, now), of_view, length))
    return found


def lengths(
    by_view: Sequence[Sequence[Event]], catalog: Mapping[Revision, float], now: datetime
) -> dict[Revision, Length]:
    """A catalog duration beats what most views report (ties: the longest); without either, slices follow the furthest
    valid view.
    """
    of_revision: dict[Revision, list[Sequence[Event]]] = {}
    for events in by_view:
        of_revision.setdefault((events[0]["video_id"], events[0]["revision"]), []).append(events)
    found = {}
    for revision, seen in of_revision.items():
        reports = Counter(filter(None, map(one.reported_duration, seen)))
        duration_s = catalog.get(revision)
        if duration_s is None and reports:
            duration_s = max(reports, key=lambda reported: (reports[reported], reported))
        valid = [events for events in seen if one.view(events, duration_s, now)["is_valid"]]
        extent_s = max(map(one.furthest, valid), default=0.0) if duration_s is None else duration_s
        found[revision] = Length(duration_s, max(1, math.ceil(extent_s - 0.5)))
    return found


def seconds(all_views: Iterable[View]) -> dict[tuple[object, ...], Counter[str]]:
    """(video_id, revision, dt, synthetic, second) -> the sums that are not zero."""
    found: dict[tuple[object, ...], Counter[str]] = {}
    for view in all_views:
        row = view.row
        key = (row["video_id"], row["revision"], row["dt"], row["source"] == "synthetic")
        for (k, column), amount in seconds_of(view).items():
            if amount:
                found.setdefault((*key, k), Counter())[column] += amount
    return found


def seconds_of(view: View) -> Counter[tuple[int, str]]:
    """What one view adds to each (slice, column)."""
    added: Counter[tuple[int, str]] = Counter()
    if not view.row["is_valid"]:
        return added
    passes, skipped, slice_of = view.passes(), view.skipped(), view.length.slice_of
    for k in passes | skipped:
        added[k, "plays"] += passes[k]
        added[k, "views"] += passes[k] > 0
        added[k, "reached"] += 1
        added[k, "skipped"] += skipped[k]
        added[k, "skip_views"] += skipped[k] > 0
    for interval in view.intervals:
        for k in view.length.passed(interval):
            added[k, "rate_weighted"] += interval["rate"]
    if view.row["first_position_s"] is not None:
        added[slice_of(view.row["first_position_s"]), "starts"] += 1
    if view.is_exit:
        added[slice_of(view.row["last_position_s"]), "exits"] += 1
    for seek in view.seeks:
        added[slice_of(seek["to_s"]), "landed"] += 1
        added[slice_of(seek["from_s"]), "left_by_seek"] += 1
    for pause, _length_ms in one.counted_pauses(view.events):
        added[slice_of(pause["position_s"]), "paused"] += 1
    for event in view.events:
        if event["type"] == "stall":
            added[slice_of(event["position_s"]), "stalled"] += 1
            added[slice_of(event["position_s"]), "stall_ms"] += event["wait_ms"]
    return added


def viewer_videos(all_views: Iterable[View]) -> list[Row]:
    """What each viewer saw of each revision, over all valid views."""
    groups: dict[tuple[object, ...], list[View]] = {}
    for view in all_views:
        if view.row["is_valid"]:
            groups.setdefault(tuple(view.row[name] for name in ("viewer_id", "video_id", "revision")), []).append(view)
    found = []
    for (viewer_id, video_id, revision), seen in groups.items():
        duration_s = seen[0].length.duration_s
        stretches = [stretch for view in seen for stretch in one.clipped(view.intervals, duration_s)]
        unique_s = one.union_ns(stretches) / 1e9
        covered = one.coverage(unique_s, duration_s)
        found.append({
            "viewer_id": viewer_id, "video_id": video_id, "revision": revision,
            "first_seen_at": min(view.row["started_at"] for view in seen),
            "last_seen_at": max(view.row["ended_at"] for view in seen),
            "views": len(seen),
            "media_s": sum(one.length_ns(interval) for view in seen for interval in view.intervals) / 1e9,
            "unique_s": unique_s,
            "coverage": covered,
            "completed": None if covered is None else covered >= 0.9,
            "reached_end": any(view.row["reached_end"] for view in seen),
        })  # fmt: skip
    return found


def marks(all_views: Iterable[View], kind: str) -> list[Row]:
    """Rows of `seeks`, `stalls` or `pauses`, of all views."""
    found = []
    for view in all_views:
        paused_ms = {pause["seq"]: length_ms for pause, length_ms in one.counted_pauses(view.events)}
        for event in view.events:
            if event["type"] != kind or (kind == "pause" and event["seq"] not in paused_ms):
                continue
            row = {name: event[name] for name in ("view_id", "video_id", "viewer_id", "seq", "t_ms")}
            row["dt"] = view.row["dt"]
            if kind == "seek":
                row |= {name: event[name] for name in ("from_s", "to_s", "cause")}
                row |= {"wait_ms": event["wait_ms"] or 0, "counted": one.is_counted_seek(event)}
            elif kind == "stall":
                row |= {name: event[name] for name in ("position_s", "wait_ms", "cause")}
            else:
                row |= {"position_s": event["position_s"], "paused_ms": paused_ms[event["seq"]]}
            found.append(row)
    return found


def intervals(all_views: Iterable[View]) -> list[Row]:
    """Rows of `intervals`: labelled and dated by their view."""
    own = ("seq", "t_ms", "occurred_at", "from_s", "to_s", "rate", "wall_ms", "visible", "muted", "mode", "height",
           "bitrate_bps")  # fmt: skip
    of_view = ("view_id", "video_id", "revision", "viewer_id", "dt")
    return [
        {name: view.row[name] for name in of_view} | {name: interval[name] for name in own}
        for view in all_views
        for interval in view.intervals
    ]
