"""A picture for sound that has none: its waveform, one still for the whole length, beside the sound as it is.

From then on it is a video like any other: with renditions, a poster and a storyboard, in every player.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path

from transcoder.probe import GUARDS
from transcoder.runner import Limits, run
from transcoder.tools import Tools

WIDTH, HEIGHT, MARGIN = 1280, 720, 40
WAVE_HEIGHT = 400
GROUND, WAVE = "0x0F1115", "0x5AA9F5"  # the site's dark page and its accent
LOOKED_AT_S = 300.0  # of sound: more does not show in a picture, and decoding it costs seconds
RUN_PACKETS = 16  # kept side by side: decoders need a few to find their feet
STILLS_S = 2  # one group of pictures, again and again: copied, never encoded twice
WALL_S = 3600.0
# A waveform is there at the end, and says nothing meanwhile. Somebody waits for it: before the ladder, after the door.
LIMITS = Limits(wall_s=WALL_S, silence_s=WALL_S, nice=4)


def thinned_command(ffmpeg_path: Path, source: Path, out: Path, duration_s: float) -> list[str]:
    """Of long sound, every so many packets, evenly over its length: what is left decodes in the time of LOOKED_AT_S.

    Pure.
    """
    share = math.ceil(duration_s / LOOKED_AT_S)
    keep = f"noise=drop=mod(floor(n/{RUN_PACKETS})\\,{share})"
    return [
        str(ffmpeg_path), *_GLOBAL, *_guarded(source), "-map", "0:a:0", "-c", "copy", "-bsf:a", keep,
        "-f", "matroska", f"file:{out}",
    ]  # fmt: skip


def still_command(ffmpeg_path: Path, source: Path, out: Path) -> list[str]:
    """The waveform of the first sound track as a video of STILLS_S, a picture a second. Pure."""
    graph = (
        f"color=c={GROUND}:s={WIDTH}x{HEIGHT}:r=1:d={STILLS_S}[ground];"
        f"[0:a:0]aformat=channel_layouts=mono,showwavespic=s={WIDTH - 2 * MARGIN}x{WAVE_HEIGHT}:colors={WAVE}:"
        f"scale=sqrt[wave];"
        f"[ground][wave]overlay=x={MARGIN}:y={(HEIGHT - WAVE_HEIGHT) // 2},"
        f"format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709[seen]"
    )
    return [
        str(ffmpeg_path), *_GLOBAL, *_guarded(source), "-filter_complex", graph, "-map", "[seen]",
        "-c:v", "libx264", "-bf", "0", "-g", str(STILLS_S), "-f", "mp4", f"file:{out}",
    ]  # fmt: skip


def joined_command(ffmpeg_path: Path, still: Path, source: Path, out: Path, longest_s: float) -> list[str]:
    """The still again and again, as long as the sound, which is copied. Pure."""
    return [
        str(ffmpeg_path), *_GLOBAL, "-stream_loop", "-1", "-protocol_whitelist", "file", "-i", f"file:{still}",
        *_guarded(source), "-map", "0:v:0", "-map", "1:a", "-c", "copy", "-shortest", "-t", f"{longest_s:.0f}",
        "-f", "matroska", f"file:{out}",
    ]  # fmt: skip


def draw(
    tools: Tools, source: Path, folder: Path, duration_s: float, *, max_duration_s: float, cancel: threading.Event
) -> Path:
    """A video of the sound in `source`, in `folder`; one that an earlier attempt finished is taken as it is.

    `duration_s` as far as it is known. Raises EncodeFailed, Cancelled.
    """
    whole = folder / "drawn.mkv"
    if whole.is_file():
        return whole
    still, part, thinned = folder / "still.mp4", folder / "drawn.part", folder / "thinned.mkv"
    for made in (still, part, thinned):
        made.unlink(missing_ok=True)
    origin = looked_at = source.absolute()
    if duration_s > LOOKED_AT_S:
        looked_at = thinned.absolute()
        command = thinned_command(tools.ffmpeg, origin, looked_at, duration_s)
        run(command, limits=LIMITS, folder=folder, cancel=cancel)
    run(still_command(tools.ffmpeg, looked_at, still), limits=LIMITS, folder=folder, cancel=cancel)
    thinned.unlink(missing_ok=True)
    longest_s = max_duration_s + STILLS_S  # beyond what is allowed, so that it is refused and not cut
    run(joined_command(tools.ffmpeg, still, origin, part, longest_s), limits=LIMITS, folder=folder, cancel=cancel)
    still.unlink()
    return part.rename(whole)


_GLOBAL = ("-nostdin", "-hide_banner", "-loglevel", "error")


def _guarded(source: Path) -> list[str]:
    return [*(word for name, value in GUARDS.items() for word in (f"-{name}", value)), "-i", f"file:{source}"]
