"""Media initialization sections of fragmented MP4 (3.1.2 of the HLS draft): tracks, codecs, breaches."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from transcoder.lint.media import codecs, webvtt
from transcoder.lint.media.boxes import Damaged, children, find, walk
from transcoder.lint.media.facts import Container, Section, TrackHeader

BRANDS = {b"iso6", b"iso7", b"iso8", b"iso9", b"isoa", b"isob", b"isoc", b"cmfc", b"cmf2", b"cmff", b"cmfl", b"cmfs"}
KINDS = {b"vide": "video", b"soun": "audio", b"subt": "text", b"text": "text", b"sbtl": "text"}
SELF_CONTAINED = 1  # flag of a data reference: the samples are in this file
Faults = list[tuple[str, str]]


def read_section(data: bytes) -> Section:
    """What a media initialization section declares, and what of it the HLS draft forbids."""
    if webvtt.is_webvtt(data):
        return Section(Container.WEBVTT)
    if data[:1] == b"\x47":
        return Section(Container.TRANSPORT)
    faults: Faults = []
    try:
        tracks = _read(data, faults)
    except (Damaged, struct.error, IndexError, StopIteration) as error:
        return Section(Container.MP4, faults=(("section-malformed", f"it cannot be read: {error}"),))
    return Section(Container.MP4, tracks, tuple(faults))


def _read(data: bytes, faults: Faults) -> tuple[TrackHeader, ...]:
    boxes = list(walk(data))
    names = [name for name, _, _ in boxes]
    if b"mdat" in names or b"moof" in names:
        faults.append(("section-with-samples", "it holds a moof or mdat box"))
    if b"ftyp" not in names:
        faults.append(("section-malformed", "it has no ftyp box"))
    elif not _brands(data, boxes) & BRANDS:
        shown = ", ".join(sorted(brand.decode("latin-1") for brand in _brands(data, boxes)))
        faults.append(("section-malformed", f"none of its brands ({shown}) is iso6 or higher"))
    if b"moov" not in names:
        faults.append(("section-malformed", "it has no moov box"))
        return ()
    if b"ftyp" in names and names.index(b"moov") < names.index(b"ftyp"):
        faults.append(("section-malformed", "moov stands before ftyp"))
    _, start, end = boxes[names.index(b"moov")]
    return _movie(data, start, end, faults)


def _brands(data: bytes, boxes: list[tuple[bytes, int, int]]) -> set[bytes]:
    start, end = next((start, end) for name, start, end in boxes if name == b"ftyp")
    return {data[start : start + 4], *(data[i : i + 4] for i in range(start + 8, end - 3, 4))}


def _movie(data: bytes, start: int, end: int, faults: Faults) -> tuple[TrackHeader, ...]:
    boxes = children(data, start, end)
    movie_scale = 0
    if b"mvhd" in boxes:
        at = boxes[b"mvhd"][0]
        movie_scale, duration = struct.unpack_from(">IQ" if data[at] else ">II", data, at + (20 if data[at] else 12))
        if duration and duration != (1 << (64 if data[at] else 32)) - 1:
            faults.append(("section-malformed", f"mvhd says a duration of {duration}, not 0"))
    if b"mvex" not in boxes:
        faults.append(("section-malformed", "moov has no mvex box"))
    defaults = {}
    if b"mvex" in boxes:
        for name, inner, _ in walk(data, *boxes[b"mvex"]):
            if name == b"trex":
                number, _, length, size, flags = struct.unpack_from(">5I", data, inner + 4)
                defaults[number] = (length, size, flags)
    movie = _Movie(data, defaults, movie_scale, faults)
    return tuple(movie.track(inner, stop) for name, inner, stop in walk(data, start, end) if name == b"trak")


@dataclass
class _Movie:
    """A moov box: default (duration, size, flags) of samples by track, and its clock."""

    data: bytes
    defaults: dict[int, tuple[int, int, int]]
    scale: int
    faults: Faults

    def track(self, start: int, end: int) -> TrackHeader:
        """One trak box. Raises Damaged."""
        data = self.data
        header = find(data, start, end, b"tkhd")
        media = find(data, start, end, b"mdia")
        if header is None or media is None:
            raise Damaged("a track without tkhd or mdia")
        long = data[header[0]] == 1
        number = struct.unpack_from(">I", data, header[0] + (20 if long else 12))[0]
        duration = struct.unpack_from(">Q" if long else ">I", data, header[0] + (28 if long else 20))[0]
        if duration and duration != (1 << (64 if long else 32)) - 1:
            self.faults.append(("section-malformed", f"tkhd of track {number} says a duration of {duration}, not 0"))
        clock = find(data, *media, b"mdhd")
        handler = find(data, *media, b"hdlr")
        table = find(data, *media, b"minf", b"stbl")
        if clock is None or handler is None or table is None:
            raise Damaged(f"track {number} without mdhd, hdlr or stbl")
        timescale = struct.unpack_from(">I", data, clock[0] + (20 if data[clock[0]] == 1 else 12))[0]
        kind = KINDS.get(data[handler[0] + 8 : handler[0] + 12], "other")
        _empty_table(data, table, number, self.faults)
        _own_data(data, media, number, self.faults)
        entry = codecs.read_entry(data, find(data, *table, b"stsd"))
        length, size, flags = self.defaults.get(number, (0, 0, 0))
        return TrackHeader(
            id=number,
            kind=entry.kind or kind,
            codec=entry.codec,
            timescale=timescale or 1,
            default_duration=length,
            default_size=size,
            default_flags=flags,
            shift=_shift(data, start, end, self.scale),
            width=entry.width,
            height=entry.height,
            channels=entry.channels,
            nal_length=entry.nal_length,
            interlaced=entry.interlaced,
            transfer=entry.transfer,
        )


def _empty_table(data: bytes, table: tuple[int, int], number: int, faults: Faults) -> None:
    boxes = children(data, *table)
    for name, at in ((b"stsz", 8), (b"stts", 4), (b"stco", 4)):
        if name in boxes and struct.unpack_from(">I", data, boxes[name][0] + at)[0]:
            faults.append(("section-malformed", f"the sample table of track {number} is not empty ({name.decode()})"))


def _own_data(data: bytes, media: tuple[int, int], number: int, faults: Faults) -> None:
    references = find(data, *media, b"minf", b"dinf", b"dref")
    if references is None:
        return
    for _, inner, _ in walk(data, references[0] + 8, references[1]):
        if not data[inner + 3] & SELF_CONTAINED:
            faults.append(("section-malformed", f"track {number} refers to samples in another file"))


def _shift(data: bytes, start: int, end: int, movie_scale: int) -> int:
    """Where in the media the first edit begins: samples before it are not shown."""
    edits = find(data, start, end, b"edts", b"elst")
    if edits is None or not movie_scale:
        return 0
    at, long = edits[0], data[edits[0]] == 1
    for i in range(struct.unpack_from(">I", data, at + 4)[0]):
        media_time = struct.unpack_from(
            ">q" if long else ">i", data, at + 8 + i * (20 if long else 12) + (8 if long else 4)
        )[0]
        if media_time >= 0:
            return int(media_time)
    return 0
