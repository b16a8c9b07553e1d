"""What a published stream shows and sounds like: its segments joined as a browser joins them, then decoded."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from tests import media
from tests.sources.card import FLASH, TRACK
from transcoder.boxes import read_fragment, read_init, walk

RATE_HZ = 48_000
LOUD = 0.3  # of the loudest moment: where a beep begins
AUDIBLE = 1000.0  # of 32767, a sample
LIT = 128  # of 235: where a flash begins
ALL = slice(None)
Luma = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True)
class Picture:
    """`luma`: frames × height × width. `times_s`: when each frame is shown."""

    luma: Luma
    times_s: list[float]
    fps: Fraction

    def flashes_s(self) -> list[float]:
        """When the lower part turns from black to white."""
        _, height, width = self.luma.shape
        middle = self.luma[:, round(FLASH[1] * height), round(FLASH[0] * width)]
        return [self.times_s[n] for n in range(len(middle)) if middle[n] > LIT and (n == 0 or middle[n - 1] <= LIT)]

    def comb(self) -> float:
        """How much neighbouring lines differ where the white bar moves: near 0 unless two fields are woven together."""
        _, height, _ = self.luma.shape
        lines = self.luma[:, round((TRACK[0] + 0.02) * height) : round((TRACK[1] - 0.02) * height)].astype(np.int16)
        return float(np.abs(np.diff(lines, axis=1)).max(axis=1).mean())


def segments(playlist: Path) -> list[Path]:
    """Of a media playlist, in order."""
    return [playlist.parent / line for line in playlist.read_text().splitlines() if line.endswith(".m4s")]


def joined(playlist: Path, out: Path, which: slice = ALL) -> Path:
    """The header and the segments of a media playlist in one file."""
    parts = [playlist.parent / "init.mp4", *segments(playlist)[which]]
    out.write_bytes(b"".join(part.read_bytes() for part in parts))
    return out


def picture_of(track: Path) -> Picture:
    """Decode all pictures of a joined track."""
    (stream,) = _probe(track, "stream=width,height,r_frame_rate")["streams"]
    fps = Fraction(stream["r_frame_rate"])
    raw = _decode(track, "-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough")
    luma = np.frombuffer(raw, np.uint8).reshape(-1, int(stream["height"]), int(stream["width"]))
    first_s = _begins_s(track)
    return Picture(luma, [first_s + float(number / fps) for number in range(len(luma))], fps)


def beeps_s(track: Path, pitch_hz: float) -> list[list[float]]:
    """When each beep of this pitch begins in a joined sound track: on the left, and on the right."""
    first_s = float(_probe(track, "packet=pts_time")["packets"][0]["pts_time"])
    raw = _decode(track, "-f", "s16le", "-ac", "2", "-ar", str(RATE_HZ))
    both = np.frombuffer(raw, np.int16).reshape(-1, 2).astype(np.float64)
    turns = np.exp(-2j * np.pi * pitch_hz * np.arange(len(both)) / RATE_HZ)
    return [[first_s + start for start in _onsets_s(both[:, side] * turns)] for side in (0, 1)]


def _onsets_s(turned: np.ndarray[tuple[int, ...], np.dtype[np.complex128]]) -> list[float]:
    """When 10 ms of the pitch become loud, after a fifth of a second without."""
    window = RATE_HZ // 100
    sums = np.concatenate([[0], np.cumsum(turned)])
    level = np.abs(sums[window:] - sums[:-window])
    if level.max() < AUDIBLE * window:
        return []
    loud = level > LOUD * level.max()
    starts = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    lone = [start for n, start in enumerate(starts) if n == 0 or start - starts[n - 1] > RATE_HZ // 5]
    return [float(start + window * (1 - LOUD)) / RATE_HZ for start in lone]


def _begins_s(track: Path) -> float:
    """When the first picture is shown, by the clock of the first segment: what a browser goes by."""
    content = track.read_bytes()
    places = list(walk(content))
    first = next(start for name, start, _ in places if name == b"moof") - 8
    end = next(end for name, start, end in places if name == b"mdat" and start > first)
    fragment = read_fragment(content[first:end])
    return (fragment.decode_time + fragment.presentation_offset) / read_init(content).timescale


def _probe(track: Path, entries: str) -> dict[str, list[dict[str, str]]]:
    command = [str(media.tools().ffprobe), "-v", "error", "-show_entries", entries, "-of", "json", str(track)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=120)
    answer: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return answer


def _decode(track: Path, *options: str) -> bytes:
    command = [str(media.tools().ffmpeg), "-nostdin", "-v", "error", "-i", str(track), *options, "-"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert done.stderr == b"", done.stderr
    return done.stdout
