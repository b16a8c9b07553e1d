"""Runs a metric over one snapshot and says how far the answer can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from viewbox.clock import to_datetime
from viewbox.engine import Engine
from viewbox.export import type_name
from viewbox.metrics.compose import answered_by, literal_sql
from viewbox.metrics.files import Metric, find_metric
from viewbox.metrics.selection import Selection
from viewbox.metrics.statements import compose, compose_quality, shown_metric


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    name: str
    type: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """A metric's rows and what they stand on. `sql` is the statement with its values: it runs in `viewbox sql`.

    `quality` counts what is missing or odd in the selected views; `as_of` is the moment of the snapshot;
    `answered_by` is the table that the rows were read from, where that is known.
    """

    metric: str
    version: int
    unit: str
    params: dict[str, Any]
    columns: list[ResultColumn]
    table: pa.Table
    quality: dict[str, int | float | None]
    as_of: datetime
    sql: str
    answered_by: str | None = None


def run(engine: Engine, name: str, selection: Selection) -> MetricResult:
    """The metric `name` over `selection`.

    Raises NotFound (code `unknown_metric`) and InvalidInput.
    """
    metric = find_metric(name)
    statement = compose(metric, selection)
    quality_statement = compose_quality(metric, selection)
    metric = shown_metric(metric, selection)
    with engine.reading() as reading:
        table = reading.query(statement.sql, statement.values)
        quality = reading.query_once(quality_statement.sql, quality_statement.values).to_pylist()[0]
        as_of = to_datetime(reading.as_of_ms)
    params = {name: param.default for name, param in metric.params.items()} | {
        name: metric.params[name].parse(text) for name, text in selection.params.items()
    }
    return MetricResult(
        metric=metric.name, version=metric.version, unit=metric.unit, params=params, table=table, quality=quality,
        columns=result_columns(metric, table.schema), as_of=as_of, sql=literal_sql(statement),
        answered_by=answered_by(statement.sql),
    )  # fmt: skip


def result_columns(metric: Metric, schema: pa.Schema) -> list[ResultColumn]:
    """Name, SQL type and unit of each column of the answer."""
    units = {column.name: column.unit for column in metric.columns}
    units |= {metric.name: metric.unit, "ci_low": metric.unit, "ci_high": metric.unit}
    units.setdefault("n", "count")
    return [
        ResultColumn(name=field.name, type=type_name(field.type), unit=units.get(field.name, "")) for field in schema
    ]
