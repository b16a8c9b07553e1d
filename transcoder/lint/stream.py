"""A stream as loaded: the multivariant playlist, its media playlists in their roles, and facts of their segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from transcoder.lint.media.facts import MediaFacts, Section, TrackFacts
from transcoder.lint.playlist import Playlist, Segment, Tag, Variant
from transcoder.lint.source import Delivery

HALF, LONGEST, SLACK_S = 0.5, 1.5, 0.5  # the runs of segments whose bit rate counts: 4.1 of the HLS draft


class Role(Enum):
    """What a media playlist is for. ALONE: linted by itself, without a multivariant playlist."""

    VARIANT = "variant"
    IFRAMES = "I-frames"
    AUDIO = "audio"
    VIDEO = "video"
    SUBTITLES = "subtitles"
    ALONE = "alone"


@dataclass
class Media:
    """A media playlist. Lists have one entry per segment; None: not read, or not understood without a key."""

    playlist: Playlist
    role: Role
    facts: list[MediaFacts | None] = field(default_factory=list)
    sections: list[Section | None] = field(default_factory=list)
    sizes: list[int | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.playlist.name

    def pairs(self) -> Iterator[tuple[Segment, MediaFacts]]:
        """Segments that were read."""
        for segment, facts in zip(self.playlist.segments, self.facts, strict=True):
            if facts is not None:
                yield segment, facts

    def track(self, kind: str) -> TrackFacts | None:
        """The first segment's track of a kind."""
        return next((track for _, facts in self.pairs() if (track := facts.track(kind))), None)

    @cached_property
    def has_video(self) -> bool:
        return self.track("video") is not None

    @cached_property
    def peak_bps(self) -> float | None:
        """The largest bit rate of any run of segments between 0.5 target durations and 1.5 and half a second."""
        return self._rates[0]

    @cached_property
    def average_bps(self) -> float | None:
        return self._rates[1]

    @cached_property
    def _rates(self) -> tuple[float | None, float | None]:
        target_s = self.playlist.target_s
        lengths = [segment.duration_s for segment in self.playlist.segments]
        if not lengths or not target_s or not sum(lengths) or any(size is None for size in self.sizes):
            return None, None
        sizes = [size or 0 for size in self.sizes]
        peak, shortest, longest = 0.0, target_s * HALF, target_s * LONGEST + SLACK_S
        for start in range(len(lengths)):
            bits = span = 0.0
            for i in range(start, len(lengths)):
                bits, span = bits + sizes[i] * 8, span + lengths[i]
                if span > longest:
                    break
                if span >= shortest:
                    peak = max(peak, bits / span)
        average = sum(sizes) * 8 / sum(lengths)
        return peak or average, average


@dataclass
class Stream:
    """Everything that rules look at. `missing` are files that could not be had: (file, line, uri, why)."""

    source: str
    root: Playlist | None
    media: list[Media] = field(default_factory=list)
    by_uri: dict[str, Media] = field(default_factory=dict)  # as written in the multivariant playlist
    missing: list[tuple[str, int, str, str]] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)  # size of key files, by URI
    deliveries: list[tuple[str, str, Delivery]] = field(default_factory=list)  # (label, kind of file, how it came)
    secure: bool | None = None  # came over TLS; None: from files
    unread: list[str] = field(default_factory=list)

    def playlists(self) -> Iterator[Playlist]:
        if self.root is not None:
            yield self.root
        for media in self.media:
            yield media.playlist

    def of(self, *roles: Role) -> list[Media]:
        return [media for media in self.media if media.role in roles]

    def variants(self, *, iframes: bool = False) -> list[Variant]:
        if self.root is None:
            return []
        return [variant for variant in self.root.variants if variant.iframes is iframes]

    def group(self, kind: str, name: str | None) -> list[Tag]:
        """The EXT-X-MEDIA tags of a group."""
        if self.root is None or name is None:
            return []
        return [tag for tag in self.root.all("EXT-X-MEDIA") if tag.get("TYPE") == kind and tag.get("GROUP-ID") == name]

    def renditions(self, variant: Variant) -> list[Media]:
        """The media playlists of a variant: its own, and those of the groups it names."""
        uris = [variant.uri]
        for kind in ("AUDIO", "VIDEO", "SUBTITLES"):
            uris += [tag.get("URI") or "" for tag in self.group(kind, variant.tag.get(kind))]
        found = {id(media): media for uri in uris if (media := self.by_uri.get(uri))}
        return list(found.values())

    def shows_video(self, variant: Variant) -> bool:
        """Whether a variant has a picture: by its media where they were read, else by what it says."""
        media = self.by_uri.get(variant.uri)
        if media is not None and (media.has_video or media.track("audio") is not None):
            return media.has_video
        video = ("avc", "hvc", "hev", "dvh", "av01", "vp0")
        return variant.resolution is not None or any(codec.startswith(video) for codec in variant.codecs)
