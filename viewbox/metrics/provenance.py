"""What a metric's rows stand on, inside the Arrow table itself: its schema's metadata travels wherever the rows do."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from viewbox.metrics.runner import MetricResult

KEY = b"viewbox"


def with_provenance(result: MetricResult) -> pa.Table:
    """The rows, which know their metric, version, unit, params, quality, moment and SQL."""
    about = {
        "metric": result.metric, "version": result.version, "unit": result.unit, "params": result.params,
        "quality": result.quality, "as_of": result.as_of, "sql": result.sql,
    }  # fmt: skip
    return result.table.replace_schema_metadata(
        {**(result.table.schema.metadata or {}), KEY: msgspec.json.encode(about)}
    )


def provenance(table: pa.Table) -> dict[str, Any]:
    """What `with_provenance` wrote; nothing for other tables."""
    found: dict[str, Any] = msgspec.json.decode((table.schema.metadata or {}).get(KEY, b"{}"))
    return found
