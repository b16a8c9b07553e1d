"""EXT-X-VERSION against what the playlist uses (section 8 of the HLS draft)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Form, Playlist, Tag
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Stream

ATTRIBUTES = {
    ("#EXT-X-KEY", "IV"): 2,
    ("#EXT-X-KEY", "KEYFORMAT"): 5,
    ("#EXT-X-KEY", "KEYFORMATVERSIONS"): 5,
    ("#EXT-X-SESSION-KEY", "KEYFORMAT"): 5,
    ("#EXT-X-SESSION-KEY", "KEYFORMATVERSIONS"): 5,
    ("#EXT-X-SKIP", "RECENTLY-REMOVED-DATERANGES"): 10,
    ("#EXT-X-DEFINE", "QUERYPARAM"): 11,
}


@rule(
    "version-low", MUST, "RFC 8", "RFC 4.4.1.2", "RFC 4.4.4.1", "RFC 4.4.4.2",
    says="EXT-X-VERSION is at least what the tags and attributes in use ask for; without the tag it is 1.",
    fix="Raise EXT-X-VERSION to the number given.",
)  # fmt: skip
def version_low(stream: Stream) -> Iterator[Spot]:
    for playlist in stream.playlists():
        version = playlist.version or 1
        needed, line, why = max(_needs(playlist), default=(1, 0, ""))
        if needed > version:
            shown = f"EXT-X-VERSION is {version}" if playlist.version else "there is no EXT-X-VERSION"
            yield Spot(playlist.name, f"{shown}; {why} needs {needed}", line)


@rule(
    "version-high", SHOULD, "RFC 6.2.1",
    says="EXT-X-VERSION is no higher than the playlist needs: older players would refuse it for nothing.",
    fix="Lower EXT-X-VERSION to the number given.",
)  # fmt: skip
def version_high(stream: Stream) -> Iterator[Spot]:
    for playlist in stream.playlists():
        if playlist.form is Form.MULTIVARIANT:
            continue  # a server may say 4 and more where renditions are used
        needed = max(_needs(playlist), default=(1, 0, ""))[0]
        if playlist.version is not None and playlist.version > needed:
            line = playlist.line_of("EXT-X-VERSION")
            yield Spot(playlist.name, f"EXT-X-VERSION is {playlist.version}, {needed} would do", line)


def _needs(playlist: Playlist) -> Iterator[tuple[int, int, str]]:
    """(version, line, what needs it)."""
    decimal = next((segment for segment in playlist.segments if not segment.integer), None)
    if decimal:
        yield 3, decimal.line, "a decimal EXTINF"
    plain = {"EXT-X-BYTERANGE": 4, "EXT-X-I-FRAMES-ONLY": 4, "EXT-X-MAP": 5 if playlist.iframes_only else 6,
             "EXT-X-SKIP": 9}  # fmt: skip
    for name, version in plain.items():
        if playlist.has(name):
            yield version, playlist.line_of(name), name
    if playlist.uses_variables:
        yield 8, playlist.line_of("EXT-X-DEFINE"), "a variable"
    for tags in playlist.tags.values():
        for tag in tags:
            yield from _attribute_needs(tag)


def _attribute_needs(tag: Tag) -> Iterator[tuple[int, int, str]]:
    for name in tag.attributes:
        if (version := ATTRIBUTES.get((tag.name, name))) is not None:
            yield version, tag.line, name
        elif name.startswith("REQ-"):
            yield 12, tag.line, name
    if tag.get("METHOD") == "SAMPLE-AES":
        yield 5, tag.line, "METHOD=SAMPLE-AES"
    channel = tag.get("INSTREAM-ID")
    if channel is not None and tag.get("TYPE") != "CLOSED-CAPTIONS":
        yield 13, tag.line, "INSTREAM-ID of other renditions than closed captions"
    elif channel is not None and channel.startswith("SERVICE"):
        yield 7, tag.line, "INSTREAM-ID with SERVICE"
