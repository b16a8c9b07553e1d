"""MPEG-2 transport streams (ISO/IEC 13818-1): tables, streams, time stamps, continuity counters."""

from __future__ import annotations

from dataclasses import dataclass, field

from transcoder.lint.media.codecs import TRANSFERS
from transcoder.lint.media.facts import Container, MediaFacts, TrackFacts
from transcoder.lint.media.parameters import read_avc_parameters

SYNC = b"\x47"
PACKET = 188
CLOCK_HZ = 90_000
WRAP = 1 << 33
NULL_PID = 0x1FFF
VIDEO = {0x1B: "avc1", 0x24: "hvc1", 0x01: "mp1v", 0x02: "mp2v", 0xDB: "avc1"}
AUDIO = {0x0F: "mp4a.40", 0x03: "mp4a.40.34", 0x04: "mp4a.40.34", 0x81: "ac-3", 0x87: "ec-3", 0x11: "mp4a.40",
         0xCF: "mp4a.40", 0xC1: "ac-3", 0xC2: "ec-3"}  # fmt: skip
AAC_CHANNELS = {7: 8}
HEAD_BYTES = 16 * 1024  # of the first picture: its parameter sets and first slice


@dataclass
class _Stream:
    kind: str
    codec: str
    stamps: list[tuple[int, int]] = field(default_factory=list)  # (decode, shown) of each PES packet
    head: bytearray = field(default_factory=bytearray)  # the first PES packets' payload
    keyframes: list[int] = field(default_factory=list)


