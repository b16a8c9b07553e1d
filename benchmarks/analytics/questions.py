"""The dashboard query set, defined once: what the pages ask of a lake, and which columns of the answers they show.

From dashboard/app_pages/overview.py, video.py and dashboard/ranking.py, with what an analyst asks beside them: a day
of another time zone, breakdowns, viewers who came back, a filtered heatmap, a very long video, a range that begins at
a local midnight. Peers give the columns named here and no others; ViewBox gives its whole answer, bootstrap intervals,
medians, histograms and data quality included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from viewbox.metrics import Selection

MAX_POINTS = 1000  # the video page's curves have no more: longer videos are resampled
COMPLETED_AT = 0.9  # the contract's `completed`
# Metric -> (what tells its rows apart beside label and period, the columns that are shown).
SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "views": ((), ("views",)),
    "unique_viewers": ((), ("unique_viewers", "page_viewers")),
    "total_watch_time": ((), ("total_watch_time", "playing_s", "waiting_s", "n")),
    "average_percentage_viewed": ((), ("average_percentage_viewed", "n")),
    # Its interval is asked for and timed too; above 50,000 views it comes from groups of viewers, so that it is not
    # compared to the last digit.
    "completion_rate": ((), ("completion_rate", "completed", "n")),
    "startup_time": ((), ("startup_time", "p75_s", "p95_s", "p99_s", "n")),
    "rebuffer_ratio": ((), ("rebuffer_ratio", "stalls", "stall_s", "n")),
    "playback_failures": ((), ("playback_failures", "startup_failures", "failures", "n")),
    "exits_before_start": (
        (),
        ("exits_before_start", "exits", "waited_0_1_s", "waited_1_3_s", "waited_3_10_s", "waited_10_s", "n"),
    ),
    "returning_viewers": ((), ("returning_viewers", "returning_viewer_share")),
    "audience_retention": (("second",), ("absolute", "unique", "n")),
    "most_replayed": (("second",), ("most_replayed", "extra", "n")),
    "skipped_sections": (("section",), ("from_s", "to_s", "share", "landed", "n")),
    "drop_offs": (("second",), ("drop_offs", "exits", "n")),
    "speed_by_second": (("second",), ("speed_by_second", "plays", "n")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the questions are about, found in a data set. Ranges are half-open."""

    since: datetime  # 30 days of UTC
    until: datetime
    zone: str
    week_since: datetime  # seven days of `zone`
    week_until: datetime
    top_video: str
    top_duration_s: float
    long_video: str
    long_duration_s: float
    dimension: tuple[str, str]  # `custom.KEY` and one of its values
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One metric over one selection; `keys` tell rows apart, `values` are compared."""

    name: str
    metric: str
    selection: Selection

    @property
    def keys(self) -> tuple[str, ...]:
        by = self.selection.by
        label = () if by == "all" else ("video_id" if by == "video" else by,)
        period = ("period",) if self.selection.grain else ()
        return (*label, *period, *SHOWN[self.metric][0])

    @property
    def values(self) -> tuple[str, ...]:
        columns = SHOWN[self.metric][1]
        return columns if self.selection.intervals else tuple(name for name in columns if not name.startswith("ci_"))

    @property
    def points(self) -> int:
        """Equal stretches that a curve is resampled to; 0: the video's own seconds."""
        return int(self.selection.params.get("points", 0))


def query_set(world: World) -> list[Question]:
    """The whole set, in the order of the pages."""
    days = {"since": world.since, "until": world.until}
    week = {"since": world.week_since, "until": world.week_until, "timezone": world.zone}
    top = {**days, "video_id": world.top_video}
    points = _points(world.top_duration_s)
    filters = {world.dimension[0]: (world.dimension[1],), "browser": (world.browser,)}

    def ask(name: str, metric: str, **selection: object) -> Question:
        return Question(name=name, metric=metric, selection=Selection(**selection))  # type: ignore[arg-type]

    return [
        *(
            ask(f"overview: {metric}", metric, by="all", **days)
            for metric in (
                "views", "unique_viewers", "total_watch_time", "average_percentage_viewed", "completion_rate",
                "startup_time", "rebuffer_ratio", "playback_failures", "exits_before_start",
            )
        ),
        ask("overview: views by day, local", "views", by="all", grain="day", timezone=world.zone, **days),
        ask("overview: rebuffer_ratio by device and day", "rebuffer_ratio", by="device_type", grain="day",
            intervals=False, **days),
        *(
            ask(f"top videos: {metric}", metric, intervals=False, **days)  # the table shows none
            for metric in (
                "views", "total_watch_time", "average_percentage_viewed", "completion_rate", "rebuffer_ratio",
            )
        ),
        ask("breakdown: completion_rate by browser", "completion_rate", by="browser", **days),
        ask("breakdown: total_watch_time by country", "total_watch_time", by="country", **days),
        ask("local week: views", "views", by="all", **week),
        ask("local week: unique_viewers", "unique_viewers", by="all", **week),
        ask("local week: returning_viewers", "returning_viewers", by="all", **week),
        ask("video: audience_retention", "audience_retention", **top, params=points),
        ask("video: most_replayed", "most_replayed", **top, params=points),
        *(
            ask(f"video: {metric}", metric, **top)
            for metric in ("skipped_sections", "drop_offs", "speed_by_second", "startup_time", "rebuffer_ratio")
        ),
        ask("video: retention of a custom value and browser", "audience_retention", **top, params=points,
            filters=filters),
        ask("video: retention in a local week", "audience_retention", video_id=world.top_video, params=points, **week),
        ask("10 h video: retention", "audience_retention", **days, video_id=world.long_video,
            params=_points(world.long_duration_s)),
        ask("10 h video: most_replayed", "most_replayed", **days, video_id=world.long_video,
            params=_points(world.long_duration_s)),
    ]  # fmt: skip


def _points(duration_s: float) -> dict[str, str]:
    """As dashboard/strips.py asks."""
    return {"points": str(MAX_POINTS)} if duration_s > MAX_POINTS + 0.5 else {}
