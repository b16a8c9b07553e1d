"""Reading a stream from a web server, under the address rules of URL import: every hop is checked before."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from transcoder.connection import Exchange, Policy, exchange
from transcoder.fetch import MAX_REDIRECTS, REDIRECTS
from transcoder.lint.playlist import ByteRange
from transcoder.lint.source import Answer, Delivery, NotRead, Unavailable, Unreadable
from viewbox.addresses import DEFAULT_PORTS, UrlRefused, host_and_port
from viewbox.errors import FetchFailed

HEADERS = {"User-Agent": "ViewBox-lint/1", "Accept": "*/*", "Accept-Encoding": "gzip"}
CHUNK_BYTES = 256 * 1024


class Site:
    """A stream at a URL. Locations are absolute URLs."""

    threads = 4  # section 12 of the HLS draft: a reasonable number of downloads at once

    def __init__(self, url: str, *, allow: Sequence[str] = (), proxy: str | None = None) -> None:
        self.start = url
        self.policy = Policy(allow, proxy, threading.Event())

    def resolve(self, base: str, uri: str) -> str:
        return urljoin(base, uri)

    def label(self, location: str) -> str:
        """The path alone on the stream's own server."""
        ours, theirs = urlsplit(self.start), urlsplit(location)
        return theirs.path if ours.netloc == theirs.netloc else location

    def read(self, location: str, byte_range: ByteRange | None, limit: int) -> Answer:
        headers = dict(HEADERS)
        if byte_range is not None:
            headers["Range"] = f"bytes={byte_range.start}-{byte_range.start + byte_range.length - 1}"
            headers["Accept-Encoding"] = "identity"
        try:
            return self._follow(location, headers, byte_range, limit)
        except UrlRefused as error:
            raise NotRead(f"{error.message}: {error.hint}") from error
        except FetchFailed as error:
            raise Unavailable(error.message) from error
        except ConnectionError as error:
            raise Unavailable(f"the connection broke: {error}") from error

    def _follow(self, url: str, headers: dict[str, str], byte_range: ByteRange | None, limit: int) -> Answer:
        redirected = False
        for _ in range(MAX_REDIRECTS + 1):
            answer = exchange(url, headers, self.policy)
            with answer:
                if answer.status not in REDIRECTS:
                    return _received(answer, byte_range, limit, redirected=redirected)
                url, redirected = urljoin(url, answer.header("Location")), True
        raise Unavailable(f"more than {MAX_REDIRECTS} redirects")


def open_site(url: str, *, allow: Sequence[str], proxy: str | None, own: str) -> Site:
    """The stream at a URL. `own` is this installation's `host:port`: its streams may be linted wherever it listens.

    Raises Unreadable for what is no URL, UrlRefused for addresses that import would not visit either.
    """
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise Unreadable(f"{parts.scheme} is not read", hint="give a URL that begins with http:// or https://")
    host, port = host_and_port(parts)
    ours = f"{host}:{port}" == own
    return Site(url, allow=(*allow, own) if ours else allow, proxy=None if ours else proxy)


def _received(answer: Exchange, byte_range: ByteRange | None, limit: int, *, redirected: bool) -> Answer:
    if answer.status not in {200, 206}:
        raise Unavailable(f"the server answers {answer.status}")
    data, ended = _body(answer, limit if byte_range is None or answer.status == 206 else byte_range.start + limit)
    length = answer.header("Content-Length")
    size = len(data) if ended or not length.isdigit() else int(length)
    encoding = answer.header("Content-Encoding").lower()
    if encoding == "gzip" and ended:
        data = _inflated(data, limit)
        size = len(data)
    if byte_range is not None:
        if answer.status == 200:  # the server knows no ranges and sent the file from its start
            data = data[byte_range.start : byte_range.start + byte_range.length]
        if ended and len(data) < min(byte_range.length, limit):
            raise Unavailable(f"{len(data)} of {byte_range.length} bytes of the range came")
        size = byte_range.length
    return Answer(data[:limit], size, Delivery(answer.header("Content-Type"), encoding, redirected))


def _body(answer: Exchange, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes and a few more; whether that was all."""
    pieces: list[bytes] = []
    size = 0
    while size <= limit:
        piece = answer.read(CHUNK_BYTES)
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces), False


def _inflated(data: bytes, limit: int) -> bytes:
    """A gzip body, at most `limit` bytes of it: the rest of a bomb is never unpacked."""
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, limit)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise Unavailable(f"its gzip encoding is damaged: {error}") from error
