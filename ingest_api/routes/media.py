"""/media: what was published, for any player on any site. Revisions never change; only the master may."""

from __future__ import annotations

import gzip
import re
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from ingest_api.problems import documented, problem
from ingest_api.services import Parts, Services
from viewbox.errors import NotFound

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
MAX_GZIP_BYTES = 4 * 1024 * 1024  # playlists and captions are far smaller; beyond, they go out as they are
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
}
_COMPRESSED = frozenset({".m3u8", ".vtt", ".json"})
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._:-]{0,127}")  # no name begins with a dot: neither .. nor .building
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_REVISION = re.compile(r"r\d+")
router = APIRouter(tags=["media"])


@router.head("/media/{path:path}", include_in_schema=False)
@router.get(
    "/media/{path:path}",
    summary="HLS playlists, segments, pictures, captions",
    response_class=Response,
    responses={200: {"description": "the file"}, 206: {"description": "a part of it"}, **documented(404, 416, 503)},
)
async def media(path: str, request: Request, services: Parts) -> Response:
    """Range and conditional requests; playlists and captions gzipped; everything below a revision is immutable.

    A segment that is still being made is awaited for up to 8 s; then 503 with Retry-After.
    """
    try:
        return await run_in_threadpool(_answer, path, request, services)
    except NotFound:
        if not await services.awaited.arrival(path):
            raise
    return await run_in_threadpool(_answer, path, request, services)


def _answer(path: str, request: Request, services: Services) -> Response:
    file = locate(services.media.root, path)
    facts = file.stat()
    suffix = file.suffix.lower()
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    headers = {
        "Cache-Control": IMMUTABLE if _REVISION.fullmatch(PurePosixPath(path).parts[1]) else REVALIDATE,
        "Last-Modified": formatdate(facts.st_mtime, usegmt=True),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": etag,
    }
    compress = (
        suffix in _COMPRESSED
        and facts.st_size <= MAX_GZIP_BYTES
        and "range" not in request.headers
        and accepts_gzip(request.headers.get("accept-encoding", ""))
    )
    if suffix in _COMPRESSED:
        headers["Vary"] = "Accept-Encoding"
    if compress:
        headers["ETag"] = f'{etag[:-1]}-gzip"'
    if is_unchanged(request, headers["ETag"], facts.st_mtime):
        return Response(status_code=304, headers=headers)
    media_type = TYPES.get(suffix, "application/octet-stream")
    if not compress:
        match readable_range(request.headers.get("range")):
            case None:
                _ignore_range(request)
            case (first, _) if first is not None and first >= facts.st_size and "if-range" not in request.headers:
                return range_not_satisfiable(facts.st_size)
        return FileResponse(file, headers=headers, media_type=media_type, stat_result=facts)
    body = gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
    return Response(body, headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type)


def locate(root: Path, path: str) -> Path:
    """The file below `root` that a URL path names. Raises NotFound for all else, links out of the root included."""
    names = path.split("/")
    if len(names) < 2 or not all(_NAME.fullmatch(name) for name in names):
        raise _not_found()
    file = root.joinpath(*names)
    try:
        real = file.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _not_found() from error
    if not real.is_relative_to(root.resolve()) or not real.is_file():
        raise _not_found()
    return real


def readable_range(header: str | None) -> tuple[int | None, int | None] | None:
    """First and last byte of a Range header that asks for one range; None for all others (RFC 9110, 14.2: ignored).

    >>> readable_range("bytes=5-9"), readable_range("bytes=5-"), readable_range("bytes=-3"), readable_range("bytes=9-5")
    ((5, 9), (5, None), (None, 3), None)
    """
    match = _RANGE.fullmatch(header or "")
    if match is None:
        return None
    first = int(match[1]) if match[1] else None
    last = int(match[2]) if match[2] else None
    if (first is None and not last) or (first is not None and last is not None and last < first):
        return None
    return first, last


def range_not_satisfiable(size: int) -> Response:
    return problem(
        416, "range_not_satisfiable", "the range lies beyond the file", f"the file has {size:,} bytes",
        headers={"Content-Range": f"bytes */{size}"},
    )  # fmt: skip


def _ignore_range(request: Request) -> None:
    """Answer with the whole file."""
    request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"range"]


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header allows gzip.

    >>> accepts_gzip("br, gzip;q=0.5"), accepts_gzip("gzip;q=0"), accepts_gzip("identity")
    (True, False, False)
    """
    for offer in accept_encoding.lower().split(","):
        name, _, quality = offer.partition(";")
        if name.strip() in {"gzip", "*"}:
            return quality.strip().replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def is_unchanged(request: Request, etag: str, modified_s: float) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides; If-Modified-Since only without it."""
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:
        given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return etag in given or "*" in given
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return int(modified_s) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def _not_found() -> NotFound:
    return NotFound("no such media", code="media_not_found", hint="the video's `urls` name what there is")
