"""What a data set holds that the questions are about: its range, its most-watched video, its longest, its plans."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmarks.analytics.questions import World
from benchmarks.process import BenchmarkFailed
from viewbox.engine import Engine, Reading

ZONE = "Asia/Kolkata"  # half an hour off: its midnights are no whole UTC hours
RANGE_DAYS = 30
WEEK_DAYS = 7
OPEN_COLUMNS = ("custom", "experiment")  # the second where an audience has no custom dimensions
LEAST_LONG_S = 9.5 * 3600  # what counts as a very long video


def look(engine: Engine) -> World:
    """Find it in the tables. Raises BenchmarkFailed when the data set cannot answer the whole query set."""
    lengths = durations(engine)
    with engine.reading() as reading:
        last = reading.query("SELECT max(started_at) AS at FROM views WHERE is_valid")["at"][0].as_py()
        if last is None:
            raise BenchmarkFailed("the data set has no valid view")
        top = _first(reading.query("SELECT video_id FROM views WHERE is_valid GROUP BY ALL ORDER BY count(*) DESC, 1"))
        watched = set(reading.query("SELECT DISTINCT video_id FROM views WHERE is_valid")["video_id"].to_pylist())
        dimension = next(filter(None, (_open_dimension(reading, column, top) for column in OPEN_COLUMNS)), None)
        browser = _first(
            reading.query(
                "SELECT browser FROM views WHERE is_valid AND video_id = $video_id AND browser IS NOT NULL"
                " GROUP BY browser ORDER BY count(*) DESC, browser",
                {"video_id": top},
            )
        )
    long = max(watched, key=lambda video_id: (lengths.get(video_id, 0.0), video_id))
    if lengths.get(long, 0.0) < LEAST_LONG_S:
        raise BenchmarkFailed("no watched video is ten hours long")
    if dimension is None:
        raise BenchmarkFailed("no view of the most-watched video has a custom dimension")
    until = datetime.combine(last.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    week_until = datetime.combine(last.astimezone(UTC).date() - timedelta(days=1), time(), ZoneInfo(ZONE))
    return World(
        since=until - timedelta(days=RANGE_DAYS), until=until, zone=ZONE,
        week_since=week_until - timedelta(days=WEEK_DAYS), week_until=week_until,
        top_video=top, top_duration_s=lengths[top], long_video=long, long_duration_s=lengths[long],
        dimension=dimension, browser=browser,
    )  # fmt: skip


def durations(engine: Engine) -> dict[str, float]:
    """Length of each video: a table that an analyst has beside the events."""
    found = engine.query("SELECT video_id, duration_s FROM videos WHERE duration_s IS NOT NULL")
    return dict(zip(found["video_id"].to_pylist(), found["duration_s"].to_pylist(), strict=True))


def _open_dimension(reading: Reading, column: str, video_id: str) -> tuple[str, str] | None:
    """(`custom.KEY`, its most frequent value); None when no view has any."""
    found = reading.query(
        f"SELECT {column}::VARCHAR AS texts FROM views WHERE is_valid AND video_id = $video_id AND {column} IS NOT NULL"
        f" GROUP BY texts ORDER BY count(*) DESC, texts",
        {"video_id": video_id},
    )["texts"].to_pylist()
    pairs = sorted(json.loads(found[0]).items()) if found else []
    return (f"{column}.{pairs[0][0]}", str(pairs[0][1])) if pairs else None


def _first(table: object) -> str:
    return str(next(iter(table.to_pylist()[0].values())))  # type: ignore[attr-defined]
