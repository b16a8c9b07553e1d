"""The contract "From events to a view", read aloud in slow Python: one view at a time, one rule after the other.

It shares nothing with the SQL models; where both are wrong in the same way, the golden cases speak.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]
CLOCK_STOPPERS = {"pause", "ended", "autoplay_blocked", "view_end"}
PAUSE_ENDERS = {"playing", "ended", "view_end"}


def slices(extent_s: float) -> int:
    return max(1, math.ceil(extent_s - 0.5))


def furthest(events: Sequence[Event]) -> float:
    return float(max(max(event["position_s"], event.get("to_s") or 0.0) for event in events))


def cancelled_plays(events: Sequence[Event]) -> set[int]:
    """Rule 3: each refusal cancels the nearest play before it."""
    cancelled = set()
    for event in events:
        if event["type"] == "autoplay_blocked":
            earlier = [one["seq"] for one in events if one["type"] == "play" and one["seq"] < event["seq"]]
            if earlier:
                cancelled.add(max(earlier))
    return cancelled


def is_fatal(event: Event) -> bool:
    return event["type"] == "error" and bool(event["fatal"])


def watch_ms(events: Sequence[Event], cancelled: set[int]) -> int:
    """Rule 4: a clock, started and stopped by events, read between each two of them."""
    first_playing = next((event["seq"] for event in events if event["type"] == "playing"), None)
    runs = False
    total = 0
    for event, following in itertools.pairwise(events):
        if event["type"] == "playing" or (event["type"] == "play" and event["seq"] not in cancelled):
            runs = True
        elif event["type"] in CLOCK_STOPPERS or is_fatal(event):
            runs = False
        if not runs:
            continue
        gap = max(0, following["t_ms"] - event["t_ms"])
        if gap > 90_000 and following["seq"] != first_playing:
            explained = following.get("wall_ms")
            if explained is None:
                explained = following.get("wait_ms")
            gap = min(gap, max(10_000, explained or 0))
        total += gap
    return total


def union_length(stretches: Sequence[tuple[float, float]]) -> float:
    """Rule 5: cut the line at every end, and keep the pieces that some stretch covers."""
    ends = sorted({end for stretch in stretches for end in stretch})
    return sum(
        right - left
        for left, right in itertools.pairwise(ends)
        if any(begin <= left and right <= end for begin, end in stretches)
    )


def counted_pauses(events: Sequence[Event], cancelled: set[int]) -> list[tuple[Event, int]]:
    """Rule 8, with the time until each pause was over."""
    found = []
    paused = False
    for place, event in enumerate(events):
        later = events[place + 1 :]
        if event["type"] == "pause":
            before_end = any(one["type"] == "ended" and one["t_ms"] <= event["t_ms"] + 250 for one in later)
            if not paused and not before_end:
                over = next((one["t_ms"] for one in later if ends_pause(one, cancelled)), events[-1]["t_ms"])
                found.append((event, max(0, over - event["t_ms"])))
            paused = True
        elif ends_pause(event, cancelled):
            paused = False
    return found


def ends_pause(event: Event, cancelled: set[int]) -> bool:
    return event["type"] in PAUSE_ENDERS or (event["type"] == "play" and event["seq"] not in cancelled)


def is_counted_seek(event: Event) -> bool:
    """Rule 7."""
    behaviour = event.get("cause") in {"user", "chapter", "skip", None}
    return behaviour and abs(event["to_s"] - event["from_s"]) > 0.25


def view(events: Sequence[Event], duration_s: float | None, now_ms: int, *, started_ms: int, bot: bool) -> Event:
    """The row of `views`, as far as events decide it. `events` in any order, each seq once."""
    events = sorted(events, key=lambda event: event["seq"])

    def of(kind: str) -> list[Event]:
        return [event for event in events if event["type"] == kind]

    cancelled = cancelled_plays(events)
    plays = [event for event in of("play") if event["seq"] not in cancelled]
    intervals, playings, stalls, seeks = of("interval"), of("playing"), of("stall"), of("seek")
    fatal = [event for event in events if is_fatal(event)]
    last = events[-1]
    closed_by = None
    if last["type"] == "view_end":
        closed_by = "view_end"
    elif now_ms >= started_ms + last["t_ms"] + 300_000:
        closed_by = "timeout"
    playing_ms = sum(event["wall_ms"] for event in intervals)
    media_s = sum(event["to_s"] - event["from_s"] for event in intervals)
    limit = math.inf if duration_s is None else duration_s
    unique_s = union_length([(min(one["from_s"], limit), min(one["to_s"], limit)) for one in intervals])
    coverage = None if duration_s is None else min(1.0, unique_s / duration_s)
    watched = watch_ms(events, cancelled)
    stall_ms = sum(event["wait_ms"] for event in stalls)
    counted = [event for event in seeks if is_counted_seek(event)]
    pauses = counted_pauses(events, cancelled)
    first_playing = playings[0]["seq"] if playings else None
    played = bool(playings or intervals)
    renditions = of("rendition")
    steps = [
        (before["bitrate_bps"], after["bitrate_bps"])
        for before, after in itertools.pairwise(renditions)
        if before["bitrate_bps"] is not None and after["bitrate_bps"] is not None
    ]
    rated = [event for event in intervals if event.get("bitrate_bps") is not None]
    rated_ms = sum(event["wall_ms"] for event in rated)
    heights = [event["height"] for event in intervals + renditions if event.get("height") is not None]
    moving = [event for event in intervals if event["to_s"] > event["from_s"]]

    def wall(name: str, value: object) -> int:
        return sum(event["wall_ms"] for event in intervals if event.get(name) == value)

    def most(name: str) -> int | None:
        return max((event[name] for event in of("heartbeat") if event.get(name) is not None), default=None)

    return {
        "played": played,
        "is_valid": played and not bot and playing_ms >= 1000,
        "completed": None if coverage is None else coverage >= 0.9 - 1e-12,
        "reached_end": bool(of("ended")),
        "closed_by": closed_by,
        "startup_ms": max(0, playings[0]["t_ms"] - plays[0]["t_ms"]) if playings and plays else None,
        "watch_ms": watched,
        "playing_ms": playing_ms,
        "media_s": media_s,
        "unique_s": unique_s,
        "rewatched_s": media_s - unique_s,
        "coverage": coverage,
        "mean_rate": media_s / (playing_ms / 1000) if playing_ms else None,
        "pauses": len(pauses),
        "paused_ms": sum(length for _, length in pauses),
        "seeks_forward": sum(event["to_s"] > event["from_s"] for event in counted),
        "seeks_back": sum(event["to_s"] < event["from_s"] for event in counted),
        "skipped_s": sum(max(0.0, event["to_s"] - event["from_s"]) for event in counted),
        "seek_wait_ms": sum(event.get("wait_ms") or 0 for event in seeks),
        "stalls": len(stalls),
        "stall_ms": stall_ms,
        "rebuffer_ratio": stall_ms / watched if watched else None,
        "rate_changes": sum(first_playing is not None and event["seq"] > first_playing for event in of("rate")),
        "exit_before_start": bool(plays) and not played and not fatal and closed_by is not None,
        "failed": bool(fatal),
        "startup_failed": bool(fatal) and (first_playing is None or fatal[0]["seq"] < first_playing),
        "error_code": fatal[0].get("code") if fatal else None,
        "switches_up": sum(after > before for before, after in steps),
        "switches_down": sum(after < before for before, after in steps),
        "mean_bitrate_bps": sum(one["bitrate_bps"] * one["wall_ms"] for one in rated) / rated_ms if rated_ms else None,
        "max_height": max(heights, default=None),
        "dropped_frames": most("dropped_frames"),
        "total_frames": most("total_frames"),
        "first_position_s": moving[0]["from_s"] if moving else None,
        "last_position_s": last["position_s"],
        "visible_ms": wall("visible", True),
        "muted_ms": wall("muted", True),
        "fullscreen_ms": wall("mode", "fullscreen"),
        "pip_ms": wall("mode", "pip"),
        "events": len(events),
        "gaps": last["seq"] + 1 - len(events),
        "inconsistent": sum(
            abs(one["to_s"] - one["from_s"] - one["rate"] * one["wall_ms"] / 1000)
            > max(1.0, 0.1 * one["rate"] * one["wall_ms"] / 1000)
            for one in intervals
        ),
    }


def seconds(events: Sequence[Event], row: Event, duration_s: float | None, n: int) -> Counter[tuple[int, str]]:
    """What one view adds to each (slice, column) of `seconds`."""
    found: Counter[tuple[int, str]] = Counter()
    if not row["is_valid"]:
        return found
    events = sorted(events, key=lambda event: event["seq"])
    intervals = [event for event in events if event["type"] == "interval"]
    counted = [event for event in events if event["type"] == "seek" and is_counted_seek(event)]

    def slice_of(position_s: float) -> int:
        return min(math.floor(position_s), n - 1)

    for k in range(n):
        middle = duration_s / 2 if duration_s is not None and duration_s < 1 else k + 0.5
        passes = [one for one in intervals if one["from_s"] <= middle < one["to_s"]]
        skips = [one for one in counted if one["from_s"] <= middle < one["to_s"]]
        found[k, "plays"] += len(passes)
        found[k, "views"] += bool(passes)
        found[k, "reached"] += bool(passes or skips)
        found[k, "skipped"] += len(skips)
        found[k, "skip_views"] += bool(skips)
        found[k, "rate_weighted"] += sum(one["rate"] for one in passes)
    if row["first_position_s"] is not None:
        found[slice_of(row["first_position_s"]), "starts"] += 1
    if row["closed_by"] is not None and not row["completed"] and not row["reached_end"]:
        found[slice_of(row["last_position_s"]), "exits"] += 1
    for seek in counted:
        found[slice_of(seek["to_s"]), "landed"] += 1
        found[slice_of(seek["from_s"]), "left_by_seek"] += 1
    for pause, _length in counted_pauses(events, cancelled_plays(events)):
        found[slice_of(pause["position_s"]), "paused"] += 1
    for stall in events:
        if stall["type"] == "stall":
            found[slice_of(stall["position_s"]), "stalled"] += 1
            found[slice_of(stall["position_s"]), "stall_ms"] += stall["wait_ms"]
    return found
