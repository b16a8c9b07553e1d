"""The site: the built player, served by the door itself; /docs with files of our own."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from ingest_api import site_headers
from ingest_api.access import Access
from ingest_api.page_hints import head_links
from ingest_api.pages import STYLE, page
from ingest_api.routes.media import is_unchanged
from ingest_api.services import Parts
from viewbox.errors import NotFound

DIST = Path(__file__).resolve().parents[2] / "player" / "dist"
DASHBOARD_MARK = "__VIEWBOX_DASHBOARD_URL__"
IMMUTABLE = "public, max-age=31536000, immutable"
_HASHED = re.compile(r".+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+")  # Vite puts a content hash into such names
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".map": "application/json",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".webp": "image/webp",
}
_DOCS_FILES = {"docs.js": Path(__file__).resolve().parents[1] / "templates" / "docs.js"}
_NOT_BUILT = page(
    "Not built yet",
    "<h1>The player is not built yet</h1>\n<p>API, events and metrics work. For the pages, run this once in ViewBox's "
    "folder, then reload:</p>\n<pre>make setup</pre>",
)
_DOCS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · ViewBox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The same is in /openapi.json.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
"""
router = APIRouter(include_in_schema=False)


@router.get("/")
def site(request: Request, services: Parts) -> Response:
    """The library. All pages are one application, which reads the address itself."""
    return _application(request, services)


@router.get("/watch/{video_id}")
def watch(video_id: str, request: Request, services: Parts) -> Response:
    """A video with its player, and what to watch next."""
    return _application(request, services, head_links(DIST, "watch", video_id))


@router.get("/embed/{video_id}")
def embed(video_id: str, request: Request, services: Parts) -> Response:
    """The player alone, to be framed by the pages of `VIEWBOX_EMBED_ORIGINS`."""
    response = _application(request, services, head_links(DIST, "embed", video_id))
    response.headers["Content-Security-Policy"] = site_headers.content_security_policy(
        site_headers.socket_sources(Access.of(services.settings)),
        frame_ancestors=frame_ancestors(services.settings.embed_origins),
        styles=[site_headers.style_hash(STYLE)],
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # pages with COEP may frame it too
    return response


@router.get("/assets/{path:path}")
@router.head("/assets/{path:path}")
def asset(path: str, request: Request) -> Response:
    """Hashed files never change; the dashboard's panel has a fixed name and is asked about each time."""
    return _file(DIST / "assets", path, request)


@router.get("/favicon.svg")
def favicon(request: Request) -> Response:
    return _file(DIST, "favicon.svg", request)


@router.get("/docs")
def docs() -> Response:
    """Swagger UI from our own files."""
    if not (DIST / "docs" / "swagger-ui-bundle.js").is_file():
        return _not_built()
    return HTMLResponse(_DOCS, headers={"Cache-Control": "no-cache"})


@router.get("/docs/{name}")
def docs_file(name: str, request: Request) -> Response:
    own = _DOCS_FILES.get(name)
    return _file(own.parent, name, request) if own else _file(DIST / "docs", name, request)


def frame_ancestors(embed_origins: str) -> str:
    """The directive's value: `*` or origins, separated by commas or blanks."""
    origins = [origin for origin in re.split(r"[,\s]+", embed_origins) if origin]
    return " ".join(origins) if origins else "'none'"


def _application(request: Request, services: Parts, links: str = "") -> Response:
    index = DIST / "index.html"
    if not index.is_file():
        return _not_built()
    facts = index.stat()
    dashboard = services.settings.dashboard_site_url
    etag = f'"{facts.st_mtime_ns:x}-{abs(hash(dashboard)):x}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if is_unchanged(request, etag, facts.st_mtime):
        return Response(status_code=304, headers=headers)
    html = index.read_text(encoding="utf-8").replace(DASHBOARD_MARK, escape(dashboard, quote=True))
    return HTMLResponse(html.replace("</head>", f"{links}</head>", 1), headers=headers)


def _file(folder: Path, path: str, request: Request) -> Response:
    names = path.split("/")
    file = folder.joinpath(*names)
    if not all(_NAME.fullmatch(name) for name in names) or not file.is_file():
        raise NotFound("no such file", hint="reload the page; it may have been built anew")
    facts = file.stat()
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    headers = {"Cache-Control": IMMUTABLE if _HASHED.fullmatch(file.name) else "no-cache", "ETag": etag}
    if is_unchanged(request, etag, facts.st_mtime):
        return Response(status_code=304, headers=headers)
    media_type = _TYPES.get(file.suffix.lower(), "application/octet-stream")
    return FileResponse(file, headers=headers, media_type=media_type, stat_result=facts)


def _not_built() -> Response:
    policy = site_headers.content_security_policy(styles=[site_headers.style_hash(STYLE)])
    return HTMLResponse(_NOT_BUILT, 503, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})
