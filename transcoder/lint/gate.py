"""The gate before publishing: our own playlists, judged by the rules, against what packaging measured of the segments.

No file is read again, so hundreds of segments cost a few hundredths of a second.
"""

from __future__ import annotations

import posixpath

from transcoder.ladder import LEAST_PX
from transcoder.lint import lint, load
from transcoder.lint.findings import Finding, Report, Severity
from transcoder.lint.load import Measured
from transcoder.lint.media.facts import Container, MediaFacts, TrackFacts
from transcoder.lint.playlist import Playlist, Segment
from transcoder.lint.source import Memory
from transcoder.package import Package
from transcoder.playlists import Track
from viewbox.errors import EncodeFailed
from viewbox.storage import MASTER

SHOWN = 3


def check(packed: Package, revision: int) -> Report:
    """Judge a packaged revision before anybody can see it. Segments lie in folders named as their tracks.

    Raises EncodeFailed `not_conformant` when a MUST is broken. Returns what else was found.
    """
    tracks = [*packed.videos, *packed.sounds]
    files = {MASTER: packed.master.encode()}
    files |= {f"r{revision}/{path}": text.encode() for path, text in packed.texts.items()}
    measured = {track.name: _facts(track) for track in tracks}

    def measure(playlist: Playlist, segment: Segment) -> Measured:
        index = segment.number
        folder = posixpath.basename(posixpath.dirname(playlist.location))
        if folder not in measured or index >= len(measured[folder]):
            return Measured()
        facts = measured[folder][index]
        if segment.byte_range is None:
            return Measured(facts.size_bytes, facts)
        return Measured(segment.byte_range.length, MediaFacts(Container.MP4, segment.byte_range.length))

    report = lint(load(Memory(files, MASTER), measure=measure))
    tiny = all(min(track.width, track.height) < LEAST_PX for track in tracks if track.width)
    broken = [
        finding for finding in report.findings
        if finding.rule.severity is Severity.MUST and not (tiny and finding.rule.id == "one-bit-rate")
    ]  # fmt: skip
    if broken:
        raise EncodeFailed(
            f"the packaged stream breaks {len(broken)} rules of HLS: {'; '.join(map(_said, broken[:SHOWN]))}",
            code="not_conformant",
            hint="this is a fault of ViewBox, not of the file: please report it with the message",
        )
    return report


def _facts(track: Track) -> list[MediaFacts]:
    """Packaging checked that segments start with a keyframe and follow each other exactly."""
    kind = "video" if track.width else "audio"
    found, time_s = [], 0.0
    for segment in track.segments:
        length_s = float(segment.duration_s)
        facts = TrackFacts(
            kind, track.codec, time_s, time_s, length_s, max(1, round(length_s * float(track.fps))), intra=True,
            width=track.width, height=track.height, fps=float(track.fps) or None, channels=track.channels,
        )  # fmt: skip
        found.append(MediaFacts(Container.MP4, segment.size_bytes, (facts,)))
        time_s += length_s
    return found


def _said(finding: Finding) -> str:
    return f"{finding.rule.id} ({finding.rule.clauses[0]}): {finding.spot.file}: {finding.spot.found}"
