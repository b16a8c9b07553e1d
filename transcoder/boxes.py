"""Reading our own MP4 boxes (ISO/IEC 14496-12): what a fragment really holds, not what FFmpeg said about it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from viewbox.errors import EncodeFailed

CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"})
SAMPLE_ENTRY_BYTES = {b"avc1": 78, b"mp4a": 28}  # fixed fields before an entry's own boxes
NON_SYNC = 0x0001_0000  # bit of the sample flags: decoding cannot start here

TFHD_DURATION, TFHD_SIZE, TFHD_FLAGS = 0x08, 0x10, 0x20
TRUN_OFFSET, TRUN_FIRST_FLAGS = 0x001, 0x004
TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_CTS = 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True)
class Init:
    """A rendition's initialisation segment. `codec` is an RFC 6381 string such as avc1.64001f or mp4a.40.2."""

    codec: str
    timescale: int
    width: int
    height: int
    channels: int


@dataclass(frozen=True)
class Fragment:
    """One media segment, in ticks of its track's timescale."""

    decode_time: int
    duration: int
    presentation_offset: int  # of the first sample: 0 when presentation starts where decoding does
    samples: int
    starts_with_sync: bool
    first_sample_end: int  # bytes from the start of the segment: its header and one whole keyframe
    size_bytes: int


def corrupt(message: str) -> EncodeFailed:
    """A segment that must not become visible."""
    return EncodeFailed(message, code="bad_segment", hint="the encoder wrote a damaged segment; retry", retryable=True)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """(name, first payload byte, end) of each box in a range. Raises EncodeFailed where sizes do not add up."""
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise corrupt(f"{end - start} stray bytes after the last box")
        size, name = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        if size < header or start + size > end:
            raise corrupt(f"box {name!r} reaches past its parent")
        yield name, start + header, start + size
        start += size


def find(data: bytes, *path: bytes) -> tuple[int, int]:
    """Payload range of the first box at `path`. Raises EncodeFailed when it is not there."""
    start, end = 0, len(data)
    for wanted in path:
        for name, inner, stop in walk(data, start, end):
            if name == wanted:
                start, end = inner, stop
                break
        else:
            raise corrupt(f"no {'/'.join(part.decode() for part in path)} box")
    return start, end


