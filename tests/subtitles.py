"""Subtitles for tests: written as people write them, and muxed into real footage."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from tests import media

# (start_s, end_s, text): apart from each other, so that a cue's time shows which one it is
LINES = ((0.5, 1.5, "One"), (2.0, 3.25, "Two"), (4.0, 4.8, "Three"))
Line = tuple[float, float, str]


def srt(lines: Sequence[Line] = LINES, *, prefix: str = "") -> str:
    """SubRip: numbered, commas in its times."""
    blocks = [
        f"{number}\n{_clock(start_s, ',')} --> {_clock(end_s, ',')}\n{prefix}{text}\n"
        for number, (start_s, end_s, text) in enumerate(lines, start=1)
    ]
    return "\n".join(blocks)


def vtt(lines: Sequence[Line] = LINES, *, prefix: str = "") -> str:
    blocks = [f"{_clock(start_s, '.')} --> {_clock(end_s, '.')}\n{prefix}{text}\n" for start_s, end_s, text in lines]
    return "\n".join(["WEBVTT\n", *blocks])


def ass(lines: Sequence[Line] = LINES, *, prefix: str = "") -> str:
    """Advanced SubStation Alpha; its clock has hundredths."""
    head = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n"
    )
    events = "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    shown = [
        f"Dialogue: 0,{_clock(start_s, '.')[1:-1]},{_clock(end_s, '.')[1:-1]},Default,,0,0,0,,"
        f"{{\\i1}}{prefix}{text}{{\\i0}}"
        for start_s, end_s, text in lines
    ]
    return head + events + "\n".join(shown) + "\n"


def pgs() -> bytes:
    """Pictures of texts, as Blu-rays have them: one empty composition a second."""
    packets = []
    for second in range(1, 4):
        composition = struct.pack(">HHBHBBBB", 320, 180, 0x10, second, 0x80, 0, 0, 0)
        for kind, data in ((0x16, composition), (0x80, b"")):
            packets.append(b"PG" + struct.pack(">IIBH", second * 90_000, 0, kind, len(data)) + data)
    return b"".join(packets)


def muxed(clip: Path, out: Path, texts: Sequence[tuple[Path, str, str, str]], *, codec: str = "copy") -> Path:
    """The clip with subtitle files: (file, ISO 639 language, title, disposition) each, in `out`'s container."""
    inputs = [word for file, *_ in texts for word in ("-i", str(file))]
    maps = [word for number in range(len(texts)) for word in ("-map", f"{number + 1}:0")]
    facts = []
    for number, (_, language, title, disposition) in enumerate(texts):
        facts += [f"-metadata:s:s:{number}", f"language={language}", f"-metadata:s:s:{number}", f"title={title}"]
        facts += [f"-disposition:s:{number}", disposition]
    copied = ("-c:v", "copy", "-c:a", "copy", "-c:s", codec)
    media.ffmpeg("-i", clip, *inputs, "-map", "0:v", "-map", "0:a?", *maps, *copied, *facts, out)
    return out


def _clock(seconds: float, point: str) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{point}{ms % 1000:03d}"
