"""The sample tables of an MP4 or MOV (ISO/IEC 14496-12): where its keyframes are, and how its bytes are spread.

Read before anything is copied, so that the whole playlist is known at once. What is unusual has no index here: then
the fast lane is taken.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from transcoder.boxes import find, walk
from viewbox.errors import EncodeFailed

MAX_MOOV_BYTES = 64 * 1024 * 1024  # 12 h at 60 pictures a second have 30 MB
MAX_SAMPLES = 8_000_000
PEAK_WINDOW_S = 2
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class Index:
    """The first picture track, its clock beginning with its first picture."""

    keyframes_s: tuple[Fraction, ...]
    end_s: Fraction
    closed: bool  # no picture after a keyframe is shown before it
    peak_bps: int  # over the densest PEAK_WINDOW_S
    even_sound: bool  # every sound track: frames of one length, without a gap

    @property
    def longest_group_s(self) -> Fraction:
        ends = [*self.keyframes_s[1:], self.end_s]
        return max(end - start for start, end in zip(self.keyframes_s, ends, strict=True))


def read_index(source: Path) -> Index | None:
    """None when the file is no MP4 with complete tables of one picture track that starts with its first picture."""
    moov = _moov(source)
    if moov is None:
        return None
    try:
        tracks = [(start, end) for name, start, end in walk(moov) if name == b"trak"]
        pictures = [track for track in tracks if _handler(moov, track) == b"vide"]
        sounds = [track for track in tracks if _handler(moov, track) == b"soun"]
        if len(pictures) != 1 or any(name == b"mvex" for name, _, _ in walk(moov)):
            return None
        return _read(moov, pictures[0], all(_is_even(moov, sound) for sound in sounds))
    except (EncodeFailed, struct.error, ValueError, IndexError, OverflowError):
        return None


def _read(moov: bytes, track: tuple[int, int], even_sound: bool) -> Index | None:
    timescale = _timescale(moov, track)
    decoded, durations = _decode_times(moov, track)
    offsets = _offsets(moov, track, len(decoded))
    shown = decoded + offsets
    sizes = _sizes(moov, track)
    keys = _keyframes(moov, track)
    begins = _edit_start(moov, track)
    if len(keys) == 0 or keys[0] != 0 or len(sizes) != len(decoded) or keys[-1] >= len(decoded):
        return None
    if begins is not None and begins != shown[0]:
        return None  # an edit list that cuts into the picture, or delays it
    earliest_after = np.minimum.accumulate(shown[::-1])[::-1]  # of this and all later ones in decoding order
    return Index(
        keyframes_s=tuple(Fraction(int(time - shown[0]), timescale) for time in shown[keys]),
        end_s=Fraction(int(shown.max() - shown[0] + durations[-1]), timescale),
        closed=bool((earliest_after[keys] == shown[keys]).all()),
        peak_bps=_peak_bps(decoded, sizes, timescale),
        even_sound=even_sound,
    )


def _peak_bps(decoded: Numbers, sizes: Numbers, timescale: int) -> int:
    total = np.concatenate([[0], np.cumsum(sizes)])
    window_ends = np.searchsorted(decoded, decoded + PEAK_WINDOW_S * timescale)
    return int((total[window_ends] - total[:-1]).max() * 8 // PEAK_WINDOW_S)


def _moov(source: Path) -> bytes | None:
    """The payload of the index box."""
    size_bytes = source.stat().st_size
    with source.open("rb") as file:
        position = 0
        while position + 16 <= size_bytes:
            file.seek(position)
            length, name, wide = struct.unpack(">I4sQ", file.read(16))
            header = 16 if length == 1 else 8
            length = wide if length == 1 else length or size_bytes - position
            if length < header or not name.isalnum():
                return None
            if name == b"moov":
                if length > MAX_MOOV_BYTES or position + length > size_bytes:
                    return None
                file.seek(position + header)
                return file.read(length - header)
            position += length
    return None


def _inside(moov: bytes, track: tuple[int, int], *path: bytes) -> tuple[int, int] | None:
    start, end = track
    for wanted in path:
        found = next(((inner, stop) for name, inner, stop in walk(moov, start, end) if name == wanted), None)
        if found is None:
            return None
        start, end = found
    return start, end


def _table(moov: bytes, track: tuple[int, int], name: bytes, words: int, signed: bool = False) -> Numbers | None:
    """A counted table below stbl, as rows of `words` big-endian numbers."""
    place = _inside(moov, track, b"mdia", b"minf", b"stbl", name)
    if place is None:
        return None
    count = struct.unpack_from(">I", moov, place[0] + 4)[0]
    if place[0] + 8 + count * words * 4 > place[1]:
        raise ValueError("a table reaches past its box")
    values = np.frombuffer(moov, ">i4" if signed else ">u4", count * words, place[0] + 8)
    return values.reshape(-1, words).astype(np.int64)


def _handler(moov: bytes, track: tuple[int, int]) -> bytes:
    place = _inside(moov, track, b"mdia", b"hdlr")
    return moov[place[0] + 8 : place[0] + 12] if place else b""


def _timescale(moov: bytes, track: tuple[int, int]) -> int:
    start, _ = _inside(moov, track, b"mdia", b"mdhd") or find(b"", b"mdhd")
    timescale: int = struct.unpack_from(">I", moov, start + (20 if moov[start] == 1 else 12))[0]
    if not timescale:
        raise ValueError("a clock without a rate")
    return timescale


def _decode_times(moov: bytes, track: tuple[int, int]) -> tuple[Numbers, Numbers]:
    runs = _table(moov, track, b"stts", 2)
    if runs is None or not 0 < int(runs[:, 0].sum()) <= MAX_SAMPLES:
        raise ValueError("no sample times")
    durations = np.repeat(runs[:, 1], runs[:, 0])
    return np.cumsum(durations) - durations, durations


def _offsets(moov: bytes, track: tuple[int, int], count: int) -> Numbers:
    runs = _table(moov, track, b"ctts", 2, signed=True)
    if runs is None:
        return np.zeros(count, np.int64)
    if (runs[:, 0] < 0).any() or int(runs[:, 0].sum()) != count:
        raise ValueError("offsets of other samples")
    return np.repeat(runs[:, 1], runs[:, 0])


def _sizes(moov: bytes, track: tuple[int, int]) -> Numbers:
    place = _inside(moov, track, b"mdia", b"minf", b"stbl", b"stsz")
    if place is None:
        raise ValueError("no sample sizes")
    size, count = struct.unpack_from(">II", moov, place[0] + 4)
    if count > MAX_SAMPLES:
        raise ValueError("too many samples")
    if size:
        return np.full(count, size, np.int64)
    return np.frombuffer(moov, ">u4", count, place[0] + 12).astype(np.int64)


def _keyframes(moov: bytes, track: tuple[int, int]) -> Numbers:
    """Numbers of the samples at which decoding can begin; without the table, all of them."""
    rows = _table(moov, track, b"stss", 1)
    return rows[:, 0] - 1 if rows is not None else np.arange(len(_decode_times(moov, track)[0]))


def _edit_start(moov: bytes, track: tuple[int, int]) -> int | None:
    """Where the one edit begins in the track's own time; None without an edit list."""
    place = _inside(moov, track, b"edts", b"elst")
    if place is None:
        return None
    wide = moov[place[0]] == 1
    if struct.unpack_from(">I", moov, place[0] + 4)[0] != 1:
        raise ValueError("several edits")
    start: int = struct.unpack_from(">q" if wide else ">i", moov, place[0] + (16 if wide else 12))[0]
    return start


def _is_even(moov: bytes, track: tuple[int, int]) -> bool:
    """Sound whose frames all last as long, the last one aside; delayed by nothing."""
    runs = _table(moov, track, b"stts", 2)
    start = _edit_start(moov, track)
    if runs is None or len(runs) == 0 or (start is not None and start < 0):
        return False
    return len(runs) == 1 or (len(runs) == 2 and int(runs[1, 0]) == 1)
