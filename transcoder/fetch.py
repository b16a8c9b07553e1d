"""Fetching a source by URL: our own client, never FFmpeg or a library on a URL that a stranger typed."""

from __future__ import annotations

import errno
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from transcoder.connection import Exchange, Policy, exchange
from transcoder.room import check_room
from transcoder.runner import Cancelled
from transcoder.sharelinks import direct_url, sniff
from viewbox.addresses import UrlRefused
from viewbox.errors import FetchFailed

MAX_REDIRECTS = 5
CHUNK_BYTES = 256 * 1024
SNIFF_BYTES = 1024
ATTEMPTS = 30  # in all: a server that breaks every line is given up even when each brings a little more
PATIENCE_S = 5.0  # an attempt that brought nothing for this long is not repeated: people wait for an answer
BREAKS = 4  # in a row without a new byte; each resumes where the last one stopped
PAUSES_S = (0.3, 1.0, 3.0, 5.0)  # before the next attempt after a break
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = {"User-Agent": "ViewBox-import/1", "Accept": "video/*,*/*;q=0.8", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Source:
    """A source as a file on this machine. Its name says nothing: the content decides."""

    path: Path
    size_bytes: int


@dataclass
class _Download:
    """What is known of the file while it arrives."""

    path: Path
    done_bytes: int = 0
    total_bytes: int | None = None
    validator: str = ""  # a strong ETag or a date: proves that a resumed answer is of the same file

    def range_headers(self) -> dict[str, str]:
        if not self.done_bytes or not self.validator:
            return {}
        return {"Range": f"bytes={self.done_bytes}-", "If-Range": self.validator}


def fetch(
    url: str,
    folder: Path,
    *,
    allow: Sequence[str],
    proxy: str | None,
    max_bytes: int,
    cancel: threading.Event,
    on_progress: Callable[[int, int | None], None],
) -> Source:
    """Download `url` into `folder`, resuming after breaks.

    Raises UrlRefused (a scheme or address that import never visits, also behind a redirect) and FetchFailed:
    not_a_video_file, manifest_not_supported, not_found, http_error, host_unreachable, stalled, tls_error, too_large,
    too_many_redirects, empty_file, disk_full; and Cancelled. Network trouble is retried here, and nowhere else.
    """
    policy = Policy(allow, proxy, cancel)
    download = _Download(folder / "source")
    target = direct_url(url)
    breaks = 0
    for attempt in range(ATTEMPTS):
        before, began = download.done_bytes, time.monotonic()
        try:
            with _open(target, download, policy) as answer:
                _receive(answer, download, max_bytes, on_progress)
            break
        except ConnectionError as error:
            trouble = FetchFailed(
                f"the connection broke: {error}",
                code="host_unreachable", hint="the server ends the connection; retry later", retryable=True,
            )  # fmt: skip
        except FetchFailed as error:
            if not error.retryable:
                raise
            trouble = error
        advanced = download.done_bytes > before
        breaks = 1 if advanced else breaks + 1
        in_vain = not advanced and time.monotonic() - began > PATIENCE_S
        if in_vain or breaks >= BREAKS or attempt == ATTEMPTS - 1:
            raise trouble
        if cancel.wait(PAUSES_S[breaks - 1]):
            raise Cancelled
    if download.done_bytes == 0:
        raise FetchFailed("the answer is empty", code="empty_file", hint="the link leads to a file of 0 bytes")
    return Source(download.path, download.done_bytes)


def _open(url: str, download: _Download, policy: Policy) -> Exchange:
    """Follow redirects, each checked like the first URL, to an answer with a body."""
    for hop in range(MAX_REDIRECTS + 1):
        try:
            answer = exchange(url, {**HEADERS, **download.range_headers()}, policy)
        except UrlRefused as error:
            if hop == 0:
                raise
            raise UrlRefused(f"it redirects to {url}: {error.message}", hint=error.hint) from error
        if answer.status not in REDIRECTS:
            _check_status(answer)
            return answer
        with answer:
            location = answer.header("Location")
        if not location:
            raise FetchFailed("a redirect without a target", code="http_error", hint="the server is misconfigured")
        url = urljoin(url, location)
    raise FetchFailed(
        f"more than {MAX_REDIRECTS} redirects",
        code="too_many_redirects",
        hint="the link leads in circles; open it in a browser",
    )


def _check_status(answer: Exchange) -> None:
    """Raise FetchFailed for an answer without the file."""
    status = answer.status
    if status in {200, 206}:
        return
    with answer:
        if status == 416:  # our range: the file became shorter
            raise ConnectionError("the file changed while it was fetched")
        if status in {404, 410}:
            raise FetchFailed(
                f"HTTP {status}", code="not_found", hint="there is no file at this link; check it in a browser"
            )
        if status in {401, 403}:
            raise FetchFailed(
                f"HTTP {status}", code="http_error", hint="the link needs a sign-in: make it public, or upload the file"
            )
        raise FetchFailed(
            f"HTTP {status}", code="http_error", hint=f"the server answers {status}; try the link in a browser",
            retryable=status in TRANSIENT,
        )  # fmt: skip


def _receive(
    answer: Exchange, download: _Download, max_bytes: int, on_progress: Callable[[int, int | None], None]
) -> None:
    """Append the body to the file, or begin anew when the server did not resume."""
    length = int(answer.header("Content-Length")) if answer.header("Content-Length").isdigit() else None
    resumed = answer.status == 206 and _range_start(answer) == download.done_bytes and download.done_bytes > 0
    if answer.status == 206 and not resumed:
        download.validator = ""  # asked for the rest, got another part: the next attempt takes it whole
        raise ConnectionError("the server sent another part of the file")
    if not resumed:
        download.done_bytes = 0
        download.validator = _validator(answer)
    download.total_bytes = download.done_bytes + length if length is not None else None
    if (download.total_bytes or 0) > max_bytes:
        raise _too_large(max_bytes)
    check_room(download.path.parent, length or 0)
    try:
        with download.path.open("r+b" if resumed else "wb") as file:
            file.seek(download.done_bytes)
            _copy(answer, file, download, max_bytes, on_progress)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise FetchFailed(
                "the disk is full", code="disk_full", hint="free space in VIEWBOX_DATA_DIR, then retry"
            ) from error
        raise
    if download.total_bytes is not None and download.done_bytes < download.total_bytes:
        raise ConnectionError(f"{download.total_bytes - download.done_bytes} bytes are missing")


def _copy(
    answer: Exchange,
    file: BinaryIO,
    download: _Download,
    max_bytes: int,
    on_progress: Callable[[int, int | None], None],
) -> None:
    head = b""
    sniffed = download.done_bytes > 0
    while piece := answer.read(CHUNK_BYTES):
        if not sniffed:
            head += piece[:SNIFF_BYTES]
            if len(head) >= SNIFF_BYTES:
                sniff(head, answer.header("Content-Type"))
                sniffed = True
        file.write(piece)
        download.done_bytes += len(piece)
        if download.done_bytes > max_bytes:
            raise _too_large(max_bytes)
        on_progress(download.done_bytes, download.total_bytes)
    if not sniffed and head:
        sniff(head, answer.header("Content-Type"))


def _validator(answer: Exchange) -> str:
    """What If-Range may carry: never a weak ETag (RFC 9110, 13.1.5)."""
    etag = answer.header("ETag")
    return etag if etag.startswith('"') else answer.header("Last-Modified")


def _range_start(answer: Exchange) -> int | None:
    match = re.match(r"bytes (\d+)-", answer.header("Content-Range"))
    return int(match[1]) if match else None


def _too_large(max_bytes: int) -> FetchFailed:
    return FetchFailed(
        f"larger than {max_bytes} bytes", code="too_large", hint="use a smaller file, or raise VIEWBOX_MAX_SOURCE_BYTES"
    )
