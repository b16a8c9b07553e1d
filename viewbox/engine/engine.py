"""The engine: an in-process DuckDB whose tables are a consistent snapshot of the lake and the catalog.

For trusted SQL only (metrics, rollup checks, exports): it may read files. Strangers' SQL goes through the sandbox.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping

import duckdb
import pyarrow as pa

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine.snapshot import LakeReader, Snapshot
from viewbox.engine.sources import catalog_sources, file_source, lake_dataset, lake_sources
from viewbox.engine.views import UNLISTED, comments, uncut_definitions, view_definitions
from viewbox.settings import Settings
from viewbox.tables import TABLES, arrow_schema

Params = Mapping[str, object]
# Small, and asked for by nearly every question: worked out once for a snapshot.
HELD = frozenset({"real_videos", "revision_lengths", "bootstrap_draws"})
MAX_REMEMBERED = 256  # one-row answers of a snapshot


class Reading:
    """Queries over one moment. `as_of_ms`: when it was looked up."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot, remembered: dict[object, pa.Table]
    ) -> None:
        self._cursor = cursor
        self._remembered = remembered
        self.snapshot = snapshot
        self.as_of_ms = snapshot.as_of_ms

    def query(self, sql: str, params: Params | None = None) -> pa.Table:
        """The rows of one SELECT, timestamps in UTC, JSON as text. Raises duckdb.Error."""
        relation = self._cursor.sql(sql, params=dict(params) if params else None)
        return relation.to_arrow_table()

    def query_once(self, sql: str, params: Params | None = None) -> pa.Table:
        """Like `query`, asked once a snapshot: for the row of counts that all charts of a page share."""
        key = (sql, tuple(sorted((params or {}).items())))
        if key not in self._remembered:
            answer = self.query(sql, params)
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = answer
            return answer
        return self._remembered[key]

    def hold(self, names: Iterable[str], video_id: str | None = None) -> None:
        """Copy tables into memory, one video's rows or all: what this reading asks next reads no files.

        Worth it for a page of many queries over few views; the copies end with the reading.
        """
        of_video, values = (
            ("WHERE video_id = $video_id", {"video_id": video_id}) if video_id is not None else ("", None)
        )
        for name in (*names, *(name for name in UNLISTED if name not in HELD)):
            # A temporary table stands in front of the view of its name.
            self._cursor.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name} {of_video}", values)  # noqa: S608  # our own names


class Engine:
    """Thread-safe. Holds one DuckDB per lake snapshot, shared by all queries until the lake moves on."""

    def __init__(self, settings: Settings, catalog: Catalog, *, described: bool = False) -> None:
        self._described = described
        self._root = settings.lake
        self._catalog = catalog
        self._reader = LakeReader(settings.lake)
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._versions: dict[str, int] = {}
        self._listed: dict[str, pa.Table] = {}
        self._fingerprint: list[tuple[object, ...]] | None = None
        self._remembered: dict[object, pa.Table] = {}

    def query(self, sql: str, params: Params | None = None) -> pa.Table:
        """Like `Reading.query`, over a fresh snapshot."""
        with self.reading() as reading:
            return reading.query(sql, params)

    def tables(self) -> dict[str, pa.Table]:
        """Every table of the contract, whole: for notebooks and tests, not for large lakes."""
        with self.reading() as reading:
            return {name: reading.query(f"SELECT * FROM {name}") for name in TABLES}  # noqa: S608  # our own names

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reading]:
        """Several queries over one and the same moment."""
        snapshot = self._reader.look()
        cursor, remembered = self._cursor(snapshot)
        try:
            yield Reading(cursor, snapshot, remembered)
        finally:
            cursor.close()

    def versions(self) -> dict[str, int]:
        """Version of each lake table at the newest consistent moment: equal ones mean that nothing changed there."""
        return self._reader.look().versions

    def forget(self) -> None:
        """Drop the answers that `Reading.query_once` kept, as a new snapshot does: for measurements."""
        with self._lock:
            self._remembered.clear()

    def close(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _cursor(self, snapshot: Snapshot) -> tuple[duckdb.DuckDBPyConnection, dict[object, pa.Table]]:
        """A cursor on the snapshot's database, and the answers that belong to it."""
        fingerprint = self._catalog.fingerprint()
        with self._lock:
            current = self._versions == snapshot.versions and self._fingerprint == fingerprint
            if self._database is None or not current:
                if self._fingerprint != fingerprint:
                    self._listed, self._fingerprint = catalog_sources(self._catalog), fingerprint
                # Cursors of the older snapshot keep their database alive until they close.
                self._database = snapshot_database(self._root, snapshot, self._listed)
                if self._described:
                    self._database.execute(";\n".join(comments()))
                self._versions, self._remembered = snapshot.versions, {}
            return self._database.cursor(), self._remembered


def open_engine(settings: Settings, *, described: bool = False) -> Engine:
    """An engine over the lake and catalog of these settings; an empty lake is fine: all tables exist, without rows.

    `described` writes the data dictionary onto tables and columns as comments: 50 ms more for each new snapshot.
    """
    return Engine(settings, Catalog(open_database(settings.database)), described=described)


def snapshot_database(root: str, snapshot: Snapshot, catalog: Mapping[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """A database in memory with the contract's tables, reading the snapshot's files."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    # Footers of immutable files are read once, not at each query.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    # Local files lie in the system's cache: handing small reads to other threads costs more than reading them.
    connection.execute("SET GLOBAL async_threads = 0")
    sources = lake_sources(snapshot)
    for source in sources:
        if not source.files:
            _hold(connection, source.name, arrow_schema(source.table).empty_table())
        elif "://" in root:
            _hold(connection, source.name, lake_dataset(root, source, snapshot))
        else:
            connection.execute(f"CREATE VIEW {source.name} AS {file_source(source.table, source.files)}")
    for name, table in catalog.items():
        _hold(connection, name, table)
    is_settled = not any(source.name == "touched_views" and source.files for source in sources)
    connection.execute(";\n".join(view_definitions(held=HELD, is_settled=is_settled)))
    (hidden,) = connection.execute("SELECT count(*) FROM real_videos WHERE has_synthetic").fetchall()[0]
    if not hidden:
        connection.execute(";\n".join(uncut_definitions()))
    return connection


def _hold(connection: duckdb.DuckDBPyConnection, name: str, data: object) -> None:
    """Copy Arrow data into a table: registered objects are seen by one cursor only, tables by all."""
    connection.register("incoming", data)
    connection.execute(f"CREATE TABLE {name} AS FROM incoming")
    connection.unregister("incoming")
