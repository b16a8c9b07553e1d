"""Every error leaves as `application/problem+json` (RFC 9457) with `code` and `hint`; nothing of the inside shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ingest_api.telemetry import Telemetry
from viewbox import logs
from viewbox.errors import Overloaded, ViewBoxError

MEDIA_TYPE = "application/problem+json"
_WORDS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "the request could not be read"),
    401: ("signed_out", "sign in at /login, or send the secret as a Bearer token"),
    403: ("forbidden", "this is open to the site itself only"),
    404: ("not_found", "check the address; /docs lists every route"),
    405: ("method_not_allowed", "the Allow header names what works here"),
    406: ("not_acceptable", "ask for application/json, text/csv, Parquet or Arrow"),
    413: ("too_large", "send less at once"),
    416: ("range_not_satisfiable", "ask for bytes within the length that Content-Range names"),
    415: ("unsupported_media_type", "send JSON"),
}


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error as RFC 9457 shapes it. `code` is stable; `hint` says what to do."""

    type: str = Field(examples=["urn:viewbox:problem:url_refused"])
    title: str
    status: int
    code: str = Field(examples=["url_refused"])
    hint: str
    errors: list[FieldProblem] | None = None


def problem(
    status: int,
    code: str,
    title: str,
    hint: str,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """An error response. `more` adds members, e.g. `errors`."""
    body = {
        "type": f"urn:viewbox:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "hint": hint,
        **(more or {}),
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def from_error(error: ViewBoxError) -> JSONResponse:
    """The answer to an error that ViewBox foresaw."""
    headers = {}
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(math.ceil(error.retry_after_ms / 1000))
    return problem(error.http_status, error.code, error.message, error.hint or error.message, headers=headers)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: these statuses carry a Problem."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


async def refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    """Send a problem from a middleware, also in place of a WebSocket's handshake."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)


def install(app: FastAPI, telemetry: Telemetry) -> None:
    """Let every exception of a route leave as a problem."""
    log = logs.get("api")

    async def on_foreseen(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ViewBoxError)
        telemetry.refused(error.code)
        return from_error(error)

    async def on_http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code, hint = _WORDS.get(error.status_code, ("http_error", "see /docs"))
        telemetry.refused(code)
        return problem(error.status_code, code, HTTPStatus(error.status_code).phrase, hint, headers=error.headers)

    async def on_invalid(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        telemetry.refused("invalid_input")
        errors = [
            {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
            for item in error.errors()
        ]
        first = errors[0] if errors else {"field": "request", "message": "invalid"}
        hint = f"{first['field']}: {first['message']}"
        return problem(422, "invalid_input", "the request does not have the right shape", hint, more={"errors": errors})

    async def on_unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", method=request.method, route=_route(request), exc_info=error)
        telemetry.refused("internal_error")
        return problem(500, "internal_error", "something broke inside ViewBox", "the server's log has the details")

    app.add_exception_handler(ViewBoxError, on_foreseen)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_unforeseen)


def _route(request: Request) -> str:
    """The route's pattern: a path may hold what a log should not."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))
