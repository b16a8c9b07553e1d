"""Tables as HTTP answers: the format from a suffix or an Accept header, the bytes from `viewbox.export`."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
from fastapi import Response
from fastapi.responses import Response as PlainResponse

from viewbox.errors import UsageError
from viewbox.export import MEDIA_TYPES, Format, json_rows, to_bytes

_encode = msgspec.json.Encoder().encode  # writes NaN and infinities as null, which JSON can hold
_WANTED: dict[str, Format] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
    "application/x-parquet": "parquet",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/*": "json",
    "text/*": "csv",
    "*/*": "json",
}
SUFFIXES: dict[str, Format] = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".arrow": "arrow"}


class NotAcceptable(UsageError):
    """None of the media types that the client takes can be written."""

    code = "not_acceptable"
    hint = "application/json, text/csv, application/vnd.apache.parquet, application/vnd.apache.arrow.stream"
    http_status = 406


def negotiated(accept: str | None) -> Format:
    """The best format that an Accept header allows; JSON without one. Raises NotAcceptable.

    >>> negotiated("text/csv;q=0.4, application/vnd.apache.parquet")
    'parquet'
    """
    if not accept:
        return "json"
    offers: list[tuple[float, Format]] = []
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        quality = _quality(parameters)
        if kind in _WANTED and quality > 0:
            offers.append((quality, _WANTED[kind]))
    if not offers:
        raise NotAcceptable(f"nothing here is {accept[:100]}")
    return max(offers, key=lambda offer: offer[0])[1]


def split_suffix(name: str) -> tuple[str, Format]:
    """`views.csv` is `views` as CSV; without a suffix it is JSON."""
    for suffix, kind in SUFFIXES.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), kind
    return name, "json"


def table_response(table: pa.Table, kind: Format, filename: str, headers: dict[str, str] | None = None) -> Response:
    """A table as a file that browsers save under `filename`."""
    disposition = f'attachment; filename="{filename}.{kind}"'
    return PlainResponse(
        to_bytes(table, kind),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": disposition, **(headers or {})},
    )


def json_response(document: dict[str, Any], media_type: str = "application/json") -> Response:
    return PlainResponse(_encode(document), media_type=media_type)


def rows_in_order(table: pa.Table) -> list[list[Any]]:
    """Rows as lists: two columns may bear the same name."""
    numbered = table.rename_columns([str(index) for index in range(table.num_columns)])
    return [list(row.values()) for row in json_rows(numbered)]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
