"""The one stream that every player plays: a minute, sound in the same segments, as all of them can.

`one.m3u8` offers one rendition, so that nobody's first guess of the bandwidth decides how soon a picture is there;
`ladder.m3u8` offers two.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from transcoder.tools import find_tools
from viewbox.settings import Settings

SECONDS = 60
SEGMENT_S = 4
SIZES = {360: (640, 600_000), 720: (1280, 1_500_000)}  # lines: (columns, bit/s)


def make_stream(folder: Path) -> None:
    """Write both playlists and the renditions `360/` and `720/`, segments `0.m4s` and on."""
    for height, (width, bitrate) in SIZES.items():
        _encode(folder / str(height), height, width, bitrate)
    (folder / "one.m3u8").write_text(_master([720]), encoding="utf-8")
    (folder / "ladder.m3u8").write_text(_master(list(SIZES)), encoding="utf-8")


def _encode(place: Path, height: int, width: int, bitrate: int) -> None:
    place.mkdir(parents=True)
    ffmpeg = str(find_tools(Settings(_env_file=None)).ffmpeg)
    source = ["-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate=25:duration={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"]
    video = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "50"]
    rate = ["-b:v", str(bitrate), "-maxrate", str(bitrate), "-bufsize", str(bitrate * 2)]
    hls = ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    names = ["-hls_segment_filename", str(place / "%d.m4s"), str(place / "index.m3u8")]
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", *source, *sound, *video, *rate, "-c:a", "aac", *hls, *names]
    subprocess.run(command, check=True, timeout=300)


def _master(heights: list[int]) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for height in heights:
        width, bitrate = SIZES[height]
        size = f"BANDWIDTH={bitrate + 150_000},RESOLUTION={width}x{height}"
        lines += [f'#EXT-X-STREAM-INF:{size},CODECS="avc1.4d401f,mp4a.40.2"', f"{height}/index.m3u8"]
    return "\n".join(lines) + "\n"
