"""Subtitles (3.1.4, 3.1.5; Apple 5)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.media.facts import Container
from transcoder.lint.rulebook import MUST, rule
from transcoder.lint.rules.noted import noted
from transcoder.lint.stream import Role, Stream


@rule(
    "webvtt-header", MUST, "RFC 3.1.4",
    says="A WebVTT segment starts with its header, followed by a blank line, or has an EXT-X-MAP.",
    fix="Begin each segment with WEBVTT and its header lines.",
)  # fmt: skip
def webvtt_header(stream: Stream) -> Iterator[Spot]:
    yield from noted("webvtt-header", stream)


@rule(
    "webvtt-map", MUST, "Apple 5.3", "RFC 3.1.4",
    says="The header maps cue times to the media clock with X-TIMESTAMP-MAP.",
    fix="Add X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:<ticks of 90 kHz>.",
)  # fmt: skip
def webvtt_map(stream: Stream) -> Iterator[Spot]:
    yield from noted("webvtt-map", stream)


@rule(
    "webvtt-cue", MUST, "RFC 3.1.4", "Apple 5.2",
    says="Cues are WebVTT: their timings are hh:mm:ss.ttt --> hh:mm:ss.ttt.",
    fix="Write times with a full stop and three decimals.",
)  # fmt: skip
def webvtt_cue(stream: Stream) -> Iterator[Spot]:
    yield from noted("webvtt-cue", stream)


@rule(
    "subtitle-format", MUST, "Apple 5.2", "Apple 5.3", "Apple 5.4",
    says="Subtitles are WebVTT in text files, or IMSC1 in fragmented MP4.",
    fix="Package them so.",
)  # fmt: skip
def subtitle_format(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.SUBTITLES):
        for segment, facts in media.pairs():
            track = facts.track("text")
            imsc = facts.container is Container.MP4 and track is not None and track.codec.startswith("stpp")
            if facts.container not in {Container.WEBVTT, Container.UNKNOWN} and not imsc:
                codec = track.codec if track else "no text"
                yield Spot(media.name, f"{codec} in {facts.container.value}", segment.line, segment.uri)
                break
