"""A test card that moves: four colours, a mark in the top left corner, and once a second a flash with a beep.

Places are shares of width and height, so that a card of any shape is read in the same way.
"""

from __future__ import annotations

import functools
import math
import subprocess
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np

Frame = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Samples = np.ndarray[tuple[int, ...], np.dtype[np.int16]]
Colour = tuple[int, int, int]

GREY: Colour = (96, 96, 96)
MARK: Colour = (220, 30, 220)
PATCHES: dict[str, Colour] = {
    "red": (200, 40, 40),
    "green": (40, 170, 60),
    "blue": (50, 60, 200),
    "yellow": (210, 190, 50),
}
CORNERS = {"top left": (0.06, 0.06), "top right": (0.94, 0.06), "bottom left": (0.06, 0.6), "bottom right": (0.94, 0.6)}
FLASH = (0.5, 0.88)  # the middle of what flashes: white on black
TRACK = (0.66, 0.74)  # between these heights a white bar goes from left to right
FIRST_EVENT_S = Fraction(2, 5)
FLASH_S = Fraction(3, 25)
BEEP_S = 0.1
PITCH_HZ = 1000.0


@dataclass(frozen=True)
class Card:
    """One clip of it. Width and height in pixels; `fps` is exact."""

    width: int = 320
    height: int = 180
    fps: Fraction = Fraction(25)
    seconds: Fraction = Fraction(3)
    rate_hz: int = 48_000

    @property
    def frames(self) -> int:
        return int(self.seconds * self.fps)

    @property
    def duration_s(self) -> float:
        return float(self.frames / self.fps)

    @property
    def events(self) -> list[Fraction]:
        """When flash and beep begin, on whole frames; at 1 fps every other second."""
        step_s = max(Fraction(1), 2 / self.fps)
        count = math.ceil((self.seconds - FIRST_EVENT_S) / step_s)
        starts = [math.ceil((FIRST_EVENT_S + step_s * n) * self.fps) / self.fps for n in range(count)]
        return [start for start in starts if start + FLASH_S <= self.seconds]

    def pictures(self) -> Iterator[bytes]:
        """Frame by frame, three bytes a pixel."""
        still = self._still()
        top = round(self.height * 0.76)
        bar = range(round(self.height * TRACK[0]), round(self.height * TRACK[1]))
        width = max(2, self.width // 16)
        length = max(1, int(FLASH_S * self.fps))
        lit = {int(start * self.fps) + n for start in self.events for n in range(length)}
        for number in range(self.frames):
            frame = still.copy()
            left = int(number / self.fps * self.width / 2) % (self.width - width)
            frame[bar.start : bar.stop, left : left + width] = 235
            if number in lit:
                frame[top:] = 235
            yield frame.tobytes()

    def sound(self, pitch_hz: float = PITCH_HZ) -> Iterator[Samples]:
        """The beeps, one channel, second by second."""
        beep = 0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(int(BEEP_S * self.rate_hz)) / self.rate_hz)
        starts = {int(start): round((start - int(start)) * self.rate_hz) for start in self.events}
        for second in range(math.ceil(self.duration_s)):
            length_s = min(1.0, self.duration_s - second)
            samples = np.zeros(round(length_s * self.rate_hz))
            if second in starts:
                part = samples[starts[second] : starts[second] + len(beep)]
                part += beep[: len(part)]
            yield (samples * 32767).astype(np.int16)

    def _still(self) -> Frame:
        still = np.empty((self.height, self.width, 3), np.uint8)
        still[:] = GREY
        still[: round(self.height * 0.16), : round(self.width * 0.14)] = MARK
        for number, colour in enumerate(PATCHES.values()):
            left, right = (round(self.width * (0.06 + 0.23 * number + share)) for share in (0, 0.19))
            still[round(self.height * 0.25) : round(self.height * 0.5), left:right] = colour
        still[round(self.height * TRACK[0]) :] = 0
        return still


@functools.cache
def maker() -> Path:
    """The FFmpeg that clips are made with: the wheel's, which has every encoder, whatever is imported with."""
    return Path(imageio_ffmpeg.get_ffmpeg_exe())


def patch_place(number: int) -> tuple[float, float]:
    """The middle of a patch."""
    return 0.06 + 0.23 * number + 0.095, 0.375


def write_sound(card: Card, path: Path, pitch_hz: float, channels: int, heard: Sequence[int]) -> Path:
    """A WAV file of so many channels, of which those in `heard` beep."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(card.rate_hz)
        for samples in card.sound(pitch_hz):
            block = [samples if channel in heard else samples * 0 for channel in range(channels)]
            file.writeframes(np.stack(block, axis=1).tobytes())
    return path


def film(card: Card, out: Path, before: Sequence[str | Path], after: Sequence[str | Path]) -> Path:
    """Encode the card, FFmpeg's input 0: `before` are its other inputs, `after` the options of the output."""
    command = [
        maker(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{card.width}x{card.height}", "-r", str(card.fps), "-i", "pipe:0",
        *before, *after, out,
    ]  # fmt: skip
    with subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for picture in card.pictures():
                process.stdin.write(picture)
            process.stdin.close()
        except BrokenPipeError:
            pass
        words = process.stderr.read().decode(errors="replace")
    assert process.returncode == 0, words
    return out
