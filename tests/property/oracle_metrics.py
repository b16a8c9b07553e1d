"""Metrics that are one number per group, in slow Python, from the contract's table of metrics.

Each takes the selected views of a group and answers with the columns that it vouches for, the value under the
metric's name; None where no view is of the population.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import mean

from tests.property import oracle_views as one
from tests.property.oracle_selection import Question
from tests.property.oracle_tables import View
from tests.property.oracle_views import Row

Metric = Callable[[Sequence[View], Question, Sequence[View]], Row | None]


def valid(views: Sequence[View]) -> list[View]:
    return [view for view in views if view.row["is_valid"]]


def nonbot(views: Sequence[View]) -> list[View]:
    return [view for view in views if not view.row["is_bot"]]


def played(views: Sequence[View]) -> list[View]:
    return [view for view in nonbot(views) if view.row["played"]]


def attempts(views: Sequence[View]) -> list[View]:
    """Non-bot views with an uncancelled play."""
    return [view for view in nonbot(views) if first_play(view) is not None]


def first_play(view: View) -> one.Event | None:
    cancelled = one.cancelled_plays(view.events)
    return next((event for event in view.events if one.starts(event, cancelled)), None)


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def total(views: Sequence[View], column: str) -> float:
    return math.fsum(view.row[column] for view in views)


def quantile(values: Sequence[float], q: float) -> float:
    """Between the two values around it, as far along as it lies."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def views(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    return {"views": len(valid(chosen)), "n": len(valid(chosen))} if valid(chosen) else None


