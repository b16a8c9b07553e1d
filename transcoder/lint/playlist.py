"""A playlist as read: tags with their lines, segments with the tags that apply to them, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Form(Enum):
    MULTIVARIANT = "multivariant playlist"
    MEDIA = "media playlist"


@dataclass(frozen=True, slots=True)
class Problem:
    """A breach noted while reading, under the id of its rule."""

    rule: str
    line: int
    found: str
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value without its quotes, variables replaced."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag line. `value` is what stands behind the colon; `attributes` is empty where it is no list."""

    name: str
    value: str
    line: int
    attributes: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        found = self.attributes.get(name)
        return None if found is None else found.text

    def number(self, name: str) -> float | None:
        """A numeric attribute; None when it is absent or no number (which has its own rule)."""
        try:
            return float(self.attributes[name].text)
        except (KeyError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class ByteRange:
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class MapSection:
    """Where a media initialization section is; `encrypted` when an EXT-X-KEY applies to it."""

    uri: str
    line: int
    byte_range: ByteRange | None
    keys: tuple[Tag, ...]


@dataclass(slots=True)
class Segment:
    """A media segment with all that applies to it. `date` is that of its own EXT-X-PROGRAM-DATE-TIME."""

    uri: str
    line: int
    duration_s: float
    integer: bool
    number: int
    discontinuities: int  # EXT-X-DISCONTINUITY tags before it in this playlist
    after_discontinuity: bool = False
    byte_range: ByteRange | None = None
    undefined: bool = False  # its byte range has no start that anybody could know
    section: MapSection | None = None
    keys: tuple[Tag, ...] = ()
    date: datetime | None = None
    date_line: int = 0
    gap: bool = False
    bitrate_kbps: int | None = None
    parts: tuple[Tag, ...] = ()

    @property
    def encrypted(self) -> bool:
        return bool(self.keys)

    @property
    def whole_file_encrypted(self) -> bool:
        """Whether its bytes say nothing without the key."""
        return any(key.get("METHOD") in {"AES-128", "AES-256-GCM"} for key in self.keys)


@dataclass(frozen=True, slots=True)
class Variant:
    """An EXT-X-STREAM-INF with its URI line, or an EXT-X-I-FRAME-STREAM-INF."""

    tag: Tag
    uri: str
    iframes: bool

    @property
    def codecs(self) -> list[str]:
        return [codec.strip() for codec in (self.tag.get("CODECS") or "").split(",") if codec.strip()]

    @property
    def resolution(self) -> tuple[int, int] | None:
        width, x, height = (self.tag.get("RESOLUTION") or "").partition("x")
        return (int(width), int(height)) if x and width.isdigit() and height.isdigit() else None


@dataclass
class Playlist:
    """One playlist file. `name` is how reports call it, `location` where its own URIs start from."""

    name: str
    location: str
    form: Form = Form.MEDIA
    lines: int = 0
    version: int | None = None
    tags: dict[str, list[Tag]] = field(default_factory=dict)  # by name, in order; EXTINF is not among them
    segments: list[Segment] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    trailing_parts: tuple[Tag, ...] = ()  # of a segment that is not whole yet
    trailing_discontinuity: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    uses_variables: bool = False
    problems: list[Problem] = field(default_factory=list)

    def all(self, name: str) -> list[Tag]:
        return self.tags.get(f"#{name}", [])

    def first(self, name: str) -> Tag | None:
        return next(iter(self.all(name)), None)

    def has(self, name: str) -> bool:
        return f"#{name}" in self.tags

    @property
    def target_s(self) -> int | None:
        tag = self.first("EXT-X-TARGETDURATION")
        return int(tag.value) if tag and tag.value.isdigit() else None

    @property
    def ended(self) -> bool:
        return self.has("EXT-X-ENDLIST")

    @property
    def type(self) -> str:
        tag = self.first("EXT-X-PLAYLIST-TYPE")
        return tag.value if tag else ""

    @property
    def iframes_only(self) -> bool:
        return self.has("EXT-X-I-FRAMES-ONLY")

    @property
    def duration_s(self) -> float:
        return sum(segment.duration_s for segment in self.segments)

    @property
    def part_target_s(self) -> float | None:
        tag = self.first("EXT-X-PART-INF")
        return tag.number("PART-TARGET") if tag else None

    def line_of(self, name: str) -> int:
        """The line of a tag's first occurrence, 0 when it does not occur."""
        tag = self.first(name)
        return tag.line if tag else 0
