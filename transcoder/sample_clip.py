"""Renders data/sample/sample.mp4: `python -m transcoder.sample_clip [out.mp4]`.

84 s at 1280×720: a title (0–13 s), seven numbered scenes, one highlight (48–58 s), credits (from 74 s), with chapters
and the running time burned in. The synthetic audience skips the title and replays the highlight. The same code and
FFmpeg give the same file.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from PIL import Image, ImageDraw, ImageFont

from transcoder.tools import find_tools
from viewbox import settings

WIDTH, HEIGHT, FPS = 1280, 720, 25
OVERSAMPLE = 2  # drawn twice as large and scaled down: smooth edges
FADE_S = 0.5
OUT = Path(__file__).parents[1] / "data" / "sample" / "sample.mp4"

NIGHT, SURFACE, LINE = "#0F1115", "#171A21", "#2A2F3A"
INK, INK_2, INK_3 = "#F2F3F5", "#B6BBC6", "#868C99"
BLUE, GOLD, PINK, CORAL, GREEN = "#5AA9F5", "#E5B94B", "#D77BAA", "#F08066", "#63B98A"
Point = tuple[float, float]


class Canvas:
    """One frame in units of the finished picture."""

    def __init__(self, background: str) -> None:
        self.image = Image.new("RGB", (WIDTH * OVERSAMPLE, HEIGHT * OVERSAMPLE), background)
        self._draw = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, radius: float, color: str) -> None:
        box = [
            (x - radius) * OVERSAMPLE,
            (y - radius) * OVERSAMPLE,
            (x + radius) * OVERSAMPLE,
            (y + radius) * OVERSAMPLE,
        ]
        self._draw.ellipse(box, fill=color)

    def ring(self, x: float, y: float, radius: float, color: str, width: float = 2) -> None:
        box = [
            (x - radius) * OVERSAMPLE,
            (y - radius) * OVERSAMPLE,
            (x + radius) * OVERSAMPLE,
            (y + radius) * OVERSAMPLE,
        ]
        self._draw.ellipse(box, outline=color, width=round(width * OVERSAMPLE))

    def path(self, points: Sequence[Point], color: str, width: float = 3) -> None:
        scaled = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]
        self._draw.line(scaled, fill=color, width=round(width * OVERSAMPLE), joint="curve")

    def shape(self, points: Sequence[Point], color: str) -> None:
        self._draw.polygon([(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points], fill=color)

    def square(self, x: float, y: float, side: float, color: str, radius: float = 6) -> None:
        half = side / 2 * OVERSAMPLE
        box = [x * OVERSAMPLE - half, y * OVERSAMPLE - half, x * OVERSAMPLE + half, y * OVERSAMPLE + half]
        self._draw.rounded_rectangle(box, radius * OVERSAMPLE, fill=color)

    def text(self, at: Point, words: str, size: int, color: str, *, anchor: str = "ls", weight: float = 0) -> None:
        font = ImageFont.load_default(size * OVERSAMPLE)
        self._draw.text(
            (at[0] * OVERSAMPLE, at[1] * OVERSAMPLE),
            words,
            color,
            font,
            anchor,
            stroke_width=weight * OVERSAMPLE,
            stroke_fill=color,
        )

    def finished(self, background: str, opacity: float) -> Image.Image:
        picture = self.image.reduce(OVERSAMPLE)
        if opacity >= 1:
            return picture
        return Image.blend(Image.new("RGB", picture.size, background), picture, opacity)


@dataclass(frozen=True)
class Scene:
    """A stretch of the clip, [start_s, end_s). `draw(canvas, t)` gets t from 0 to 1."""

    start_s: float
    end_s: float
    number: str
    title: str
    draw: Callable[[Canvas, float], None]
    color: str = BLUE
    background: str = NIGHT


def ease(t: float) -> float:
    """Slow, fast, slow: 0 to 1."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def mix(first: str, second: str, share: float) -> str:
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * min(1.0, max(0.0, share))):02x}" for a, b in pairs)


def retention(x: float) -> float:
    """The curve of this very clip's audience, 0 to 1: it dips, has its peak where the highlight is, and leaves."""
    start, peak = 0.55 + 0.4 * math.exp(-x * 9), 0.34 * math.exp(-(((x - 0.63) / 0.055) ** 2))
    return start - 0.22 * x + peak - 0.25 * ease((x - 0.86) / 0.14)


