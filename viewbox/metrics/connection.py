"""The notebook API: `viewbox.connect()` gives SQL, metrics and tables as Arrow, pandas or Polars.

`viewbox.connect(url, token)` gives the same from a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import overload

from viewbox import settings as settings_module
from viewbox.engine import Engine, Reading, open_engine
from viewbox.engine.views import UNLISTED
from viewbox.export import with_plain_integers
from viewbox.metrics.answer import Answer, Connection, FilterValue, Moment, selection_pairs
from viewbox.metrics.files import metrics
from viewbox.metrics.remote import RemoteConnection
from viewbox.metrics.runner import run
from viewbox.metrics.selection import parse_selection
from viewbox.sandbox.guard import SERIALIZE_SQL, SYSTEM_VIEWS_SQL, Names, StatementBroken, StatementRefused, check
from viewbox.sandbox.parent import SqlError, SqlRefused
from viewbox.settings import Settings
from viewbox.tables import TABLES

__all__ = ["Answer", "Connection", "LocalConnection", "RemoteConnection", "connect"]


class LocalConnection:
    """The lake and catalog of this machine's settings. Each call sees the newest data; thread-safe."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine

    def __enter__(self) -> LocalConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def sql(self, query: str) -> Answer:
        """The rows of one SELECT over the tables of `viewbox sql --schema`; nothing else runs, nothing is written.

        The statement is looked through as in `viewbox sql`, but runs in this process, without limits of time or
        memory. Raises SqlRefused, SqlError and duckdb.Error.
        """
        with self._engine.reading() as reading:
            _check(reading, query)
            table = reading.query(query)
        return Answer(with_plain_integers(table), query)

    def metric(
        self, name: str, *, params: Mapping[str, object] | None = None, since: Moment | None = None,
        until: Moment | None = None, filters: Mapping[str, FilterValue] | None = None, **selection: str,
    ) -> Answer:  # fmt: skip
        """A metric: `metric("views", video_id="…", since="2026-11-01", grain="day", filters={"browser": "Firefox"})`.

        Raises NotFound for an unknown metric and InvalidInput for a selection that cannot be.
        """
        pairs = selection_pairs(params, since, until, filters, selection)
        result = run(self._engine, name, parse_selection(pairs, self._settings.timezone))
        return Answer(with_plain_integers(result.table), result.sql, result.quality)

    def metrics(self) -> list[str]:
        """Names of all metrics."""
        return list(metrics())

    def tables(self) -> list[str]:
        """Names of all tables; the table `columns` describes each."""
        return [row["table_name"] for row in self.sql("SELECT DISTINCT table_name FROM columns ORDER BY ALL").rows()]

    def close(self) -> None:
        self._engine.close()


@overload
def connect() -> LocalConnection: ...


@overload
def connect(url: str, token: str | None = None) -> RemoteConnection: ...


def connect(url: str | None = None, token: str | None = None) -> LocalConnection | RemoteConnection:
    """Open the data of this machine, or of a server.

    Without a URL, `VIEWBOX_DATA_DIR` and the other settings say where the data is. `url` is a server's address and
    `token` its VIEWBOX_SECRET, where it has one. Raises InvalidInput for what is no address.
    """
    if url is not None:
        return RemoteConnection(url, token)
    settings = settings_module.load()
    return LocalConnection(settings, open_engine(settings))


def _check(reading: Reading, query: str) -> None:
    """Raise SqlRefused or SqlError for whatever is not one SELECT over the tables."""
    if "\0" in query:
        raise SqlRefused("a statement holds no NUL")
    system = reading.query(SYSTEM_VIEWS_SQL).column(0).to_pylist()
    serialized = reading.query(SERIALIZE_SQL, {"sql": query}).column(0).to_pylist()[0]
    try:
        check(serialized, Names(frozenset(TABLES), frozenset(system), unlisted=frozenset(UNLISTED)))
    except StatementRefused as error:
        raise SqlRefused(str(error)) from error
    except StatementBroken as error:
        raise SqlError(str(error)) from error
