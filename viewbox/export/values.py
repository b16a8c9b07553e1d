"""Values as text and JSON have them.

Timestamps with a zone are `2026-11-23T01:02:03.500Z`, without one the same without Z. JSON columns stay text.
Binary is hexadecimal. In JSON a number that is none (NaN, infinity) is null, and a decimal the nearest float.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from viewbox.export.types import is_hugeint, with_plain_integers


def flat_table(table: pa.Table) -> pa.Table:
    """Columns of text, numbers and booleans only: lists and structs as JSON text, decimals in full."""
    return _rebuilt(table, _flat)


def json_table(table: pa.Table) -> pa.Table:
    """Columns whose values JSON has, but for those of `needs_plain`."""
    return _rebuilt(table, _json_ready)


def parquet_table(table: pa.Table) -> pa.Table:
    """The table as it is, but for intervals, which Parquet cannot hold: as text."""
    return _rebuilt(table, lambda column: _simple(column) if pa.types.is_interval(column.type) else column)


def needs_plain(kind: pa.DataType) -> bool:
    """Whether the values of a column of `json_table` still have to go through `plain`, one by one."""
    return bool(pa.types.is_nested(kind) or is_hugeint(kind))


def plain(value: object) -> object:
    """A Python value as JSON has it."""
    match value:
        case float():
            simple: object = value if math.isfinite(value) else None
        case Decimal():
            simple = int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            text = value.replace(tzinfo=None).isoformat(timespec="milliseconds")
            simple = text if value.tzinfo is None else f"{text}Z"  # sessions run in UTC
        case bytes():
            simple = value.hex()
        case dict():
            simple = {str(key): plain(part) for key, part in value.items()}
        case pa.MonthDayNano():
            simple = f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} s"
        case list() | tuple():
            simple = [plain(part) for part in value]
        case None | bool() | int() | str():
            simple = value
        case _:
            simple = str(value)
    return simple


def _rebuilt(table: pa.Table, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.Table:
    columns = [change(column) for column in with_plain_integers(table).columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_nested(column.type):
        texts = [None if value is None else msgspec.json.encode(plain(value)).decode() for value in column.to_pylist()]
        return pa.chunked_array([texts], pa.string())
    if pa.types.is_decimal(column.type) or pa.types.is_null(column.type):
        return column.cast(pa.string())
    return _simple(column)


def _json_ready(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_decimal(column.type) and not is_hugeint(column.type):
        return column.cast(pa.float64())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, None)
    return _simple(column)


def _simple(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times and binary as text; numbers, booleans, text, lists and structs as they are."""
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        return _simple(column.cast(kind.value_type))
    if types.is_timestamp(kind):
        shown = pc.strftime(column.cast(pa.timestamp("ms", tz=kind.tz), safe=False), format="%Y-%m-%dT%H:%M:%S")
        return pc.binary_join_element_wise(shown, "Z", "") if kind.tz else shown
    if types.is_date(kind) or types.is_time(kind):
        return column.cast(pa.string())
    if types.is_binary(kind) or types.is_interval(kind):
        texts = [None if value is None else plain(value) for value in column.to_pylist()]
        return pa.chunked_array([texts], pa.string())
    return column
