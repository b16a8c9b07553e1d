"""What a metric answers, told before it is asked: its columns with their types, and a JSON Schema of the HTTP answer.

Names, units and meanings come from the metric's header, types from DuckDB, which plans the statement without running
it. A new metric file brings its schema with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from viewbox.engine import Engine
from viewbox.errors import InvalidInput
from viewbox.export import type_name
from viewbox.metrics.files import Metric, Param, find_metric
from viewbox.metrics.selection import DIMENSIONS, OPEN_DIMENSIONS, Selection
from viewbox.metrics.statements import compose

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
LABELS = frozenset({"video_id", "period"})  # a row has them or not, as `by` and `grain` ask
STANDARD = {  # (unit, meaning) of columns that need no words in a header
    "n": ("count", "views behind the number"),
    "view_id": ("", "id of the view"),
    "revision": ("", "revision of the video's source that is shown"),
    "ci_low": (None, "lower end of the 95 % interval; null below two viewers"),
    "ci_high": (None, "upper end of the 95 % interval; null below two viewers"),
}
MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column of a metric's rows. `type` is its SQL name; None for a metric that needs parameters to be planned."""

    name: str
    type: str | None
    unit: str
    meaning: str
    nullable: bool


def answer_columns(engine: Engine, metric: Metric) -> tuple[AnswerColumn, ...]:
    """The columns of every row, in their order, without those that `by` and `grain` add in front."""
    planned = _planned(engine, metric.name)
    return tuple(
        AnswerColumn(
            name=name, type=None if planned is None else type_name(planned.field(name).type),
            unit=unit, meaning=meaning, nullable=_is_nullable(metric, name),
        )
        for name, unit, meaning in _named(metric, planned)
    )  # fmt: skip


def json_schema(engine: Engine, metric: Metric) -> dict[str, Any]:
    """JSON Schema (2020-12) of `GET /v1/metrics/{name}`; units stand in the annotation `unit`."""
    planned = _planned(engine, metric.name)
    columns = {
        name: _column_schema(None if planned is None else planned.field(name).type, unit, meaning, metric, name)
        for name, unit, meaning in _named(metric, planned)
    }
    row = {
        "type": "object",
        "properties": {**_label_schemas(), **columns},
        "patternProperties": {rf"^({'|'.join(OPEN_DIMENSIONS)})\.": {"type": ["string", "null"]}},
        "required": list(columns) if planned is not None else [],
        "additionalProperties": planned is None,
    }
    text = {"type": "string"}
    properties = {
        "metric": {"const": metric.name},
        "version": {"const": metric.version},
        "unit": {"const": metric.unit},
        "params": _object({name: param_schema(param) for name, param in metric.params.items()}),
        "columns": {"type": "array", "items": _object({"name": text, "type": text, "unit": text})},
        "rows": {"type": "array", "items": row},
        "quality": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
        "as_of": {"type": "string", "pattern": MOMENT},
    }
    return {
        "$schema": JSON_SCHEMA,
        "title": metric.title,
        "description": metric.rule,
        **_object(properties),
        "properties": {**properties, "answered_by": {"type": ["string", "null"]}},
    }


def param_schema(param: Param) -> dict[str, Any]:
    """What a parameter may be, its default and meaning."""
    nullable = param.default is None
    schema: dict[str, Any]
    if param.choices:
        schema = {"enum": [*param.choices, *([None] if nullable else [])]}
    elif param.type == "int":
        schema = {
            "type": _or_null("integer", nullable=nullable),
            "minimum": int(param.least),
            "maximum": int(param.most),
        }
    elif param.type == "float":
        schema = {"type": _or_null("number", nullable=nullable), "minimum": param.least, "maximum": param.most}
    else:
        schema = {"type": _or_null("string", nullable=nullable), "maxLength": int(param.most)}
    return {**schema, "default": param.default, "description": param.meaning}


@lru_cache(maxsize=256)
def _planned(engine: Engine, name: str) -> pa.Schema | None:
    """Columns and types of the answer for one video; None when it cannot be asked without parameters.

    They depend on the metric's file alone, so the first lake that was asked speaks for all later moments.
    """
    try:
        statement = compose(find_metric(name), Selection(video_id=""))
    except InvalidInput:
        return None
    return engine.query(f"SELECT * FROM (\n{statement.sql}\n) LIMIT 0", statement.values).schema  # noqa: S608  # the metric's own file


def _named(metric: Metric, planned: pa.Schema | None) -> list[tuple[str, str, str]]:
    """(name, unit, meaning) of each column that is always there."""
    said = {column.name: (column.unit, column.meaning) for column in metric.columns}
    said[metric.name] = (metric.unit, metric.title)
    standard = {name: (metric.unit if unit is None else unit, meaning) for name, (unit, meaning) in STANDARD.items()}
    if planned is None:
        kept = ("n", "ci_low", "ci_high") if metric.interval is not None else ("n",)
        names = list(dict.fromkeys([*said, *kept]))
    else:
        names = [name for name in planned.names if name not in LABELS]
    return [(name, *(said.get(name) or standard.get(name) or ("", ""))) for name in names]


def _is_nullable(metric: Metric, name: str) -> bool:
    """Keys of a row and n are always known; the value only where no views count as a number. All else may be null."""
    if name == metric.name:
        return metric.empty_sql is None
    return name not in {*metric.grain, "n"}


def _label_schemas() -> dict[str, Any]:
    """What `by` and `grain` put in front of a row. A dimension's value is null where views have none."""
    dimensions = {name: {"type": ["string", "null"]} for name in sorted(DIMENSIONS)}
    period = {"type": "string", "description": "start of the period: a date, with grain=hour a moment"}
    return {**dimensions, "video_id": {"type": "string"}, "period": period}


def _column_schema(kind: pa.DataType | None, unit: str, meaning: str, metric: Metric, name: str) -> dict[str, Any]:
    schema = {} if kind is None else _value_schema(kind)
    if schema and not _is_nullable(metric, name):
        schema["type"] = schema["type"][0]
    return {**schema, "description": meaning, "unit": unit}


def _value_schema(kind: pa.DataType) -> dict[str, Any]:
    """A value as `viewbox.export` writes it in JSON, or null."""
    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind):
        return {"type": ["array", "null"], "items": _value_schema(kind.value_type)}
    if types.is_struct(kind):
        return {**_object({part.name: _value_schema(part.type) for part in kind}), "type": ["object", "null"]}
    if types.is_timestamp(kind) and kind.tz:
        return {"type": ["string", "null"], "pattern": MOMENT}
    return {"type": [_json_type(kind), "null"]}


def _json_type(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_integer(kind) or (types.is_decimal(kind) and kind.scale == 0):
        return "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_boolean(kind):
        return "boolean"
    return "object" if types.is_map(kind) else "string"


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these properties."""
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _or_null(kind: str, *, nullable: bool) -> str | list[str]:
    return [kind, "null"] if nullable else kind
