"""DuckDB on the raw events: the SQL that a careful analyst writes over the Parquet files of `events`, nothing prepared.

A view is a GROUP BY view_id with as much of the contract as the number needs. Only the needed columns are read,
partitions and videos are pruned, and curves are swept (+1 where a stretch begins, -1 behind its end, running sum)
instead of unnested by the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.analytics import duckdb_curves as curves
from benchmarks.analytics import duckdb_numbers as numbers
from benchmarks.analytics.questions import Question
from benchmarks.analytics.slices import Slices

CURVES = {
    "audience_retention": curves.retention,
    "most_replayed": curves.replays,
    "skipped_sections": curves.skips,
    "drop_offs": curves.drop_offs,
    "speed_by_second": curves.speed,
}


class DuckDB:
    """The peer; its connection stays open between answers."""

    name = "DuckDB"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        self._durations = durations
        self._connection = duckdb.connect()
        self._connection.execute(f"SET threads = {threads}")
        self._connection.execute(f"SET temp_directory = '{scratch}'")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET parquet_metadata_cache = true")
        source = f"read_parquet('{glob}', hive_partitioning = true, hive_types = {{'dt': DATE}})"
        self._connection.execute(f"CREATE VIEW events AS FROM {source}")
        lengths = pa.table({"video_id": list(durations), "duration_s": list(durations.values())})
        self._connection.register("incoming", lengths)
        self._connection.execute("CREATE TABLE videos AS FROM incoming")

    def answer(self, question: Question) -> pa.Table:
        return self._connection.sql(self.sql(question)).to_arrow_table()

    def sql(self, question: Question) -> str:
        """The whole statement."""
        curve = CURVES.get(question.metric)
        if curve is None:
            return numbers.returning(question) if question.metric == "returning_viewers" else numbers.numbers(question)
        assert question.selection.video_id is not None
        return curve(question, Slices.of(self._durations[question.selection.video_id]))

    def close(self) -> None:
        self._connection.close()
