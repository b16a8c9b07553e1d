"""What a kind of source is, how a clip of it is made, and what must be seen and heard of it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests import media
from tests.sources.card import PITCH_HZ, Card, film, maker, write_sound

TOLD = "setparams=colorspace={0}:color_primaries={0}:color_trc={0}"
UNTOLD = "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
BT709 = f"scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,{TOLD.format('bt709')}"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50")
PLAIN = Card()
AAC = ("-c:a", "aac", "-b:a", "96k")


@dataclass(frozen=True)
class Sound:
    """One sound track: `channels` of which those in `heard` beep, in a language, at a pitch."""

    language: str = ""
    pitch_hz: float = PITCH_HZ
    channels: int = 1
    heard: tuple[int, ...] = (0,)
    layout: str = ""


@dataclass(frozen=True)
class Row:
    """A kind of source. `shown`: width and height in Chromium; `fps` of the tallest rendition.

    The card is drawn as it is to be seen, then filtered and encoded by FFmpeg, and perhaps rewritten (`again`: options
    before and after its input, `again_in` the container).
    """

    name: str
    source: str  # in the table
    outcome: str
    shown: tuple[int, int] = (320, 180)
    fps: Fraction = Fraction(25)
    card: Card = PLAIN
    container: str = "mp4"
    filters: str = BT709
    video: Sequence[str] = X264
    sounds: Sequence[Sound] = (Sound(),)
    audio: Sequence[str] = AAC
    muxer: Sequence[str] = ()
    again: tuple[Sequence[str], Sequence[str]] | None = None
    again_in: str = ""
    duration_s: float | None = None  # where it is not the card's
    first_s: float = 0.0  # where the card is entered
    languages: Sequence[str] = ("und",)
    offset_s: float = 0.015  # between a flash and its beep at most; people notice 45 ms (ITU-R BT.1359)
    tolerance: int = 12  # of each of red, green and blue, of 255
    hdr: bool = False
    dimmed: float = 1.0  # brightness left by tone mapping
    picture: bool = True  # the card is seen; otherwise a drawing of the sound
    quick: str = ""  # the lane that is judged too, when the clip is big enough to have one
    chapters: Sequence[tuple[float, float, str]] = ()

    @property
    def length_s(self) -> float:
        return self.card.duration_s if self.duration_s is None else self.duration_s

    @property
    def events_s(self) -> list[float]:
        """When flashes and beeps begin."""
        return [float(event) - self.first_s for event in self.card.events if event >= self.first_s]


def make(row: Row, folder: Path) -> Path:
    """Write the clip of a row; its path."""
    before: list[str | Path] = []
    after: list[str | Path] = []
    for number, sound in enumerate(row.sounds):
        place = folder / f"{row.name}-{number}.wav"
        before += ["-i", write_sound(row.card, place, sound.pitch_hz, sound.channels, sound.heard)]
        after += [f"-metadata:s:a:{number}", f"language={sound.language}"] if sound.language else []
        after += [f"-ch_layout:a:{number}", sound.layout] if sound.layout else []
    maps = [f"-map={number}" for number in range(0 if row.picture else 1, len(row.sounds) + 1)]
    picture = ["-vf", row.filters, *row.video] if row.picture else []
    heard = list(row.audio) if row.sounds else []
    options = [word for pair in maps for word in pair.split("=")] + picture + heard
    first = film(row.card, folder / f"{row.name}.{row.container}", before, [*options, *after, *row.muxer])
    if row.chapters:
        first = media.with_chapters(first, folder / f"{row.name}-chapters.{row.container}", row.chapters)
    if row.again is None:
        return first
    second = folder / f"{row.name}-again.{row.again_in or row.container}"
    command: list[str | Path] = [
        maker(),
        "-nostdin",
        "-loglevel",
        "error",
        "-y",
        *row.again[0],
        "-i",
        first,
        *row.again[1],
        second,
    ]
    subprocess.run(command, check=True, timeout=60)
    return second
