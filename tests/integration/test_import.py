"""Real footage from a file to published HLS: what players get, measured from the outside."""

from __future__ import annotations

import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests import media
from tests.importing import Importer
from transcoder.boxes import read_fragment, read_init
from transcoder.lint import Severity, lint, load, open_folder
from viewbox.catalog import Video

CHAPTERS = ((0.0, 30.0, "First half"), (30.0, 61.0, "Second half"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Importer:
    return Importer(tmp_path_factory.mktemp("import"))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def minute(shop: Importer, clips: Path) -> Video:
    """61 s of a phone call, 29.97 fps, with chapters."""
    long = media.looped(media.CARPHONE, clips / "call.mp4", 61)
    return shop.imported(media.with_chapters(long, clips / "chapters.mp4", CHAPTERS))


@pytest.fixture(scope="module")
def bunny(shop: Importer) -> Video:
    """5 s of animation, 720p, with 5.1 sound."""
    return shop.imported(media.BUNNY)


def attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line.partition(":")[2])}


def variants(folder: Path) -> dict[str, dict[str, str]]:
    """Playlist path -> attributes of its EXT-X-STREAM-INF."""
    lines = (folder / "master.m3u8").read_text().splitlines()
    return {lines[i + 1]: attributes(line) for i, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF")}


def durations(playlist: Path) -> list[float]:
    return [float(line[8:-1]) for line in playlist.read_text().splitlines() if line.startswith("#EXTINF:")]


def segment_paths(playlist: Path) -> list[Path]:
    return [playlist.parent / line for line in playlist.read_text().splitlines() if line.endswith(".m4s")]


def decoded(playlist: Path) -> dict[str, Any]:
    """FFprobe's view of the published stream, frames counted by decoding all of it."""
    arguments = ["-v", "error", "-allowed_extensions", "ALL", "-extension_picky", "0", "-count_frames"]
    shown = ["-select_streams", "v", "-show_entries", "stream=nb_read_frames,width,height,pix_fmt", "-of", "json"]
    done = subprocess.run(
        [media.tools().ffprobe, *arguments, *shown, playlist], check=True, capture_output=True, timeout=60
    )
    assert done.stderr == b""
    stream: dict[str, Any] = json.loads(done.stdout)["streams"][0]
    return stream


def test_a_minute_is_published_whole(shop, minute):
    assert (minute.status, minute.playable, minute.progress, minute.error_code) == ("ready", True, 1.0, None)
    assert minute.duration_s == pytest.approx(61, abs=0.1)  # copied up to a whole group of frames
    assert set(minute.assets) == {"hls", "poster", "storyboard", "chapters", "preview"}
    for path in minute.assets.values():
        assert (shop.media.root / path).stat().st_size > 0


def test_every_frame_of_the_source_is_there(shop, clips, minute):
    stream = decoded(shop.folder(minute) / "r1/144p/video.m3u8")
    assert int(stream["nb_read_frames"]) == media.frame_count(clips / "chapters.mp4") > 61 * 29
    assert (stream["width"], stream["height"], stream["pix_fmt"]) == (192, 144, "yuv420p")  # pixels 12:11 made square


def test_segments_last_three_groups_of_two_seconds(shop, minute):
    given = durations(shop.folder(minute) / "r1/144p/video.m3u8")
    assert given[:-1] == [6.006] * 10
    assert sum(given) == pytest.approx(minute.duration_s, abs=1e-5)


def test_time_starts_at_zero_and_has_no_gap(shop, minute):
    playlist = shop.folder(minute) / "r1/144p/video.m3u8"
    timescale = read_init((playlist.parent / "init.mp4").read_bytes()).timescale
    expected = 0
    for path, seconds in zip(segment_paths(playlist), durations(playlist), strict=True):
        fragment = read_fragment(path.read_bytes())
        assert (fragment.decode_time, fragment.presentation_offset) == (expected, 0)
        assert Fraction(fragment.duration, timescale) == pytest.approx(seconds, abs=1e-6)
        expected += fragment.duration


def test_chapters_come_from_the_source(shop, minute):
    assert (shop.media.root / minute.assets["chapters"]).read_text() == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:30.000\nFirst half\n\n2\n00:00:30.000 --> 00:01:01.000\nSecond half\n"
    )


def test_storyboard_cues_point_into_one_sheet(shop, minute):
    text = (shop.media.root / minute.assets["storyboard"]).read_text()
    places = [tuple(map(int, place)) for place in re.findall(r"storyboard\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", text)]
    assert len(places) == 31  # a keyframe every 2.002 s
    width, height = jpeg_size(shop.folder(minute) / "r1/storyboard.jpg")
    assert all(x + w <= width and y + h <= height for x, y, w, h in places)
    assert len(set(places)) == 31


def test_the_preview_moves_through_four_places_and_stays_small(shop, minute):
    data = (shop.media.root / minute.assets["preview"]).read_bytes()
    assert (data[:4], data[8:12], data[12:16]) == (b"RIFF", b"WEBP", b"VP8X")
    assert data.count(b"ANMF") == 24  # four seconds at six pictures a second
    width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    assert (width, height) == (96, 72)  # of the smallest rendition, never enlarged
    assert len(data) < 512 * 1024


