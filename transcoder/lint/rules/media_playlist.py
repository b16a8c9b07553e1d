"""Media playlists by themselves: durations, ranges, types."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from transcoder.lint.findings import Spot
from transcoder.lint.rulebook import MUST, SHOULD, declare, rule
from transcoder.lint.stream import Role, Stream

USUAL_S, NEAR_S = 6.0, 1.0  # Apple's nominal segment; what is still nominal
BITRATE_SHARE = 0.1

declare(
    "extinf-missing", MUST, "RFC 4.4.4.1",
    says="Every segment has an EXTINF.",
    fix="Put #EXTINF:<seconds>, above the URI.",
)  # fmt: skip
declare(
    "byterange-unanchored", MUST, "RFC 4.4.4.2",
    says="A range without offset goes on where the segment before ended in the same file.",
    fix="Write EXT-X-BYTERANGE:<length>@<offset>.",
)  # fmt: skip
declare(
    "sequence-late", MUST, "RFC 4.4.3.2", "RFC 4.4.3.3",
    says="EXT-X-MEDIA-SEQUENCE and EXT-X-DISCONTINUITY-SEQUENCE stand before the first segment and discontinuity.",
    fix="Move the tag to the top.",
)  # fmt: skip


@rule(
    "target-missing", MUST, "RFC 4.4.3.1",
    says="A media playlist declares a target duration of 1 s or more.",
    fix="Add EXT-X-TARGETDURATION with the longest segment's length, rounded.",
)  # fmt: skip
def target_missing(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if not media.playlist.target_s:
            found = "there is no EXT-X-TARGETDURATION" if media.playlist.target_s is None else "it is 0"
            yield Spot(media.name, found, media.playlist.line_of("EXT-X-TARGETDURATION"))


@rule(
    "target-exceeded", MUST, "RFC 4.4.3.1", "RFC 6.2.1", "Apple 7.7",
    says="No segment, rounded to seconds, is longer than the target duration.",
    fix="Raise EXT-X-TARGETDURATION, or cut shorter segments.",
)  # fmt: skip
def target_exceeded(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        target_s = media.playlist.target_s
        for segment in media.playlist.segments if target_s else []:
            if segment.duration_s >= (target_s or 0) + 0.5:
                found = f"{segment.duration_s:g} s, the target duration is {target_s} s"
                yield Spot(media.name, found, segment.line, segment.uri)


@rule(
    "playlist-type-missing", MUST, "Apple 8.6", "Apple 8.8",
    says="A playlist that is complete says EXT-X-PLAYLIST-TYPE: VOD, or EVENT if it grew from a fixed start.",
    fix="Add #EXT-X-PLAYLIST-TYPE:VOD.",
)  # fmt: skip
def playlist_type_missing(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.ended and not media.playlist.type and media.playlist.segments[:1]:
            first = media.playlist.segments[0].number
            if first == 0:  # a live window that has just ended begins later
                yield Spot(media.name, "it is complete and has no EXT-X-PLAYLIST-TYPE")


@rule(
    "vod-without-end", MUST, "RFC 6.2.1", "RFC 6.2.2", "RFC 4.4.3.5",
    says="A VOD playlist never changes, so it holds the last segment and ends with EXT-X-ENDLIST.",
    fix="Add #EXT-X-ENDLIST; a live playlist has no EXT-X-PLAYLIST-TYPE:VOD.",
)  # fmt: skip
def vod_without_end(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.type == "VOD" and not media.playlist.ended:
            yield Spot(media.name, "VOD without EXT-X-ENDLIST", media.playlist.line_of("EXT-X-PLAYLIST-TYPE"))


@rule(
    "bitrate-wrong", MUST, "RFC 4.4.4.8",
    says="EXT-X-BITRATE is within 10 % of the bit rate of each segment it applies to.",
    fix="Write the segment's own bit rate in kbit/s.",
)  # fmt: skip
def bitrate_wrong(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, size in zip(media.playlist.segments, media.sizes, strict=True):
            if segment.bitrate_kbps is None or size is None or not segment.duration_s:
                continue
            real = size * 8 / segment.duration_s / 1000
            if abs(segment.bitrate_kbps - real) > real * BITRATE_SHARE + 1:  # 1: it is a whole number
                found = f"EXT-X-BITRATE {segment.bitrate_kbps}, the segment has {real:.0f} kbit/s"
                yield Spot(media.name, found, segment.line, segment.uri)


@rule(
    "dates-ambiguous", MUST, "RFC 6.2.1",
    says="Dates of segments go forward: one moment belongs to one segment, but for overlaps below a second.",
    fix="Correct EXT-X-PROGRAM-DATE-TIME.",
)  # fmt: skip
def dates_ambiguous(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        latest: float | None = None  # the end of the segments before, as a date
        for segment in media.playlist.segments:
            start = segment.date.timestamp() if segment.date else latest
            if start is None:
                continue
            if latest is not None and start <= latest - 1.0:
                found = f"the date goes back by {latest - start:.3f} s"
                yield Spot(media.name, found, segment.date_line, segment.uri)
            latest = max(start + segment.duration_s, latest or start)


@rule(
    "start-outside", SHOULD, "RFC 4.4.2.2",
    says="EXT-X-START lies within the playlist.",
    fix="Lower TIME-OFFSET.",
)  # fmt: skip
def start_outside(stream: Stream) -> Iterator[Spot]:
    length_s = max((media.playlist.duration_s for media in stream.media), default=0.0)
    for playlist in stream.playlists():
        tag = playlist.first("EXT-X-START")
        offset = tag.number("TIME-OFFSET") if tag else None
        if tag and offset is not None and abs(offset) > length_s:
            yield Spot(playlist.name, f"TIME-OFFSET={offset:g}, the stream lasts {length_s:.3f} s", tag.line)


@rule(
    "segment-length", SHOULD, "Apple 7.5", "Apple 7.6",
    says="Segments are nominally 6 s long.",
    fix="Cut segments of 6 s, with a target duration of 6.",
)  # fmt: skip
def segment_length(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.VARIANT, Role.AUDIO, Role.VIDEO, Role.ALONE):
        lengths = [segment.duration_s for segment in media.playlist.segments[:-1]]
        if not lengths or media.playlist.iframes_only:
            continue
        usual = median(lengths)
        if abs(usual - USUAL_S) > NEAR_S:
            yield Spot(media.name, f"most segments last {usual:.3f} s", media.playlist.segments[0].line)