def title(canvas: Canvas, t: float) -> None:
    seconds = t * 13
    drawn = ease((seconds - 0.8) / 7)
    left, right, base, height = 150.0, 1130.0, 560.0, 190.0
    canvas.path([(left, base), (right, base)], LINE, 1.5)
    points = [
        (left + (right - left) * i / 300, base - height * retention(i / 300)) for i in range(int(300 * drawn) + 1)
    ]
    if len(points) > 1:
        canvas.shape([*points, (points[-1][0], base), (left, base)], mix(NIGHT, BLUE, 0.16))
        canvas.path(points, BLUE, 4)
        canvas.disc(*points[-1], 8, INK)
    shown = ease((seconds - 0.2) / 1.4)
    canvas.text((148, 250 + 12 * (1 - shown)), "ViewBox", 112, mix(NIGHT, INK, shown), weight=1.5)
    canvas.text((152, 310), "See how your video is watched.", 34, mix(NIGHT, INK_2, ease((seconds - 1.6) / 1.2)))
    hint = ease((seconds - 7.5) / 1.2)
    canvas.text((152, 622), "A sample in seven scenes, with one moment people replay", 24, mix(NIGHT, INK_3, hint))


def orbits(canvas: Canvas, t: float) -> None:
    x, y = 780.0, 360.0
    canvas.disc(x, y, 38, GOLD)
    for i, (radius, size, color) in enumerate(((95, 10, INK_2), (150, 16, BLUE), (215, 22, CORAL), (285, 14, GREEN))):
        canvas.ring(x, y, radius, LINE, 1.5)
        angle = 2 * math.pi * (t * (2.6 - 0.55 * i) + i * 0.23)
        for step in range(14):
            behind = angle - step * 0.035
            canvas.disc(
                x + radius * math.cos(behind),
                y + radius * math.sin(behind),
                size * (1 - step / 16),
                mix(color, NIGHT, step / 14),
            )
        canvas.disc(x + radius * math.cos(angle), y + radius * math.sin(angle), size, color)


def waves(canvas: Canvas, t: float) -> None:
    for i in range(7):
        color = mix(BLUE, PINK, i / 6)
        points = [
            (
                x,
                180
                + i * 60
                + 42 * math.sin(x / (120 + 14 * i) + 2 * math.pi * t * (1.5 + 0.25 * i)) * math.sin(math.pi * x / 1280),
            )
            for x in range(400, 1281, 8)
        ]
        canvas.path(points, color, 5)


def tiles(canvas: Canvas, t: float) -> None:
    for row in range(9):
        for column in range(13):
            x, y = 470 + column * 58, 128 + row * 58
            distance = math.hypot(column - 6 - 4 * math.cos(2 * math.pi * t), row - 4 - 2.5 * math.sin(2 * math.pi * t))
            near = max(0.0, 1 - distance / 5.5)
            canvas.square(x, y, 14 + 34 * ease(near), mix(LINE, GREEN, ease(near)))


def pendulums(canvas: Canvas, t: float) -> None:
    for i in range(15):
        swing = 0.62 * math.cos(2 * math.pi * t * (3.2 + i * 0.2))
        x, length = 800.0, 210 + i * 21
        end = (x + length * math.sin(swing), 80 + length * math.cos(swing))
        canvas.path([(x, 80), end], mix(LINE, NIGHT, 0.2), 1.5)
        canvas.disc(*end, 13, mix(GOLD, CORAL, i / 14))
    canvas.path([(640, 80), (960, 80)], INK_3, 4)


def knots(canvas: Canvas, t: float) -> None:
    steps = 420
    for i in range(steps):
        at = i / steps
        angle = 2 * math.pi * (at * 0.9 + t * 0.5)
        x = 800 + 330 * math.sin(3 * angle + 2 * math.pi * t * 0.35)
        y = 360 + 240 * math.sin(4 * angle)
        canvas.disc(x, y, 2 + 7 * at, mix(NIGHT, mix(PINK, BLUE, at), at))


