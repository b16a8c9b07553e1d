"""/v1/metrics: every metric file is a route by existing; the URL is the whole question."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from ingest_api.problems import documented
from ingest_api.queries import off_loop
from ingest_api.schemas import MetricAnswer, MetricList
from ingest_api.services import Parts
from ingest_api.tables import json_response, split_suffix, table_response
from viewbox.clock import iso_ms
from viewbox.engine import Engine
from viewbox.errors import InvalidInput
from viewbox.export import json_rows
from viewbox.metrics import (
    DIMENSIONS,
    GRAINS,
    OPEN_DIMENSIONS,
    Metric,
    MetricResult,
    answer_columns,
    find_metric,
    json_schema,
    metrics,
    parse_selection,
    run,
)
from viewbox.metrics.files import Param
from viewbox.metrics.provenance import with_provenance

MAX_PAIRS = 100  # filters and params of one question
MAX_NAME = 300  # characters: `experiment.` and the longest key that a page may send
MAX_VALUE = 2_000  # characters: a cohort of `compare` is a query string itself
router = APIRouter(prefix="/v1/metrics", tags=["analytics"])
_DIMENSION_NOTE = (
    "Every other parameter is a filter on a dimension of `views` (`browser=Firefox`, `experiment.intro=b`); "
    "a repeated one means OR, an empty value means unknown. `param.NAME` sets a parameter of the metric."
)


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": description}


_PARAMETERS = [
    _parameter("video_id", "of one video"),
    _parameter("tag", "of all videos with this tag"),
    _parameter("since", "ISO date (midnight of VIEWBOX_TIMEZONE) or timestamp with zone"),
    _parameter("until", "as `since`; excluded"),
    _parameter("grain", "hour, day, week, month: one row per period"),
    _parameter("by", "what rows are about: video, all, or a dimension"),
]


@router.get("", summary="List metrics", response_model=MetricList)
async def list_metrics(services: Parts) -> dict[str, Any]:
    """What each counts, in words, and all that a form for it needs."""
    return {"items": await off_loop(services, _described_all, services.engine)}


@router.get(
    "/{name}/schema",
    summary="JSON Schema of a metric's answer",
    response_model=dict[str, Any],
    responses=documented(403, 404, 503),
)
async def metric_schema(name: str, services: Parts) -> Response:
    """Of the JSON answer: names, types, units and meanings of its columns and parameters."""
    schema = await off_loop(services, json_schema, services.engine, find_metric(name))
    return json_response({"$id": f"/v1/metrics/{name}/schema", **schema}, "application/schema+json")


@router.get(
    "/{name}",
    summary="Run a metric",
    description=f"As JSON; `.csv`, `.parquet` or `.arrow` behind the name gives a file. {_DIMENSION_NOTE}",
    response_model=MetricAnswer,
    responses=documented(403, 404, 422, 503),
    openapi_extra={"parameters": _PARAMETERS},
)
async def run_metric(name: str, request: Request, services: Parts) -> Response:
    metric_name, kind = split_suffix(name)
    selection = parse_selection(_bounded(request.url.query), services.settings.timezone)
    result = await off_loop(services, run, services.engine, metric_name, selection)
    if kind != "json":
        return await off_loop(services, table_response, with_provenance(result), kind, metric_name)
    return await off_loop(services, answer, result)


def _bounded(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string. Raises InvalidInput beyond what a question may hold."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if len(pairs) > MAX_PAIRS:
        raise InvalidInput(f"more than {MAX_PAIRS} parameters", hint="ask for less at once")
    for name, value in pairs:
        if len(name) > MAX_NAME:
            raise InvalidInput(f"a parameter's name is longer than {MAX_NAME} characters", hint=f"{name[:40]}…")
        if len(value) > MAX_VALUE:
            raise InvalidInput(f"{name} is longer than {MAX_VALUE:,} characters", hint="no value that is kept is")
    return pairs


def answer(result: MetricResult) -> Response:
    return json_response(
        {
            "metric": result.metric,
            "version": result.version,
            "unit": result.unit,
            "params": result.params,
            "columns": [{"name": column.name, "type": column.type, "unit": column.unit} for column in result.columns],
            "rows": json_rows(result.table),
            "quality": result.quality,
            "as_of": iso_ms(int(result.as_of.timestamp() * 1000)),
            **({"answered_by": result.answered_by} if result.answered_by is not None else {}),
        }
    )


def _described_all(engine: Engine) -> list[dict[str, Any]]:
    return [described(engine, metric) for metric in metrics().values()]


def described(engine: Engine, metric: Metric) -> dict[str, Any]:
    """A metric as MetricDescription shows it."""
    dimensions = [*sorted(DIMENSIONS), *(f"{name}.*" for name in OPEN_DIMENSIONS)]
    return {
        "name": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "grain": metric.grain,
        "empty": metric.empty,
        "rule": metric.rule,
        "source": metric.source,
        "version": metric.version,
        "interval": metric.interval.kind if metric.interval is not None else None,
        "params": [_described_param(param) for param in metric.params.values()],
        "columns": [asdict(column) for column in answer_columns(engine, metric)],
        "grains": GRAINS,
        "by": ["video", "all", *dimensions] if metric.is_scalar else ["video"],
        "dimensions": dimensions,
        "schema_url": f"{router.prefix}/{metric.name}/schema",
    }


def _described_param(param: Param) -> dict[str, Any]:
    is_number = param.type in {"int", "float"}
    return {
        "name": param.name,
        "type": param.type if is_number else "text",
        "default": param.default,
        "choices": param.choices,
        "minimum": param.least if is_number else None,
        "maximum": param.most if is_number else None,
        "meaning": param.meaning,
    }
