"""Facts of media, in seconds and bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Container(Enum):
    MP4 = "fragmented MP4"
    TRANSPORT = "MPEG-2 transport stream"
    PACKED = "packed audio"
    WEBVTT = "WebVTT"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """One track's share of a segment. None: the bytes do not say.

    `start_s` is when its first sample is decoded, `shown_s` when it is shown; `codec` is an RFC 6381 string.
    `keyframes_s` are the times of samples where decoding can start, counted from `start_s`.
    """

    kind: str  # video, audio, text
    codec: str
    start_s: float | None = None
    shown_s: float | None = None
    duration_s: float | None = None
    samples: int = 0
    intra: bool | None = None  # the first sample is an IDR picture, or a sync sample where codecs have no such thing
    keyframes_s: tuple[float, ...] = ()
    width: int = 0
    height: int = 0
    fps: float | None = None
    channels: int = 0
    interlaced: bool = False
    transfer: str = ""  # SDR, PQ or HLG, where it is declared


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """One segment. `faults` are breaches of its container's rules: (id of the rule, what was found)."""

    container: Container
    size_bytes: int
    tracks: tuple[TrackFacts, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    has_header: bool = True  # of fragmented MP4: a moof box stands before the samples
    counters: tuple[tuple[int, int, int], ...] = ()  # of a transport stream: (pid, first, last) continuity counter

    def track(self, kind: str) -> TrackFacts | None:
        return next((track for track in self.tracks if track.kind == kind), None)


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """A track as the media initialization section declares it."""

    id: int
    kind: str
    codec: str
    timescale: int
    default_duration: int = 0
    default_size: int = 0
    default_flags: int = 0
    shift: int = 0  # media time at which the presentation begins (edit list), in ticks of the timescale
    width: int = 0
    height: int = 0
    channels: int = 0
    nal_length: int = 0  # bytes of a NAL unit's length, for H.264 and HEVC
    interlaced: bool = False
    transfer: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A media initialization section."""

    container: Container
    tracks: tuple[TrackHeader, ...] = ()
    faults: tuple[tuple[str, str], ...] = field(default=())

    def track(self, number: int) -> TrackHeader | None:
        return next((track for track in self.tracks if track.id == number), None)