def highlight(canvas: Canvas, t: float) -> None:
    """Ten seconds of fireworks, two bursts a second, the largest in the middle."""
    seconds = t * 10
    canvas.shape([(0, 720), *_hills(), (1280, 720)], "#0A0C10")
    for burst in range(18):
        age = seconds - burst * 0.46
        if not 0 <= age < 2.3:
            continue
        noise = random.Random(burst)  # noqa: S311  # the same sparks at every rendering
        grand = burst in {7, 9, 11}
        x, y = (640 if grand else 170 + noise.random() * 940), (300 if grand else 130 + noise.random() * 230)
        color = (GOLD, CORAL, BLUE, PINK, GREEN)[burst % 5] if not grand else GOLD
        if age < 0.35:
            rise = ease(age / 0.35)
            canvas.path([(x, 660 - (660 - y) * rise), (x, 690 - (660 - y) * rise * 0.92)], INK_2, 4)
            continue
        life = (age - 0.35) / 1.95
        reach = (360 if grand else 230) * (1 - (1 - life) ** 3)
        for _ in range(170 if grand else 100):
            angle, speed = noise.random() * 2 * math.pi, 0.25 + 0.75 * math.sqrt(noise.random())
            fall = 90 * life * life
            end = (x + reach * speed * math.cos(angle), y + reach * speed * math.sin(angle) + fall)
            start = (
                x + reach * speed * 0.84 * math.cos(angle),
                y + reach * speed * 0.84 * math.sin(angle) + fall * 0.9,
            )
            canvas.path([start, end], mix(color, "#14101C", life**1.6), 5 if grand else 4)
    canvas.text((640, 612), "The highlight", 54, INK, anchor="mm", weight=1)
    canvas.text((640, 664), "the moment people come back to", 24, mix(GOLD, INK, 0.2), anchor="mm")


def _hills() -> list[Point]:
    return [(x, 570 - 26 * math.sin(x / 210) - 14 * math.sin(x / 83 + 1)) for x in range(0, 1281, 20)]


def towers(canvas: Canvas, t: float) -> None:
    for i in range(24):
        height = 60 + 330 * abs(math.sin(i * 0.42 + 2 * math.pi * t * 0.8)) * (
            0.5 + 0.5 * math.sin(i * 0.9 + 5 * t) ** 2
        )
        x = 440 + i * 32
        canvas.shape([(x, 600), (x, 600 - height), (x + 22, 600 - height), (x + 22, 600)], mix(BLUE, GREEN, i / 23))
    canvas.path([(430, 600), (1210, 600)], INK_3, 2)


def spiral(canvas: Canvas, t: float) -> None:
    for i in range(260):
        angle = i * 2.399963 + 2 * math.pi * t * 0.6  # the golden angle
        radius = 18.0 * math.sqrt(i) * (0.75 + 0.25 * ease(t * 3))
        pulse = 0.5 + 0.5 * math.sin(i / 9 - t * 18)
        canvas.disc(
            800 + radius * math.cos(angle), 360 + radius * math.sin(angle), 3 + 5 * pulse, mix(CORAL, GOLD, i / 260)
        )


def end_titles(canvas: Canvas, t: float) -> None:
    lines = (
        ("ViewBox", 46, INK), ("", 20, INK), ("Drawn in Python, frame by frame", 26, INK_2),
        ("Encoded once, decoded once, measured exactly", 26, INK_2), ("", 20, INK),
        ("Free to use, copy and replay", 26, INK_2), ("", 30, INK), ("Thank you for watching to the end", 30, GOLD),
    )  # fmt: skip
    y = 470 - 300 * ease(t * 1.2)
    for words, size, color in lines:
        canvas.text(
            (640, y),
            words,
            size,
            mix(NIGHT, color, min(1.0, (690 - y) / 170)),
            anchor="mm",
            weight=0.5 if size > 40 else 0,
        )
        y += size + 22


SCENES = (
    Scene(0, 13, "", "Title", title),
    Scene(13, 20, "1", "Orbits", orbits, GOLD),
    Scene(20, 27, "2", "Waves", waves, BLUE),
    Scene(27, 34, "3", "Tiles", tiles, GREEN),
    Scene(34, 41, "4", "Pendulums", pendulums, CORAL),
    Scene(41, 48, "5", "Knots", knots, PINK),
    Scene(48, 58, "", "The highlight", highlight, GOLD, "#14101C"),
    Scene(58, 66, "6", "Towers", towers, GREEN),
    Scene(66, 74, "7", "Spiral", spiral, CORAL),
    Scene(74, 84, "", "Credits", end_titles, INK_2),
)
DURATION_S = SCENES[-1].end_s


