"""Who is signed in: the seam where other policies (JWT, roles) will plug in.

Today there is one secret. `off`: on loopback everybody who can reach the door is its owner. `token`: the secret as a
Bearer token, or the cookie that /login gave for it; without it only what viewers need answers.
"""

from __future__ import annotations

import re
import time
from typing import Protocol
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest_api.problems import problem, refuse
from ingest_api.telemetry import Telemetry
from viewbox import signin
from viewbox.settings import Settings

_PUBLIC = re.compile(r"/(watch|embed)/[^/]+|/login|/healthz|/readyz|/favicon\.svg|/v1/views|/v1/live/[^/]+")
_PUBLIC_READS = re.compile(r"/assets/.+|/v1/videos/[^/]+|/media/.+")
_PAGES = re.compile(r"/|/docs")


class Policy(Protocol):
    """Decides about one request. A new way to sign in is a new Policy."""

    def admits(self, connection: HTTPConnection) -> bool: ...


class Open:
    """`VIEWBOX_AUTH=off`, on loopback only."""

    def admits(self, _connection: HTTPConnection) -> bool:
        return True


class Secret:
    """`VIEWBOX_AUTH=token`: Bearer secret, or the cookie signed with it."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def admits(self, connection: HTTPConnection) -> bool:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and signin.matches(given.strip(), self.secret):
            return True
        cookie = connection.cookies.get(signin.COOKIE)
        return cookie is not None and signin.is_valid(cookie, self.secret, now_s=time.time())


def policy(settings: Settings) -> Open | Secret:
    """The policy that the settings ask for. Raises SetupError when the door would stand open to other machines."""
    secret = signin.required_secret(settings)
    return Open() if secret is None else Secret(secret)


def is_public(method: str, path: str) -> bool:
    """What answers without a secret: what viewers of a shared link need, and the signs of life."""
    if _PUBLIC.fullmatch(path):
        return True
    return method in {"GET", "HEAD"} and _PUBLIC_READS.fullmatch(path) is not None


class AuthMiddleware:
    """Lets in what `policy` admits; pages lead to /login, all else is a 401 problem."""

    def __init__(self, app: ASGIApp, policy: Policy, telemetry: Telemetry) -> None:
        self._app = app
        self._policy = policy
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        method, path = scope.get("method", "GET"), scope["path"]
        if is_public(method, path) or self._policy.admits(HTTPConnection(scope)):
            await self._app(scope, receive, send)
            return
        self._telemetry.refused("signed_out")
        if method == "GET" and _PAGES.fullmatch(path) and "text/html" in Headers(scope=scope).get("accept", ""):
            await RedirectResponse(f"/login?next={quote(path)}", 303)(scope, receive, send)
            return
        answer = problem(
            401,
            "signed_out",
            "sign in first",
            "open /login in a browser; programs send `Authorization: Bearer <VIEWBOX_SECRET>`",
            headers={"WWW-Authenticate": "Bearer"},
        )
        await refuse(scope, receive, send, answer)
