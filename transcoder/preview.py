"""A few moving seconds from several places of the video, as one small animated WebP for who points at it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from transcoder.ladder import GOP_S
from transcoder.lanes.shelf import INIT
from transcoder.playlists import Track
from transcoder.runner import Limits, ProcessFailed, run
from transcoder.tools import Tools
from viewbox import logs

ENCODER = "libwebp_anim"
NAME = "preview.webp"
PLACES = 4
PLACE_S = 1.0  # of each: long enough to see a movement
FPS = 6  # of a picture as small as this, no more is seen
LONG_PX = 288  # the longer side: a card of the library
MAX_BYTES = 512 * 1024  # of one file: a page of the library shows dozens
LIMITS = Limits(memory_bytes=2 * 1024**3, cpu_s=120, file_bytes=16 * 1024 * 1024, wall_s=300.0, silence_s=300.0)
_log = logs.get("preview")


@dataclass(frozen=True)
class Cut:
    """Segments to read, and the stretches [from, to) to show, in seconds after the start of the first of them."""

    segments: tuple[int, ...]
    stretches: tuple[tuple[float, float], ...]


def choose(track: Track) -> Cut:
    """Evenly over the video, each at the start of a group of pictures. Pure."""
    duration_s = float(track.duration_s)
    first_length_s = float(track.segments[0].duration_s)
    group_s = first_length_s / max(1, round(first_length_s / GOP_S))  # 2.002 s at 29.97 pictures a second
    wanted = sorted({int(duration_s * (place + 0.5) / PLACES / group_s) for place in range(PLACES)})
    starts_s = [0.0]
    for segment in track.segments:
        starts_s.append(starts_s[-1] + float(segment.duration_s))
    times_s = [group * group_s for group in wanted]
    holders = [max(n for n in range(len(track.segments)) if starts_s[n] <= time_s + 1e-3) for time_s in times_s]
    first_s = starts_s[holders[0]]
    half_frame_s = 0.5 / float(track.fps)
    stretches = [(time_s - first_s - half_frame_s, time_s - first_s + PLACE_S - half_frame_s) for time_s in times_s]
    return Cut(tuple(sorted(set(holders))), tuple(stretches))


def preview_command(ffmpeg_path: Path, track: Track, piece: Path, cut: Cut) -> list[str]:
    """One process: every n-th picture of the stretches, small, one after the other. Pure."""
    scale = min(1.0, LONG_PX / max(track.width, track.height))
    every = max(1, round(float(track.fps) / FPS))
    shown = "+".join(f"between(t,{begin:.4f},{end:.4f})" for begin, end in cut.stretches)
    picture = (
        ffmpeg.input(f"file:{piece}", protocol_whitelist="file", format_whitelist="mov", codec_whitelist="h264")
        .filter("select", f"({shown})*not(mod(n,{every}))")
        .filter("scale", round(track.width * scale / 2) * 2, round(track.height * scale / 2) * 2, flags="area")
        .filter("setpts", f"N/({float(track.fps) / every:.4f}*TB)")
    )
    options = {"c:v": ENCODER, "loop": 0, "quality": 45, "compression_level": 1, "fps_mode": "vfr", "f": "webp"}
    words: list[str] = ffmpeg.compile(ffmpeg.output(picture, f"file:{NAME}", **options), cmd=str(ffmpeg_path))
    return [words[0], "-nostdin", "-hide_banner", "-loglevel", "error", *words[1:]]


def make_preview(
    tools: Tools, media: Path, folder: Path, videos: Sequence[Track], cancel: threading.Event
) -> dict[str, str]:
    """Write it into `folder`; asset name and path, nothing where there is none: a video does without. Raises Cancelled.

    `media` holds the tracks; the smallest one is read.
    """
    if ENCODER not in tools.encoders:
        return {}
    track = videos[-1]
    cut = choose(track)
    piece = folder / "preview.mp4"
    names = [INIT, *(track.segments[number].name for number in cut.segments)]
    piece.write_bytes(b"".join((media / track.name / name).read_bytes() for name in names))
    try:
        run(preview_command(tools.ffmpeg, track, piece, cut), limits=LIMITS, folder=folder, cancel=cancel)
    except ProcessFailed as error:
        _log.warning("no_preview", why=error.hint)
        (folder / NAME).unlink(missing_ok=True)
    finally:
        piece.unlink()
    made = folder / NAME
    if not made.exists():
        return {}
    size_bytes = made.stat().st_size
    if not 0 < size_bytes <= MAX_BYTES:
        _log.warning("no_preview", why=f"it would have {size_bytes} bytes, of {MAX_BYTES} at most")
        made.unlink()
        return {}
    return {"preview": NAME}
