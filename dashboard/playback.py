"""How well playing went: renditions, worst segments, error codes, complete data. Pure: rows in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard import charts, metric_charts, metric_view
from viewbox import wording
from viewbox.metrics import Metric

Rows = Sequence[Mapping[str, Any]]
SPLITS = ("device_type", "browser", "os", "country", "player_version")
CODES = 8  # error codes with a bar of their own


@dataclass(frozen=True, slots=True)
class Rendition:
    """One picture height: `height` None where the player does not say."""

    height: int | None
    playing_s: float
    share: float
    stall_s: float
    stalls: int
    views: int

    @property
    def label(self) -> str:
        return f"{self.height}p" if self.height else "unknown"

    @property
    def stalled(self) -> float | None:
        """Time stalled ÷ time played or stalled."""
        whole = self.playing_s + self.stall_s
        return self.stall_s / whole if whole else None


def renditions(rows: Rows) -> list[Rendition]:
    """From `renditions`, of one video or of many added up: the tallest last, the unknown first."""
    whole = sum(row["playing_s"] for row in rows)
    heights = sorted({row["height"] for row in rows}, key=lambda height: height or 0)

    def added(height: int | None, column: str) -> Any:
        return sum(row[column] for row in rows if row["height"] == height)

    return [
        Rendition(
            height, added(height, "playing_s"), added(height, "playing_s") / whole if whole else 0.0,
            added(height, "stall_s"), added(height, "stalls"), added(height, "n"),
        )
        for height in heights
    ]  # fmt: skip


def shares(found: Sequence[Rendition]) -> go.Figure | None:
    """Share of the time played at each height."""
    if not any(one.playing_s for one in found):
        return None
    texts = [
        f"{one.label}: {wording.percent(one.share)} of the time played, {wording.long_time(one.playing_s)}"
        for one in found
    ]
    figure = charts.bars([one.label for one in found], [100 * one.share for one in found], charts.RETENTION, texts)
    figure.update_yaxes(ticksuffix="\u202f%")
    return figure


def stalled(found: Sequence[Rendition]) -> go.Figure | None:
    """Share of the time at each height that was spent stalled; none for heights of few views."""
    enough = [one for one in found if one.views >= wording.MIN_VIEWS and one.stalled is not None]
    if not any(one.stalled for one in enough):
        return None
    texts = [
        f"{one.label}: {wording.percent(one.stalled, 1)} stalled, {wording.number_of(one.stalls, 'stall')}"
        for one in enough
    ]
    values = [100 * (one.stalled or 0) for one in enough]
    figure = charts.bars([one.label for one in enough], values, charts.STALL, texts)
    figure.update_yaxes(ticksuffix="\u202f%")
    return figure


def worst_first(rows: Rows) -> list[Mapping[str, Any]]:
    """From `worst_segments`: the greatest negative impact first."""
    return sorted(rows, key=lambda row: (-row["worst_segments"], row["video_id"], row["from_s"]))


def worst_table(rows: Rows, titles: Mapping[str, str], newest: Mapping[str, int]) -> dict[str, list[Any]]:
    """Columns for people. A revision is named where it is not the newest."""
    found = worst_first(rows)
    return {
        "Video": [
            titles.get(row["video_id"], row["video_id"])
            + (
                f" (revision {row['revision']})"
                if row["revision"] not in {None, newest.get(row["video_id"], row["revision"])}
                else ""
            )
            for row in found
        ],
        "Where": [wording.span(row["from_s"], row["to_s"]) for row in found],
        "Waited": [wording.long_time(row["stall_s"]) for row in found],
        "Views that stalled": [f"{row['affected']:,} of {row['n']:,}" for row in found],
        "Stalls": [wording.count(row["stalls"]) for row in found],
        "Mostly at": [f"{row['height']}p" if row["height"] else wording.NONE for row in found],
        "Impact": [round(row["worst_segments"]) for row in found],
    }


def by_group(metric: Metric, rows: Rows, by: str) -> tuple[go.Figure | None, str]:
    """Bars by device, browser and so on, and the words beneath: what is left out, what the whiskers are."""
    leading = metric_view.leading(metric, rows, metric_charts.MAX_BARS)
    figure = metric_charts.groups(metric, leading, [metric_view.label_of(row, by, {}) for row in leading])
    said = [
        metric_view.left_out(metric, rows, "group"),
        "whiskers are 95\u202f% intervals" if metric.interval is not None and leading else "",
        f"n {sum(row['n'] for row in rows):,}",
    ]
    return figure, " · ".join(part for part in said if part)


def by_day(metric: Metric, rows: Rows) -> tuple[go.Figure | None, str]:
    """A line over days with its band, and the words beneath."""
    figure = metric_charts.periods(metric, {None: rows}, {None: ""}, "day") if rows else None
    said = [
        metric_view.left_out(metric, rows, "day"),
        "the band is the 95\u202f% interval" if metric.interval is not None and figure else "",
        f"n {sum(row['n'] for row in rows):,}",
    ]
    return figure, " · ".join(part for part in said if part)


def codes(by_code: Rows) -> go.Figure | None:
    """Failures by the first fatal error's code."""
    found = list(by_code)[:CODES]
    if not found:
        return None
    labels = [row["code"] or metric_view.UNKNOWN for row in found]
    texts = [
        f"{label}: {wording.number_of(row['failures'], 'failure')}, {row['startup']:,} at start-up"
        for label, row in zip(labels, found, strict=True)
    ]
    figure = charts.bars(labels, [row["failures"] for row in found], charts.STALL, texts)
    figure.update_yaxes(dtick=1 if max(row["failures"] for row in found) <= charts.FEW else None)
    return figure


def data_facts(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(what, how much, what it means) of the row of `data_quality`."""
    n = row.get("n") or 0

    def share(count: int) -> str:
        return f"{wording.percent(count / n)} of views" if n else ""

    offset = row.get("median_clock_offset_s")
    return [
        ("Whole views", wording.percent(row.get("data_quality")), "no gap, an end that was reported, sound clocks"),
        ("Missing events", wording.count(row["gaps"] or 0), "sent by a player, never arrived"),
        ("Ended in silence", wording.count(row["timeouts"] or 0), share(row["timeouts"] or 0)),
        ("Late events", wording.count(row["late_events"] or 0), "more than 5 min after they happened"),
        ("Odd intervals", wording.count(row["inconsistent"] or 0), "media and clock time disagree"),
        ("Refused events", wording.count(row["dead_letters"] or 0), "in the table dead_letters, each with its reason"),
        ("Robots", wording.count(row["bots"] or 0), "left out everywhere else"),
        ("Under a second", wording.count(row["invalid"] or 0), "no view yet"),
        ("Known for one page", wording.count(row["page_views"] or 0), "viewers who keep no id"),
        ("Clock offset", wording.seconds(offset), "median; corrected in every time"),
    ]
