"""Subtitle renditions in a master playlist, and the playlist of each. Pure.

Clauses are of Apple's HLS Authoring Specification.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from viewbox.languages import name_of

GROUP = "captions"
VERSION = 3  # durations with decimals; a higher one would lock players out for nothing
SPOKEN = "public.accessibility.transcribes-spoken-dialog"
SOUNDS = "public.accessibility.describes-music-and-sound"
_GROUPED = f',SUBTITLES="{GROUP}"'
_ADDED = re.compile(r"# captions add (\d+) to BANDWIDTH, (\d+) to AVERAGE-BANDWIDTH")


@dataclass(frozen=True)
class TextRendition:
    """One subtitle rendition; `uri` of its playlist, seen from the master."""

    uri: str
    language: str
    label: str
    size_bytes: int
    is_default: bool
    is_forced: bool
    hearing_impaired: bool


def text_playlist(name: str, duration_s: float) -> str:
    """One WebVTT file that lasts as long as the video (5.5)."""
    lines = [
        "#EXTM3U", f"#EXT-X-VERSION:{VERSION}", f"#EXT-X-TARGETDURATION:{max(1, math.ceil(duration_s))}",
        "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD", f"#EXTINF:{duration_s:.6f},", name, "#EXT-X-ENDLIST",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def with_captions(master: str, renditions: Sequence[TextRendition], duration_s: float) -> str:
    """The master with these subtitle renditions and no others.

    The bit rates of its variants count the largest of them too (9.13, 9.14). A comment says by how much, so that the
    next call can take it back.
    """
    lines = without_captions(master).splitlines()
    if not renditions:
        return "\n".join(lines) + "\n"
    bps = max(rendition.size_bytes for rendition in renditions) * 8 / duration_s
    peak_bps, average_bps = math.ceil(bps), round(bps)
    lines = [_counted(line, peak_bps, average_bps, _GROUPED) for line in lines]
    at = next(number for number, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF"))
    told = f"# captions add {peak_bps} to BANDWIDTH, {average_bps} to AVERAGE-BANDWIDTH"
    return "\n".join([*lines[:at], told, *_media_lines(renditions), *lines[at:]]) + "\n"


def without_captions(master: str) -> str:
    """The master as it was before `with_captions`."""
    added = _ADDED.search(master)
    peak_bps, average_bps = (int(added[1]), int(added[2])) if added else (0, 0)
    lines = [
        _counted(line.replace(_GROUPED, ""), -peak_bps, -average_bps, "")
        for line in master.splitlines()
        if not line.startswith("#EXT-X-MEDIA:TYPE=SUBTITLES") and not _ADDED.fullmatch(line)
    ]
    return "\n".join(lines) + "\n"


def _counted(line: str, peak_bps: int, average_bps: int, grouped: str) -> str:
    if not line.startswith("#EXT-X-STREAM-INF:"):
        return line

    def add(match: re.Match[str]) -> str:
        more = average_bps if match[1] else peak_bps
        return f"{match[1] or ''}BANDWIDTH={int(match[2]) + more}"

    return re.sub(r"(AVERAGE-)?BANDWIDTH=(\d+)", add, line) + grouped


def names_of(renditions: Sequence[TextRendition]) -> list[str]:
    """What people choose from; names in a group differ, and are normalised (4.1)."""
    names: list[str] = []
    for number, rendition in enumerate(renditions, start=1):
        name = rendition.label or name_of(rendition.language, "Captions")
        name = unicodedata.normalize("NFC", "".join(c for c in name if c.isprintable() and c != '"')).strip()
        name = name or "Captions"
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return names


def _media_lines(renditions: Sequence[TextRendition]) -> list[str]:
    """EXT-X-MEDIA of each. Of those that only their names tell apart, one is chosen by itself."""
    lines, kinds = [], set()
    for rendition, name in zip(renditions, names_of(renditions), strict=True):
        kind = (rendition.language, rendition.is_forced, rendition.hearing_impaired)
        selects = rendition.is_default or kind not in kinds
        kinds.add(kind)
        attributes = [
            "TYPE=SUBTITLES", f'GROUP-ID="{GROUP}"', f'NAME="{name}"', f'LANGUAGE="{rendition.language}"',
            f"DEFAULT={_yes(rendition.is_default)}", f"AUTOSELECT={_yes(selects or rendition.hearing_impaired)}",
            f"FORCED={_yes(rendition.is_forced)}",
        ]  # fmt: skip
        if rendition.hearing_impaired:
            attributes.append(f'CHARACTERISTICS="{SPOKEN},{SOUNDS}"')
        lines.append(f'#EXT-X-MEDIA:{",".join(attributes)},URI="{rendition.uri}"')
    return lines


def _yes(value: bool) -> str:
    return "YES" if value else "NO"
