"""Where a stream's files come from: a folder, or files held in memory. `site.py` reads from a web server."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from transcoder.lint.playlist import ByteRange
from viewbox.errors import InvalidInput

MASTER_NAMES = ("master.m3u8", "index.m3u8", "main.m3u8", "playlist.m3u8", "stream.m3u8")
HEAD_BYTES = 64 * 1024  # of a playlist, to tell a multivariant one


class Unreadable(InvalidInput):
    """There is no stream to lint at this place."""

    code = "unreadable_stream"


class Unavailable(Exception):
    """A file that the stream names cannot be had: a breach, with its reason."""


class NotRead(Exception):
    """A file that is not looked at, by decision: proves nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a web server sent a file."""

    content_type: str
    content_encoding: str
    redirected: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A file or a range of one. `size_bytes` is all of it, also when `data` was cut at the limit."""

    data: bytes
    size_bytes: int
    delivery: Delivery | None = None

    @property
    def whole(self) -> bool:
        return len(self.data) == self.size_bytes


class Source(Protocol):
    """A place to read from. Locations are the source's own; `label` is what reports print."""

    start: str
    threads: int

    def resolve(self, base: str, uri: str) -> str:
        """The location that a URI means in the playlist at `base`."""

    def label(self, location: str) -> str: ...

    def read(self, location: str, byte_range: ByteRange | None, limit: int) -> Answer:
        """At most `limit` bytes. Raises Unavailable, NotRead."""


class Tree:
    """Files by relative path, as a folder has them."""

    threads = 1

    def __init__(self, start: str) -> None:
        self.start = start

    def resolve(self, base: str, uri: str) -> str:
        parts = urlsplit(uri)
        if parts.scheme or parts.netloc:
            return uri
        path = unquote(parts.path)
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base

    def label(self, location: str) -> str:
        return location

    def check(self, location: str) -> None:
        """Raise NotRead for what does not lie below the root."""
        if urlsplit(location).scheme:
            raise NotRead("it lies on a server; a folder is linted without a network")
        if location.startswith(("../", "/")) or location == "..":
            raise NotRead("it lies outside the folder; lint the folder above")


class Memory(Tree):
    """A stream held in memory."""

    def __init__(self, files: Mapping[str, bytes], start: str) -> None:
        super().__init__(start)
        self.files = files

    def read(self, location: str, byte_range: ByteRange | None, limit: int) -> Answer:
        self.check(location)
        if location not in self.files:
            raise Unavailable("there is no such file")
        data = self.files[location]
        if byte_range is not None:
            _check_range(byte_range, len(data))
            data = data[byte_range.start : byte_range.start + byte_range.length]
        return Answer(data[:limit], len(data))


class Folder(Tree):
    """A stream below a folder. Nothing outside is opened, whatever playlists and links say."""

    def __init__(self, root: Path, start: str) -> None:
        super().__init__(start)
        self.root = root.resolve()

    def read(self, location: str, byte_range: ByteRange | None, limit: int) -> Answer:
        self.check(location)
        path = self.root / location
        try:
            if not path.resolve().is_relative_to(self.root):
                raise NotRead("it is a link to outside the folder")
            if not path.is_file():
                raise Unavailable("there is no such file")
            size = path.stat().st_size
            with path.open("rb") as file:
                if byte_range is None:
                    return Answer(file.read(limit), size)
                _check_range(byte_range, size)
                file.seek(byte_range.start)
                return Answer(file.read(min(limit, byte_range.length)), byte_range.length)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise Unavailable(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from error


def open_folder(path: Path) -> Folder:
    """The stream at a playlist's path, or below a folder: its multivariant playlist, else its only playlist.

    Raises Unreadable.
    """
    if path.is_file():
        return Folder(path.parent, path.name)
    if not path.is_dir():
        raise Unreadable(f"there is nothing at {path}", hint="give a playlist, a folder that holds one, or a URL")
    lists = sorted(found for found in path.iterdir() if found.suffix in {".m3u8", ".m3u"} and found.is_file())
    if not lists:
        raise Unreadable(f"{path} holds no playlist", hint="give the folder of the .m3u8 file, or the file itself")
    masters = [found for found in lists if b"#EXT-X-STREAM-INF" in _head(found)] or lists
    if len(masters) > 1:
        masters = [found for found in masters if found.name in MASTER_NAMES] or masters
    if len(masters) > 1:
        names = ", ".join(found.name for found in masters[:5])
        raise Unreadable(f"{path} holds several playlists: {names}", hint="give the path of one of them")
    return Folder(path, masters[0].name)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _check_range(byte_range: ByteRange, size: int) -> None:
    if byte_range.start + byte_range.length > size:
        raise Unavailable(
            f"bytes {byte_range.start} to {byte_range.start + byte_range.length} of a file of {size} bytes"
        )
