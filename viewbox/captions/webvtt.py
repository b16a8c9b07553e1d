"""Cues as the one WebVTT file that players read: a whole rendition of subtitles in one segment."""

from __future__ import annotations

from collections.abc import Iterable

from viewbox.captions.cues import Cue

# The media's clock begins at 0, and so do the cues (Apple 5.3).
HEADER = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"


def webvtt_of(cues: Iterable[Cue]) -> str:
    blocks = [
        f"{vtt_time(cue.start_ms)} --> {vtt_time(cue.end_ms)}{' ' if cue.settings else ''}{cue.settings}\n{cue.text}\n"
        for cue in cues
    ]
    return "\n".join([HEADER, *blocks])


def vtt_time(ms: int) -> str:
    """Hours always, as the linter's clause asks.

    >>> vtt_time(3_723_500)
    '01:02:03.500'
    """
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
