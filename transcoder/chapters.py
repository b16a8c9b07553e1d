"""Chapters of the source as WebVTT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transcoder.probe import Chapter


def chapters_vtt(chapters: Sequence[Chapter]) -> str:
    """One cue per chapter. Pure."""
    cues = [
        f"{number}\n{vtt_time(chapter.start_s)} --> {vtt_time(chapter.end_s)}\n{vtt_text(chapter.title)}\n"
        for number, chapter in enumerate(chapters, start=1)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def write_chapters(path: Path, chapters: Sequence[Chapter]) -> bool:
    """Write the file when there is a chapter; whether there was one."""
    if chapters:
        path.write_text(chapters_vtt(chapters), encoding="utf-8")
    return bool(chapters)


def vtt_time(seconds: float) -> str:
    """`01:02:03.500`"""
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def vtt_text(text: str) -> str:
    """Text that cannot end its cue or be taken for markup."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
