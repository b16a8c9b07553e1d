"""HEAD wherever GET works: the route runs as for GET, and the server leaves the body out."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

_OWN_HEAD = ("/media/", "/assets/", "/v1/uploads/")  # files and uploads: their routes know HEAD by themselves


class HeadMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and not scope["path"].startswith(_OWN_HEAD):
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