def read_init(data: bytes) -> Init:
    """Codec and clock of an initialisation segment with one track."""
    mdhd, _ = find(data, b"moov", b"trak", b"mdia", b"mdhd")
    timescale = struct.unpack_from(">I", data, mdhd + (20 if data[mdhd] == 1 else 12))[0]
    table, end = find(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    name, entry, entry_end = next(walk(data, table + 8, end))
    if name not in SAMPLE_ENTRY_BYTES:
        raise corrupt(f"unknown sample entry {name!r}")
    boxes = {kind: (start, stop) for kind, start, stop in walk(data, entry + SAMPLE_ENTRY_BYTES[name], entry_end)}
    if name == b"avc1":
        width, height = struct.unpack_from(">HH", data, entry + 24)
        profile, compatibility, level = data[boxes[b"avcC"][0] + 1 : boxes[b"avcC"][0] + 4]
        return Init(f"avc1.{profile:02x}{compatibility:02x}{level:02x}", timescale, width, height, 0)
    channels = struct.unpack_from(">H", data, entry + 16)[0]
    return Init(f"mp4a.40.{_aac_object_type(data[slice(*boxes[b'esds'])])}", timescale, 0, 0, channels)


def read_fragment(data: bytes) -> Fragment:
    """Check and measure one segment: exactly one moof with one track run, then its mdat. Raises EncodeFailed."""
    names = [name for name, _, _ in walk(data)]
    if names.count(b"moof") != 1 or names.count(b"mdat") != 1 or names.index(b"moof") > names.index(b"mdat"):
        raise corrupt(f"expected one moof and one mdat, found {names}")
    tfhd, _ = find(data, b"moof", b"traf", b"tfhd")
    defaults = _track_defaults(data, tfhd)
    tfdt, _ = find(data, b"moof", b"traf", b"tfdt")
    decode_time = struct.unpack_from(">Q" if data[tfdt] == 1 else ">I", data, tfdt + 4)[0]
    trun, trun_end = find(data, b"moof", b"traf", b"trun")
    flags = int.from_bytes(data[trun + 1 : trun + 4], "big")
    samples = struct.unpack_from(">I", data, trun + 4)[0]
    position = trun + 8
    if flags & TRUN_OFFSET:
        position += 4
    first_flags = defaults[2]
    if flags & TRUN_FIRST_FLAGS:
        first_flags = struct.unpack_from(">I", data, position)[0]
        position += 4
    fields = [field for field in (TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_CTS) if flags & field]
    if position + 4 * len(fields) * samples != trun_end or samples == 0:
        raise corrupt("the track run does not hold the samples it promises")
    words = struct.unpack_from(f">{len(fields) * samples}i", data, position)
    columns = {field: words[i :: len(fields)] for i, field in enumerate(fields)}
    durations = columns.get(TRUN_DURATION, (defaults[0],) * samples)
    sizes = columns.get(TRUN_SIZE, (defaults[1],) * samples)
    if TRUN_FLAGS in columns:
        first_flags = columns[TRUN_FLAGS][0]
    payload, payload_end = find(data, b"mdat")
    if sum(sizes) != payload_end - payload:
        raise corrupt(f"samples add up to {sum(sizes)} bytes, mdat holds {payload_end - payload}")
    return Fragment(
        decode_time=decode_time,
        duration=sum(durations),
        presentation_offset=columns[TRUN_CTS][0] if TRUN_CTS in columns else 0,
        samples=samples,
        starts_with_sync=not first_flags & NON_SYNC,
        first_sample_end=payload + sizes[0],
        size_bytes=len(data),
    )


def moved(data: bytes, ticks: int, sequence: int) -> bytes:
    """The segment `ticks` later on its track's clock, as the `sequence`-th fragment, without its index (sidx).

    A process that encodes the middle of a video knows nothing of what comes before: its clock begins at 0.
    """
    changed = bytearray(data)
    mfhd, _ = find(data, b"moof", b"mfhd")
    struct.pack_into(">I", changed, mfhd + 4, sequence)
    tfdt, _ = find(data, b"moof", b"traf", b"tfdt")
    form = ">Q" if data[tfdt] == 1 else ">I"
    struct.pack_into(form, changed, tfdt + 4, struct.unpack_from(form, data, tfdt + 4)[0] + ticks)
    kept, position = bytearray(), 0
    for name, _, end in walk(data):
        if name != b"sidx":  # holds times too, and HLS has no use for it
            kept += changed[position:end]
        position = end
    return bytes(kept)


def without_edits(header: bytes) -> bytes:
    """An initialisation segment without its edit list: time is what its segments say, in every player.

    FFmpeg writes one that delays pictures by the reordering of B-frames. Some players follow it, some do not.
    """
    return _without(header, {b"moov", b"trak"}, b"edts")


def _without(data: bytes, parents: set[bytes], unwanted: bytes) -> bytes:
    """These boxes without those of one name, at any depth below `parents`."""
    kept, position = bytearray(), 0
    for name, start, end in walk(data):
        if name in parents:
            inner = _without(data[start:end], parents, unwanted)
            kept += struct.pack(">I4s", len(inner) + 8, name) + inner
        elif name != unwanted:
            kept += data[position:end]
        position = end
    return bytes(kept)


def _track_defaults(data: bytes, tfhd: int) -> tuple[int, int, int]:
    """Default duration, size and flags of samples, 0 where the fragment names none."""
    flags = int.from_bytes(data[tfhd + 1 : tfhd + 4], "big")
    position = tfhd + 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0)
    found = []
    for field in (TFHD_DURATION, TFHD_SIZE, TFHD_FLAGS):
        found.append(struct.unpack_from(">I", data, position)[0] if flags & field else 0)
        position += 4 if flags & field else 0
    return found[0], found[1], found[2]


def _aac_object_type(esds: bytes) -> int:
    """Audio object type in the AudioSpecificConfig (ISO/IEC 14496-3): 2 is AAC-LC."""
    position = 4  # version and flags
    for tag, fixed in ((0x03, 3), (0x04, 13), (0x05, 0)):  # ES, decoder configuration, its specific part
        if esds[position] != tag:
            raise corrupt("the esds box has no AudioSpecificConfig")
        position += 1
        while esds[position] & 0x80:  # length, seven bits a byte
            position += 1
        position += 1 + fixed
    return esds[position] >> 3
