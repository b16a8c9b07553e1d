"""Pages ask for Streamlit's chart code at once, not when the first chart comes: it is 4.7 MB, and a quarter of a second
of the browser's time, both of which are there to be had while the page waits for its first answer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
HEAD_ENDS = b"</head>"
OTHERS = ("/static/", "/_stcore/", "/component/", "/media/")  # paths that are no pages


class EarlyCharts:
    """ASGI middleware: HTML pages name the chart code as a script of their own; everything else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tag = tag_of(chart_script())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(OTHERS) or not self._tag:
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        await self._app({**scope, "headers": plain}, receive, _Page(send, self._tag).send)


# A page that was kept before it changed must not be taken for the new one, and no compressed page can be added to.
_CONDITIONS = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})


class _Page:
    """Passes an answer on; an HTML page once it is whole, with the tag in its head."""

    def __init__(self, send: Send, tag: bytes) -> None:
        self._send = send
        self._tag = tag
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        page = bytes(self._body).replace(HEAD_ENDS, self._tag + HEAD_ENDS, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(page))
        for name in ("etag", "last-modified", "accept-ranges"):
            del headers[name]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": page})


def _is_page(start: Message) -> bool:
    return bool(start["status"] == 200) and Headers(raw=start["headers"]).get("content-type", "").startswith(
        "text/html"
    )


@cache
def chart_script() -> str | None:
    """The file name of the chart code, which holds a hash of its content; None where this Streamlit has none."""
    return next((path.name for path in sorted(SCRIPTS.glob("PlotlyChart.*.js"))), None)


def tag_of(script: str | None) -> bytes:
    """What asks for it; modules run in the order of the page, so the page's own comes first."""
    return f'<script type="module" crossorigin src="./static/js/{script}"></script>'.encode() if script else b""
