"""Segments of fragmented MP4: when they begin and end, what their first picture is (3.1.2 of the HLS draft)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from transcoder.boxes import (
    NON_SYNC,
    TFHD_DURATION,
    TFHD_FLAGS,
    TFHD_SIZE,
    TRUN_CTS,
    TRUN_DURATION,
    TRUN_FIRST_FLAGS,
    TRUN_FLAGS,
    TRUN_OFFSET,
    TRUN_SIZE,
)
from transcoder.lint.media.boxes import Damaged, find, walk
from transcoder.lint.media.facts import Container, MediaFacts, Section, TrackFacts, TrackHeader

TFHD_BASE, TFHD_INDEX = 0x01, 0x02
UNKNOWN = TrackHeader(0, "other", "", 0)
IDR = {"avc": {5}, "hev": {19, 20}, "hvc": {19, 20}, "dvh": {19, 20}}
PICTURES = {"avc": range(1, 6), "hev": range(32), "hvc": range(32), "dvh": range(32)}  # types of NAL units with slices


@dataclass
class _Seen:
    """What was read of one track so far, in ticks."""

    header: TrackHeader
    start: int | None = None
    shown: int = 0
    length: int = 0
    samples: int = 0
    intra: bool | None = None
    keyframes: list[int] = field(default_factory=list)


def read_fragments(data: bytes, section: Section | None, *, cut: bool) -> MediaFacts:
    """Facts of a segment; with `cut` it may end behind its first picture."""
    reading = _Reading(data, section)
    has_header = False
    try:
        position = 0
        for name, start, end in walk(data, cut=cut):
            if name == b"moof":
                has_header = True
                reading.base = position
                for child, inner, stop in walk(data, start, end):
                    if child == b"traf":
                        reading.fragment(inner, stop)
            position = end
    except (Damaged, struct.error, IndexError) as error:
        reading.faults.append(("fragment-malformed", f"it cannot be read: {error}"))
    tracks = tuple(_facts(track) for track in reading.seen.values())
    return MediaFacts(Container.MP4, len(data), tracks, tuple(dict.fromkeys(reading.faults)), has_header)


@dataclass
class _Reading:
    """One segment on its way to facts; `base` is where the moof box at hand begins."""

    data: bytes
    section: Section | None
    base: int = 0
    seen: dict[int, _Seen] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def fault(self, found: str) -> None:
        self.faults.append(("fragment-malformed", found))

    def fragment(self, start: int, end: int) -> None:
        """One track fragment."""
        data = self.data
        head = find(data, start, end, b"tfhd")
        if head is None:
            raise Damaged("a track fragment without tfhd")
        flags = int.from_bytes(data[head[0] + 1 : head[0] + 4], "big")
        number = struct.unpack_from(">I", data, head[0] + 4)[0]
        header = (self.section.track(number) if self.section else None) or UNKNOWN
        if self.section is not None and self.section.tracks and header is UNKNOWN:
            self.fault(f"track {number} is not in the media initialization section")
        if flags & TFHD_BASE:
            self.fault(f"track {number} addresses its samples by file offset")
        track = self.seen.setdefault(number, _Seen(header))
        self.clock(track, number, find(data, start, end, b"tfdt"))
        defaults = _defaults(data, head[0] + 8, flags, header)
        for name, inner, stop in walk(data, start, end):
            if name == b"trun":
                self.run(inner, stop, defaults, track)

    def clock(self, track: _Seen, number: int, box: tuple[int, int] | None) -> None:
        """Where the fragment stands in time, and whether it follows the one before."""
        expected = (track.start or 0) + track.length
        decode_time = expected
        if box is None:
            self.fault(f"track {number} has no tfdt box")
        else:
            decode_time = struct.unpack_from(">Q" if self.data[box[0]] == 1 else ">I", self.data, box[0] + 4)[0]
        if track.start is None:
            track.start = decode_time if box is not None else None  # then nobody knows when it is shown
        elif abs(decode_time - expected) > 1:
            self.faults.append(("decode-time", f"track {number} goes on at tick {decode_time}, expected {expected}"))

    def run(self, start: int, end: int, defaults: tuple[int, int, int], track: _Seen) -> None:
        """The samples of one track run."""
        data = self.data
        flags = int.from_bytes(data[start + 1 : start + 4], "big")
        count = struct.unpack_from(">I", data, start + 4)[0]
        at, offset, first_flags = start + 8, 0, None
        if flags & TRUN_OFFSET:
            offset = struct.unpack_from(">i", data, at)[0]
            at += 4
        if flags & TRUN_FIRST_FLAGS:
            first_flags = struct.unpack_from(">I", data, at)[0]
            at += 4
        fields = [name for name in (TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_CTS) if flags & name]
        if at + 4 * len(fields) * count > end:
            raise Damaged("a track run promises more samples than it holds")
        if not count:
            return
        words = struct.unpack_from(f">{len(fields) * count}i", data, at)
        columns = {name: words[i :: len(fields)] for i, name in enumerate(fields)}
        durations: Sequence[int] = columns.get(TRUN_DURATION, ())
        sync = [not value & NON_SYNC for value in columns.get(TRUN_FLAGS, (defaults[2],))]
        if first_flags is not None:
            sync[0] = not first_flags & NON_SYNC
        if not track.samples:
            track.shown = columns[TRUN_CTS][0] if TRUN_CTS in columns else 0
            size = columns[TRUN_SIZE][0] if TRUN_SIZE in columns else defaults[1]
            first = self.base + offset
            track.intra = _is_intra(data[first : first + size], track.header, sync=sync[0])
        _keyframes(track, sync, durations, defaults[0])
        track.length += sum(durations) if durations else defaults[0] * count
        track.samples += count


def _defaults(data: bytes, at: int, flags: int, header: TrackHeader) -> tuple[int, int, int]:
    """Default duration, size and flags of samples: the fragment's, else the track's."""
    at += (8 if flags & TFHD_BASE else 0) + (4 if flags & TFHD_INDEX else 0)
    found = [header.default_duration, header.default_size, header.default_flags]
    for i, name in enumerate((TFHD_DURATION, TFHD_SIZE, TFHD_FLAGS)):
        if flags & name:
            found[i] = struct.unpack_from(">I", data, at)[0]
            at += 4
    return found[0], found[1], found[2]


def _keyframes(track: _Seen, sync: Sequence[bool], durations: Sequence[int], default: int) -> None:
    time = track.length
    for i, is_sync in enumerate(sync):
        if is_sync:
            track.keyframes.append(time)
        time += durations[i] if durations else default


def _is_intra(sample: bytes, header: TrackHeader, *, sync: bool) -> bool:
    """Whether a sample is an IDR picture; where the codec has none, whether it is marked as a sync sample."""
    kinds = IDR.get(header.codec[:3])
    if not kinds or not header.nal_length:
        return sync
    at = 0
    while at + header.nal_length < len(sample):
        length = int.from_bytes(sample[at : at + header.nal_length], "big")
        first = sample[at + header.nal_length]
        kind = first & 31 if header.codec.startswith("avc") else first >> 1 & 63
        if kind in PICTURES[header.codec[:3]]:
            return kind in kinds
        at += header.nal_length + length
    return sync


def _facts(track: _Seen) -> TrackFacts:
    header = track.header
    if header is UNKNOWN or track.start is None:
        return TrackFacts(header.kind, header.codec, samples=track.samples, intra=track.intra)
    scale = header.timescale
    duration_s = track.length / scale
    return TrackFacts(
        header.kind, header.codec, (track.start - header.shift) / scale,
        (track.start - header.shift + track.shown) / scale, duration_s, track.samples, track.intra,
        tuple(time / scale for time in track.keyframes), header.width, header.height,
        track.samples / duration_s if duration_s and header.kind == "video" else None, header.channels,
        header.interlaced, header.transfer,
    )  # fmt: skip
