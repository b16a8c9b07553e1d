"""docs/reference/sources.md: the rows in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.sources.row import Row
from tests.sources.rows import FILES, LONG, PICTURES, RATES, SOUNDS

PAGE = Path(__file__).parents[2] / "docs/reference/sources.md"
HEAD = """# Sources

What may be pasted or uploaded, and what becomes of it. Every row is a test: a clip of that kind is made, imported and
looked at. The clip shows four colours, a mark in its top left corner, and once a second a flash with a beep. Asserted
are

- in Chromium: the size, which corner the mark is in, the colours of patches and corners, the duration, the languages
  offered, and that it plays;
- in the published segments, decoded: flashes within a picture of where the clip has them, beeps within 15 ms of their
  flash (30 ms where the source is no better) on both sides, from the first to the last; no combs; the frame rate; the
  duration within a picture;
- by [`viewbox lint`](lint.md): no MUST of Apple's or the RFC's is broken.

`python -m tests.sources` writes this page from the tests' rows; a test fails when it lags. Ten hours are part of
`make faults`; all else is part of `make test`.
"""
TAIL = """
## What stays behind

- HDR is tone-mapped to SDR. Where FFmpeg has no `zscale` or `tonemap`, it is published as SDR untouched, and looks
  pale: `viewbox doctor` says so, and the worker's log names the video. `make test` then judges all of those two rows
  but their colours.
- Interlaced sources are woven where FFmpeg has no `bwdif`; `viewbox doctor` says so.
- Subtitles in the file become captions: [captions](../how-to/captions.md).
- Four sound tracks are kept, each in stereo. Places, owners and other notes in the file are not published.
- Never taller, faster or richer in bits than the source; 1080 lines and 60 pictures a second at most.
"""


def sources_markdown() -> str:
    """The page."""
    parts = [
        HEAD,
        *(_section(title, rows) for title, rows in (
            ("Files", FILES), ("Pictures", PICTURES), ("Rates and lengths", [*RATES, *LONG]), ("Sound", SOUNDS),
        )),
    ]  # fmt: skip
    return "\n".join(parts) + TAIL


def _section(title: str, rows: Sequence[Row]) -> str:
    lines = [f"## {title}", "", "| source | becomes | seen and heard |", "|---|---|---|"]
    lines += [f"| {row.source} | {row.outcome} | {_seen(row)} |" for row in rows]
    return "\n".join([*lines, ""])


def _seen(row: Row) -> str:
    width, height = row.shown
    parts = [f"{width}×{height}", f"{float(row.fps):.5g} fps", f"{round(row.length_s, 3):g} s"]
    if len(row.languages) > 1:
        parts.append("tracks " + ", ".join(row.languages))
    elif not row.languages:
        parts.append("no sound")
    if row.quick:
        parts.append(f"track `{row.quick}` too")
    return ", ".join(parts)
