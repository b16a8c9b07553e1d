"""Live playlists, as far as one look at them shows."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Playlist
from transcoder.lint.rulebook import MUST, rule
from transcoder.lint.stream import Media, Stream

SEGMENTS = 6
TARGETS = 3


def is_live(playlist: Playlist) -> bool:
    """Still growing, and not from a fixed start."""
    return not playlist.ended and not playlist.type and not playlist.has("EXT-X-SKIP")


def live(stream: Stream) -> list[Media]:
    return [media for media in stream.media if is_live(media.playlist)]


@rule(
    "live-window-short", MUST, "Apple 8.11", "RFC 6.2.2",
    says="A live playlist holds six segments or more, and three target durations at least.",
    fix="Keep more segments in the window.",
)  # fmt: skip
def live_window_short(stream: Stream) -> Iterator[Spot]:
    for media in live(stream):
        playlist = media.playlist
        removed = bool(playlist.segments) and playlist.segments[0].number > 0
        if removed and len(playlist.segments) < SEGMENTS:
            yield Spot(media.name, f"{len(playlist.segments)} segments")
        elif removed and playlist.duration_s < TARGETS * (playlist.target_s or 0):
            yield Spot(media.name, f"{playlist.duration_s:.3f} s, the target duration is {playlist.target_s} s")


@rule(
    "live-without-dates", MUST, "Apple 8.4",
    says="Live playlists carry EXT-X-PROGRAM-DATE-TIME.",
    fix="Add the date of the first segment, at least.",
)  # fmt: skip
def live_without_dates(stream: Stream) -> Iterator[Spot]:
    for media in live(stream):
        if media.playlist.segments and not media.playlist.has("EXT-X-PROGRAM-DATE-TIME"):
            yield Spot(media.name, "it has no EXT-X-PROGRAM-DATE-TIME")


@rule(
    "live-discontinuity-sequence", MUST, "Apple 8.17", "RFC 6.2.2",
    says="A live playlist with discontinuities counts those it has removed.",
    fix="Add EXT-X-DISCONTINUITY-SEQUENCE at the top.",
)  # fmt: skip
def live_discontinuity_sequence(stream: Stream) -> Iterator[Spot]:
    for media in live(stream):
        if media.playlist.has("EXT-X-DISCONTINUITY") and not media.playlist.has("EXT-X-DISCONTINUITY-SEQUENCE"):
            line = media.playlist.line_of("EXT-X-DISCONTINUITY")
            yield Spot(media.name, "it has discontinuities and no EXT-X-DISCONTINUITY-SEQUENCE", line)
