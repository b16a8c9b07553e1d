"""The tags of HLS and their attributes as a table: sections 4.4.1 to 4.4.6 of draft-pantos-hls-rfc8216bis-22."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum


class Place(Enum):
    """In which playlists a tag may stand, and what it describes."""

    ANY = "any playlist"
    MEDIA = "a media playlist"
    SEGMENT = "a segment of a media playlist"
    MULTIVARIANT = "a multivariant playlist"


class Kind(Enum):
    """Types of attribute values (section 4.2)."""

    INTEGER = "a decimal integer"
    HEX = "a hexadecimal sequence"
    FLOAT = "a decimal number"
    SIGNED = "a signed decimal number"
    QUOTED = "a quoted string"
    ENUM = "an unquoted word"
    RESOLUTION = "WIDTHxHEIGHT"
    QUOTED_OR_ENUM = "a quoted string, or an unquoted word"
    ANY = "any value"


PATTERNS = {
    Kind.INTEGER: re.compile(r"[0-9]{1,20}"),
    Kind.HEX: re.compile(r"0[xX][0-9A-F]+"),
    Kind.FLOAT: re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+"),
    Kind.SIGNED: re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    Kind.ENUM: re.compile(r'[^",\s]+'),
    Kind.RESOLUTION: re.compile(r"[0-9]{1,20}x[0-9]{1,20}"),
}


@dataclass(frozen=True, slots=True)
class Attr:
    """`may_be_empty`: a quoted string that is allowed to be empty. `words`: the enumerated strings defined."""

    kind: Kind
    required: bool = False
    words: frozenset[str] = frozenset()
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class TagSpec:
    """`value` is the pattern of a value that is no attribute list; None: the tag stands alone."""

    place: Place
    section: str
    once: bool = False
    value: re.Pattern[str] | None = None
    attributes: dict[str, Attr] | None = field(default=None)


def _words(kind: Kind, words: str, *, required: bool = False) -> Attr:
    return Attr(kind, required, frozenset(words.split()))


_YES_NO = _words(Kind.ENUM, "YES NO")
_YES = _words(Kind.ENUM, "YES")
_QUOTED, _NEEDED = Attr(Kind.QUOTED), Attr(Kind.QUOTED, required=True)
_FLOAT, _INTEGER, _HEX = Attr(Kind.FLOAT), Attr(Kind.INTEGER), Attr(Kind.HEX)
_NUMBER = re.compile(r"[0-9]{1,20}")

_KEY = {
    "METHOD": _words(Kind.ENUM, "NONE AES-128 SAMPLE-AES SAMPLE-AES-CTR AES-256-GCM", required=True),
    "URI": _QUOTED,
    "IV": _HEX,
    "KEYFORMAT": _QUOTED,
    "KEYFORMATVERSIONS": _QUOTED,
}
_VARIANT = {
    "BANDWIDTH": Attr(Kind.INTEGER, required=True),
    "AVERAGE-BANDWIDTH": _INTEGER,
    "SCORE": _FLOAT,
    "CODECS": _QUOTED,
    "SUPPLEMENTAL-CODECS": _QUOTED,
    "RESOLUTION": Attr(Kind.RESOLUTION),
    "HDCP-LEVEL": _words(Kind.ENUM, "TYPE-0 TYPE-1 NONE"),
    "ALLOWED-CPC": _QUOTED,
    "VIDEO-RANGE": _words(Kind.ENUM, "SDR HLG PQ"),
    "REQ-VIDEO-LAYOUT": _QUOTED,
    "STABLE-VARIANT-ID": _QUOTED,
    "VIDEO": _QUOTED,
    "PATHWAY-ID": _QUOTED,
}
_RENDITION = {
    "TYPE": _words(Kind.ENUM, "AUDIO VIDEO SUBTITLES CLOSED-CAPTIONS", required=True),
    "URI": _QUOTED,
    "GROUP-ID": _NEEDED,
    "LANGUAGE": _QUOTED,
    "ASSOC-LANGUAGE": _QUOTED,
    "NAME": _NEEDED,
    "STABLE-RENDITION-ID": _QUOTED,
    "DEFAULT": _YES_NO,
    "AUTOSELECT": _YES_NO,
    "FORCED": _YES_NO,
    "INSTREAM-ID": _QUOTED,
    "BIT-DEPTH": _INTEGER,
    "SAMPLE-RATE": _INTEGER,
    "CHARACTERISTICS": _QUOTED,
    "CHANNELS": _QUOTED,
}
_DATERANGE = {
    "ID": _NEEDED,
    "CLASS": _QUOTED,
    "START-DATE": _QUOTED,
    "CUE": _QUOTED,
    "END-DATE": _QUOTED,
    "DURATION": _FLOAT,
    "PLANNED-DURATION": _FLOAT,
    "SCTE35-CMD": _HEX,
    "SCTE35-OUT": _HEX,
    "SCTE35-IN": _HEX,
    "END-ON-NEXT": _YES,
}

TAGS: dict[str, TagSpec] = {
    "#EXTM3U": TagSpec(Place.ANY, "4.4.1.1"),
    "#EXT-X-VERSION": TagSpec(Place.ANY, "4.4.1.2", once=True, value=_NUMBER),
    "#EXT-X-INDEPENDENT-SEGMENTS": TagSpec(Place.ANY, "4.4.2.1", once=True),
    "#EXT-X-START": TagSpec(
        Place.ANY, "4.4.2.2", once=True,
        attributes={"TIME-OFFSET": Attr(Kind.SIGNED, required=True), "PRECISE": _YES_NO},
    ),
    "#EXT-X-DEFINE": TagSpec(
        Place.ANY, "4.4.2.3",
        attributes={
            "NAME": _QUOTED, "VALUE": Attr(Kind.QUOTED, may_be_empty=True), "IMPORT": _QUOTED, "QUERYPARAM": _QUOTED,
        },
    ),
    "#EXT-X-TARGETDURATION": TagSpec(Place.MEDIA, "4.4.3.1", once=True, value=_NUMBER),
    "#EXT-X-MEDIA-SEQUENCE": TagSpec(Place.MEDIA, "4.4.3.2", once=True, value=_NUMBER),
    "#EXT-X-DISCONTINUITY-SEQUENCE": TagSpec(Place.MEDIA, "4.4.3.3", once=True, value=_NUMBER),
    "#EXT-X-ENDLIST": TagSpec(Place.MEDIA, "4.4.3.4", once=True),
    "#EXT-X-PLAYLIST-TYPE": TagSpec(Place.MEDIA, "4.4.3.5", once=True, value=re.compile("EVENT|VOD")),
    "#EXT-X-I-FRAMES-ONLY": TagSpec(Place.MEDIA, "4.4.3.6", once=True),
    "#EXT-X-PART-INF": TagSpec(
        Place.MEDIA, "4.4.3.7", once=True, attributes={"PART-TARGET": Attr(Kind.FLOAT, required=True)}
    ),
    "#EXT-X-SERVER-CONTROL": TagSpec(
        Place.MEDIA, "4.4.3.8", once=True,
        attributes={
            "CAN-SKIP-UNTIL": _FLOAT, "CAN-SKIP-DATERANGES": _YES, "HOLD-BACK": _FLOAT, "PART-HOLD-BACK": _FLOAT,
            "CAN-BLOCK-RELOAD": _YES,
        },
    ),
    "#EXT-X-BYTERANGE": TagSpec(Place.SEGMENT, "4.4.4.2", value=re.compile(r"([0-9]{1,20})(?:@([0-9]{1,20}))?")),
    "#EXT-X-DISCONTINUITY": TagSpec(Place.SEGMENT, "4.4.4.3"),
    "#EXT-X-KEY": TagSpec(Place.SEGMENT, "4.4.4.4", attributes=_KEY),
    "#EXT-X-MAP": TagSpec(Place.SEGMENT, "4.4.4.5", attributes={"URI": _NEEDED, "BYTERANGE": _QUOTED}),
    "#EXT-X-PROGRAM-DATE-TIME": TagSpec(Place.SEGMENT, "4.4.4.6", value=re.compile(r"\S+")),
    "#EXT-X-GAP": TagSpec(Place.SEGMENT, "4.4.4.7"),
    "#EXT-X-BITRATE": TagSpec(Place.SEGMENT, "4.4.4.8", value=_NUMBER),
    "#EXT-X-PART": TagSpec(
        Place.SEGMENT, "4.4.4.9",
        attributes={
            "URI": _NEEDED, "DURATION": Attr(Kind.FLOAT, required=True), "INDEPENDENT": _YES, "BYTERANGE": _QUOTED,
            "GAP": _YES,
        },
    ),
    "#EXT-X-DATERANGE": TagSpec(Place.MEDIA, "4.4.5.1", attributes=_DATERANGE),
    "#EXT-X-SKIP": TagSpec(
        Place.MEDIA, "4.4.5.2", once=True,
        attributes={
            "SKIPPED-SEGMENTS": Attr(Kind.INTEGER, required=True),
            "RECENTLY-REMOVED-DATERANGES": Attr(Kind.QUOTED, may_be_empty=True),
        },
    ),
    "#EXT-X-PRELOAD-HINT": TagSpec(
        Place.MEDIA, "4.4.5.3",
        attributes={
            "TYPE": _words(Kind.ENUM, "PART MAP", required=True), "URI": _NEEDED, "BYTERANGE-START": _INTEGER,
            "BYTERANGE-LENGTH": _INTEGER,
        },
    ),
    "#EXT-X-RENDITION-REPORT": TagSpec(
        Place.MEDIA, "4.4.5.4", attributes={"URI": _QUOTED, "LAST-MSN": _INTEGER, "LAST-PART": _INTEGER}
    ),
    "#EXT-X-MEDIA": TagSpec(Place.MULTIVARIANT, "4.4.6.1", attributes=_RENDITION),
    "#EXT-X-STREAM-INF": TagSpec(
        Place.MULTIVARIANT, "4.4.6.2",
        attributes={
            **_VARIANT, "FRAME-RATE": _FLOAT, "AUDIO": _QUOTED, "SUBTITLES": _QUOTED,
            "CLOSED-CAPTIONS": _words(Kind.QUOTED_OR_ENUM, "NONE"),
        },
    ),
    "#EXT-X-I-FRAME-STREAM-INF": TagSpec(Place.MULTIVARIANT, "4.4.6.3", attributes={**_VARIANT, "URI": _NEEDED}),
    "#EXT-X-SESSION-DATA": TagSpec(
        Place.MULTIVARIANT, "4.4.6.4",
        attributes={
            "DATA-ID": _NEEDED, "VALUE": _QUOTED, "URI": _QUOTED, "FORMAT": _words(Kind.ENUM, "JSON RAW"),
            "LANGUAGE": _QUOTED,
        },
    ),
    "#EXT-X-SESSION-KEY": TagSpec(Place.MULTIVARIANT, "4.4.6.5", attributes=_KEY),
    "#EXT-X-CONTENT-STEERING": TagSpec(
        Place.MULTIVARIANT, "4.4.6.6", once=True, attributes={"SERVER-URI": _NEEDED, "PATHWAY-ID": _QUOTED}
    ),
}  # fmt: skip
# EXTINF, the tag of every line but a few, is read by itself.
