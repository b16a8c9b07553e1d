"""Tables of videos and tags: which lead, which fall. Pure: rows of metrics in, rows for people out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.queries import Listed
from viewbox import wording

METRICS = ("views", "total_watch_time", "average_percentage_viewed", "completion_rate", "rebuffer_ratio")
SHOWN = 25
CHANGE_METRICS = ("views", "total_watch_time")
FALLING_SHOWN = 10
TAG_METRICS = ("views", "total_watch_time", "average_percentage_viewed", "completion_rate")
TAGS_SHOWN = 12


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


@dataclass(frozen=True, slots=True)
class Change:
    """A video's playing time and views in two periods of equal length."""

    id: str
    title: str
    playing_before_s: float
    playing_s: float
    views_before: int
    views: int

    @property
    def lost_s(self) -> float:
        return self.playing_before_s - self.playing_s


def falling(
    before: Mapping[str, Sequence[Mapping[str, Any]]],
    now: Mapping[str, Sequence[Mapping[str, Any]]],
    listed: Mapping[str, Listed],
) -> list[Change]:
    """Videos that are played less than before, the greatest loss first; those of few views then are left out.

    `before` and `now` hold the rows of each of CHANGE_METRICS, by video.
    """

    def value(rows: Mapping[str, Sequence[Mapping[str, Any]]], name: str, column: str) -> Mapping[str, Any]:
        return {row["video_id"]: row[column] or 0 for row in rows[name]}

    views_before, views_now = (value(rows, "views", "views") for rows in (before, now))
    played_before, played_now = (value(rows, "total_watch_time", "playing_s") for rows in (before, now))
    found = [
        Change(
            id=video_id,
            title=listed[video_id].title if video_id in listed else video_id,
            playing_before_s=float(played_before.get(video_id, 0)),
            playing_s=float(played_now.get(video_id, 0)),
            views_before=views,
            views=views_now.get(video_id, 0),
        )
        for video_id, views in views_before.items()
        if views >= wording.MIN_VIEWS
    ]
    fallen = [one for one in found if one.lost_s > 0]
    return sorted(fallen, key=lambda one: (-one.lost_s, one.id))[:FALLING_SHOWN]


def falling_table(changes: Sequence[Change]) -> dict[str, list[Any]]:
    """Columns as a person reads them."""
    return {
        "Title": [one.title for one in changes],
        "Playing before": [wording.long_time(one.playing_before_s) for one in changes],
        "Playing now": [wording.long_time(one.playing_s) for one in changes],
        "Change": [f"−{wording.percent(one.lost_s / one.playing_before_s)}" for one in changes],
        "Views": [f"{wording.count(one.views_before)} → {wording.count(one.views)}" for one in changes],
    }


def leading_tags(listed: Sequence[Listed], views: Mapping[str, int]) -> list[str]:
    """The tags whose videos have the most views of all time, TAGS_SHOWN at most."""
    counts: dict[str, int] = {}
    for video in listed:
        for tag in video.tags:
            counts[tag] = counts.get(tag, 0) + views.get(video.id, 0)
    return sorted(counts, key=lambda tag: (-counts[tag], tag))[:TAGS_SHOWN]


def tag_table(rows: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """Columns as a person reads them, from the one row of each of TAG_METRICS by tag; the most played first."""
    ordered = tags_in_order(rows)

    def share(tag: str, name: str) -> str:
        row = rows[tag][name]
        return wording.rate_or_too_few(wording.percent(row[name]), row.get("n") or 0)

    return {
        "Tag": ordered,
        "Views": [wording.count(rows[tag]["views"]["views"]) for tag in ordered],
        "Playing": [wording.long_time(rows[tag]["total_watch_time"]["playing_s"] or 0) for tag in ordered],
        "Average % viewed": [share(tag, "average_percentage_viewed") for tag in ordered],
        "Completion": [share(tag, "completion_rate") for tag in ordered],
    }


def tags_in_order(rows: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """The tags of `tag_table`, by playing time; those without a view in the period are left out."""
    seen = [tag for tag, row in rows.items() if row["views"]["views"]]
    return sorted(seen, key=lambda tag: (-(rows[tag]["total_watch_time"]["playing_s"] or 0), tag))