def frame(index: int) -> Image.Image:
    """Picture number `index`, counted from 0."""
    at_s = index / FPS
    scene = next(scene for scene in SCENES if scene.start_s <= at_s < scene.end_s)
    canvas = Canvas(scene.background)
    scene.draw(canvas, (at_s - scene.start_s) / (scene.end_s - scene.start_s))
    if scene.number:
        arrived = ease((at_s - scene.start_s) / 0.8)
        canvas.text((84, 330), scene.number, 190, mix(scene.background, scene.color, arrived), weight=2)
        canvas.text((92, 392), scene.title, 38, mix(scene.background, INK, arrived))
        canvas.text((92, 428), f"scene {scene.number} of 7", 20, mix(scene.background, INK_3, arrived))
    opacity = min(ease((at_s - scene.start_s + 1 / FPS) / FADE_S), ease((scene.end_s - at_s) / FADE_S))
    picture = canvas.finished(scene.background, opacity)
    _burn_time(picture, at_s)
    return picture


def _burn_time(picture: Image.Image, at_s: float) -> None:
    """Running time in tenths: each figure in a cell of its own, so that it does not tremble."""
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(24)
    words = f"{int(at_s) // 60}:{int(at_s) % 60:02d}.{int(at_s * 10) % 10}"
    x = 1240.0
    for character in reversed(words):
        cell = 15 if character.isdigit() else 8
        x -= cell
        draw.text((x + cell / 2, 690), character, INK_3, font, "ms")


def chapter_file() -> str:
    """Chapters in FFmpeg's metadata format."""
    lines = [";FFMETADATA1"]
    for scene in SCENES:
        name = f"{scene.number} · {scene.title}" if scene.number else scene.title
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={scene.start_s * 1000:.0f}", f"END={scene.end_s * 1000:.0f}"]
        lines.append(f"title={name}")
    return "\n".join(lines) + "\n"


def tone_bed() -> str:
    """A quiet pad: one chord a scene, each note a sine that swells and fades; sparkling over the highlight."""
    chords = ((110, 165, 220), (131, 196, 262), (98, 147, 247), (110, 165, 277), (147, 220, 294))
    parts = []
    for i, scene in enumerate(SCENES):
        length = scene.end_s - scene.start_s
        swell = f"between(t,{scene.start_s},{scene.end_s})*pow(max(0,sin(PI*(t-{scene.start_s})/{length})),0.7)"
        notes = [f"sin(2*PI*{note}*t)/{1 + 0.5 * j}" for j, note in enumerate(chords[i % len(chords)])]
        if scene.draw is highlight:
            notes += [f"0.6*sin(2*PI*{note}*t)*pow(abs(sin(PI*t*1.087)),8)" for note in (440, 659, 880)]
        parts.append(f"{swell}*({'+'.join(notes)})")
    return f"0.045*({'+'.join(parts)})"


def command(ffmpeg_path: Path, metadata: Path, out: Path) -> list[str]:
    """Frames from stdin, sound from an expression, chapters from a file, one MP4."""
    pictures = ffmpeg.input("pipe:0", format="rawvideo", pix_fmt="rgb24", s=f"{WIDTH}x{HEIGHT}", r=FPS)
    sound = ffmpeg.input(f"aevalsrc='{tone_bed()}':s=48000:d={DURATION_S}", f="lavfi")
    output = ffmpeg.output(
        pictures.video.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p"),
        sound.audio,
        str(out),
        **{"c:v": "libx264", "preset": "slow", "crf": 29, "tune": "animation", "g": 125, "profile:v": "high",
           "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709",
           "threads:v": 4, "c:a": "aac", "b:a": "48k", "ac": 1, "map_chapters": 2, "map_metadata": -1,
           "movflags": "+faststart", "fflags": "+bitexact", "flags:v": "+bitexact", "flags:a": "+bitexact"},
    )  # fmt: skip
    compiled: list[str] = ffmpeg.compile(output, cmd=str(ffmpeg_path), overwrite_output=True)
    graph = compiled.index("-filter_complex")  # chapters are no stream, so ffmpeg-python cannot carry their file
    return [*compiled[:graph], "-f", "ffmetadata", "-i", str(metadata), *compiled[graph:]]


def render(out: Path) -> None:
    """Write the clip. Takes about two minutes on two cores."""
    out.parent.mkdir(parents=True, exist_ok=True)
    metadata = out.with_suffix(".chapters.txt")
    metadata.write_text(chapter_file(), encoding="utf-8")
    try:
        argv = command(find_tools(settings.load()).ffmpeg, metadata, out)
        with subprocess.Popen([*argv, "-loglevel", "error"], stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for index in range(int(DURATION_S * FPS)):
                process.stdin.write(frame(index).tobytes())
            process.stdin.close()
        if process.returncode != 0:
            sys.exit(process.returncode)
    finally:
        metadata.unlink()


if __name__ == "__main__":
    render(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
