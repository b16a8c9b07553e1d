"""POST /v1/sql: one statement over the contract's tables, in the sandbox."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ingest_api.problems import documented
from ingest_api.queries import off_loop, while_wanted
from ingest_api.schemas import SqlAnswer, SqlRequest
from ingest_api.services import Parts
from ingest_api.tables import json_response, negotiated, rows_in_order, table_response
from viewbox import sandbox
from viewbox.export import MEDIA_TYPES

router = APIRouter(tags=["analytics"])
_FILES: dict[str, dict[str, str]] = {MEDIA_TYPES[kind].split(";")[0]: {} for kind in ("csv", "parquet", "arrow")}


@router.post(
    "/v1/sql",
    summary="Run one SELECT",
    response_model=SqlAnswer,
    responses={200: {"content": _FILES}, **documented(400, 403, 406, 408, 413, 422, 503)},
)
async def sql(statement: SqlRequest, request: Request, services: Parts) -> Response:
    """JSON, or CSV, Parquet, Arrow by Accept. `truncated`: there are more rows than `VIEWBOX_SQL_ROWS`.

    Hanging up ends the statement.
    """
    kind = negotiated(request.headers.get("accept"))
    result = await while_wanted(services, request, sandbox.run_sql, services.settings, statement.sql)
    if kind != "json":
        truncated = {"ViewBox-Truncated": "true" if result.truncated else "false"}
        return await off_loop(services, table_response, result.table, kind, "result", truncated)
    document = {
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": await off_loop(services, rows_in_order, result.table),
        "truncated": result.truncated,
        "elapsed_ms": result.elapsed_ms,
    }
    return json_response(document)
