"""What a segment's bytes say, whatever its container: facts for the rules, and breaches of the container's own."""

from __future__ import annotations

from transcoder.lint.media import packed, transport, webvtt
from transcoder.lint.media.facts import Container, MediaFacts, Section
from transcoder.lint.media.fragments import read_fragments
from transcoder.lint.media.sections import read_section

__all__ = ["Container", "MediaFacts", "Section", "read_media", "read_section"]

BOX_NAMES = {b"styp", b"moof", b"sidx", b"emsg", b"prft", b"mdat", b"ftyp", b"free", b"skip", b"uuid"}


def read_media(data: bytes, section: Section | None, *, iframe: bool = False) -> MediaFacts:
    """Facts of one segment's bytes; `section` is its media initialization section where it has one.

    An `iframe` segment may end after its picture, before the end of the box that holds it.
    """
    if data[4:8] in BOX_NAMES:
        return read_fragments(data, section, cut=iframe)
    if section is not None and section.container is Container.MP4:
        return MediaFacts(Container.UNKNOWN, len(data), has_header=False)  # a header of MP4, and none of its boxes
    if data[:1] == transport.SYNC and (len(data) < 189 or data[188:189] == transport.SYNC):
        return transport.read_transport(data)
    if packed.is_packed(data):
        return packed.read_packed(data)
    if webvtt.is_webvtt(data) or (section is not None and section.container is Container.WEBVTT):
        return webvtt.read_webvtt(data, has_section=section is not None)
    return MediaFacts(Container.UNKNOWN, len(data), has_header=False)
