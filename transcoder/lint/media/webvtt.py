"""WebVTT segments (3.1.4 of the HLS draft)."""

from __future__ import annotations

import re

from transcoder.lint.media.facts import Container, MediaFacts, TrackFacts

TIME = r"(?:[0-9]{2,}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
TIMING = re.compile(rf"{TIME}[ \t]+-->[ \t]+{TIME}(?:[ \t].*)?")
MAP = re.compile(rf"X-TIMESTAMP-MAP=(?:LOCAL:{TIME},MPEGTS:[0-9]+|MPEGTS:[0-9]+,LOCAL:{TIME})")


def is_webvtt(data: bytes) -> bool:
    text = data[3:] if data[:3] == b"\xef\xbb\xbf" else data
    return text[:6] == b"WEBVTT" and text[6:7] in {b"", b" ", b"\t", b"\n", b"\r"}


def read_webvtt(data: bytes, *, has_section: bool) -> MediaFacts:
    """Facts of one segment: its header's map of times, and cues whose timing cannot be read."""
    faults = []
    lines = data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not is_webvtt(data):
        if not has_section:
            faults.append(("webvtt-header", "it does not start with WEBVTT, and no EXT-X-MAP applies to it"))
        header: list[str] = []
    else:
        header = lines[1 : lines.index("")] if "" in lines else lines[1:]
        mapped = [line for line in header if line.startswith("X-TIMESTAMP-MAP")]
        if not mapped:
            faults.append(("webvtt-map", "its header has no X-TIMESTAMP-MAP"))
        elif not MAP.fullmatch(mapped[0].strip()):
            faults.append(("webvtt-map", f"{mapped[0][:80]!r} is not X-TIMESTAMP-MAP=LOCAL:<time>,MPEGTS:<ticks>"))
        if any("-->" in line for line in header):
            faults.append(("webvtt-header", "no blank line ends its header"))
    faults += [
        ("webvtt-cue", f"{line[:80]!r} is no timing")
        for line in lines[1:]
        if "-->" in line and not TIMING.fullmatch(line.strip()) and not line.startswith("NOTE")
    ]
    return MediaFacts(Container.WEBVTT, len(data), (TrackFacts("text", "wvtt"),), tuple(faults))