def jpeg_size(path: Path) -> tuple[int, int]:
    done = subprocess.run(
        [media.tools().ffprobe, "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path],
        check=True, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    width, height = done.stdout.strip().split(",")
    return int(width), int(height)


def test_the_ladder_never_grows_the_picture(shop, bunny):
    sizes = [variant["RESOLUTION"] for variant in variants(shop.folder(bunny)).values()]
    assert sorted(sizes) == sorted(["1280x720", "960x540", "768x432", "640x360", "416x234"])


def test_sound_is_a_rendition_of_its_own_in_stereo(shop, bunny):
    master = (shop.folder(bunny) / "master.m3u8").read_text()
    media_line = next(line for line in master.splitlines() if line.startswith("#EXT-X-MEDIA"))
    assert attributes(media_line)["CHANNELS"] == "2"
    for variant in variants(shop.folder(bunny)).values():
        assert variant["AUDIO"] == attributes(media_line)["GROUP-ID"]
        assert re.fullmatch(r"avc1\.64[0-9a-f]{4},mp4a\.40\.2", variant["CODECS"])
        assert float(variant["FRAME-RATE"]) == 25.0
    sound = shop.folder(bunny) / attributes(media_line)["URI"]
    assert sum(durations(sound)) == pytest.approx(bunny.duration_s, abs=0.05)


def test_declared_bandwidth_is_the_measured_peak(shop, bunny):
    folder = shop.folder(bunny)
    sound = folder / "r1/audio/audio.m3u8"
    sound_bps = max(
        path.stat().st_size * 8 / seconds for path, seconds in zip(segment_paths(sound), durations(sound), strict=True)
    )
    for path, variant in variants(folder).items():
        playlist = folder / path
        rates = [
            file.stat().st_size * 8 / seconds
            for file, seconds in zip(segment_paths(playlist), durations(playlist), strict=True)
        ]
        assert int(variant["BANDWIDTH"]) == pytest.approx(max(rates) + sound_bps, abs=3)
        assert int(variant["AVERAGE-BANDWIDTH"]) <= int(variant["BANDWIDTH"])


def test_encodes_say_how_they_were_made(shop, bunny):
    rows = shop.catalog.renditions(bunny.id)
    assert [row.height for row in rows] == [720, 540, 432, 360, 234]
    for row in rows:
        folder = shop.folder(bunny) / f"r1/{row.height}p"
        assert row.bytes == sum(path.stat().st_size for path in folder.glob("*.m4s"))
        assert row.progress == 1.0
        assert row.cpu_s is not None
        assert row.cpu_s > 0
        assert row.ffmpeg_version
        assert row.args
        assert row.args[0] == "ffmpeg"
        assert str(shop.settings.data_dir) not in " ".join(row.args)  # analysts see this column
        assert "file:source" in row.args


def test_a_recording_without_a_duration_is_measured(shop, clips):
    small = media.remade(media.BIKES, clips / "recorded.webm", ["-vf", "scale=160:68,setsar=1", "-f", "matroska"])
    live = clips / "live.webm"
    media.ffmpeg("-i", small, "-c", "copy", "-live", "1", "-f", "matroska", live)  # as a browser's recorder writes
    video = shop.imported(live)
    assert (video.status, video.error_code) == ("ready", None)
    assert video.duration_s == pytest.approx(2.0, abs=0.1)


def test_a_stream_whose_clock_does_not_start_at_zero_keeps_sound_and_picture_together(shop, clips):
    stream = clips / "broadcast.ts"
    media.ffmpeg("-i", media.BUNNY, "-vf", "scale=320:-2", "-c:a", "aac", "-ac", "2", "-output_ts_offset", "90", stream)
    video = shop.imported(stream)
    assert (video.status, video.error_code) == ("ready", None)
    assert video.duration_s == pytest.approx(5.28, abs=0.1)
    folder = shop.folder(video) / "r1"
    assert sum(durations(folder / "audio/audio.m3u8")) == pytest.approx(video.duration_s, abs=0.05)


def test_a_picture_without_sound_in_its_second_half_is_padded_with_silence(shop, clips):
    uneven = clips / "uneven.mp4"
    media.ffmpeg("-i", media.BIKES, "-i", media.BUNNY, "-map", "0:v", "-map", "1:a", "-t", "8", "-c:v", "copy", uneven)
    video = shop.imported(uneven)
    folder = shop.folder(video) / "r1"
    assert sum(durations(folder / "audio/audio.m3u8")) == pytest.approx(video.duration_s, abs=0.05)
    assert video.duration_s == pytest.approx(8.0, abs=0.1)


def test_the_place_where_it_was_filmed_stays_private(shop, clips):
    options = [
        "-vf",
        "scale=160:120,setsar=1",
        "-metadata",
        "location=+52.5200+013.4050/",
        "-metadata",
        "comment=my flat",
    ]
    video = shop.imported(media.remade(media.BIKES, clips / "located.mp4", options))
    published = b"".join(path.read_bytes() for path in shop.folder(video).rglob("*") if path.is_file())
    assert b"52.52" not in published
    assert b"my flat" not in published


def test_what_is_published_breaks_no_must(shop, minute, bunny):
    """Judged from the files, after the gate judged the plan: with these two, all that this module has published."""
    published = [video for video in shop.catalog.page(limit=100).items if video.status == "ready"]
    assert {minute.id, bunny.id} <= {video.id for video in published}
    for video in published:
        found = lint(load(open_folder(shop.folder(video))))
        assert [finding for finding in found.findings if finding.rule.severity is Severity.MUST] == []
        assert found.unread == []


def test_nothing_of_the_work_is_left(shop, minute, bunny):
    assert not list((shop.settings.work_dir / "imports").iterdir())
    assert not list((shop.media.root / ".building").iterdir())
    files = {path.name for path in (shop.folder(minute) / "r1").iterdir()}
    lasting = {"144p", "72p", "poster.jpg", "preview.webp", "storyboard.jpg", "storyboard.vtt", "chapters.vtt"}
    assert files == lasting | {"fast"}, "what played meanwhile stays for those who began with it"
