"""Who may knock: foreign Hosts and foreign Origins get 403 before Streamlit sees them.

Streamlit checks neither the Host of plain requests nor the port of a WebSocket's Origin, so a page of another
site that resolves its own name to 127.0.0.1 (DNS rebinding), or any other server on this machine, would get in.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from viewbox.settings import LOOPBACK_NAMES, Settings

POLICY_VIOLATION = 1008  # a WebSocket closed with it before it was accepted is answered 403


class Door:
    """ASGI middleware: 403 unless Host is the dashboard's and Origin, where there is one, the dashboard's own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = allowed_hosts(settings)
        self._origins = allowed_origins(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or self._may_enter(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = PlainTextResponse("403: this address is not the dashboard's own\n", status_code=403)
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    def _may_enter(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return host_name(headers.get("host", "")) in self._hosts and (origin is None or origin.lower() in self._origins)


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Host names without port: loopback, and those of the public URLs."""
    public = {urlsplit(url).hostname for url in (settings.public_url, settings.dashboard_url) if url}
    return LOOPBACK_NAMES | {name for name in public if name}


def allowed_origins(settings: Settings) -> frozenset[str]:
    """The dashboard's own origins: loopback names at its port, its public URL, and the site's host at its port."""
    port = settings.dashboard_port
    origins = {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")}
    own = urlsplit(settings.dashboard_site_url)
    origins.add(f"{own.scheme}://{own.netloc}".lower())
    if settings.public_url and not settings.dashboard_url:
        site = urlsplit(settings.public_url)
        origins.add(f"{site.scheme}://{site.hostname}:{port}".lower())
    return frozenset(origins)


def host_name(host: str) -> str | None:
    """The name in a Host header, lower case, without port and brackets; None when it is not one."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises when the port is no number
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return None
    return parts.hostname
