"""Tables as bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal, cast, get_args

import msgspec
import polars as pl
import pyarrow as pa

from viewbox.export.types import with_plain_integers
from viewbox.export.values import flat_table, json_table, needs_plain, parquet_table, plain

Format = Literal["table", "csv", "json", "parquet", "arrow"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: dict[Format, str] = {
    "table": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
CSV_BATCH_ROWS = 100_000  # rows held as text at a time
BATCH_ROWS = 10_000  # rows held as Python objects at a time


def write(table: pa.Table, format: Format, stream: BinaryIO) -> None:  # noqa: A002  # the word people use for it
    """Write all rows of `table` to `stream` as bytes."""
    match format:
        case "csv":
            _write_csv(table, stream)
        case "json":
            _write_json(table, stream)
        case "table":
            _write_aligned(_frame(table), stream)
        case "parquet":
            import pyarrow.parquet as pq  # noqa: PLC0415  # slow to load, and seldom asked for

            pq.write_table(parquet_table(table), stream, compression="zstd")
        case "arrow":
            ready = with_plain_integers(table)
            with pa.ipc.new_stream(stream, ready.schema) as writer:
                writer.write_table(ready)


def to_bytes(table: pa.Table, format: Format) -> bytes:  # noqa: A002  # as above
    stream = io.BytesIO()
    write(table, format, stream)
    return stream.getvalue()


def json_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON-ready objects, with the values that the `json` format writes."""
    return [row for rows in _json_objects(table) for row in rows]


def _json_objects(table: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """Rows in batches."""
    for start in range(0, table.num_rows, BATCH_ROWS):
        ready = json_table(table.slice(start, BATCH_ROWS))
        odd = [field.name for field in ready.schema if needs_plain(field.type)]
        rows = cast("list[dict[str, Any]]", ready.to_pylist())
        for row in rows:
            for name in odd:
                row[name] = plain(row[name])
        yield rows


def _write_json(table: pa.Table, stream: BinaryIO) -> None:
    """An array of objects, one to a line."""
    encoder = msgspec.json.Encoder()
    separator = b"[\n"
    for rows in _json_objects(table):
        for row in rows:
            stream.write(separator + encoder.encode(row))
            separator = b",\n"
    stream.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(flat_table(table))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _write_csv(table: pa.Table, stream: BinaryIO) -> None:
    """CRLF and quotes as RFC 4180 has them; NULL is nothing, an empty text is ""."""
    for start in range(0, max(1, table.num_rows), CSV_BATCH_ROWS):
        batch = _frame(table.slice(start, CSV_BATCH_ROWS))
        stream.write(batch.write_csv(line_terminator="\r\n", include_header=start == 0).encode())


def _write_aligned(frame: pl.DataFrame, stream: BinaryIO) -> None:
    """Columns under their names, numbers to the right, for people."""
    is_number = [dtype.is_numeric() for dtype in frame.dtypes]
    rows = [[_cell(value) for value in row] for row in frame.iter_rows()]
    widths = [max(len(row[index]) for row in [frame.columns, *rows]) for index in range(frame.width)]
    for row in [frame.columns, ["─" * width for width in widths], *rows]:
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, is_number, strict=True)
        ]
        stream.write(("  ".join(cells).rstrip() + "\n").encode())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\n", "↵")
