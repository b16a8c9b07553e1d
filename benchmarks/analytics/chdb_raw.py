"""ClickHouse, in process (chDB), on the raw events: the same answers over the same Parquet files, in its own dialect.

The queries do what those of `duckdb_raw` do, with ClickHouse's own means: -If aggregates, `argMin`, `uniqExact`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from chdb.session import Session

from benchmarks.analytics import chdb_curves as curves
from benchmarks.analytics import chdb_numbers as numbers
from benchmarks.analytics.chdb_views import EVENTS
from benchmarks.analytics.questions import Question
from benchmarks.analytics.slices import Slices

SETTINGS = {
    "enable_materialized_cte": 1,
    "prefer_column_name_to_alias": 1,  # as other engines read a name
    "join_use_nulls": 1,  # SQL's own outer joins
    "use_hive_partitioning": 1,  # `dt` from the path: partitions are pruned
    "max_bytes_before_external_sort": 4_000_000_000,
    "max_bytes_before_external_group_by": 4_000_000_000,
}


CURVES = {
    "audience_retention": curves.retention,
    "most_replayed": curves.replays,
    "skipped_sections": curves.skips,
    "drop_offs": curves.drop_offs,
    "speed_by_second": curves.speed,
}


class ClickHouse:
    """The peer; its session stays open between answers."""

    name = "chDB"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        self._durations = durations
        make: Any = Session  # untyped
        self._session = make(str(scratch / "chdb"))
        for name, value in {**SETTINGS, "max_threads": threads}.items():
            self._session.query(f"SET {name} = {value}")
        self._session.query("CREATE DATABASE IF NOT EXISTS bench")
        self._session.query("USE bench")
        self._session.query(f"CREATE OR REPLACE VIEW {EVENTS} AS SELECT * FROM file('{glob}', Parquet)")
        self._session.query("CREATE OR REPLACE TABLE videos (video_id String, duration_s Float64) ENGINE = Memory")
        rows = ", ".join(f"('{video_id}', {duration_s!r})" for video_id, duration_s in durations.items())
        self._session.query(f"INSERT INTO videos VALUES {rows}")

    def answer(self, question: Question) -> pa.Table:
        answer: pa.Table = self._session.query(self.sql(question), "ArrowTable")
        return answer

    def sql(self, question: Question) -> str:
        """The whole statement."""
        curve = CURVES.get(question.metric)
        if curve is None:
            return numbers.returning(question) if question.metric == "returning_viewers" else numbers.numbers(question)
        assert question.selection.video_id is not None
        return curve(question, Slices.of(self._durations[question.selection.video_id]))

    def close(self) -> None:
        self._session.close()
