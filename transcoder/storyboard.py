"""Pictures beside the video: a storyboard (one sprite sheet and WebVTT) and a poster that is not black.

Both come from our own renditions: upright, deinterlaced, tone-mapped, with a keyframe every 2 s exactly.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from transcoder.chapters import vtt_time
from transcoder.ladder import GOP_S
from transcoder.lanes.shelf import INIT
from transcoder.playlists import Track
from transcoder.runner import Limits, run
from transcoder.tools import Tools

TILE_LONG_PX = 160
COLUMNS = 10
MAX_TILES = 200  # a sheet of at most about 1 MB; long films get a picture every few minutes
POSTER_LONG_PX = 1280
PICTURE_LIMITS = Limits(memory_bytes=4 * 1024**3, cpu_s=3600, wall_s=3600.0)
BLACK, LIT, BRIGHT = 16, 56, 215  # mean luma: nothing, a normal picture, a flash or an empty page
POSTER_SHARE = 0.15  # of the video: past the opening, before the story
READ_OWN = {
    "protocol_whitelist": "file",
    "format_whitelist": "hls,mov",
    "allowed_extensions": "ALL",
    "extension_picky": "0",
    "skip_frame": "nokey",  # keyframes only: a tenth of the decoding
}  # a playlist that we wrote ourselves is the one playlist that FFmpeg may open


@dataclass(frozen=True)
class Light:
    """How bright one keyframe is: mean, darkest and brightest luma, 16 (black) to 235 (white)."""

    time_s: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Sheet:
    """The layout of a sprite sheet."""

    tiles: int
    every: int  # keyframes per tile
    columns: int
    rows: int
    tile_width: int
    tile_height: int


def lay_out(duration_s: float, width: int, height: int) -> Sheet:
    """At most MAX_TILES pictures, evenly spaced on keyframes."""
    keyframes = max(1, math.ceil(duration_s / GOP_S - 1e-3))
    every = -(-keyframes // MAX_TILES)
    tiles = -(-keyframes // every)
    columns = min(COLUMNS, tiles)
    scale = TILE_LONG_PX / max(width, height)
    return Sheet(
        tiles, every, columns, -(-tiles // columns), round(width * scale / 2) * 2, round(height * scale / 2) * 2
    )


def storyboard_vtt(sheet: Sheet, duration_s: float, picture: str) -> str:
    """A cue per tile; the last one lasts to the end. Pure."""
    step_s = sheet.every * GOP_S
    cues = []
    for tile in range(sheet.tiles):
        start_s = tile * step_s
        end_s = duration_s if tile == sheet.tiles - 1 else start_s + step_s
        x, y = tile % sheet.columns * sheet.tile_width, tile // sheet.columns * sheet.tile_height
        place = f"{picture}#xywh={x},{y},{sheet.tile_width},{sheet.tile_height}"
        cues.append(f"{vtt_time(start_s)} --> {vtt_time(end_s)}\n{place}\n")
    return "\n".join(["WEBVTT\n", *cues])


def choose_poster(lights: Sequence[Light]) -> float:
    """The time of the keyframe to show before playback. Pure.

    Half of a frame's score is for being lit, half for its contrast; every share of the video between it and the
    ideal place costs as much. So black, blank and flat frames lose wherever they are.
    """
    if not lights:
        return 0.0
    end_s = lights[-1].time_s or 1.0

    def score(light: Light) -> float:
        lit = min(1.0, max(0.0, (light.mean - BLACK) / (LIT - BLACK))) if light.mean <= BRIGHT else 0.0
        contrast = (light.high - light.low) / 255
        return (lit + contrast) / 2 - abs(light.time_s / end_s - POSTER_SHARE)

    return max(lights, key=score).time_s


def storyboard_command(ffmpeg_path: Path, playlist: Path, sheet: Sheet) -> list[str]:
    """One pass over the keyframes: brightness of each to stdout, every n-th onto the sheet."""
    picture = (
        ffmpeg.input(f"file:{playlist}", **READ_OWN)
        .filter("signalstats")
        .filter("metadata", mode="print", file="pipe:1")
        .filter("select", f"not(mod(n,{sheet.every}))")
        .filter("scale", sheet.tile_width, sheet.tile_height, flags="area")
        .filter("tile", f"{sheet.columns}x{sheet.rows}")
    )
    output = ffmpeg.output(picture, "file:storyboard.jpg", **{"frames:v": 1, "q:v": 4, "update": 1, "fps_mode": "vfr"})
    return _compiled(ffmpeg_path, output)


def poster_command(ffmpeg_path: Path, track: Track, segment: Path, keyframe: int) -> list[str]:
    """One picture of one segment: its `keyframe`-th keyframe."""
    scale = min(1.0, POSTER_LONG_PX / max(track.width, track.height))
    width, height = round(track.width * scale / 2) * 2, round(track.height * scale / 2) * 2
    given = ffmpeg.input(f"file:{segment}", protocol_whitelist="file", format_whitelist="mov", skip_frame="nokey")
    picture = given.filter("select", f"eq(n,{keyframe})").filter("scale", width, height, flags="lanczos")
    return _compiled(ffmpeg_path, ffmpeg.output(picture, "file:poster.jpg", **{"frames:v": 1, "q:v": 3, "update": 1}))


def read_lights(printed: str) -> list[Light]:
    """What `signalstats` and `metadata=print` wrote: blocks of `frame:… pts_time:…` and `key=value`."""
    lights = []
    for block in re.split(r"(?=^frame:)", printed, flags=re.MULTILINE):
        time = re.search(r"pts_time:([\d.]+)", block)
        values = dict(re.findall(r"lavfi\.signalstats\.(\w+)=([\d.]+)", block))
        if time and {"YAVG", "YMIN", "YMAX"} <= values.keys():
            mean, low, high = (float(values[name]) for name in ("YAVG", "YMIN", "YMAX"))
            lights.append(Light(float(time[1]), mean, low, high))
    return lights


def make_pictures(
    tools: Tools, media: Path, folder: Path, videos: Sequence[Track], cancel: threading.Event
) -> dict[str, str]:
    """Write storyboard and poster into `folder`; asset names and paths. Raises EncodeFailed.

    `media` holds the tracks with their playlists.
    """
    small, top = videos[-1], videos[0]
    duration_s = float(small.duration_s)
    sheet = lay_out(duration_s, small.width, small.height)
    command = storyboard_command(tools.ffmpeg, media / small.name / "video.m3u8", sheet)
    printed = run(command, limits=PICTURE_LIMITS, folder=folder, cancel=cancel).stdout
    (folder / "storyboard.vtt").write_text(storyboard_vtt(sheet, duration_s, "storyboard.jpg"), encoding="utf-8")

    time_s = choose_poster(read_lights(printed))
    index, start_s = 0, 0.0
    while index + 1 < len(top.segments) and start_s + float(top.segments[index].duration_s) <= time_s + 1e-3:
        start_s += float(top.segments[index].duration_s)
        index += 1
    piece = folder / "poster.mp4"
    piece.write_bytes(b"".join((media / top.name / name).read_bytes() for name in (INIT, top.segments[index].name)))
    try:
        keyframe = round((time_s - start_s) / GOP_S)
        command = poster_command(tools.ffmpeg, top, piece, keyframe)
        run(command, limits=PICTURE_LIMITS, folder=folder, cancel=cancel)
    finally:
        piece.unlink()
    return {"storyboard": "storyboard.vtt", "poster": "poster.jpg"}


def _compiled(ffmpeg_path: Path, output: object) -> list[str]:
    compiled: list[str] = ffmpeg.compile(output, cmd=str(ffmpeg_path))
    return [compiled[0], "-nostdin", "-hide_banner", "-loglevel", "error", *compiled[1:]]
