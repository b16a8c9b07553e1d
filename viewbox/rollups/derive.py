"""sql/models/*.sql over the events of some views, in a DuckDB of their own. Pure: files and numbers in, Arrow out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from viewbox.engine.sources import file_source
from viewbox.engine.views import model
from viewbox.events import EVENT_CLASSES
from viewbox.ids import view_date
from viewbox.rollups.ledger import FACTS, Length, Revision
from viewbox.tables import arrow_schema, find_table, sql_name

Range = tuple[str, str]  # first and last view_id
KEPT_MEMORY = "512 MiB"  # of a process that only derives; beyond it memory goes back to the system

# Columns of events that the models read; the others stay in their files.
_EVENT_COLUMNS = (
    "view_id", "seq", "video_id", "revision", "viewer_id", "viewer_kind", "session_id", "source", "browser", "os",
    "device_type", "country", "is_bot", "type", "t_ms", "occurred_at", "position_s", "from_s", "to_s", "wait_ms",
    "cause", "rate", "wall_ms", "visible", "muted", "mode", "height", "bitrate_bps", "dropped_frames", "total_frames",
    "fatal", "code", "context", "received_at", "clock_offset_ms",
)  # fmt: skip
_UNCAST = frozenset({"MARKS", "STRETCHES", "RANGES", "JSON"})  # already what Arrow stores
_NONE: Mapping[str, pa.Array] = MappingProxyType({})
_LENGTHS = pa.schema(
    [("video_id", pa.string()), ("revision", pa.int64()), ("duration_s", pa.float64()), ("slices", pa.int64())]
)


_EVENT_TYPES = ", ".join(f"'{kind.__struct_config__.tag}'" for kind in EVENT_CLASSES)

# Whether `heads` and `touched_events` came in the order of view_id and seq.
_IN_ORDER = """
SELECT NOT EXISTS (FROM (SELECT view_id <= lag(view_id) OVER () AS wrong FROM heads WHERE opens) WHERE wrong)
AND NOT EXISTS (
    FROM (SELECT view_no = lag(view_no) OVER () AND seq <= lag(seq) OVER () AS wrong FROM touched_events) WHERE wrong
)
"""


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One DuckDB for all models of a process: starting one costs as much as deriving a hundred views."""
    return duckdb.connect()


def connect() -> duckdb.DuckDBPyConnection:
    """A cursor of this process's DuckDB, with temporary tables of its own."""
    connection = _database().cursor()
    # In a pool's process DuckDB takes itself for a notebook and draws bars on stdout.
    connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
    return connection


def work_alone_on(cores: int) -> None:
    """For a process that does nothing but derive: use so many cores, and keep memory from one set of views to the next.

    Taking pages from the system and giving them back for each set was a quarter of a full rebuild.
    """
    _database().execute(f"SET GLOBAL threads = {cores}; SET GLOBAL block_allocator_memory = '{KEPT_MEMORY}'")


