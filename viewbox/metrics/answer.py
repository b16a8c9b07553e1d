"""What a notebook holds: an answer, and the connection that gives it, wherever the data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import polars as pl

Moment = datetime | date | str
FilterValue = str | bool | int | list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query. `sql` is the statement that made them; `quality` says what to think of a metric's.

    `truncated`: a server gave its row limit, and there are more rows.
    """

    table: pa.Table
    sql: str
    quality: Mapping[str, int | float | None] | None = None
    truncated: bool = False

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

    def __enter__(self) -> Connection: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def sql(self, query: str) -> Answer: ...

    def metric(
        self, name: str, *, params: Mapping[str, object] | None = None, since: Moment | None = None,
        until: Moment | None = None, filters: Mapping[str, FilterValue] | None = None, **selection: str,
    ) -> Answer: ...  # fmt: skip

    def metrics(self) -> list[str]: ...

    def tables(self) -> list[str]: ...

    def close(self) -> None: ...


def selection_pairs(
    params: Mapping[str, object] | None, since: Moment | None, until: Moment | None,
    filters: Mapping[str, FilterValue] | None, selection: Mapping[str, str],
) -> list[tuple[str, str]]:  # fmt: skip
    """A notebook's selection as the name-value pairs of a URL."""
    pairs = list(selection.items())
    pairs += [(key, _moment(moment)) for key, moment in (("since", since), ("until", until)) if moment is not None]
    for dimension, value in (filters or {}).items():
        pairs += [(dimension, _text(one)) for one in (value if isinstance(value, list) else [value])]
    return pairs + [(f"param.{key}", str(value)) for key, value in (params or {}).items()]


def _moment(moment: Moment) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
