"""SRT or WebVTT as cues. Forgiving, as players are: what cannot be a cue is left out and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from viewbox.captions.decoding import NOT_CAPTIONS, decoded
from viewbox.captions.markup import clean_settings, clean_text, placed_by_override
from viewbox.errors import InvalidInput

MAX_CUES = 50_000  # one every 0.7 s of ten hours
MAX_TIME_MS = 100 * 3_600_000
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t]+(.*))?$", re.ASCII)
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?", re.ASCII)
_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """Text between two moments of the video, in milliseconds; `text` and `settings` are clean WebVTT."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


@dataclass(frozen=True)
class Captioned:
    """What a file holds. `left_out`: reason → how many blocks."""

    cues: tuple[Cue, ...]
    encoding: str
    left_out: dict[str, int] = field(default_factory=dict)


def read_captions(data: bytes) -> Captioned:
    """The cues of a file, in order of time. Raises InvalidInput `captions_too_large`, `not_captions`, `no_cues`,
    `too_many_cues`.
    """
    text, encoding = decoded(data)
    lines = text.lstrip("\ufeff").split("\n")
    is_webvtt = _HEADER.fullmatch(lines[0]) is not None
    if not is_webvtt and "-->" not in text:
        is_ass = "[Script Info]" in text
        raise InvalidInput(
            "the file is neither SRT nor WebVTT",
            code="not_captions", hint="save the ASS file as SRT or WebVTT first" if is_ass else NOT_CAPTIONS,
        )  # fmt: skip
    cues: list[Cue] = []
    left_out: dict[str, int] = {}
    for block in _blocks(lines[1:] if is_webvtt else lines):
        reason = _read_block(block, cues, is_webvtt=is_webvtt)
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
        if len(cues) > MAX_CUES:
            raise InvalidInput(
                f"the file has more than {MAX_CUES:,} cues", code="too_many_cues", hint="split it by language"
            )
    if not cues:
        told = ", ".join(f"{count} × {reason}" for reason, count in left_out.items()) or "nothing in it is one"
        raise InvalidInput(f"the file has no cue that can be shown: {told}", code="no_cues", hint=NOT_CAPTIONS)
    return Captioned(tuple(sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))), encoding, left_out)


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Lines between blank ones; also a cue that begins without one before it."""
    block: list[str] = []
    for line in lines:
        starts_cue = _TIMING.match(line) is not None and any(map(_TIMING.match, block))
        if not line.strip() or starts_cue:
            carried = [block.pop()] if starts_cue and block and block[-1].strip().isdigit() else []
            if block:
                yield block
            block = carried
        if line.strip():
            block.append(line)
    if block:
        yield block


def _read_block(block: list[str], cues: list[Cue], *, is_webvtt: bool) -> str:
    """Add the block's cue; else why there is none."""
    at = next((number for number, line in enumerate(block[:2]) if _TIMING.match(line)), None)
    if at is None:
        first = block[0].strip()
        if is_webvtt and (kind := next((name for name in _BLOCKS if first.startswith(name)), "")):
            return f"{kind} block"
        return "header" if is_webvtt and first.startswith("X-TIMESTAMP-MAP") else "no timing"
    match = _TIMING.match(block[at])
    assert match is not None
    start_ms, end_ms = _ms(match.groups()[:4]), _ms(match.groups()[4:8])
    if end_ms <= start_ms:
        return "ends before it starts"
    if end_ms > MAX_TIME_MS:
        return "beyond 100 hours"
    payload = "\n".join(block[at + 1 :])
    text = clean_text(payload, entities=is_webvtt)
    if not text:
        return "no text"
    settings = clean_settings(match[9] or "") if is_webvtt else ""
    cues.append(Cue(start_ms, end_ms, text, settings or placed_by_override(payload)))
    return ""


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))
