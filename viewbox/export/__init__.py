"""The one writer of tables: aligned text for a terminal, CSV, JSON, Parquet, Arrow. One rule for every surface."""

from viewbox.export.types import type_name, with_plain_integers
from viewbox.export.writer import FORMATS, MEDIA_TYPES, Format, json_rows, to_bytes, write

__all__ = ["FORMATS", "MEDIA_TYPES", "Format", "json_rows", "to_bytes", "type_name", "with_plain_integers", "write"]