@dataclass
class _Reading:
    programs: dict[int, int] = field(default_factory=dict)  # number: pid of its map
    streams: dict[int, _Stream] = field(default_factory=dict)
    counters: dict[int, tuple[int, int]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    tables_at: dict[str, int] = field(default_factory=dict)


def read_transport(data: bytes) -> MediaFacts:
    """Facts of one segment."""
    reading = _Reading()
    if len(data) % PACKET:
        reading.faults.append(("transport-malformed", f"{len(data) % PACKET} bytes beyond the last whole packet"))
    for number in range(len(data) // PACKET):
        packet = data[number * PACKET : (number + 1) * PACKET]
        if packet[0] != SYNC[0]:
            reading.faults.append(("transport-malformed", f"packet {number} has no sync byte"))
            break
        _packet(packet, number, reading)
    for name in ("PAT", "PMT"):
        if name not in reading.tables_at:
            reading.faults.append(("transport-tables", f"it has no {name}"))
        elif reading.tables_at[name] > 1:
            reading.faults.append(("transport-tables-first", f"its {name} is packet {reading.tables_at[name] + 1}"))
    if len(reading.programs) > 1:
        reading.faults.append(("transport-programs", f"it has {len(reading.programs)} programs"))
    tracks = tuple(_facts(stream) for stream in reading.streams.values() if stream.stamps)
    counters = tuple((pid, first, last) for pid, (first, last) in reading.counters.items())
    return MediaFacts(Container.TRANSPORT, len(data), tracks, tuple(dict.fromkeys(reading.faults)), counters=counters)


def _packet(packet: bytes, number: int, reading: _Reading) -> None:
    pid = (packet[1] & 0x1F) << 8 | packet[2]
    if pid == NULL_PID:
        return
    unit_start, control, counter = packet[1] & 0x40, packet[3] >> 4 & 3, packet[3] & 15
    at, random_access = 4, False
    if control & 2:
        length = packet[4]
        jump = length and packet[5] & 0x80
        random_access = bool(length and packet[5] & 0x40)
        at = 5 + length
        if jump:
            reading.counters.pop(pid, None)
    if not control & 1:
        return
    before = reading.counters.get(pid)
    if before is not None and counter not in {before[1], (before[1] + 1) % 16}:
        reading.faults.append(("continuity", f"counter of pid {pid} jumps from {before[1]} to {counter}"))
    reading.counters[pid] = (before[0] if before else counter, counter)
    if pid == 0:
        reading.tables_at.setdefault("PAT", number)
        if unit_start:
            _programs(packet[at + 1 + packet[at] :], reading)
    elif pid in reading.programs.values():
        reading.tables_at.setdefault("PMT", number)
        if unit_start:
            _streams(packet[at + 1 + packet[at] :], reading)
    elif pid in reading.streams:
        _media(packet[at:], reading.streams[pid], unit_start=bool(unit_start), random_access=random_access)


def _programs(table: bytes, reading: _Reading) -> None:
    end = 3 + ((table[1] & 15) << 8 | table[2]) - 4
    for i in range(8, min(end, len(table) - 3), 4):
        program, pid = table[i] << 8 | table[i + 1], (table[i + 2] & 31) << 8 | table[i + 3]
        if program:
            reading.programs[program] = pid


def _streams(table: bytes, reading: _Reading) -> None:
    end = 3 + ((table[1] & 15) << 8 | table[2]) - 4
    i = 12 + ((table[10] & 15) << 8 | table[11])
    while i + 4 < min(end + 1, len(table)):
        kind, pid = table[i], (table[i + 1] & 31) << 8 | table[i + 2]
        if pid not in reading.streams and (kind in VIDEO or kind in AUDIO):
            name = "video" if kind in VIDEO else "audio"
            reading.streams[pid] = _Stream(name, VIDEO.get(kind) or AUDIO[kind])
        i += 5 + ((table[i + 3] & 15) << 8 | table[i + 4])


def _media(payload: bytes, stream: _Stream, *, unit_start: bool, random_access: bool) -> None:
    if unit_start and payload[:3] == b"\0\0\1" and len(payload) > 13:
        if payload[7] & 0x80:
            shown = _stamp(payload[9:14])
            decode = _stamp(payload[14:19]) if payload[7] & 0x40 else shown
            stream.stamps.append((decode, shown))
            if random_access:
                stream.keyframes.append(decode)
        payload = payload[9 + payload[8] :]
    if len(stream.stamps) <= 1 and len(stream.head) < HEAD_BYTES:
        stream.head += payload


def _stamp(five: bytes) -> int:
    return (five[0] >> 1 & 7) << 30 | five[1] << 22 | five[2] >> 1 << 15 | five[3] << 7 | five[4] >> 1


def unwrapped(ticks: int, near: int) -> int:
    """A time stamp of 33 bits as the number closest to `near`."""
    return ticks + round((near - ticks) / WRAP) * WRAP


def _facts(stream: _Stream) -> TrackFacts:
    decode, shown = stream.stamps[0]
    times = [unwrapped(ticks, decode) for ticks, _ in stream.stamps]
    # The last unit lasts as long as the others do on average.
    span = max(times) - times[0]
    length = span * len(times) / (len(times) - 1) if len(times) > 1 else None
    head = bytes(stream.head)
    codec, intra, size, interlaced, transfer = stream.codec, None, (0, 0), False, ""
    channels = 0
    if codec == "avc1":
        codec, intra, size, interlaced, transfer = _avc(head)
    elif codec == "hvc1":
        intra = _hevc_intra(head)
    elif codec == "mp4a.40":
        codec, channels = _adts(head)
    duration_s = length / CLOCK_HZ if length else None
    return TrackFacts(
        stream.kind, codec, decode / CLOCK_HZ, shown / CLOCK_HZ, duration_s, len(times), intra,
        tuple((unwrapped(ticks, decode) - decode) / CLOCK_HZ for ticks in stream.keyframes), size[0], size[1],
        len(times) / duration_s if duration_s and stream.kind == "video" else None, channels, interlaced, transfer,
    )  # fmt: skip


def _avc(head: bytes) -> tuple[str, bool | None, tuple[int, int], bool, str]:
    codec, size, interlaced, transfer = "avc1", (0, 0), False, ""
    at = head.find(b"\0\0\1")
    while at >= 0 and at + 6 < len(head):
        kind = head[at + 3] & 31
        following = head.find(b"\0\0\1", at + 3)
        if kind == 7:
            unit = head[at + 3 : following if following > 0 else None]
            codec = f"avc1.{unit[1]:02x}{unit[2]:02x}{unit[3]:02x}"
            if parameters := read_avc_parameters(unit):
                size, interlaced = (parameters.width, parameters.height), parameters.interlaced
                transfer = TRANSFERS.get(parameters.transfer, "")
        elif 1 <= kind <= 5:
            return codec, kind == 5, size, interlaced, transfer
        at = following
    return codec, None, size, interlaced, transfer


def _hevc_intra(head: bytes) -> bool | None:
    at = head.find(b"\0\0\1")
    while at >= 0 and at + 3 < len(head):
        kind = head[at + 3] >> 1 & 63
        if kind < 32:
            return kind in {19, 20}
        at = head.find(b"\0\0\1", at + 3)
    return None


def _adts(head: bytes) -> tuple[str, int]:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xF0 != 0xF0:
        return "mp4a.40.2", 0
    configured = (head[2] & 1) << 2 | head[3] >> 6
    return f"mp4a.40.{(head[2] >> 6) + 1}", AAC_CHANNELS.get(configured, configured)
