"""What all playlists of a stream have in common, so that players can change between them (6.2.4; Apple 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.media.transport import CLOCK_HZ, WRAP
from transcoder.lint.playlist import Playlist
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.rules.live import is_live
from transcoder.lint.stream import Media, Role, Stream

SAME_LENGTH_S = 0.5  # sound and picture end on frames of their own; the clause gives no tolerance
SAME_START_S = 0.2  # a few frames of encoder delay
SAME_TIME_S = 0.1
BOUNDARY_S = 0.1
DATES_S = 0.5
PLAYED = (Role.VARIANT, Role.AUDIO, Role.VIDEO)


def _played(stream: Stream) -> list[Media]:
    return [media for media in stream.of(*PLAYED) if media.playlist.segments]


@rule(
    "targets-differ", MUST, "RFC 6.2.4", "Apple 8.2", "Apple 5.6", "Apple 6.11", "RFC 4.4.6.2.1",
    says="All playlists have one target duration; those of subtitles and I-frames may differ in VOD.",
    fix="Write the largest target duration into each playlist.",
)  # fmt: skip
def targets_differ(stream: Stream) -> Iterator[Spot]:
    yield from _odd_ones(
        [
            media for media in stream.media
            if media.role in PLAYED or (media.role is not Role.ALONE and media.playlist.type != "VOD")
        ],
        lambda playlist: playlist.target_s,
        "EXT-X-TARGETDURATION",
    )  # fmt: skip


@rule(
    "types-differ", MUST, "RFC 6.2.4", "Apple 8.7", "RFC 4.4.6.2.1",
    says="All playlists have the same EXT-X-PLAYLIST-TYPE, or none has one.",
    fix="Write the same type into each playlist.",
)  # fmt: skip
def types_differ(stream: Stream) -> Iterator[Spot]:
    yield from _odd_ones(stream.media, lambda playlist: playlist.type or "none", "EXT-X-PLAYLIST-TYPE")


def _odd_ones(media: list[Media], value: Callable[[Playlist], object], tag: str) -> Iterator[Spot]:
    """Playlists that differ from the first."""
    for one in media[1:]:
        if value(one.playlist) != value(media[0].playlist):
            found = f"{value(one.playlist)}, and {value(media[0].playlist)} in {media[0].name}"
            yield Spot(one.name, f"{tag} is {found}", one.playlist.line_of(tag))


@rule(
    "dates-partly", MUST, "RFC 6.2.4", "RFC 4.4.6.2.1",
    says="When one playlist maps dates to its segments, all do, and alike.",
    fix="Add the same EXT-X-PROGRAM-DATE-TIME to each playlist.",
)  # fmt: skip
def dates_partly(stream: Stream) -> Iterator[Spot]:
    dated = [media for media in stream.media if media.playlist.has("EXT-X-PROGRAM-DATE-TIME")]
    if not dated:
        return
    for media in stream.media:
        if media not in dated and media.playlist.segments:
            yield Spot(media.name, f"it has no EXT-X-PROGRAM-DATE-TIME, {dated[0].name} has")
    zero = _epoch(dated[0].playlist)
    for media in dated[1:]:
        other = _epoch(media.playlist)
        fixed = media.playlist.type and dated[0].playlist.type  # only then do all begin at one moment
        if fixed and zero is not None and other is not None and abs(other - zero) > DATES_S:
            line = media.playlist.line_of("EXT-X-PROGRAM-DATE-TIME")
            yield Spot(media.name, f"its dates are {other - zero:+.3f} s off those of {dated[0].name}", line)


def _epoch(playlist: Playlist) -> float | None:
    """The date of the playlist's start."""
    time_s = 0.0
    for segment in playlist.segments:
        if segment.date:
            return segment.date.timestamp() - time_s
        time_s += segment.duration_s
    return None


@rule(
    "server-control-differs", MUST, "RFC 6.2.4",
    says="EXT-X-SERVER-CONTROL stands in every playlist with the same attributes, or in none.",
    fix="Write the same tag into each playlist.",
)  # fmt: skip
def server_control_differs(stream: Stream) -> Iterator[Spot]:
    yield from _odd_ones(
        [media for media in stream.media if media.playlist.segments],
        lambda playlist: (
            tag.value if (tag := playlist.first("EXT-X-SERVER-CONTROL")) else "absent"
        ),
        "EXT-X-SERVER-CONTROL",
    )  # fmt: skip


@rule(
    "discontinuities-differ", MUST, "Apple 8.15", "RFC 6.2.4",
    says="All playlists break at the same moments, under the same discontinuity sequence numbers.",
    fix="Add EXT-X-DISCONTINUITY at the same place of each playlist.",
)  # fmt: skip
def discontinuities_differ(stream: Stream) -> Iterator[Spot]:
    media = [one for one in _played(stream) if not is_live(one.playlist)]
    if not media:
        return
    wanted = _breaks(media[0].playlist)
    for one in media[1:]:
        found = _breaks(one.playlist)
        if len(found) != len(wanted):
            yield Spot(one.name, f"{len(found)} discontinuities, {media[0].name} has {len(wanted)}")
            continue
        for (time_s, line), (other_s, _) in zip(found, wanted, strict=True):
            if abs(time_s - other_s) > SAME_LENGTH_S:
                yield Spot(one.name, f"it breaks at {time_s:.3f} s, {media[0].name} at {other_s:.3f} s", line)


