"""The notebook API: `viewbox.connect()` gives SQL, metrics and tables as Arrow, pandas or Polars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from viewbox import settings as settings_module
from viewbox.engine import Engine, Reading, open_engine
from viewbox.engine.views import UNLISTED, UNLISTED_EVENTS
from viewbox.export import with_plain_integers
from viewbox.metrics.files import metrics
from viewbox.metrics.runner import run
from viewbox.metrics.selection import parse_selection
from viewbox.sandbox.guard import SERIALIZE_SQL, SYSTEM_VIEWS_SQL, Names, StatementBroken, StatementRefused, check
from viewbox.sandbox.parent import SqlError, SqlRefused
from viewbox.settings import Settings
from viewbox.tables import TABLES

if TYPE_CHECKING:
    import polars as pl

Moment = datetime | date | str
FilterValue = str | bool | int | list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query. `sql` is the statement that made them; `quality` says what to think of a metric's."""

    table: pa.Table
    sql: str
    quality: Mapping[str, int | float | None] | None = None

    def arrow(self) -> pa.Table:
        return self.table

    def df(self) -> Any:
        """As a pandas data frame; pandas has to be installed."""
        return self.table.to_pandas()

    def pl(self) -> pl.DataFrame:
        """As a Polars data frame."""
        import polars  # noqa: PLC0415  # only who asks for it pays for the import

        frame = polars.from_arrow(self.table)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def rows(self) -> list[dict[str, Any]]:
        """As dictionaries."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


class Connection(Protocol):
    """What a notebook holds, whether the data is on this machine or behind a server."""

    def sql(self, query: str) -> Answer: ...

    def metric(self, name: str, **selection: Any) -> Answer: ...

    def tables(self) -> list[str]: ...

    def close(self) -> None: ...


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
        pairs = list(selection.items())
        pairs += [(key, _moment(moment)) for key, moment in (("since", since), ("until", until)) if moment is not None]
        for dimension, value in (filters or {}).items():
            pairs += [(dimension, _text(one)) for one in (value if isinstance(value, list) else [value])]
        pairs += [(f"param.{key}", str(value)) for key, value in (params or {}).items()]
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


def connect() -> LocalConnection:
    """Open the data of this machine: `VIEWBOX_DATA_DIR` and the other settings say where."""
    settings = settings_module.load()
    return LocalConnection(settings, open_engine(settings))


def _check(reading: Reading, query: str) -> None:
    """Raise SqlRefused or SqlError for whatever is not one SELECT over the tables."""
    if "\0" in query:
        raise SqlRefused("a statement holds no NUL")
    system = reading.query(SYSTEM_VIEWS_SQL).column(0).to_pylist()
    serialized = reading.query(SERIALIZE_SQL, {"sql": query}).column(0).to_pylist()[0]
    try:
        check(serialized, Names(frozenset(TABLES), frozenset(system), unlisted=frozenset(UNLISTED + UNLISTED_EVENTS)))
    except StatementRefused as error:
        raise SqlRefused(str(error)) from error
    except StatementBroken as error:
        raise SqlError(str(error)) from error


def _moment(moment: Moment) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
