"""I-frame playlists (4.4.3.6, 4.4.6.3; Apple 6)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.media.facts import Container
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Role, Stream

DENSE_S = 1.0


@rule(
    "iframes-missing", MUST, "Apple 6.1",
    says="A stream with a picture has I-frame playlists for scrubbing.",
    fix="Add EXT-X-I-FRAME-STREAM-INF and its playlist.",
)  # fmt: skip
def iframes_missing(stream: Stream) -> Iterator[Spot]:
    if stream.root is None or stream.variants(iframes=True):
        return
    if any(stream.shows_video(variant) for variant in stream.variants()):
        yield Spot(stream.root.name, "there is no EXT-X-I-FRAME-STREAM-INF")


@rule(
    "iframes-unmarked", MUST, "Apple 6.8", "RFC 4.4.6.3",
    says="An I-frame playlist contains EXT-X-I-FRAMES-ONLY.",
    fix="Add #EXT-X-I-FRAMES-ONLY.",
)  # fmt: skip
def iframes_unmarked(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.IFRAMES):
        if not media.playlist.iframes_only:
            yield Spot(media.name, "it has no EXT-X-I-FRAMES-ONLY")


@rule(
    "iframe-without-header", MUST, "Apple 6.10",
    says="An I-frame of fragmented MP4 comes with the moof box that describes it.",
    fix="Begin the byte range at the moof box.",
)  # fmt: skip
def iframe_without_header(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            mp4 = facts.container is Container.MP4 or (facts.container is Container.UNKNOWN and segment.section)
            if media.playlist.iframes_only and mp4 and not facts.has_header:
                yield Spot(media.name, "the range holds no moof box", segment.line, segment.uri)


@rule(
    "iframe-not-intra", MUST, "RFC 4.4.3.6",
    says="Each segment of an I-frame playlist is one I-frame.",
    fix="Point the byte range at a keyframe.",
)  # fmt: skip
def iframe_not_intra(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            track = facts.track("video")
            if media.playlist.iframes_only and track is not None and track.intra is False:
                yield Spot(media.name, "the picture is no I-frame", segment.line, segment.uri)


@rule(
    "iframe-with-section", MUST, "RFC 4.4.3.6",
    says="The range of an I-frame leaves out the media initialization section.",
    fix="Begin the byte range behind it.",
)  # fmt: skip
def iframe_with_section(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment in media.playlist.segments if media.playlist.iframes_only else []:
            section, part = segment.section, segment.byte_range
            if section is None or part is None or section.uri != segment.uri or section.byte_range is None:
                continue
            if part.start < section.byte_range.start + section.byte_range.length:
                yield Spot(media.name, "the range begins inside EXT-X-MAP's", segment.line, segment.uri)


@rule(
    "iframes-sparse", SHOULD, "Apple 6.2",
    says="One picture per second makes scrubbing smooth.",
    fix="Add a dense I-frame rendition.",
)  # fmt: skip
def iframes_sparse(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.IFRAMES):
        segments = media.playlist.segments
        if segments and media.playlist.duration_s / len(segments) > DENSE_S * 1.5:
            yield Spot(media.name, f"a picture every {media.playlist.duration_s / len(segments):.1f} s")


@rule(
    "iframes-one-rate", SHOULD, "Apple 6.6",
    says="I-frame playlists come in several bit rates.",
    fix="Add one per resolution.",
)  # fmt: skip
def iframes_one_rate(stream: Stream) -> Iterator[Spot]:
    variants = stream.variants(iframes=True)
    if stream.root and len(variants) == 1 and len(stream.variants()) > 1:
        yield Spot(stream.root.name, "one I-frame playlist", variants[0].tag.line)
