"""Sound HLS streams for tests of the linter: packaged once by our own code or FFmpeg's, then held in memory."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

from tests import media
from transcoder.command import encode_command, sound_name
from transcoder.ladder import Plan, Rung
from transcoder.package import package
from transcoder.probe import AudioStream

SECONDS = 26  # five segments, the last one short
TALL = Rung(160, 90, Fraction(25), 200_000)
SMALL = Rung(96, 54, Fraction(25), 120_000)
Files = dict[str, bytes]


def source(out: Path, *options: str, sounds: int = 2, seconds: int = SECONDS) -> Path:
    """A test card with tones, one per language."""
    tones = [word for i in range(sounds) for word in ("-f", "lavfi", "-i", f"sine={440 + 220 * i}:r=48000")]
    maps = [word for i in range(sounds + 1) for word in ("-map", str(i))]
    card = "testsrc2=s=160x90:r=25"
    media.ffmpeg(
        "-f", "lavfi", "-i", card, *tones, *maps, "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", "-color_trc", "bt709", *options, out,
    )  # fmt: skip
    return out


def packaged(folder: Path, clip: Path, *, sounds: int = 2) -> Files:
    """What our own pipeline publishes of a clip, two renditions and two languages."""
    folder.mkdir()
    languages = ("eng", "deu")[:sounds]
    audio = tuple(AudioStream(i + 1, "aac", 2, language, "", None) for i, language in enumerate(languages))
    plan = Plan(float(SECONDS), Fraction(25), (TALL, SMALL), audio, 0, False, False, 0.0)
    for name in (TALL.name, SMALL.name, *(sound_name(i) for i in range(sounds))):
        (folder / name).mkdir()
    command = encode_command(media.tools().ffmpeg, plan, clip, folder)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120)
    packed = package(folder, plan, 1)
    files = read_tree(folder, "r1/")
    files["master.m3u8"] = packed.master.encode()
    return files


def read_tree(folder: Path, prefix: str = "") -> Files:
    return {
        f"{prefix}{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip
