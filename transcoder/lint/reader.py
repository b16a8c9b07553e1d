"""Reading one playlist: tags into their place, segments with what applies to them, breaches with their lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from transcoder.lint.attributes import check_attributes, read_attributes, substituted
from transcoder.lint.playlist import ByteRange, Form, MapSection, Playlist, Problem, Segment, Tag, Value, Variant
from transcoder.lint.tags import TAGS, Place, TagSpec
from transcoder.lint.text import lines_of

EXTINF = re.compile(r"#EXTINF:([0-9]+(\.[0-9]*)?|\.[0-9]+),(.*)")
LOOSE_EXTINF = re.compile(r"#EXTINF:\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
RANGE = re.compile(r"([0-9]{1,20})(?:@([0-9]{1,20}))?")
REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
VARIABLE_NAME = re.compile(r"[A-Za-z0-9_-]+")
STANDING = {"#EXT-X-KEY", "#EXT-X-MAP", "#EXT-X-BITRATE"}  # apply until the next of their kind


def read_playlist(data: bytes, name: str, location: str, imported: Mapping[str, str] | None = None) -> Playlist:
    """Understand a playlist as far as it can be, noting every breach of the rules of syntax and structure.

    `imported` are the variables of the multivariant playlist that led here; None when there was none.
    """
    return _Reader(data, name, location, imported).read()


class _Reader:
    """State while going through the lines: what applies to the next segment."""

    def __init__(self, data: bytes, name: str, location: str, imported: Mapping[str, str] | None) -> None:
        self.lines, problems = lines_of(data)
        self.playlist = Playlist(name, location, lines=len(self.lines), problems=problems)
        self.imported = imported
        self.pending: Segment | None = None
        self.duration: tuple[float, bool] | None = None
        self.keys: tuple[Tag, ...] = ()
        self.section: MapSection | None = None
        self.bitrate: int | None = None
        self.discontinuities = 0
        self.number = 0
        self.timed = False  # an EXTINF was seen
        self.range_end: dict[str, int] = {}  # where the sub-range before ended, by URI of the segment before
        self.waiting: Tag | None = None  # an EXT-X-STREAM-INF without its URI line yet
        self.fresh()

    def fresh(self) -> None:
        """Nothing applies to the next segment yet but what stands until revoked."""
        self.duration = None
        self.byte_range: tuple[int, int | None, int] | None = None
        self.broken = False
        self.date: datetime | None = None
        self.date_line = 0
        self.gap = False
        self.ranged = False
        self.parts: list[Tag] = []

    def problem(self, rule: str, line: int, found: str) -> None:
        self.playlist.problems.append(Problem(rule, line, found))

    def read(self) -> Playlist:
        if self.lines[0] != "#EXTM3U":
            self.problem("extm3u-first", 1, f"the first line is {self.lines[0][:80]!r}")
        for number, line in enumerate(self.lines, 1):
            if not line:
                continue
            if line[0] != "#":
                self.uri(line, number)
            elif line.startswith("#EXTINF:"):
                self.extinf(line, number)
            elif line.startswith("#EXT"):
                self.tag(line, number)
        if self.waiting is not None:
            self.problem("variant-without-uri", self.waiting.line, "no URI line follows")
        playlist = self.playlist
        playlist.trailing_parts = tuple(self.parts)
        playlist.trailing_discontinuity = self.broken
        self.place_tags()
        return playlist

    def uri(self, line: str, number: int) -> None:
        if line.strip() != line or " " in line or "\t" in line:
            self.problem("whitespace", number, f"blanks in the URI line {line[:80]!r}")
            line = line.strip()
        uri = self.replaced(line, number) if "{$" in line else line
        if self.waiting is not None:
            self.playlist.variants.append(Variant(self.waiting, uri, iframes=False))
            self.waiting = None
            return
        if self.duration is None:
            self.problem("extinf-missing", number, f"{uri[:80]} has no EXTINF before it")
        duration_s, integer = self.duration or (0.0, False)
        segment = Segment(
            uri,
            number,
            duration_s,
            integer,
            self.number,
            self.discontinuities,
            after_discontinuity=self.broken,
            section=self.section,
            keys=self.keys,
            date=self.date,
            date_line=self.date_line,
            gap=self.gap,
            bitrate_kbps=None if self.byte_range else self.bitrate,
            parts=tuple(self.parts),
        )
        if self.byte_range is not None:
            segment.byte_range = self.anchored(uri, *self.byte_range)
            segment.undefined = segment.byte_range is None
            if segment.byte_range:
                self.range_end = {uri: segment.byte_range.start + segment.byte_range.length}
        else:
            self.range_end = {}
        self.playlist.segments.append(segment)
        self.number += 1
        self.fresh()

    def anchored(self, uri: str, length: int, start: int | None, line: int) -> ByteRange | None:
        """A sub-range with its start, which may be where the one before ended."""
        if start is None:
            start = self.range_end.get(uri)
        if start is None:
            self.problem("byterange-unanchored", line, f"no offset, and the segment before is no range of {uri[:80]}")
            return None
        return ByteRange(start, length)

    def extinf(self, line: str, number: int) -> None:
        self.timed = True
        match = EXTINF.fullmatch(line)
        if match is None:
            self.problem("tag-syntax", number, f"{line[:80]!r} is not #EXTINF:<seconds>,[<title>]")
            match = LOOSE_EXTINF.match(line)
        self.duration = (float(match[1]), "." not in match[1]) if match else (0.0, False)

    def tag(self, line: str, number: int) -> None:
        if line != line.rstrip():
            self.problem("whitespace", number, "the line ends with blanks")
            line = line.rstrip()
        name, colon, value = line.partition(":")
        spec = TAGS.get(name)
        if spec is None:
            self.unknown(name, number)
            return
        tag = Tag(name, value, number, self.attributes(name, spec, value, number))
        if spec.value is not None and not spec.value.fullmatch(value):
            self.problem("tag-syntax", number, f"{line[:80]!r} has no valid value")
        elif spec.value is None and spec.attributes is None and colon:
            self.problem("tag-syntax", number, f"{name[1:]} takes no value")
        self.playlist.tags.setdefault(name, []).append(tag)
        self.apply(tag)

    def unknown(self, name: str, number: int) -> None:
        """Unknown tags are ignored by readers; one of them was removed from the protocol."""
        if name == "#EXT-X-ALLOW-CACHE":
            self.problem("removed-feature", number, "EXT-X-ALLOW-CACHE was removed in protocol version 7")

    def attributes(self, name: str, spec: TagSpec, value: str, number: int) -> dict[str, Value]:
        if spec.attributes is None:
            return {}
        problems = self.playlist.problems
        given = read_attributes(value, number, problems)
        check_attributes(name, given, spec.attributes, number, problems)
        if "PROGRAM-ID" in given and spec.place is Place.MULTIVARIANT:
            self.problem("removed-feature", number, "PROGRAM-ID was removed in protocol version 6")
        if "{$" not in value or name == "#EXT-X-DEFINE":
            return given
        return dict(substituted(given, lambda text: self.replaced(text, number), self.uses_variables))

    def uses_variables(self) -> None:
        self.playlist.uses_variables = True

    def replaced(self, text: str, line: int) -> str:
        """Variable references replaced by their values (section 4.3)."""
        self.uses_variables()

        def value_of(match: re.Match[str]) -> str:
            if match[1] not in self.playlist.variables:
                self.problem("variable-undefined", line, f"no EXT-X-DEFINE before this gives {match[1]} a value")
            return self.playlist.variables.get(match[1], "")

        return REFERENCE.sub(value_of, text)

    def apply(self, tag: Tag) -> None:
        playlist = self.playlist
        match tag.name:
            case "#EXT-X-VERSION" if tag.value.isdigit():
                playlist.version = playlist.version or int(tag.value)
            case "#EXT-X-MEDIA-SEQUENCE" if tag.value.isdigit():
                if playlist.segments or self.parts:
                    self.problem("sequence-late", tag.line, "EXT-X-MEDIA-SEQUENCE follows a segment")
                self.number = int(tag.value)
            case "#EXT-X-DISCONTINUITY-SEQUENCE":
                if playlist.segments or self.parts or self.discontinuities:
                    self.problem(
                        "sequence-late", tag.line,
                        "EXT-X-DISCONTINUITY-SEQUENCE follows a segment or an EXT-X-DISCONTINUITY",
                    )  # fmt: skip
            case "#EXT-X-STREAM-INF":
                if self.waiting is not None:
                    self.problem("variant-without-uri", self.waiting.line, "no URI line follows")
                self.waiting = tag
            case "#EXT-X-I-FRAME-STREAM-INF":
                playlist.variants.append(Variant(tag, tag.get("URI") or "", iframes=True))
            case "#EXT-X-DEFINE":
                self.define(tag)
            case _:
                self.apply_to_segment(tag)

    def apply_to_segment(self, tag: Tag) -> None:
        match tag.name:
            case "#EXT-X-BYTERANGE":
                if match := RANGE.fullmatch(tag.value):
                    self.byte_range = (int(match[1]), int(match[2]) if match[2] else None, tag.line)
            case "#EXT-X-DISCONTINUITY":
                self.late(tag)
                self.broken = True
                self.discontinuities += 1
            case "#EXT-X-KEY":
                self.late(tag)
                self.change_key(tag)
            case "#EXT-X-MAP":
                self.late(tag)
                self.section = MapSection(tag.get("URI") or "", tag.line, self.map_range(tag), self.keys)
            case "#EXT-X-PROGRAM-DATE-TIME":
                self.late(tag)
                self.date, self.date_line = self.moment(tag), tag.line
            case "#EXT-X-GAP":
                self.gap = True
            case "#EXT-X-BITRATE" if tag.value.isdigit():
                self.bitrate = int(tag.value)
            case "#EXT-X-PART":
                self.parts.append(tag)

    def late(self, tag: Tag) -> None:
        """These apply to the first part of a segment too, so they stand before it."""
        if self.parts:
            self.problem("tag-after-part", tag.line, f"{tag.name[1:]} follows an EXT-X-PART of the same segment")

    def change_key(self, tag: Tag) -> None:
        if tag.get("METHOD") == "NONE":
            self.keys = ()
            return
        form = tag.get("KEYFORMAT") or "identity"
        rest = [key for key in self.keys if (key.get("KEYFORMAT") or "identity") != form]
        self.keys = (*rest, tag)

    def map_range(self, tag: Tag) -> ByteRange | None:
        text = tag.get("BYTERANGE")
        if text is None:
            return None
        match = RANGE.fullmatch(text)
        if match is None or match[2] is None:
            self.problem("attribute-type", tag.line, f'BYTERANGE="{text[:80]}" of EXT-X-MAP is not "<n>@<o>"')
            return None
        return ByteRange(int(match[2]), int(match[1]))

    def moment(self, tag: Tag) -> datetime | None:
        found = parse_date(tag.value)
        if found is None:
            self.problem("date-syntax", tag.line, f"{tag.value[:80]!r} is no ISO 8601 date and time")
        return found

    def define(self, tag: Tag) -> None:
        """Give a variable its value (section 4.4.2.3)."""
        sources = [name for name in ("NAME", "IMPORT", "QUERYPARAM") if name in tag.attributes]
        if len(sources) != 1:
            self.problem("define-malformed", tag.line, f"exactly one of NAME, IMPORT, QUERYPARAM: {len(sources)} given")
            return
        name = tag.get(sources[0]) or ""
        value: str | None
        if not VARIABLE_NAME.fullmatch(name):
            self.problem("define-malformed", tag.line, f"{name[:80]!r} is no variable name")
        elif name in self.playlist.variables:
            self.problem("define-malformed", tag.line, f"{name} is defined twice")
        elif sources[0] == "NAME":
            value = tag.get("VALUE")
            if value is None:
                self.problem("define-malformed", tag.line, f"{name} has no VALUE")
            self.playlist.variables[name] = value or ""
        else:
            known = self.imported or {}
            if sources[0] == "QUERYPARAM":
                known = dict(parse_qsl(urlsplit(self.playlist.location).query))
            if name not in known:
                self.problem("define-malformed", tag.line, f"{sources[0]} {name} matches nothing")
            self.playlist.variables[name] = known.get(name, "")

    def place_tags(self) -> None:
        """Which form this is, and the tags that do not belong there or stand too often."""
        playlist = self.playlist
        places = {Place.MULTIVARIANT: 0, Place.MEDIA: 0}
        for name, tags in playlist.tags.items():
            place = Place.MEDIA if TAGS[name].place is Place.SEGMENT else TAGS[name].place
            if place in places:
                places[place] += len(tags)
            if TAGS[name].once and len(tags) > 1:
                self.problem("tag-repeated", tags[1].line, f"{name[1:]} stands {len(tags)} times")
        if places[Place.MULTIVARIANT] and not (playlist.segments and (places[Place.MEDIA] or self.timed)):
            playlist.form = Form.MULTIVARIANT
        wrong = {Place.MEDIA, Place.SEGMENT} if playlist.form is Form.MULTIVARIANT else {Place.MULTIVARIANT}
        for name, tags in playlist.tags.items():
            if TAGS[name].place in wrong:
                self.problem(
                    "tag-misplaced", tags[0].line, f"{name[1:]} describes {TAGS[name].place.value}, not a "
                    f"{playlist.form.value}",
                )  # fmt: skip


def parse_date(text: str) -> datetime | None:
    """An ISO 8601 date and time; without a zone it is UTC, as readers take it."""
    if "T" not in text and "t" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