def _breaks(playlist: Playlist) -> list[tuple[float, int]]:
    """(seconds, line) of discontinuities behind the first segment."""
    found, time_s = [], 0.0
    for segment in playlist.segments:
        if segment.after_discontinuity and time_s:
            found.append((time_s, segment.line))
        time_s += segment.duration_s
    return found


@rule(
    "durations-differ", MUST, "Apple 8.3", "Apple 8.7", "Apple 2.15", "Apple 5.5", "RFC 6.2.4", "RFC 4.4.6.2.1",
    says="All playlists of a complete stream last equally long, subtitles included.",
    fix="Package every rendition to its end; fill with silence or empty subtitle segments.",
)  # fmt: skip
def durations_differ(stream: Stream) -> Iterator[Spot]:
    complete = [media for media in _played(stream) if media.playlist.ended]
    if not complete:
        return
    first = next((media for media in complete if media.has_video), complete[0])
    length_s = first.playlist.duration_s
    for media in stream.media:
        if media is first or not media.playlist.ended or media.role is Role.ALONE:
            continue
        text = media.role is Role.SUBTITLES
        short = length_s - media.playlist.duration_s
        if short > SAME_LENGTH_S or (short < -SAME_LENGTH_S and not text):
            yield Spot(media.name, f"{media.playlist.duration_s:.3f} s, {first.name} lasts {length_s:.3f} s")


@rule(
    "starts-differ", MUST, "RFC 6.2.4",
    says="The first segments of all variants of a VOD stream start at the same media time.",
    fix="Package all renditions from one clock.",
)  # fmt: skip
def starts_differ(stream: Stream) -> Iterator[Spot]:
    first: tuple[str, float] | None = None
    for media in _played(stream):
        if media.playlist.type != "VOD" or not media.facts or media.facts[0] is None:
            continue
        shown = [track.shown_s for track in media.facts[0].tracks if track.shown_s is not None]
        if not shown:
            continue
        if first is None:
            first = (media.name, min(shown))
        elif _apart(min(shown), first[1]) > SAME_START_S:
            found = f"it starts at {min(shown):.3f} s of the media clock, {first[0]} at {first[1]:.3f} s"
            yield Spot(media.name, found, media.playlist.segments[0].line, media.playlist.segments[0].uri)


def _apart(one_s: float, other_s: float) -> float:
    """Distance on a clock that may wrap around as that of transport streams does."""
    turn_s = WRAP / CLOCK_HZ
    return min(abs(one_s - other_s), abs(abs(one_s - other_s) - turn_s))


@rule(
    "timestamps-differ", MUST, "RFC 6.2.4", "RFC 6.2.1",
    says="Matching content of all variants has matching time stamps.",
    fix="Cut all renditions from one timeline.",
)  # fmt: skip
def timestamps_differ(stream: Stream) -> Iterator[Spot]:
    first: tuple[str, float] | None = None
    for media in _played(stream):
        if media.playlist.type != "VOD" or media.playlist.has("EXT-X-DISCONTINUITY"):
            continue
        drift = _drift(media)
        if drift is None:
            continue
        if first is None:
            first = (media.name, drift[0])
        elif _apart(drift[0], first[1]) > SAME_START_S + SAME_TIME_S:
            found = f"from here on its media clock is {drift[0] - first[1]:+.3f} s off {first[0]}"
            yield Spot(media.name, found, drift[1], drift[2])


def _drift(media: Media) -> tuple[float, int, str] | None:
    """(media clock minus playlist clock, line, URI) at the segment where it is largest."""
    time_s, worst = 0.0, None
    start: float | None = None
    for segment, facts in zip(media.playlist.segments, media.facts, strict=True):
        shown = [track.shown_s for track in facts.tracks if track.shown_s is not None] if facts else []
        if shown:
            offset = min(shown) - time_s
            start = offset if start is None else start
            if worst is None or abs(offset - start) > abs(worst[0] - start):
                worst = (offset, segment.line, segment.uri)
        time_s += segment.duration_s
    return worst


@rule(
    "boundaries-differ", SHOULD, "Apple 8.22",
    says="Segments of all renditions begin at the same moments.",
    fix="Cut all renditions at the same keyframes.",
)  # fmt: skip
def boundaries_differ(stream: Stream) -> Iterator[Spot]:
    media = [one for one in _played(stream) if one.playlist.ended]
    if not media:
        return
    wanted = _starts(media[0].playlist)
    for one in media[1:]:
        found = _starts(one.playlist)
        if len(found) != len(wanted):
            yield Spot(one.name, f"{len(found)} segments, {media[0].name} has {len(wanted)}")
            continue
        for i, (time_s, other_s) in enumerate(zip(found, wanted, strict=True)):
            if abs(time_s - other_s) > BOUNDARY_S:
                segment = one.playlist.segments[i]
                at = f"segment {i} begins at {time_s:.3f} s, that of {media[0].name} at {other_s:.3f} s"
                yield Spot(one.name, at, segment.line, segment.uri)
                break


def _starts(playlist: Playlist) -> list[float]:
    found, time_s = [], 0.0
    for segment in playlist.segments:
        found.append(time_s)
        time_s += segment.duration_s
    return found
