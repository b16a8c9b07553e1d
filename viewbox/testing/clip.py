"""The sample clip: where it is, and how long it plays. No media tool is needed to read a duration."""

from __future__ import annotations

import struct
from pathlib import Path

import viewbox
from viewbox.errors import SetupError

_PACKAGE = Path(viewbox.__file__).parent
PLACES = (_PACKAGE / "_sample" / "sample.mp4", _PACKAGE.parent / "data" / "sample" / "sample.mp4")


def sample_clip() -> Path:
    """The clip of the installed package or of the repository. Raises SetupError when neither has it."""
    for place in PLACES:
        if place.is_file():
            return place
    raise SetupError(
        "the sample clip is missing", hint="render data/sample/sample.mp4 with `python -m transcoder.sample_clip`"
    )


def mp4_duration_s(path: Path) -> float:
    """Duration of an MP4 as its movie header says. Raises SetupError for a file without one."""
    content = path.read_bytes()
    movie = _box(content, 0, len(content), b"moov")
    header = _box(content, *movie, b"mvhd") if movie else None
    if header is None:
        raise SetupError(f"{path.name} is no MP4 with a movie header", hint="the file may be damaged")
    start, _ = header
    if content[start] == 1:  # version 1: 64-bit times
        timescale, duration = struct.unpack_from(">IQ", content, start + 20)
    else:
        timescale, duration = struct.unpack_from(">II", content, start + 12)
    return float(duration / timescale)


def _box(content: bytes, start: int, end: int, wanted: bytes) -> tuple[int, int] | None:
    """Where the payload of the first box of that type lies between `start` and `end`."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        payload = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, payload)
            payload += 8
        elif size == 0:  # reaches to the end of the file
            size = end - start
        if kind == wanted:
            return payload, start + size
        if size < 8:
            return None
        start += size
    return None
