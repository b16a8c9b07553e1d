"""Curves over a video's length, thinned to what a screen can show, and the data of the player panel. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from viewbox import wording

MAX_POINTS = 1_000  # more than pixels across; a 10 h video has 36,000 slices
How = Literal["mean", "max", "sum"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch [from_s, to_s) worth looking at, and the sentence that says why."""

    kind: Literal["skip", "replay", "stall"]
    from_s: float
    to_s: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Strips:
    """The panel's four curves; point i stands for [i, i + 1) · bin_s. Shares 0..1, `plays` may exceed 1."""

    bin_s: float
    views: tuple[float, ...]
    plays: tuple[float, ...]
    replays: tuple[float, ...]
    skips: tuple[float, ...]


def points_for(duration_s: float | None) -> int:
    """What the metrics' `points` parameter should be: 0 leaves a short video its own seconds."""
    return MAX_POINTS if duration_s is not None and duration_s > MAX_POINTS + 0.5 else 0


def thinned(values: Sequence[float], points: int, how: How) -> list[float]:
    """At most `points` values, each the mean, maximum or sum of equally many neighbours; unchanged when few enough."""
    if points <= 0 or len(values) <= points:
        return list(values)
    edges = [round(index * len(values) / points) for index in range(points + 1)]
    groups = [values[start:end] for start, end in itertools.pairwise(edges)]
    if how == "max":
        return [max(group) for group in groups]
    totals = [math.fsum(group) for group in groups]
    return totals if how == "sum" else [total / len(group) for total, group in zip(totals, groups, strict=True)]


def strips(
    retention: Sequence[Mapping[str, Any]],
    replays: Sequence[Mapping[str, Any]],
    by_second: Sequence[Mapping[str, Any]],
) -> Strips | None:
    """From the rows of audience_retention and most_replayed, asked with `points_for`, and of by_second, whole.

    None without retention. Skips keep their peak when thinned; replays are zero below their metric's ten views.
    """
    if not retention:
        return None
    bin_s = float(retention[0]["to_s"]) - float(retention[0]["from_s"]) if len(retention) > 1 else 1.0
    count = len(retention)
    extra = [float(row["most_replayed"] or 0) for row in replays] or [0.0] * count
    skips = thinned([float(row["skip_share"] or 0) for row in by_second], count, "max") or [0.0] * count
    return Strips(
        bin_s=bin_s,
        views=tuple(round(float(row["unique"]), 4) for row in retention),
        plays=tuple(round(float(row["absolute"]), 4) for row in retention),
        replays=tuple(round(value, 4) for value in extra),
        skips=tuple(round(value, 4) for value in skips),
    )


def caption(drawn: Strips, views: int, fresh: str) -> str:
    """How many views the curves stand on, how fresh and whole they are, what a point is when not a second."""
    said = f"n {wording.number_of(views, 'valid view')} · {fresh}"
    if drawn.bin_s > 1.5:
        said += f" · a point is {wording.seconds(drawn.bin_s)} of video: its mean, for skips its peak"
    return f"{said} · click to seek, drag to loop a stretch"


def panel_data(
    video: Mapping[str, Any],
    drawn: Strips | None,
    moments: Sequence[Moment],
    *,
    views: int,
    fresh: str,
) -> dict[str, Any]:
    """What the component receives: plain JSON, names as in player/app/panel/types.ts. `fresh`: `Trust.words`."""
    urls = video["urls"]
    return {
        "video": {
            "id": video["id"],
            "title": video["title"],
            "hls": urls["hls"] if video["playable"] else None,
            "poster": urls["poster"],
            "storyboard": urls["storyboard"],
            "chapters": urls["chapters"],
            "duration_s": video["duration_s"] or (len(drawn.views) * drawn.bin_s if drawn else 0),
            "notice": notice(video),
        },
        "strips": None
        if drawn is None
        else {
            "bin_s": drawn.bin_s,
            "views": drawn.views,
            "plays": drawn.plays,
            "replays": drawn.replays,
            "skips": drawn.skips,
        },
        "moments": [
            {"kind": one.kind, "from_s": one.from_s, "to_s": one.to_s, "sentence": one.sentence} for one in moments
        ],
        "empty": "No curves: the video's length is not known." if views and drawn is None else None,
        "caption": caption(drawn, views, fresh) if drawn else None,
    }


def notice(video: Mapping[str, Any]) -> str | None:
    """Why a video cannot be played here; None when it can."""
    if video["playable"] and video["urls"]["hls"]:
        return None
    if video["status"] == "external":
        return "This video is hosted elsewhere: ViewBox knows how it was watched, not the video itself."
    if video["status"] == "failed":
        return f"The import failed. {wording.sentence((video['error'] or {}).get('hint') or '')}".strip()
    if video["status"] == "ready":
        return "Its media are gone: replace the source to play it again."
    return f"Being prepared: {video['status']}, {wording.percent(video['progress'])} done."


def facts_of(
    selection: Mapping[str, float], retention: Sequence[Mapping[str, Any]], by_second: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """What happened in [from_s, to_s): shares are means over its seconds, counts are sums.

    `views` share that watches it, `skips` highest share that jumps over it, `reached` most views that got there,
    `pauses`, `stalls`, `exits`. Zeros when the selection lies outside.
    """
    start, end = selection["from_s"], selection["to_s"]
    seen = [float(row["unique"]) for row in retention if row["to_s"] > start and row["from_s"] < end]
    inside = [row for row in by_second if row["second"] + 1 > start and row["second"] < end]
    facts: dict[str, float] = {
        "views": math.fsum(seen) / len(seen) if seen else 0.0,
        "skips": max((float(row["skip_share"]) for row in inside), default=0.0),
        "reached": max((row["reached"] for row in inside), default=0),
    }
    for name in ("pauses", "stalls", "exits"):
        facts[name] = sum(row[name] for row in inside)
    return facts
