"""Low-latency playlists: parts, server control, hints, reports (4.4.3.7, 4.4.3.8, 4.4.4.9, 4.4.5, appendix B.1)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Playlist, Tag
from transcoder.lint.rulebook import MUST, declare, rule
from transcoder.lint.stream import Role, Stream

LEAST_PART = 0.85  # of the part target
APPLE_PARTS, RFC_PARTS = 3.0, 2.0
TARGETS_BACK, TARGETS_SKIPPED = 3.0, 6.0
EPSILON_S = 1e-6

declare(
    "tag-after-part", MUST, "RFC 4.4.4.9",
    says="Discontinuity, key, map and date of a segment stand before its first part: they apply to it too.",
    fix="Move the tag above the first EXT-X-PART of the segment.",
)  # fmt: skip


@rule(
    "part-target-missing", MUST, "RFC 4.4.3.7",
    says="A playlist with parts declares the part target duration.",
    fix="Add EXT-X-PART-INF:PART-TARGET=<seconds>.",
)  # fmt: skip
def part_target_missing(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.has("EXT-X-PART") and not media.playlist.has("EXT-X-PART-INF"):
            yield Spot(media.name, "it has EXT-X-PART and no EXT-X-PART-INF", media.playlist.line_of("EXT-X-PART"))


@rule(
    "part-duration", MUST, "RFC 4.4.4.9",
    says="A part is no longer than the part target, and no shorter than 85 % of it unless it is the last of its "
    "segment, independent, or beside a gap.",
    fix="Cut the parts evenly, or correct PART-TARGET.",
)  # fmt: skip
def part_duration(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        target_s = media.playlist.part_target_s
        if target_s is None:
            continue
        for parts in _parts(media.playlist):
            for i, part in enumerate(parts):
                length_s = part.number("DURATION")
                if length_s is None:
                    continue
                beside_gap = i + 1 < len(parts) and parts[i + 1].get("GAP") == "YES"
                free = part.get("INDEPENDENT") == "YES" or part.get("GAP") == "YES" or beside_gap
                last = i + 1 == len(parts)  # of a segment that is whole, or still growing: it may be its last
                if length_s > target_s + EPSILON_S:
                    yield Spot(
                        media.name, f"{length_s:g} s, PART-TARGET is {target_s:g} s", part.line, part.get("URI") or ""
                    )
                elif length_s < target_s * LEAST_PART - EPSILON_S and not free and not last:
                    found = f"{length_s:g} s is less than 85 % of PART-TARGET {target_s:g} s"
                    yield Spot(media.name, found, part.line, part.get("URI") or "")


def _parts(playlist: Playlist) -> Iterator[tuple[Tag, ...]]:
    """Parts by segment; those of a segment that is not whole yet come last."""
    yield from (segment.parts for segment in playlist.segments if segment.parts)
    yield playlist.trailing_parts


@rule(
    "part-hold-back", MUST, "RFC 4.4.3.8", "Apple 14.3",
    says="With parts, PART-HOLD-BACK is declared: at least twice the part target, three times for Apple devices.",
    fix="Add EXT-X-SERVER-CONTROL:PART-HOLD-BACK of three part targets.",
)  # fmt: skip
def part_hold_back(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        target_s = media.playlist.part_target_s
        if target_s is None:
            continue
        control = media.playlist.first("EXT-X-SERVER-CONTROL")
        back_s = control.number("PART-HOLD-BACK") if control else None
        line = control.line if control else media.playlist.line_of("EXT-X-PART-INF")
        if back_s is None:
            yield Spot(media.name, "there is no PART-HOLD-BACK", line)
        elif back_s < APPLE_PARTS * target_s - EPSILON_S:
            least = RFC_PARTS if back_s < RFC_PARTS * target_s - EPSILON_S else APPLE_PARTS
            yield Spot(media.name, f"PART-HOLD-BACK={back_s:g} is less than {least:g} × {target_s:g} s", line)


@rule(
    "hold-back-short", MUST, "RFC 4.4.3.8",
    says="HOLD-BACK is three target durations or more, CAN-SKIP-UNTIL six; CAN-SKIP-DATERANGES comes with the latter.",
    fix="Raise the value, or leave the attribute out.",
)  # fmt: skip
def hold_back_short(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for control in media.playlist.all("EXT-X-SERVER-CONTROL"):
            for name, targets in (("HOLD-BACK", TARGETS_BACK), ("CAN-SKIP-UNTIL", TARGETS_SKIPPED)):
                value = control.number(name)
                if value is not None and value < targets * (media.playlist.target_s or 0):
                    found = f"{name}={value:g} is less than {targets:g} × {media.playlist.target_s} s"
                    yield Spot(media.name, found, control.line)
            if "CAN-SKIP-DATERANGES" in control.attributes and "CAN-SKIP-UNTIL" not in control.attributes:
                yield Spot(media.name, "CAN-SKIP-DATERANGES without CAN-SKIP-UNTIL", control.line)


@rule(
    "hint-after-end", MUST, "RFC 4.4.5.3",
    says="A playlist that has ended hints at nothing more.",
    fix="Remove EXT-X-PRELOAD-HINT.",
)  # fmt: skip
def hint_after_end(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.ended and media.playlist.has("EXT-X-PRELOAD-HINT"):
            yield Spot(
                media.name, "EXT-X-PRELOAD-HINT with EXT-X-ENDLIST", media.playlist.line_of("EXT-X-PRELOAD-HINT")
            )


@rule(
    "report-uri-absolute", MUST, "RFC 4.4.5.4",
    says="The URI of a rendition report is relative to the playlist that holds it.",
    fix="Write the path without scheme and host.",
)  # fmt: skip
def report_uri_absolute(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tag in media.playlist.all("EXT-X-RENDITION-REPORT"):
            if urlsplit(tag.get("URI") or "").scheme:
                yield Spot(media.name, f"URI {tag.get('URI')!r} is absolute", tag.line)


@rule(
    "low-latency-profile", MUST, "RFC B.1", "Apple 14.1",
    says="A low-latency playlist has dates, a hint of its next part, and a report of every other rendition.",
    fix="Add EXT-X-PROGRAM-DATE-TIME, EXT-X-PRELOAD-HINT:TYPE=PART and EXT-X-RENDITION-REPORT.",
)  # fmt: skip
def low_latency_profile(stream: Stream) -> Iterator[Spot]:
    playing = [media for media in stream.media if media.role is not Role.IFRAMES and not media.playlist.iframes_only]
    for media in playing:
        playlist = media.playlist
        if playlist.ended or not playlist.has("EXT-X-PART"):
            continue
        if not playlist.has("EXT-X-PROGRAM-DATE-TIME"):
            yield Spot(media.name, "it has no EXT-X-PROGRAM-DATE-TIME")
        if not any(tag.get("TYPE") == "PART" for tag in playlist.all("EXT-X-PRELOAD-HINT")):
            yield Spot(media.name, "it has no EXT-X-PRELOAD-HINT:TYPE=PART")
        reports = len(playlist.all("EXT-X-RENDITION-REPORT"))
        if reports < len(playing) - 1:
            yield Spot(media.name, f"{reports} rendition reports for {len(playing) - 1} other renditions")
