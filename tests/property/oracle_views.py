"""The contract "From events to a view", read aloud in slow Python: one view at a time, one rule after the other.

It shares nothing with the models; where both are wrong in the same way, the golden cases speak. Events are rows of the
table `events`. Positions count in whole nanoseconds, so that tenths of a second add up exactly.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]
Row = dict[str, Any]
CLOCK_STOPPERS = {"pause", "ended", "autoplay_blocked", "view_end"}
PAUSE_ENDERS = {"playing", "ended", "view_end"}
SILENCE = timedelta(minutes=5)


def ns(position_s: float) -> int:
    return round(position_s * 1e9)


def length_ns(event: Event) -> int:
    return ns(event["to_s"]) - ns(event["from_s"])


def in_order(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event["seq"])


def first_of(events: Sequence[Event], name: str) -> Any:
    """The value of the lowest seq that has one."""
    return next((event[name] for event in events if event[name] is not None), None)


def told(events: Sequence[Event], name: str) -> Any:
    """A field of the context: the first non-null by seq."""
    contexts = (json.loads(event["context"]) for event in events if event["context"] is not None)
    return next((context[name] for context in contexts if context.get(name) is not None), None)


def reported_duration(events: Sequence[Event]) -> float | None:
    """A duration of nothing is none."""
    return told(in_order(events), "duration_s") or None


def furthest(events: Sequence[Event]) -> float:
    return float(max(max(event["position_s"], event["to_s"] or 0.0) for event in events))


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


def starts(event: Event, cancelled: set[int]) -> bool:
    return event["type"] == "play" and event["seq"] not in cancelled


def watch_ms(events: Sequence[Event], cancelled: set[int]) -> int:
    """Rule 4: a clock, started and stopped by events, read between each two of them."""
    first_playing = next((event["seq"] for event in events if event["type"] == "playing"), None)
    runs = False
    total = 0
    for event, following in itertools.pairwise(events):
        if event["type"] == "playing" or starts(event, cancelled):
            runs = True
        elif event["type"] in CLOCK_STOPPERS or is_fatal(event):
            runs = False
        if not runs:
            continue
        gap = max(0, following["t_ms"] - event["t_ms"])
        if gap > 90_000 and following["seq"] != first_playing:
            explained = following["wait_ms"] if following["wall_ms"] is None else following["wall_ms"]
            gap = min(gap, max(10_000, explained or 0))
        total += gap
    return total


def union_ns(stretches: Sequence[tuple[int, int]]) -> int:
    """Rule 5: cut the line at every end, and keep the pieces that some stretch covers."""
    ends = sorted({end for stretch in stretches for end in stretch})
    return sum(
        right - left
        for left, right in itertools.pairwise(ends)
        if any(begin <= left and right <= end for begin, end in stretches)
    )


def clipped(intervals: Sequence[Event], duration_s: float | None) -> list[tuple[int, int]]:
    limit = math.inf if duration_s is None else duration_s
    return [(ns(min(one["from_s"], limit)), ns(min(one["to_s"], limit))) for one in intervals]


def coverage(unique_s: float, duration_s: float | None) -> float | None:
    return None if duration_s is None else min(1.0, unique_s / duration_s)


def counted_pauses(events: Sequence[Event]) -> list[tuple[Event, int]]:
    """Rule 8, with the time until each pause was over."""
    cancelled = cancelled_plays(events)

    def resumes(event: Event) -> bool:
        return event["type"] in PAUSE_ENDERS or starts(event, cancelled)

    found = []
    paused = False
    for place, event in enumerate(events):
        later = events[place + 1 :]
        if event["type"] == "pause":
            before_end = any(one["type"] == "ended" and one["t_ms"] <= event["t_ms"] + 250 for one in later)
            if not paused and not before_end:
                over_ms = next((one["t_ms"] for one in later if resumes(one)), events[-1]["t_ms"])
                found.append((event, max(0, over_ms - event["t_ms"])))
            paused = True
        elif resumes(event):
            paused = False
    return found


def is_counted_seek(event: Event) -> bool:
    """Rule 7."""
    return event["cause"] in {"user", "chapter", "skip", None} and abs(length_ns(event)) > 250_000_000


def is_inconsistent(interval: Event) -> bool:
    """Rule 11."""
    expected_s: float = interval["rate"] * interval["wall_ms"] / 1000
    media_s: float = interval["to_s"] - interval["from_s"]
    return abs(media_s - expected_s) > max(1.0, 0.1 * expected_s)


def view(events: Sequence[Event], duration_s: float | None, now: datetime) -> Row:
    """The row of `views`. `events`: all of one view, in any order, each seq once."""
    events = in_order(events)

    def of(kind: str) -> list[Event]:
        return [event for event in events if event["type"] == kind]

    cancelled = cancelled_plays(events)
    plays = [event for event in events if starts(event, cancelled)]
    intervals, playings, stalls, seeks, renditions = map(of, ("interval", "playing", "stall", "seek", "rendition"))
    fatal = [event for event in events if is_fatal(event)]
    last = events[-1]
    started_at = min(event["occurred_at"] - timedelta(milliseconds=event["t_ms"]) for event in events)
    closed_by = None
    if last["type"] == "view_end":
        closed_by = "view_end"
    elif now >= last["occurred_at"] + SILENCE:
        closed_by = "timeout"
    playing_ms = sum(event["wall_ms"] for event in intervals)
    media_ns = sum(map(length_ns, intervals))
    unique_ns = union_ns(clipped(intervals, duration_s))
    covered = coverage(unique_ns / 1e9, duration_s)
    watched = watch_ms(events, cancelled)
    stall_ms = sum(event["wait_ms"] for event in stalls)
    counted = [event for event in seeks if is_counted_seek(event)]
    pauses = counted_pauses(events)
    first_playing = playings[0]["seq"] if playings else None
    played = bool(playings or intervals)
    is_bot = events[0]["is_bot"]
    steps = [
        (before["bitrate_bps"], after["bitrate_bps"])
        for before, after in itertools.pairwise(renditions)
        if before["bitrate_bps"] is not None and after["bitrate_bps"] is not None
    ]
    rated = [event for event in intervals if event["bitrate_bps"] is not None]
    rated_ms = sum(event["wall_ms"] for event in rated)
    heights = [event["height"] for event in intervals + renditions if event["height"] is not None]
    moving = [event for event in intervals if event["to_s"] > event["from_s"]]

    def wall(name: str, value: object) -> int:
        return sum(event["wall_ms"] for event in intervals if event[name] == value)

    def most(name: str) -> int | None:
        return max((event[name] for event in of("heartbeat") if event[name] is not None), default=None)

    return {
        **{name: events[0][name] for name in ("view_id", "video_id", "revision", "viewer_id", "viewer_kind")},
        **{name: events[0][name] for name in ("session_id", "source")},
        **{name: first_of(events, name) for name in ("browser", "os", "device_type", "country")},
        "started_at": started_at,
        "ended_at": started_at + timedelta(milliseconds=max(event["t_ms"] for event in events)),
        "dt": started_at.astimezone(UTC).date(),
        "played": played,
        "is_valid": played and not is_bot and playing_ms >= 1000,
        "is_bot": is_bot,
        "completed": None if covered is None else covered >= 0.9,
        "reached_end": bool(of("ended")),
        "closed_by": closed_by,
        "startup_ms": max(0, playings[0]["t_ms"] - plays[0]["t_ms"]) if playings and plays else None,
        "watch_ms": watched,
        "playing_ms": playing_ms,
        "media_s": media_ns / 1e9,
        "unique_s": unique_ns / 1e9,
        "rewatched_s": (media_ns - unique_ns) / 1e9,
        "coverage": covered,
        "mean_rate": media_ns / 1e9 / (playing_ms / 1000) if playing_ms else None,
        "pauses": len(pauses),
        "paused_ms": sum(length for _, length in pauses),
        "seeks_forward": sum(event["to_s"] > event["from_s"] for event in counted),
        "seeks_back": sum(event["to_s"] < event["from_s"] for event in counted),
        "skipped_s": sum(max(0, length_ns(event)) for event in counted) / 1e9,
        "seek_wait_ms": sum(event["wait_ms"] or 0 for event in seeks),
        "stalls": len(stalls),
        "stall_ms": stall_ms,
        "rebuffer_ratio": stall_ms / watched if watched else None,
        "rate_changes": sum(first_playing is not None and event["seq"] > first_playing for event in of("rate")),
        "exit_before_start": bool(plays) and not played and not fatal and closed_by is not None,
        "failed": bool(fatal),
        "startup_failed": bool(fatal) and (first_playing is None or fatal[0]["seq"] < first_playing),
        "error_code": fatal[0]["code"] if fatal else None,
        "switches_up": sum(after > before for before, after in steps),
        "switches_down": sum(after < before for before, after in steps),
        "mean_bitrate_bps": sum(one["bitrate_bps"] * one["wall_ms"] for one in rated) / rated_ms if rated_ms else None,
        "max_height": max(heights, default=None),
        "dropped_frames": most("dropped_frames"),
        "total_frames": most("total_frames"),
        "first_position_s": moving[0]["from_s"] if moving else None,
        "last_position_s": last["position_s"],
        "visible_ms": wall("visible", value=True),
        "muted_ms": wall("muted", value=True),
        "fullscreen_ms": wall("mode", "fullscreen"),
        "pip_ms": wall("mode", "pip"),
        "events": len(events),
        "gaps": last["seq"] + 1 - len(events),
        "inconsistent": sum(map(is_inconsistent, intervals)),
        "language": told(events, "language"),
        "referrer_domain": told(events, "referrer"),
        **{name: told(events, name) for name in ("player_name", "player_version", "player_h", "autoplay")},
        **{name: told(events, name) for name in ("experiment", "custom")},
    }
