"""Packed audio (3.1.3 of the HLS draft): frames behind an ID3 tag that says when they begin."""

from __future__ import annotations

from transcoder.lint.media.facts import Container, MediaFacts, TrackFacts
from transcoder.lint.media.transport import CLOCK_HZ, WRAP

OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
FRAME_SAMPLES = 1024


def is_packed(data: bytes) -> bool:
    """ID3, ADTS or MPEG audio, AC-3."""
    return (
        data[:3] == b"ID3" or (data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0) or data[:2] == b"\x0bw"
    )


def read_packed(data: bytes) -> MediaFacts:
    """Facts of one segment; durations for AAC only."""
    start_s, body = None, data
    faults = []
    if data[:3] == b"ID3" and len(data) > 10:
        length = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        tag, body = data[10 : 10 + length], data[10 + length :]
        at = tag.find(OWNER)
        if at >= 0 and len(tag) >= at + len(OWNER) + 8:
            stamp = int.from_bytes(tag[at + len(OWNER) : at + len(OWNER) + 8], "big")
            start_s = stamp % WRAP / CLOCK_HZ
            if stamp >> 33:
                faults.append(("packed-timestamp", "the upper 31 bits of its time stamp are not zero"))
    if start_s is None:
        faults.append(("packed-timestamp", "it does not begin with an ID3 tag that holds its time stamp"))
    codec, duration_s, frames, channels = _frames(body)
    track = TrackFacts("audio", codec, start_s, start_s, duration_s, frames, channels=channels)
    return MediaFacts(Container.PACKED, len(data), (track,), tuple(faults))


def _frames(body: bytes) -> tuple[str, float | None, int, int]:
    if body[:2] == b"\x0bw":
        return "ac-3", None, 0, 0
    if len(body) < 7 or body[0] != 0xFF or body[1] & 0xF6 != 0xF0:
        return "mp4a.40.34", None, 0, 0  # MPEG audio
    rate = RATES[min(body[2] >> 2 & 15, len(RATES) - 1)]
    frames, at = 0, 0
    while at + 7 <= len(body) and body[at] == 0xFF:
        length = (body[at + 3] & 3) << 11 | body[at + 4] << 3 | body[at + 5] >> 5
        if length < 7:
            break
        frames, at = frames + 1, at + length
    channels = (body[2] & 1) << 2 | body[3] >> 6
    return f"mp4a.40.{(body[2] >> 6) + 1}", frames * FRAME_SAMPLES / rate, frames, channels
