"""A multipart upload as a stream: fields in memory (bounded), the one file straight to disk, never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import msgspec
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from ingest_api.limits import TooLarge, too_large
from viewbox.errors import InvalidInput, Overloaded
from viewbox.ids import new_video_id
from viewbox.spool import MIN_FREE_BYTES

MAX_FIELD_BYTES = 32 * 1024  # a text field; metadata is the longest
MAX_PARTS = 64  # fields and tags
MAX_HEADER_BYTES = 8 * 1024  # of one part
FLUSH_BYTES = 1024 * 1024  # written at once, off the event loop
MAX_FILENAME = 255


class Upload(msgspec.Struct, frozen=True):
    """A received file and the fields that came with it, in order."""

    path: Path
    filename: str
    size: int
    fields: list[tuple[str, str]]


class _Part(msgspec.Struct):
    """The part that is being read."""

    header_name: bytearray
    header_value: bytearray
    name: str = ""
    filename: str | None = None
    value: bytearray = msgspec.field(default_factory=bytearray)


class Receiver:
    """Parser callbacks that collect fields and hand the file's bytes to `pending`."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: list[tuple[str, str]] = []
        self.filename: str | None = None
        self.pending = bytearray()
        self.ended = False
        self._part = _Part(bytearray(), bytearray())
        self._parts = 0
        self._header_bytes = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Raises InvalidInput for what is no multipart body, TooLarge beyond a bound."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise InvalidInput("the multipart body is broken", code="bad_multipart", hint=str(error)) from error

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooLarge(f"more than {MAX_PARTS} parts", hint="send one file and a few fields")
        self._part = _Part(bytearray(), bytearray())
        self._header_bytes = 0

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._part.header_value += data[start:end]

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADER_BYTES:
            raise TooLarge("a part's header is too long", hint="use a shorter file name")

    def _header_end(self) -> None:
        part = self._part
        if bytes(part.header_name).lower() == b"content-disposition":
            _kind, options = parse_options_header(bytes(part.header_value))
            part.name = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                part.filename = options[b"filename"].decode("utf-8", "replace")
                if self.filename is not None:
                    raise InvalidInput("more than one file", code="one_file_only", hint="send each file by itself")
                self.filename = part.filename
        part.header_name.clear()
        part.header_value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.filename is not None:
            self.pending += data[start:end]
            return
        part.value += data[start:end]
        if len(part.value) > MAX_FIELD_BYTES:
            raise TooLarge(f"the field {part.name!r} is longer than {MAX_FIELD_BYTES:,} bytes", hint="shorten it")

    def _end_part(self) -> None:
        if self._part.filename is None:
            try:
                self.fields.append((self._part.name, self._part.value.decode("utf-8")))
            except UnicodeDecodeError as error:
                raise InvalidInput(f"the field {self._part.name!r} is not UTF-8", hint="send text as UTF-8") from error

    def _end(self) -> None:
        self.ended = True


async def receive(
    stream: AsyncIterator[bytes], *, content_type: str | None, folder: Path, max_bytes: int, free_bytes: int
) -> Upload:
    """Store the file of a multipart body as `folder/<random>`; nothing is left of an upload that fails.

    Raises InvalidInput, TooLarge, or Overloaded when the disk would be full.
    """
    kind, options = parse_options_header(content_type or "")
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidInput("not a multipart upload", code="bad_multipart", hint="send multipart/form-data with `file`")
    path = folder / new_video_id()
    try:
        receiver, size = await _store(stream, Receiver(boundary), path, max_bytes, free_bytes - MIN_FREE_BYTES)
    except BaseException:  # a client that leaves cancels us; its half file goes too
        path.unlink(missing_ok=True)
        raise
    return Upload(path, plain_name(receiver.filename or ""), size, receiver.fields)


async def _store(
    stream: AsyncIterator[bytes], receiver: Receiver, path: Path, max_bytes: int, room_bytes: int
) -> tuple[Receiver, int]:
    """Write the file part to `path`. Returns the receiver, now holding the fields, and the file's size."""
    size = 0
    with await asyncio.to_thread(path.open, "xb") as file:
        async for chunk in stream:
            receiver.feed(chunk)
            if size + len(receiver.pending) > max_bytes:
                raise source_too_large(max_bytes)
            if size + len(receiver.pending) > room_bytes:
                raise Overloaded("the disk has no room for this file", retry_after_ms=60_000, hint="free some space")
            if len(receiver.pending) >= FLUSH_BYTES:
                size += await _flush(file, receiver)
        size += await _flush(file, receiver)
    if not receiver.ended:
        raise InvalidInput("the upload broke off", code="bad_multipart", hint="send it again")
    if receiver.filename is None:
        raise InvalidInput("there is no file in the upload", code="no_file", hint="name the file's field `file`")
    if size == 0:
        raise InvalidInput("the file is empty", code="empty_file", hint="choose a video file")
    return receiver, size


def plain_name(filename: str) -> str:
    """The last part of a file name as people know it: no folders, no control characters, bounded."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in name if character.isprintable()).strip()
    return printable[-MAX_FILENAME:] or "upload"


async def _flush(file: IO[bytes], receiver: Receiver) -> int:
    block = bytes(receiver.pending)
    receiver.pending.clear()
    return await asyncio.to_thread(file.write, block)


def source_too_large(max_bytes: int) -> TooLarge:
    error = too_large(max_bytes)
    error.code = "source_too_large"
    error.hint = "compress it, or raise VIEWBOX_MAX_SOURCE_BYTES"
    return error
