"""No route reads a longer body than it can mean: JSON routes here, the streaming ones by themselves."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest_api.limits import MAX_JSON_BYTES, too_large
from ingest_api.problems import from_error, refuse
from ingest_api.telemetry import Telemetry

_STREAMING = re.compile(
    r"/v1/views|/v1/videos/upload|/v1/videos/[^/]+/source|/v1/videos/[^/]+/captions/[^/]+|/v1/uploads/[^/]+|/login"
)  # they count while they read


class BodyLimitMiddleware:
    """413 by Content-Length before a byte is read, or as soon as too many have come."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _STREAMING.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > MAX_JSON_BYTES:
            error = too_large(MAX_JSON_BYTES)
            self._telemetry.refused(error.code)
            await refuse(scope, receive, send, from_error(error))
            return
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_JSON_BYTES:
                raise HTTPException(413)  # the one exception that FastAPI lets through while it reads a body
            return message

        await self._app(scope, counting, send)