class Models:
    """The models over one set of views. Use as a context manager; one thread."""

    def __init__(self) -> None:
        self._connection = connect()
        self._connection.execute(f"CREATE TEMP TYPE event_type AS ENUM ({_EVENT_TYPES})")

    def __enter__(self) -> Models:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def load_views(self, files: tuple[str, ...], view_ids: Collection[str]) -> None:
        """Take the events of some views: only the partitions of their ids' dates are opened."""
        source = f"({file_source('events', files)})" if files else "no_events"
        if not files:
            self._hold("no_events", arrow_schema("events").empty_table())
        chosen = f"dt IN ({dates({view_date(view_id) for view_id in view_ids})}) AND {one_of(view_ids)}"
        self._take_events(source, chosen)

    def load_range(self, files: tuple[str, ...], within: Range | None, *, in_order: bool) -> None:
        """Take all events of these files, or of the views whose ids are `within` two.

        `in_order`: the files are probably in the order of view_id and seq; when they turn out not to be, they are read
        again and sorted, which takes twice the time.
        """
        source = f"({file_source('events', files)})"
        condition = "true" if within is None else f"view_id BETWEEN '{within[0]}' AND '{within[1]}'"
        if in_order and self._take_ordered_events(f"SELECT * FROM {source} WHERE {condition}"):  # noqa: S608  # our own ids
            return
        self._take_events(source, condition)

    def draft(self) -> None:
        """Work out what views are before their video's duration matters."""
        for name in ("signals", "turns", "stretches", "view_drafts"):
            self._make(name)

    def drafts(self) -> pa.Table:
        """What `draft` worked out, for `hold_drafts` of another process."""
        return self._rows("FROM view_drafts", {})

    def hold_drafts(self, drafts: pa.Table) -> None:
        self._connection.register("view_drafts", drafts)  # read once: not worth a copy

    def facts(self, now_ms: int) -> pa.Table:
        """Rows of sql/models/view_facts.sql, columns as `FACTS`."""
        return self._rows(model("view_facts.sql"), {"now_ms": now_ms}).select(FACTS.names).cast(FACTS)

    @staticmethod
    def no_facts() -> pa.Table:
        return FACTS.empty_table()

    def views(self, lengths: Mapping[Revision, Length], *, now_ms: int, step: int) -> pa.Table:
        """Rows of `views`, hidden columns included."""
        rows = [
            {"video_id": key[0], "revision": key[1], "duration_s": length.duration_s, "slices": length.slices}
            for key, length in lengths.items()
        ]
        self._hold("durations", pa.Table.from_pylist(rows, schema=_LENGTHS))
        return self._typed("views", model("views.sql"), {"now_ms": now_ms, "step": step})

    def intervals(self, views: pa.Table | None = None, *, step: int, coded: bool = False) -> pa.Table:
        """Rows of `intervals` that belong to these rows of `views`; without any, to the drafts.

        `coded`: the ids come as numbers with a dictionary, for whoever writes many rows: ids are long, and few.
        """
        if views is not None:
            self._hold("chosen", views.select(["view_id", "video_id", "revision", "viewer_id", "dt"]))
        chosen = "view_drafts" if views is None else "chosen"
        columns = "heads.view_no, l.view_id, l.video_id, l.revision, l.viewer_id, l.dt"
        labels = self._rows(f"SELECT {columns} FROM {chosen} AS l JOIN heads USING (view_id) WHERE heads.opens", {})  # noqa: S608  # our own names
        labels, texts = _coded(labels, ("view_id", "video_id", "viewer_id") if coded else ())
        self._hold("labels", labels)
        return self._typed("intervals", model("intervals.sql"), {"step": step}, texts)

    def counts(self, views: pa.Table, *, coded: bool = False) -> tuple[pa.Table, pa.Table]:
        """Deltas of `days` and of `seconds` from rows of `views` with a column `sign`: +1 for what is and -1 for what
        was. `coded` as for `intervals`.
        """
        views, texts = _coded(views, ("video_id",) if coded else ())
        self._connection.register("state_views", views)  # read twice: not worth a copy
        return self._typed("days", model("days.sql"), {}, texts), self._typed(
            "seconds", model("seconds.sql"), {}, texts
        )

    def _take_events(self, source: str, condition: str = "true") -> None:
        """`heads` and `touched_events`, in the order that the models rely on."""
        columns = ", ".join(_EVENT_COLUMNS)
        chosen = f"SELECT {columns} FROM {source} WHERE {condition} ORDER BY view_id, seq"  # noqa: S608  # our own names, quoted ids
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE sorted_events AS {chosen}")
        self._take_ordered_events("FROM sorted_events")
        self._connection.execute("DROP VIEW ordered_events; DROP TABLE sorted_events")

    def _take_ordered_events(self, rows: str) -> bool:
        """`heads` and `touched_events` of rows that are in order, or False when they were not."""
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW ordered_events AS {rows}")
        self._make("heads")
        self._make("touched_events")
        return bool(self._connection.sql(_IN_ORDER).fetchall()[0][0])

    def _make(self, name: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {model(f'{name}.sql')}")

    def _typed(
        self, table: str, sql: str, params: Mapping[str, object], texts: Mapping[str, pa.Array] = _NONE
    ) -> pa.Table:
        """A model's rows with exactly the columns and types that the table has on disk.

        `texts`: for columns that hold codes, what these stand for; such a column becomes an Arrow dictionary.
        """
        columns = find_table(table).columns + find_table(table).hidden
        casts = ", ".join(
            f'"{column.name}"'
            if column.type in _UNCAST or column.name in texts
            else f'CAST("{column.name}" AS {sql_name(column)})'
            for column in columns
        )
        rows = self._rows(f"SELECT {casts} FROM ({sql})", params)  # noqa: S608  # our own files and names
        schema = arrow_schema(table)
        rows = rows.rename_columns(schema.names)
        for name, text in texts.items():
            coded = pa.DictionaryArray.from_arrays(rows[name].combine_chunks(), text)
            place = schema.get_field_index(name)
            rows = rows.set_column(place, name, coded)
            schema = schema.set(place, pa.field(name, coded.type))
        return rows.cast(schema)

    def _rows(self, sql: str, params: Mapping[str, object]) -> pa.Table:
        return self._connection.sql(sql, params=dict(params) or None).to_arrow_table()

    def _hold(self, name: str, data: pa.Table) -> None:
        self._connection.register("incoming", data)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
        self._connection.unregister("incoming")


def _coded(rows: pa.Table, columns: Collection[str]) -> tuple[pa.Table, dict[str, pa.Array]]:
    """Rows with numbers in place of some columns' text, in its order, and what they stand for."""
    texts: dict[str, pa.Array] = {}
    for name in columns:
        column = rows[name].combine_chunks()
        texts[name] = pc.unique(column).drop_null().sort()
        rows = rows.set_column(rows.column_names.index(name), name, pc.index_in(column, texts[name]))
    return rows, texts


def views_in(files: tuple[str, ...], within: Range | None = None) -> list[str]:
    """The ids of all views of these files of `events`, or of those `within` two, sorted."""
    condition = "true" if within is None else f"view_id BETWEEN '{within[0]}' AND '{within[1]}'"
    sql = f"SELECT DISTINCT view_id FROM ({file_source('events', files)}) WHERE {condition} ORDER BY view_id"  # noqa: S608  # our own files
    with connect() as connection:
        found: list[str] = connection.sql(sql).to_arrow_table()["view_id"].to_pylist()
    return found


def dates(days: Collection[date]) -> str:
    """Dates as a list of SQL literals."""
    return ", ".join(f"DATE '{day.isoformat()}'" for day in sorted(days))


def one_of(view_ids: Collection[str]) -> str:
    """A condition on view_id, in literals: unlike a join's, DuckDB takes these into the Parquet scan (10 × less work
    for a handful of views among 800,000 events, and never more up to a step's 20,000).
    """
    listed = ", ".join("'" + view_id.replace("'", "''") + "'" for view_id in sorted(view_ids))
    return f"view_id IN ({listed})" if view_ids else "false"
