"""What a published stream shows and sounds like: its segments joined as a browser joins them, then decoded.

Edit lists are ignored, as browsers ignore them in what is fed to them piece by piece.
"""

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
Luma = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True)
class Picture:
    """`luma`: frames × height × width. `times_s`: when each frame is shown."""

    luma: Luma
    times_s: list[float]

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


def joined(playlist: Path, out: Path) -> Path:
    """The header and all segments of a media playlist in one file."""
    lines = playlist.read_text().splitlines()
    names = ["init.mp4", *(line for line in lines if line.endswith(".m4s"))]
    out.write_bytes(b"".join((playlist.parent / name).read_bytes() for name in names))
    return out


def picture_of(track: Path) -> Picture:
    """Decode all pictures of a joined track."""
    (stream,) = _probe(track, "stream=width,height,r_frame_rate")["streams"]
    raw = _decode(track, "-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough")
    luma = np.frombuffer(raw, np.uint8).reshape(-1, int(stream["height"]), int(stream["width"]))
    first_s, frame_s = _begins_s(track), 1 / Fraction(stream["r_frame_rate"])
    return Picture(luma, [first_s + float(frame_s * number) for number in range(len(luma))])


def _begins_s(track: Path) -> float:
    """When the first picture is shown, by the clock of the first segment: what a browser goes by."""
    content = track.read_bytes()
    init = read_init(content)
    places = [(name, start, end) for name, start, end in walk(content)]
    first = next(start for name, start, _ in places if name == b"moof") - 8
    end = next(end for name, start, end in places if name == b"mdat" and start > first)
    fragment = read_fragment(content[first:end])
    return (fragment.decode_time + fragment.presentation_offset) / init.timescale


def beeps_s(track: Path, pitch_hz: float) -> list[float]:
    """When each beep of this pitch begins, in a joined sound track."""
    first_s = float(_probe(track, "packet=pts_time")["packets"][0]["pts_time"])
    raw = _decode(track, "-f", "s16le", "-ac", "1", "-ar", str(RATE_HZ))
    samples = np.frombuffer(raw, np.int16).astype(np.float64)
    turns = np.exp(-2j * np.pi * pitch_hz * np.arange(len(samples)) / RATE_HZ)
    window = RATE_HZ // 100
    sums = np.concatenate([[0], np.cumsum(samples * turns)])
    level = np.abs(sums[window:] - sums[:-window])  # of this pitch, over 10 ms
    assert level.max() > AUDIBLE * window, f"nothing sounds at {pitch_hz:.0f} Hz"
    loud = level > LOUD * level.max()
    starts = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    share = LOUD * window / RATE_HZ  # the window is that full when it is called loud
    lone = [start for n, start in enumerate(starts) if n == 0 or start - starts[n - 1] > RATE_HZ // 5]
    return [first_s + start / RATE_HZ + window / RATE_HZ - share for start in lone]


def _probe(track: Path, entries: str) -> dict[str, list[dict[str, str]]]:
    command = [media.tools().ffprobe, "-v", "error", "-ignore_editlist", "1", "-show_entries", entries, "-of", "json"]
    done = subprocess.run([*command, track], check=True, capture_output=True, timeout=120)
    answer: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return answer


def _decode(track: Path, *options: str) -> bytes:
    command = [media.tools().ffmpeg, "-nostdin", "-v", "error", "-ignore_editlist", "1", "-i", track, *options, "-"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert done.stderr == b"", done.stderr
    return done.stdout
