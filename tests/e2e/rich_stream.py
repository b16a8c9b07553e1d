"""A stream with everything a player can offer: two qualities, two voices, two captions, chapters, a storyboard.

The transcoder makes further audio and captions in a later version; players meet such streams today.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.material import run_ffmpeg
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.settings import Settings

INTRO_END_S = 12  # long enough for the eight seconds of an offer
CHAPTERS = [(0, INTRO_END_S, "Intro"), (INTRO_END_S, 40, "The river"), (40, 84, "The highlight")]
CAPTIONS = {"en": ("English", "A caption at the beginning"), "de": ("Deutsch", "Ein Untertitel am Anfang")}
VOICES = {"en": ("English", 440), "de": ("Deutsch", 660)}
HEIGHTS = {360: 800_000, 180: 250_000}
TILE_W, TILE_H, TILE_S = 160, 90, 12
_EXTINF = re.compile(r"#EXTINF:([0-9.]+)")
_HLS = ["-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]


def publish_rich_stream(house: House, title: str, clip: Path) -> str:
    """The id of a published video of `clip`, whose sound is replaced by two tones."""
    settings = Settings(data_dir=house.data_dir)
    catalog = Catalog(open_database(settings.database))
    video = catalog.add(title=title, source_kind="upload")
    folder = settings.media_dir / video.id
    folder.mkdir(parents=True)
    duration_s = _make_pictures(clip, folder)
    _make_sounds(folder, duration_s)
    _write_captions(folder, duration_s)
    _write_chapters(folder)
    _make_storyboard(clip, folder, duration_s)
    run_ffmpeg("-ss", "2", "-i", str(clip), "-frames:v", "1", "-update", "1", str(folder / "poster.jpg"))
    (folder / "master.m3u8").write_text(_master(), encoding="utf-8")
    names = {"hls": "master.m3u8", "poster": "poster.jpg", "chapters": "chapters.vtt", "storyboard": "storyboard.vtt"}
    assets = {kind: f"{video.id}/{name}" for kind, name in names.items()}
    catalog.publish(video.id, revision=1, duration_s=round(duration_s, 3), assets=assets, ready=True)
    return video.id


def _make_pictures(clip: Path, folder: Path) -> float:
    for height in HEIGHTS:
        place = folder / f"v{height}"
        place.mkdir()
        encode = ["-vf", f"scale=-2:{height}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-pix_fmt", "yuv420p"]
        run_ffmpeg("-i", str(clip), "-an", *encode, *_HLS, "-hls_flags", "single_file", str(place / "video.m3u8"))
    playlist = (folder / "v360" / "video.m3u8").read_text(encoding="utf-8")
    return sum(map(float, _EXTINF.findall(playlist)))


def _make_sounds(folder: Path, duration_s: float) -> None:
    for language, (_, pitch) in VOICES.items():
        place = folder / f"a-{language}"
        place.mkdir()
        tone = f"sine=frequency={pitch}:sample_rate=44100:duration={duration_s}"
        run_ffmpeg(
            "-f", "lavfi", "-i", tone, "-c:a", "aac", "-b:a", "48k", *_HLS, "-hls_flags", "single_file",
            str(place / "audio.m3u8"),
        )  # fmt: skip


def _write_captions(folder: Path, duration_s: float) -> None:
    for language, (_, text) in CAPTIONS.items():
        cues = f"{_clock(0)} --> {_clock(duration_s)}\n{text}\n"
        (folder / f"s-{language}.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
        lines = [
            "#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{int(duration_s) + 1}", "#EXT-X-PLAYLIST-TYPE:VOD",
            f"#EXTINF:{duration_s:.3f},", f"s-{language}.vtt", "#EXT-X-ENDLIST", "",
        ]  # fmt: skip
        (folder / f"s-{language}.m3u8").write_text("\n".join(lines), encoding="utf-8")


def _write_chapters(folder: Path) -> None:
    cues = [f"{_clock(from_s)} --> {_clock(to_s)}\n{title}\n" for from_s, to_s, title in CHAPTERS]
    (folder / "chapters.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def _make_storyboard(clip: Path, folder: Path, duration_s: float) -> None:
    columns = int(duration_s // TILE_S) + 1
    sprite = f"fps=1/{TILE_S},scale={TILE_W}:{TILE_H},tile={columns}x1"
    run_ffmpeg("-i", str(clip), "-vf", sprite, "-frames:v", "1", "-update", "1", str(folder / "sprite.jpg"))
    cues = [
        f"{_clock(TILE_S * k)} --> {_clock(TILE_S * (k + 1))}\nsprite.jpg#xywh={TILE_W * k},0,{TILE_W},{TILE_H}\n"
        for k in range(columns)
    ]
    (folder / "storyboard.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def _master() -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for number, (language, (name, _)) in enumerate(VOICES.items()):
        standard = "YES" if number == 0 else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="voices",NAME="{name}",LANGUAGE="{language}",DEFAULT={standard},'
            f'AUTOSELECT=YES,URI="a-{language}/audio.m3u8"'
        )
    lines += [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",NAME="{name}",LANGUAGE="{language}",DEFAULT=NO,AUTOSELECT=NO,'
        f'FORCED=NO,URI="s-{language}.m3u8"'
        for language, (name, _) in CAPTIONS.items()
    ]
    for height, bitrate_bps in HEIGHTS.items():
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={bitrate_bps},RESOLUTION={height * 16 // 9}x{height},"
            'CODECS="avc1.42c01e,mp4a.40.2",AUDIO="voices",SUBTITLES="texts"'
        )
        lines.append(f"v{height}/video.m3u8")
    return "\n".join([*lines, ""])


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}"
