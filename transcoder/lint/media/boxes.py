"""Boxes of ISO/IEC 14496-12 as foreign packagers write them. Our own segments go through `transcoder.boxes`."""

from __future__ import annotations

import struct
from collections.abc import Iterator


class Damaged(Exception):
    """Sizes or fields that do not add up."""


def walk(data: bytes, start: int = 0, end: int | None = None, *, cut: bool = False) -> Iterator[tuple[bytes, int, int]]:
    """(name, first payload byte, end) of each box. A last box of size 0 lasts to the end.

    With `cut` the last box may claim more than there is. Raises Damaged.
    """
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise Damaged(f"{end - start} stray bytes after the last box")
        size, name = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1 and end - start >= 16:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            if not cut or size < header:
                raise Damaged(f"the box {name.decode('latin-1')!r} reaches past the end")
            size = end - start
        yield name, start + header, start + size
        start += size


def children(data: bytes, start: int, end: int) -> dict[bytes, tuple[int, int]]:
    """The first child box of each name."""
    found: dict[bytes, tuple[int, int]] = {}
    for name, inner, stop in walk(data, start, end):
        found.setdefault(name, (inner, stop))
    return found


def find(data: bytes, start: int, end: int, *path: bytes) -> tuple[int, int] | None:
    """Payload range of the first box at `path` below a range, if it is there."""
    for wanted in path:
        found = next(((inner, stop) for name, inner, stop in walk(data, start, end) if name == wanted), None)
        if found is None:
            return None
        start, end = found
    return start, end
