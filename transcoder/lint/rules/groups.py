"""EXT-X-MEDIA: renditions and their groups (4.4.6.1; Apple 2, 4, 5, 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Tag
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Stream

SPOKEN = "public.accessibility.transcribes-spoken-dialog"
SOUNDS = "public.accessibility.describes-music-and-sound"
DESCRIBES = "public.accessibility.describes-video"
ONLY_FOR = {
    "FORCED": "SUBTITLES", "BIT-DEPTH": "AUDIO", "SAMPLE-RATE": "AUDIO", "CHANNELS": "AUDIO",
}  # fmt: skip
MAY_DIFFER = {"URI", "GROUP-ID", "CHANNELS", "BIT-DEPTH", "STABLE-RENDITION-ID", "INSTREAM-ID", "SAMPLE-RATE"}
CAPTIONS = re.compile(r"CC[1-4]|SERVICE([1-9]|[1-5][0-9]|6[0-3])")
CHANNELS = re.compile(r"[0-9]{1,3}(/(-|[A-Z0-9-]+(,[A-Z0-9-]+)*)?(/[A-Z0-9-]+(,[A-Z0-9-]+)*)?)?")
STABLE = re.compile(r"[A-Za-z0-9+/=._-]+")


def _tags(stream: Stream) -> list[Tag]:
    return stream.root.all("EXT-X-MEDIA") if stream.root else []


def _name(stream: Stream) -> str:
    return stream.root.name if stream.root else ""


def _groups(stream: Stream) -> dict[tuple[str, str], list[Tag]]:
    found: dict[tuple[str, str], list[Tag]] = {}
    for tag in _tags(stream):
        found.setdefault((tag.get("TYPE") or "", tag.get("GROUP-ID") or ""), []).append(tag)
    return found


@rule(
    "rendition-name", MUST, "RFC 4.4.6.1.1",
    says="Renditions of a group have different names.",
    fix="Change NAME.",
)  # fmt: skip
def rendition_name(stream: Stream) -> Iterator[Spot]:
    for tags in _groups(stream).values():
        seen = set()
        for tag in tags:
            if tag.get("NAME") in seen:
                yield Spot(_name(stream), f"NAME={tag.get('NAME')!r} stands twice in the group", tag.line)
            seen.add(tag.get("NAME"))


@rule(
    "rendition-defaults", MUST, "RFC 4.4.6.1.1",
    says="One rendition of a group is the default, or none.",
    fix="Keep one DEFAULT=YES.",
)  # fmt: skip
def rendition_defaults(stream: Stream) -> Iterator[Spot]:
    for tags in _groups(stream).values():
        defaults = [tag for tag in tags if tag.get("DEFAULT") == "YES"]
        if len(defaults) > 1:
            yield Spot(_name(stream), f"{len(defaults)} defaults in the group", defaults[1].line)


@rule(
    "rendition-autoselect", MUST, "RFC 4.4.6.1",
    says="A default rendition may be selected automatically.",
    fix="Write AUTOSELECT=YES, or leave it out.",
)  # fmt: skip
def rendition_autoselect(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("DEFAULT") == "YES" and tag.get("AUTOSELECT") == "NO":
            yield Spot(_name(stream), "DEFAULT=YES with AUTOSELECT=NO", tag.line)


@rule(
    "rendition-language", MUST, "Apple 8.10", "Apple 4.4", "Apple 4.7", "Apple 2.27",
    says="Every rendition but video says its LANGUAGE.",
    fix='Add LANGUAGE with a tag of RFC 5646; "und" where nobody knows.',
)  # fmt: skip
def rendition_language(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("TYPE") != "VIDEO" and "LANGUAGE" not in tag.attributes:
            yield Spot(_name(stream), f"{tag.get('TYPE')} {tag.get('NAME')!r} has no LANGUAGE", tag.line)


@rule(
    "rendition-uri", MUST, "RFC 4.4.6.1", "RFC 4.4.6.2.1", "Apple 4.3",
    says="Subtitles have a URI; closed captions have none, since they lie in the video.",
    fix="Add or remove URI.",
)  # fmt: skip
def rendition_uri(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("TYPE") == "SUBTITLES" and "URI" not in tag.attributes:
            yield Spot(_name(stream), "SUBTITLES without URI", tag.line)
        if tag.get("TYPE") == "CLOSED-CAPTIONS" and "URI" in tag.attributes:
            yield Spot(_name(stream), "CLOSED-CAPTIONS with URI", tag.line)


@rule(
    "rendition-attribute", MUST, "RFC 4.4.6.1",
    says="FORCED is for subtitles, CHANNELS, BIT-DEPTH and SAMPLE-RATE are for audio.",
    fix="Remove the attribute.",
)  # fmt: skip
def rendition_attribute(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        for name, kind in ONLY_FOR.items():
            if name in tag.attributes and tag.get("TYPE") != kind:
                yield Spot(_name(stream), f"{tag.get('TYPE')} with {name}", tag.line)


@rule(
    "captions-channel", MUST, "RFC 4.4.6.1",
    says="Closed captions name their channel: CC1 to CC4, or SERVICE1 to SERVICE63.",
    fix="Add or correct INSTREAM-ID.",
)  # fmt: skip
def captions_channel(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("TYPE") == "CLOSED-CAPTIONS" and not CAPTIONS.fullmatch(tag.get("INSTREAM-ID") or ""):
            yield Spot(_name(stream), f"INSTREAM-ID is {tag.get('INSTREAM-ID') or 'absent'}", tag.line)


@rule(
    "channels-syntax", MUST, "RFC 4.4.6.1",
    says="CHANNELS is a number of channels, then coding identifiers and special usage, with slashes between.",
    fix='Write CHANNELS="2", or "16/JOC".',
)  # fmt: skip
def channels_syntax(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        channels = tag.get("CHANNELS")
        if channels is not None and not CHANNELS.fullmatch(channels):
            yield Spot(_name(stream), f'CHANNELS="{channels}"', tag.line)


@rule(
    "channels-missing", MUST, "RFC 4.4.6.1",
    says="Renditions of one name with different numbers of channels say so.",
    fix="Add CHANNELS to each of them.",
)  # fmt: skip
def channels_missing(stream: Stream) -> Iterator[Spot]:
    by_name: dict[str, list[Tag]] = {}
    for tag in _tags(stream):
        if tag.get("TYPE") == "AUDIO":
            by_name.setdefault(tag.get("NAME") or "", []).append(tag)
    for tags in by_name.values():
        counts = set()
        for tag in tags:
            media = stream.by_uri.get(tag.get("URI") or "")
            track = media.track("audio") if media else None
            counts.add(track.channels if track else 0)
        if len(counts - {0}) > 1:
            for tag in tags:
                if "CHANNELS" not in tag.attributes:
                    yield Spot(_name(stream), f"AUDIO {tag.get('NAME')!r} has no CHANNELS", tag.line)


@rule(
    "channels-unsaid", SHOULD, "RFC 4.4.6.1",
    says="Every audio rendition says its channels.",
    fix="Add CHANNELS.",
)  # fmt: skip
def channels_unsaid(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("TYPE") == "AUDIO" and "CHANNELS" not in tag.attributes:
            yield Spot(_name(stream), f"AUDIO {tag.get('NAME')!r} has no CHANNELS", tag.line)


@rule(
    "groups-differ", MUST, "RFC 4.4.6.1.1",
    says="Groups of one type have the same members, alike but for URI, channels, depth and rate.",
    fix="Give each group the same renditions.",
)  # fmt: skip
def groups_differ(stream: Stream) -> Iterator[Spot]:
    for kind in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"):
        groups = [tags for (given, _), tags in _groups(stream).items() if given == kind]
        wanted = _members(groups[0]) if groups else set()
        for tags in groups[1:]:
            if _members(tags) != wanted:
                found = f"{kind} group {tags[0].get('GROUP-ID')!r} differs from {groups[0][0].get('GROUP-ID')!r}"
                yield Spot(_name(stream), found, tags[0].line)


def _members(tags: list[Tag]) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple(sorted((name, value.text) for name, value in tag.attributes.items() if name not in MAY_DIFFER))
        for tag in tags
    }


@rule(
    "described-video", MUST, "Apple 2.13",
    says="Audio that describes the video may be selected automatically.",
    fix="Add AUTOSELECT=YES.",
)  # fmt: skip
def described_video(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        marked = DESCRIBES in (tag.get("CHARACTERISTICS") or "").split(",")
        if tag.get("TYPE") == "AUDIO" and marked and tag.get("AUTOSELECT") != "YES":
            yield Spot(_name(stream), f"{tag.get('NAME')!r} has no AUTOSELECT=YES", tag.line)


@rule(
    "accessible-subtitles", MUST, "Apple 4.5", "Apple 4.6",
    says="Subtitles for the deaf and hard of hearing carry both characteristics and may be selected automatically.",
    fix=f'Write AUTOSELECT=YES,CHARACTERISTICS="{SPOKEN},{SOUNDS}".',
)  # fmt: skip
def accessible_subtitles(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        marks = set((tag.get("CHARACTERISTICS") or "").split(","))
        if tag.get("TYPE") == "SUBTITLES" and marks & {SPOKEN, SOUNDS}:
            if not {SPOKEN, SOUNDS} <= marks:
                yield Spot(_name(stream), f'CHARACTERISTICS="{tag.get("CHARACTERISTICS")}" is half of it', tag.line)
            if tag.get("AUTOSELECT") != "YES":
                yield Spot(_name(stream), f"{tag.get('NAME')!r} has no AUTOSELECT=YES", tag.line)


@rule(
    "forced-autoselect", SHOULD, "Apple 5.11",
    says="Forced subtitles may be selected automatically.",
    fix="Add AUTOSELECT=YES.",
)  # fmt: skip
def forced_autoselect(stream: Stream) -> Iterator[Spot]:
    for tag in _tags(stream):
        if tag.get("FORCED") == "YES" and tag.get("AUTOSELECT") != "YES":
            yield Spot(_name(stream), "FORCED=YES without AUTOSELECT=YES", tag.line)


@rule(
    "stable-id", MUST, "RFC 4.4.6.1", "RFC 4.4.6.2",
    says="Stable identifiers are made of letters, digits and + / = . - _",
    fix="Use other characters.",
)  # fmt: skip
def stable_id(stream: Stream) -> Iterator[Spot]:
    tags = [(tag, "STABLE-RENDITION-ID") for tag in _tags(stream)]
    tags += [(variant.tag, "STABLE-VARIANT-ID") for variant in (stream.root.variants if stream.root else [])]
    for tag, name in tags:
        value = tag.get(name)
        if value is not None and not STABLE.fullmatch(value):
            yield Spot(_name(stream), f'{name}="{value[:80]}"', tag.line)