def unique_viewers(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    people = {view.row["viewer_id"] for view in valid(chosen)}
    of_page = {view.row["viewer_id"] for view in valid(chosen) if view.row["viewer_kind"] == "page"}
    if not people:
        return None
    return {
        "unique_viewers": len(people),
        "page_viewers": len(of_page),
        "page_viewer_share": len(of_page) / len(people),
        "n": len(valid(chosen)),
    }


def returning_viewers(chosen: Sequence[View], question: Question, everything: Sequence[View]) -> Row | None:
    def who(view: View) -> tuple[str, str, bool]:
        return view.row["viewer_id"], view.row["video_id"], view.row["source"] == "synthetic"

    def came_before(view: View) -> bool:
        day = question.local_day(view)
        return any(who(other) == who(view) and question.local_day(other) < day for other in valid(everything))

    back = {view.row["viewer_id"] for view in valid(chosen) if came_before(view)}
    return {"returning_viewers": len(back), "n": len(valid(chosen))} if valid(chosen) else None


def watch_time(name: str, combine: Callable[[list[float]], float]) -> Metric:
    def metric(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
        watched = [view.row["watch_ms"] / 1000 for view in valid(chosen)]
        playing = [view.row["playing_ms"] / 1000 for view in valid(chosen)]
        if not watched:
            return None
        return {
            name: combine(watched), "playing_s": combine(playing), "waiting_s": combine(watched) - combine(playing),
            "median_s": quantile(watched, 0.5), "p90_s": quantile(watched, 0.9), "n": len(watched),
        }  # fmt: skip

    return metric


def average_view_duration(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    media = [view.row["media_s"] for view in valid(chosen)]
    return {"average_view_duration": mean(media), "median_s": quantile(media, 0.5), "n": len(media)} if media else None


def average_percentage_viewed(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    shares = [view.row["coverage"] for view in valid(chosen) if view.row["coverage"] is not None]
    return {"average_percentage_viewed": mean(shares) if shares else None, "n": len(shares)}


def completion_rate(chosen: Sequence[View], question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    shares = [view.row["coverage"] for view in valid(chosen) if view.row["coverage"] is not None]
    done = sum(share >= float(question.params.get("completed_at", 0.9)) for share in shares)
    return {"completion_rate": ratio(done, len(shares)), "completed": done, "n": len(shares)}


def viewer_completion_rate(chosen: Sequence[View], question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    seen: dict[tuple[object, ...], list[View]] = {}
    for view in valid(chosen):
        seen.setdefault(tuple(view.row[name] for name in ("viewer_id", "video_id", "revision")), []).append(view)
    shares = []
    for of_viewer in seen.values():
        duration_s = of_viewer[0].length.duration_s
        stretches = [stretch for view in of_viewer for stretch in one.clipped(view.intervals, duration_s)]
        shares.append(one.coverage(one.union_ns(stretches) / 1e9, duration_s))
    known = [share for share in shares if share is not None]
    done = sum(share >= float(question.params.get("completed_at", 0.9)) for share in known)
    return {"viewer_completion_rate": ratio(done, len(known)), "completed": done, "n": len(known)}


def play_rate(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    people = nonbot(chosen)
    return {"play_rate": len(played(chosen)) / len(people), "n": len(people)} if people else None


def playback_failures(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    tried = attempts(chosen)
    if not tried:
        return None
    failed = [view for view in tried if view.row["failed"]]
    early = Counter(view.row["error_code"] for view in failed if view.row["startup_failed"])
    codes = Counter(view.row["error_code"] for view in failed)
    by_code = [{"code": code, "failures": count, "startup": early[code]} for code, count in codes.items()]
    return {
        "playback_failures": len(failed) / len(tried), "failures": len(failed), "n": len(tried),
        "startup_failures": early.total() / len(tried),
        "midstream_failures": (len(failed) - early.total()) / len(tried),
        "by_code": sorted(by_code, key=lambda row: (-row["failures"], row["code"] is None, row["code"])),
    }  # fmt: skip


def exits_before_start(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    tried = attempts(chosen)
    if not tried:
        return None
    waits_s = []
    for view in tried:
        play = first_play(view)
        if play is not None and view.row["exit_before_start"]:
            waits_s.append((max(event["t_ms"] for event in view.events) - play["t_ms"]) / 1000)
    return {
        "exits_before_start": len(waits_s) / len(tried), "exits": len(waits_s), "n": len(tried),
        "waited_0_1_s": sum(wait_s < 1 for wait_s in waits_s),
        "waited_1_3_s": sum(1 <= wait_s < 3 for wait_s in waits_s),
        "waited_3_10_s": sum(3 <= wait_s < 10 for wait_s in waits_s),
        "waited_10_s": sum(wait_s >= 10 for wait_s in waits_s),
    }  # fmt: skip


def startup_time(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    times = [view.row["startup_ms"] / 1000 for view in played(chosen) if view.row["startup_ms"] is not None]
    if not times:
        return None
    ends = [0, 0.25, 0.5, 1, 2, 3, 5, 10, math.inf]
    return {
        "startup_time": quantile(times, 0.5), "p75_s": quantile(times, 0.75), "p95_s": quantile(times, 0.95),
        "p99_s": quantile(times, 0.99), "n": len(times),
        "histogram": [
            {"from_s": low, "to_s": None if high == math.inf else high, "views": sum(low <= s < high for s in times)}
            for low, high in pairwise(ends)
        ],
    }  # fmt: skip


def rebuffer_ratio(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    stalled, watched = total(played(chosen), "stall_ms"), total(played(chosen), "watch_ms")
    if not played(chosen):
        return None
    return {"rebuffer_ratio": ratio(stalled, watched), "stall_s": stalled / 1000, "n": len(played(chosen))}


def rebuffer_frequency(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    stalls, playing_s = total(played(chosen), "stalls"), total(played(chosen), "playing_ms") / 1000
    if not played(chosen):
        return None
    between_s = ratio(playing_s, stalls)
    return {
        "rebuffer_frequency": ratio(stalls, playing_s / 3600), "mean_between_s": between_s, "n": len(played(chosen)),
    }  # fmt: skip


def pause_frequency(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    pauses, playing_s = total(valid(chosen), "pauses"), total(valid(chosen), "playing_ms") / 1000
    if not valid(chosen):
        return None
    mean_pause_s = ratio(total(valid(chosen), "paused_ms") / 1000, pauses)
    return {
        "pause_frequency": ratio(pauses, playing_s / 3600), "mean_pause_s": mean_pause_s, "pauses": pauses,
        "n": len(valid(chosen)),
    }  # fmt: skip


def playback_speed(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    media: Counter[float] = Counter()
    for view in valid(chosen):
        for interval in view.intervals:
            if interval["to_s"] > interval["from_s"]:
                media[interval["rate"]] += interval["to_s"] - interval["from_s"]
    if not valid(chosen):
        return None
    return {
        "playback_speed": ratio(math.fsum(rate * length for rate, length in media.items()), media.total()),
        "by_rate": [{"rate": rate, "share": ratio(media[rate], media.total())} for rate in sorted(media)],
        "n": len(valid(chosen)),
    }


def time_saved(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    saved_s = total(valid(chosen), "media_s") - total(valid(chosen), "playing_ms") / 1000
    return {"time_saved": saved_s, "n": len(valid(chosen))}


def engagement_score(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    scores = [score for score in map(engagement, valid(chosen)) if score is not None]
    return {"engagement_score": mean(scores) if scores else None, "n": len(scores)}


def engagement(view: View) -> float | None:
    """None without a known duration."""
    row, duration_s = view.row, view.length.duration_s
    if duration_s is None:
        return None
    again = min(1.0, row["rewatched_s"] / row["unique_s"]) if row["unique_s"] else 0.0
    unskipped = 1 - min(1.0, row["skipped_s"] / duration_s)
    return float(100 * (0.5 * row["coverage"] + 0.2 * row["completed"] + 0.2 * again + 0.1 * unskipped))


def experience_score(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    tried = attempts(chosen)
    if not tried:
        return None
    scores = [score for score in map(experience, tried) if score is not None]
    return {"experience_score": mean(scores) if scores else None, "n": len(scores)}


def experience(view: View) -> float | None:
    """None for an attempt that is still open and has not played: nothing is known of it."""
    row = view.row
    if row["failed"]:
        return 0.0
    if row["exit_before_start"]:
        return 50.0
    if not row["played"]:
        return None
    rebuffered = row["rebuffer_ratio"] or 0.0
    parts = [50 / math.sqrt(1 + (row["stalls"] / 2) ** 2) + 50 * math.exp(-10 * rebuffered)]
    if row["startup_ms"] is not None:
        parts.append(100 * 8 / (8 + row["startup_ms"] / 1000))
    seen = [interval for interval in view.intervals if interval["height"]]
    wall_ms = sum(interval["wall_ms"] for interval in seen)
    if wall_ms and row["player_h"] is not None:
        upscaled = sum(part["wall_ms"] * max(0.0, row["player_h"] / part["height"] - 1) for part in seen)
        parts.append(100 * math.exp(-0.33 * upscaled / wall_ms))
    return mean(parts)


def seek_latency(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    """Over all seeks, of behaviour or not."""
    if not played(chosen):
        return None
    seeks = [event for view in played(chosen) for event in view.events if event["type"] == "seek"]
    waits = [(seek["wait_ms"] or 0) / 1000 for seek in seeks]
    slow = {"median_s": quantile(waits, 0.5), "p95_s": quantile(waits, 0.95)} if waits else {}
    return {"seek_latency": mean(waits) if waits else None, "seeks": len(waits), "n": len(played(chosen))} | slow


def rendition_switches(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not played(chosen):
        return None
    up, down = total(played(chosen), "switches_up"), total(played(chosen), "switches_down")
    hours = total(played(chosen), "playing_ms") / 3_600_000
    return {
        "rendition_switches": ratio(up + down, hours), "up_per_hour": ratio(up, hours), "switches_down": down,
        "n": len(played(chosen)),
    }  # fmt: skip


def average_bitrate(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not played(chosen):
        return None
    intervals = [interval for view in played(chosen) for interval in view.intervals]
    known = [interval for interval in intervals if interval["bitrate_bps"] is not None]
    known_ms = sum(interval["wall_ms"] for interval in known)
    bits = sum(interval["bitrate_bps"] * interval["wall_ms"] for interval in known)
    share = ratio(known_ms, total(played(chosen), "playing_ms"))
    return {"average_bitrate": ratio(bits, known_ms), "known_share": share, "n": len(played(chosen))}


def dropped_frames(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    counting = [view for view in played(chosen) if None not in {view.row["dropped_frames"], view.row["total_frames"]}]
    dropped, shown = total(counting, "dropped_frames"), total(counting, "total_frames")
    return {"dropped_frames": ratio(dropped, shown), "total": shown, "n": len(counting)} if counting else None


def stall_exits(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    if not valid(chosen):
        return None
    exits = [view for view in valid(chosen) if view.is_exit]
    after = 0
    for view in exits:
        stalls = [event["t_ms"] for event in view.events if event["type"] == "stall"]
        after += bool(stalls) and max(event["t_ms"] for event in view.events) - max(stalls) <= 10_000
    return {"stall_exits": ratio(after, len(exits)), "after_stall": after, "n": len(exits)}


def data_quality(chosen: Sequence[View], _question: Question, _all: Sequence[View]) -> Row | None:
    rows = [view.row for view in chosen]
    sound = [row for row in rows if not row["gaps"] and not row["inconsistent"] and row["closed_by"] != "timeout"]
    return {
        "data_quality": len(sound) / len(rows), "gaps": sum(row["gaps"] for row in rows), "n": len(rows),
        "open": sum(row["closed_by"] is None for row in rows), "bots": sum(row["is_bot"] for row in rows),
        "invalid": sum(not row["is_bot"] and not row["is_valid"] for row in rows),
    }  # fmt: skip


SCALARS: dict[str, Metric] = {
    "views": views, "unique_viewers": unique_viewers, "returning_viewers": returning_viewers,
    "total_watch_time": watch_time("total_watch_time", math.fsum),
    "average_watch_time": watch_time("average_watch_time", mean),
    "average_view_duration": average_view_duration, "average_percentage_viewed": average_percentage_viewed,
    "completion_rate": completion_rate, "viewer_completion_rate": viewer_completion_rate, "play_rate": play_rate,
    "playback_failures": playback_failures, "exits_before_start": exits_before_start, "startup_time": startup_time,
    "rebuffer_ratio": rebuffer_ratio, "rebuffer_frequency": rebuffer_frequency, "pause_frequency": pause_frequency,
    "playback_speed": playback_speed, "time_saved": time_saved, "engagement_score": engagement_score,
    "seek_latency": seek_latency, "rendition_switches": rendition_switches, "average_bitrate": average_bitrate,
    "dropped_frames": dropped_frames, "stall_exits": stall_exits,
    "experience_score": experience_score, "data_quality": data_quality,
}  # fmt: skip
