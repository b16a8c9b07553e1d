"""Segments against their playlists and each other: formats, clocks, pictures (3, 6.2.1; Apple 2, 7, 8)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from transcoder.lint.findings import Spot
from transcoder.lint.media.facts import Container, MediaFacts, TrackFacts
from transcoder.lint.media.transport import CLOCK_HZ, WRAP
from transcoder.lint.playlist import Segment
from transcoder.lint.rulebook import MUST, SHOULD, declare, rule
from transcoder.lint.rules.noted import noted
from transcoder.lint.stream import Media, Role, Stream

KEYFRAME_S = 2.0
KEYFRAME_SLACK_S = 0.1  # a frame or two: 2.002 s at NTSC rates
GAP_S = 0.010  # a frame of sound is longer; ticks of clocks are shorter
USUAL_FPS = 30.0
RATE_NEAR = 0.1
KINDS = {"video", "audio", "text"}
SOUND_FRAME_S = 0.064  # the longest in use: AAC at 16 kHz

declare(
    "section-malformed", MUST, "RFC 3.1.2",
    says="A media initialization section is ftyp (brand iso6 or higher) and moov with mvex, empty sample tables, and "
    "durations of zero.",
    fix="Write it as CMAF headers are (FFmpeg: -f hls -hls_segment_type fmp4, or -movflags cmaf).",
)  # fmt: skip
declare(
    "section-with-samples", MUST, "RFC 3.1",
    says="A media initialization section holds no samples.",
    fix="Point EXT-X-MAP at the header alone, by BYTERANGE where it shares a file.",
)  # fmt: skip


@rule(
    "file-missing", MUST, "RFC 6.2.1", "RFC 4.4.6.2",
    says="Everything that a playlist names can be had, unless it is marked EXT-X-GAP.",
    fix="Put the file there, or correct the URI or range.",
)  # fmt: skip
def file_missing(stream: Stream) -> Iterator[Spot]:
    for name, line, uri, why in stream.missing:
        yield Spot(name, f"{uri[:200]}: {why}", line, uri)


@rule(
    "format-unknown", MUST, "RFC 3.1", "Apple 5.2", "Apple 1.2",
    says="Segments are MPEG-2 transport streams, fragmented MP4, packed audio or WebVTT.",
    fix="Package the media in one of them.",
)  # fmt: skip
def format_unknown(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            part = media.playlist.iframes_only and segment.byte_range is not None  # told by the rules of trick play
            if facts.container is Container.UNKNOWN and not part:
                yield Spot(media.name, "its bytes are none of the formats", segment.line, segment.uri)


@rule(
    "map-missing", MUST, "RFC 3.1.2", "Apple 8.20", "RFC 4.4.3.6",
    says="Every segment of fragmented MP4 has an EXT-X-MAP.",
    fix='Add #EXT-X-MAP:URI="init.mp4" above the first segment.',
)  # fmt: skip
def map_missing(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            if facts.container is Container.MP4 and segment.section is None:
                yield Spot(media.name, "fragmented MP4 without EXT-X-MAP", segment.line, segment.uri)


@rule(
    "fragment-malformed", MUST, "RFC 3.1.2", "RFC 6.2.3",
    says="A segment of fragmented MP4 holds whole boxes; each track fragment has tfdt, a track in the header, and "
    "addresses relative to its moof.",
    fix="Package it again (FFmpeg: -movflags default_base_moof).",
)  # fmt: skip
def fragment_malformed(stream: Stream) -> Iterator[Spot]:
    yield from noted("fragment-malformed", stream)


@rule(
    "transport-malformed", MUST, "RFC 3.1.1", "Apple 7.2",
    says="A transport stream is whole packets of 188 bytes, and its continuity counters count on.",
    fix="Package it again; join nothing by hand.",
)  # fmt: skip
def transport_malformed(stream: Stream) -> Iterator[Spot]:
    yield from noted("transport-malformed", stream)
    yield from noted("continuity", stream)


@rule(
    "transport-tables", MUST, "RFC 3.1.1",
    says="A segment of transport stream has a PAT and a PMT, or an EXT-X-MAP that has them.",
    fix="Repeat the tables at the start of each segment.",
)  # fmt: skip
def transport_tables(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            for given, found in facts.faults:
                if given == "transport-tables" and segment.section is None and not media.playlist.iframes_only:
                    yield Spot(media.name, found, segment.line, segment.uri)


@rule(
    "transport-tables-first", SHOULD, "RFC 3.1.1",
    says="The first two packets of a transport stream segment are PAT and PMT.",
    fix="Write the tables first.",
)  # fmt: skip
def transport_tables_first(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            found = [found for given, found in facts.faults if given == "transport-tables-first"]
            # FFmpeg writes its service description first; the clause names PAT and PMT.
            if found and segment.section is None:
                yield Spot(media.name, found[0], segment.line, segment.uri)
                break


@rule(
    "transport-programs", MUST, "RFC 3.1.1",
    says="A transport stream holds one programme.",
    fix="Package each programme by itself.",
)  # fmt: skip
def transport_programs(stream: Stream) -> Iterator[Spot]:
    yield from noted("transport-programs", stream)


@rule(
    "packed-timestamp", MUST, "RFC 3.1.3",
    says="Packed audio begins with an ID3 tag that holds the time stamp of its first sample, 33 bits in eight bytes.",
    fix="Add the PRIV frame com.apple.streaming.transportStreamTimestamp.",
)  # fmt: skip
def packed_timestamp(stream: Stream) -> Iterator[Spot]:
    yield from noted("packed-timestamp", stream)


@rule(
    "not-intra", MUST, "Apple 7.4",
    says="A segment with a picture begins with an IDR picture.",
    fix="Encode closed groups and cut at their first picture.",
)  # fmt: skip
def not_intra(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.VARIANT, Role.VIDEO, Role.ALONE):
        if media.playlist.iframes_only:
            continue
        for segment, facts in media.pairs():
            track = facts.track("video")
            if track is not None and track.intra is False:
                yield Spot(media.name, "its first picture is no IDR picture", segment.line, segment.uri)


@rule(
    "keyframes-rare", SHOULD, "Apple 1.13",
    says="A keyframe every 2 s.",
    fix="Set the group length to two seconds.",
)  # fmt: skip
def keyframes_rare(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.VARIANT, Role.VIDEO, Role.ALONE):
        if media.playlist.iframes_only:
            continue
        for segment, facts in media.pairs():
            track = facts.track("video")
            if track is None or not track.keyframes_s or track.duration_s is None:
                continue
            times = (*track.keyframes_s, track.duration_s)
            longest = max(later - earlier for earlier, later in pairwise(times)) if len(times) > 1 else 0.0
            if longest > KEYFRAME_S + KEYFRAME_SLACK_S:
                yield Spot(media.name, f"{longest:.3f} s without a keyframe", segment.line, segment.uri)
                break


@rule(
    "two-sounds", MUST, "Apple 2.17",
    says="A segment holds one audio stream at most.",
    fix="Package each audio stream by itself.",
)  # fmt: skip
def two_sounds(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for segment, facts in media.pairs():
            sounds = sum(track.kind == "audio" for track in facts.tracks)
            if sounds > 1:
                yield Spot(media.name, f"{sounds} audio streams", segment.line, segment.uri)
                break


def _neighbours(media: Media) -> Iterator[tuple[Segment, Segment, MediaFacts, MediaFacts, int]]:
    """Segments that go on without a discontinuity, both read, with the later one's index."""
    for i in range(1, len(media.playlist.segments)):
        before, segment = media.playlist.segments[i - 1], media.playlist.segments[i]
        one, other = media.facts[i - 1], media.facts[i]
        if one is not None and other is not None and not segment.after_discontinuity:
            yield before, segment, one, other, i


