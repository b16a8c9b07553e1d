"""The table of top videos. Pure: rows of metrics by video in, rows for people out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.queries import Listed
from viewbox import wording

METRICS = ("views", "total_watch_time", "average_percentage_viewed", "completion_rate", "rebuffer_ratio")
SHOWN = 25


@dataclass(frozen=True, slots=True)
class Leader:
    """A video and its numbers; None where it has none."""

    id: str
    title: str
    views: int
    playing_s: float
    seen: float | None
    completion: float | None
    rebuffer: float | None


def top_videos(answers: Mapping[str, Sequence[Mapping[str, Any]]], listed: Mapping[str, Listed]) -> list[Leader]:
    """Videos with views, most playing time first. `answers` holds the rows of each of METRICS, by video."""
    by_id = {name: {row["video_id"]: row for row in rows} for name, rows in answers.items()}

    def value(name: str, video_id: str, column: str | None = None) -> Any:
        return by_id[name].get(video_id, {}).get(column or name)

    found = [
        Leader(
            id=video_id,
            title=listed[video_id].title if video_id in listed else video_id,
            views=row["views"],
            playing_s=value("total_watch_time", video_id, "playing_s") or 0.0,
            seen=value("average_percentage_viewed", video_id),
            completion=value("completion_rate", video_id),
            rebuffer=value("rebuffer_ratio", video_id),
        )
        for video_id, row in by_id["views"].items()
        if row["views"]
    ]
    return sorted(found, key=lambda leader: (-leader.playing_s, leader.id))[:SHOWN]


def table(leaders: Sequence[Leader], posters: Mapping[str, str]) -> dict[str, list[Any]]:
    """Columns as a person reads them; rates of few views say so."""
    return {
        "Poster": [posters.get(one.id) for one in leaders],
        "Title": [one.title for one in leaders],
        "Views": [wording.count(one.views) for one in leaders],
        "Playing": [wording.long_time(one.playing_s) for one in leaders],
        "Average % viewed": [wording.rate_or_too_few(wording.percent(one.seen), one.views) for one in leaders],
        "Completion": [wording.rate_or_too_few(wording.percent(one.completion), one.views) for one in leaders],
        "Rebuffering": [wording.rate_or_too_few(wording.percent(one.rebuffer, 1), one.views) for one in leaders],
    }
