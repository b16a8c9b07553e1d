"""/v1/metrics: every metric file is a route by existing; the URL is the whole question."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from ingest_api.problems import documented
from ingest_api.queries import off_loop
from ingest_api.schemas import MetricAnswer, MetricList
from ingest_api.services import Parts
from ingest_api.tables import json_response, split_suffix, table_response
from viewbox.clock import iso_ms
from viewbox.errors import InvalidInput
from viewbox.export import json_rows
from viewbox.metrics import Metric, MetricResult, Selection, metrics, parse_moment, run
from viewbox.metrics.provenance import with_provenance

PARAM = "param."
MAX_PAIRS = 100  # filters and params of one question
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
async def list_metrics() -> dict[str, Any]:
    """What each counts, in words."""
    return {"items": [described(metric) for metric in metrics().values()]}


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
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    if len(pairs) > MAX_PAIRS:
        raise InvalidInput(f"more than {MAX_PAIRS} parameters", hint="ask for less at once")
    selection = selection_of(pairs, services.settings.timezone)
    result = await off_loop(services, run, services.engine, metric_name, selection)
    if kind != "json":
        return await off_loop(services, table_response, with_provenance(result), kind, metric_name)
    return await off_loop(services, answer, result)


def selection_of(pairs: list[tuple[str, str]], timezone: str) -> Selection:
    """A query string as a Selection. Raises InvalidInput."""
    once: dict[str, str] = {}
    filters: dict[str, tuple[str, ...]] = {}
    params: dict[str, str] = {}
    for name, value in pairs:
        if name in {"video_id", "tag", "since", "until", "grain", "by"}:
            if name in once:
                raise InvalidInput(f"{name} is given twice", hint="a repeated filter means OR; this is none")
            once[name] = value
        elif name.startswith(PARAM):
            params[name.removeprefix(PARAM)] = value
        else:
            filters[name] = (*filters.get(name, ()), value)
    return Selection(
        video_id=once.get("video_id"),
        tag=once.get("tag"),
        since=parse_moment(once["since"], timezone) if "since" in once else None,
        until=parse_moment(once["until"], timezone) if "until" in once else None,
        grain=once.get("grain"),
        by=once.get("by", "video"),
        filters=filters,
        params=params,
        timezone=timezone,
    )


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
        }
    )


def described(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "grain": metric.grain,
        "empty": metric.empty,
        "rule": metric.rule,
        "source": metric.source,
        "version": metric.version,
        "params": [
            {"name": param.name, "type": param.type, "default": param.default, "meaning": param.meaning}
            for param in metric.params.values()
        ],
        "columns": [{"name": column.name, "unit": column.unit, "meaning": column.meaning} for column in metric.columns],
    }
