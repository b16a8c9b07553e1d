"""Who may talk to which route: Host and Origin rules, and the headers that tell browsers the same.

Rebinding a name to this machine fails at the Host check; a foreign page fails at the Origin check, preflights
included. Both happen before any route runs. The rules are pure (`Access.judge`); `AccessMiddleware` applies them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest_api.problems import problem, refuse
from ingest_api.telemetry import Telemetry
from viewbox.settings import LOOPBACK_NAMES, Settings

PREFLIGHT_AGE_S = 600  # browsers ask again after ten minutes
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READS = frozenset({"GET", "HEAD"})


class Audience(enum.Enum):
    """Which pages may call a route from a browser."""

    ANYONE = "any origin, never with credentials"
    FAMILY = "site and dashboard"
    SITE = "the site itself"


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class Verdict(enum.Enum):
    WELCOME = "welcome"
    FOREIGN_HOST = "foreign_host"
    FOREIGN_ORIGIN = "foreign_origin"


def audience(method: str, path: str) -> Audience:
    """The contract's table of routes. `method` is the one that will run: for a preflight, the one it asks about."""
    if path == "/v1/views" or path.startswith("/media/"):
        return Audience.ANYONE
    reads = method in _READS
    if path.startswith("/v1/live/") or (reads and (path == "/v1/videos" or path.startswith("/v1/videos/"))):
        return Audience.FAMILY
    if reads and (path.startswith("/assets/") or path == "/favicon.svg"):
        return Audience.FAMILY
    return Audience.SITE


@dataclass(frozen=True)
class Access:
    """The hosts and origins of one installation."""

    public_host: str | None
    site: frozenset[Origin]
    family: frozenset[Origin] = field(default_factory=frozenset)

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """From `VIEWBOX_PUBLIC_URL`, `VIEWBOX_DASHBOARD_URL` and the two ports."""
        site = {Origin("http", name, settings.port) for name in LOOPBACK_NAMES}
        dashboard = {Origin("http", name, settings.dashboard_port) for name in LOOPBACK_NAMES}
        public = parse_origin(settings.public_url) if settings.public_url else None
        if public:
            site.add(public)
            dashboard.add(public._replace(port=settings.dashboard_port))
        announced = parse_origin(settings.dashboard_site_url)
        if announced:
            dashboard.add(announced)
        return cls(public.host if public else None, frozenset(site), frozenset(site | dashboard))

    def judge(self, method: str, path: str, hosts: list[str], origin: str | None) -> Verdict:
        """Whether a request may go on. `hosts` are all its Host headers: there must be one."""
        if len(hosts) != 1 or not self._is_own_host(hosts[0]):
            return Verdict.FOREIGN_HOST
        if origin is None:
            return Verdict.WELCOME
        match audience(method, path):
            case Audience.ANYONE:
                welcome = True
            case Audience.FAMILY:
                welcome = parse_origin(origin) in self.family
            case Audience.SITE:
                welcome = parse_origin(origin) in self.site
        return Verdict.WELCOME if welcome else Verdict.FOREIGN_ORIGIN

    def _is_own_host(self, host_header: str) -> bool:
        host = host_of(host_header)
        if host is None:
            return False
        return host == self.public_host or is_loopback(host)


def host_of(host_header: str) -> str | None:
    """The name in a Host header, lower case, without its port. None when it is no host at all."""
    if not host_header or any(character in host_header for character in "/@?# \t\\"):
        return None
    try:
        parts = urlsplit(f"//{host_header}")
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own and no name server decides about it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def parse_origin(text: str) -> Origin | None:
    """An Origin header or a site's URL; None for `null` and all that is no http(s) origin."""
    try:
        parts = urlsplit(text)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    return Origin(parts.scheme, parts.hostname, port)


def cors_headers(who: Audience, origin: str) -> dict[str, str]:
    """What lets the page at a welcome `origin` read the answer."""
    exposed = {"Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag, Retry-After"}
    match who:
        case Audience.ANYONE:
            return {"Access-Control-Allow-Origin": "*", **exposed}
        case Audience.FAMILY:
            return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", **exposed}
        case Audience.SITE:
            return {"Access-Control-Allow-Origin": origin}


class AccessMiddleware:
    """Applies `Access` to HTTP and WebSocket, answers preflights, adds CORS and security headers."""

    def __init__(
        self, app: ASGIApp, access: Access, telemetry: Telemetry, complete: Callable[[MutableHeaders], None]
    ) -> None:
        self._app = app
        self._access = access
        self._telemetry = telemetry
        self._complete = complete

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        method = scope.get("method", "GET")
        asked = headers.get("access-control-request-method")
        is_preflight = method == "OPTIONS" and origin is not None and asked is not None
        effective = asked if is_preflight and asked else method
        verdict = self._access.judge(effective, scope["path"], headers.getlist("host"), origin)
        who = audience(effective, scope["path"])
        # What anyone may read says so to everyone: a browser's cache keeps the site's own copy of a segment, asked
        # for without an Origin, and hands it to the dashboard's page, which may only use it with the header.
        tells = origin is not None or who is Audience.ANYONE
        cors = cors_headers(who, origin or "") if tells and verdict is Verdict.WELCOME else {}
        sender = self._with_headers(send, cors, varies=who is not Audience.ANYONE)
        if verdict is not Verdict.WELCOME:
            self._telemetry.refused(verdict.value)
            await refuse(scope, receive, sender, _refusal(verdict))
        elif is_preflight:
            allowed = {
                "Access-Control-Allow-Methods": effective,
                "Access-Control-Allow-Headers": headers.get("access-control-request-headers", ""),
                "Access-Control-Max-Age": str(PREFLIGHT_AGE_S),
            }
            await Response(status_code=204, headers=allowed)(scope, receive, sender)
        else:
            await self._app(scope, receive, sender)

    def _with_headers(self, send: Send, cors: Mapping[str, str], *, varies: bool) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                self._complete(headers)
                for name, value in cors.items():
                    headers[name] = value
                if varies:
                    headers.add_vary_header("Origin")
                self._telemetry.answered(message["status"])
            await send(message)

        return send_with_headers


def _refusal(verdict: Verdict) -> Response:
    if verdict is Verdict.FOREIGN_HOST:
        return problem(
            403,
            verdict.value,
            "this host name is not ViewBox's",
            "use 127.0.0.1 or localhost, or set VIEWBOX_PUBLIC_URL",
        )
    return problem(
        403, verdict.value, "another site may not call this route", "only /v1/views and /media are open to every site"
    )