@rule(
    "decode-time", MUST, "Apple 7.1", "Apple 7.2", "Apple 7.3", "Apple 8.13", "RFC 3", "RFC 4.4.4.3", "RFC 6.2.1",
    says="Media go on from one segment to the next without a gap or overlap, counters included.",
    fix="Package from one run of the encoder, or mark the break with EXT-X-DISCONTINUITY.",
)  # fmt: skip
def decode_time(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.iframes_only or media.role is Role.SUBTITLES:
            continue
        yield from (
            Spot(media.name, found, segment.line, segment.uri)
            for segment, facts in media.pairs()
            for given, found in facts.faults
            if given == "decode-time"
        )
        for _, segment, one, other, _ in _neighbours(media):
            for track in other.tracks:
                jump = _jump(one.track(track.kind), track, other.container)
                if jump:
                    yield Spot(media.name, f"{track.kind} {jump}", segment.line, segment.uri)
            yield from _counters(media, segment, one, other)


def _jump(before: TrackFacts | None, track: TrackFacts, container: Container) -> str:
    """How the clock of a track jumps between two segments; empty when it goes on."""
    if before is None or before.start_s is None or track.start_s is None or before.duration_s is None:
        return ""
    off = track.start_s - before.start_s - before.duration_s
    slack = GAP_S
    if container is not Container.MP4:
        turn_s = WRAP / CLOCK_HZ
        off -= round(off / turn_s) * turn_s
        # The length of the last packet is an average; a packet of sound may hold many frames.
        slack += before.duration_s / max(1, before.samples) * 2 + SOUND_FRAME_S
    return f"jumps by {off:+.4f} s" if abs(off) > slack else ""


def _counters(media: Media, segment: Segment, one: MediaFacts, other: MediaFacts) -> Iterator[Spot]:
    last = {pid: counter for pid, _, counter in one.counters}
    for pid, first, _ in other.counters:
        if pid in last and first not in {last[pid], (last[pid] + 1) % 16}:
            found = f"continuity counter of pid {pid} jumps from {last[pid]} to {first}"
            yield Spot(media.name, found, segment.line, segment.uri)


@rule(
    "change-unmarked", MUST, "RFC 6.2.1", "RFC 4.4.4.3", "Apple 2.11", "Apple 8.14",
    says="A change of format, codec, size, tracks, channels or frame rate is marked with EXT-X-DISCONTINUITY.",
    fix="Add EXT-X-DISCONTINUITY before the first segment that differs.",
)  # fmt: skip
def change_unmarked(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.iframes_only:
            continue
        for _, segment, one, other, _ in _neighbours(media):
            if change := _change(one, other):
                yield Spot(media.name, change, segment.line, segment.uri)


def _change(one: MediaFacts, other: MediaFacts) -> str:
    """What differs between two segments that should go on alike; empty when nothing does."""
    if Container.UNKNOWN in {one.container, other.container}:
        return ""  # which has a rule of its own
    if one.container is not other.container:
        return f"from {one.container.value} to {other.container.value}"
    kinds = [sorted(track.kind for track in facts.tracks if track.kind in KINDS) for facts in (one, other)]
    if kinds[0] != kinds[1] and all(kinds):
        return f"from {' and '.join(kinds[0])} to {' and '.join(kinds[1])}"
    pairs = ((before, track) for track in other.tracks if (before := one.track(track.kind)))
    return next(filter(None, (_other_track(*pair) for pair in pairs)), "")


def _other_track(before: TrackFacts, track: TrackFacts) -> str:
    said = (
        (before.codec, track.codec),
        (before.width and f"{before.width}x{before.height}", track.width and f"{track.width}x{track.height}"),
        (before.channels and f"{before.channels} channels", track.channels and f"{track.channels} channels"),
    )
    for old, new in said:
        if old and new and old != new:
            return f"from {old} to {new}"
    # The last segment may hold too few pictures to tell its rate.
    known = before.fps and track.fps and min(track.samples, before.samples) > USUAL_FPS
    if known and abs((track.fps or 0) / (before.fps or 1) - 1) > RATE_NEAR:
        return f"from {before.fps:.3f} to {track.fps:.3f} frames a second"
    return ""


@rule(
    "extinf-inaccurate", MUST, "Apple 8.1", "RFC 3",
    says="The sum of EXTINF over any run of segments is within a frame of the media's duration.",
    fix="Write EXTINF with six decimals, from the durations of the samples.",
)  # fmt: skip
def extinf_inaccurate(stream: Stream) -> Iterator[Spot]:
    for media in stream.of(Role.VARIANT, Role.AUDIO, Role.VIDEO, Role.ALONE):
        if media.playlist.iframes_only:
            continue
        low = high = drift = 0.0
        for i, segment in enumerate(media.playlist.segments):
            if segment.after_discontinuity:
                low = high = drift = 0.0
            track, length_s = _lasting(media, i)
            if track is None or length_s is None:
                continue
            drift += segment.duration_s - length_s
            low, high = min(low, drift), max(high, drift)
            if high - low > _frame_s(track):
                found = f"EXTINF is {segment.duration_s:g} s, the media last {length_s:.6f} s"
                yield Spot(media.name, f"{found}; off by {high - low:.3f} s here", segment.line, segment.uri)
                break


def _lasting(media: Media, i: int) -> tuple[TrackFacts | None, float | None]:
    """The track that a segment's duration is told of, and how long it lasts.

    Transport streams and packed audio do not say how long their last packet lasts: there the next segment tells.
    """
    facts = media.facts[i]
    track = (facts.track("video") or facts.track("audio")) if facts is not None else None
    if facts is None or track is None:
        return None, None
    if facts.container is Container.MP4:
        return track, track.duration_s
    following = media.facts[i + 1] if i + 1 < len(media.facts) else None
    later = following.track(track.kind) if following else None
    if later is None or later.start_s is None or track.start_s is None:
        return track, None
    if media.playlist.segments[i + 1].after_discontinuity:
        return track, None
    return track, (later.start_s - track.start_s) % (WRAP / CLOCK_HZ)


def _frame_s(track: TrackFacts) -> float:
    """One frame, and a hundredth of it for rounding."""
    return 1.01 / (track.fps or USUAL_FPS) if track.kind == "video" else SOUND_FRAME_S
