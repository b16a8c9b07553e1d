"""Faults that lie in the encoding, and streams of other packagers: made by their tools, judged by our rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import media, streams
from tests.breaking import MASTER, both, broken, check, data, match, report, rules
from transcoder.lint import Folder, Severity, lint, load
from transcoder.tools import streamer_binary

RULES_SHOWN = {
    "interlaced", "sound-in-picture", "two-sounds", "keyframes-rare", "transport-tables-first", "bit-rate-bursts",
    "iframes-sparse",
}  # fmt: skip
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0")
SPLIT = ("-filter_complex", "[0:v]split=2[a][b];[b]scale=96:54[c]", "-map", "[a]", "-map", "[c]")
GROUPS = "v:0,agroup:a v:1,agroup:a a:0,agroup:a,language:en,default:yes a:1,agroup:a,language:de"
FFMPEG_BREAKS = {
    "bandwidth-understated", "average-bandwidth-wrong", "frame-rate-missing", "independent-unsaid", "iframes-missing",
}  # fmt: skip


def made(folder: Path, *options: str, seconds: str = "7") -> set[str]:
    """MUST and SHOULD found in one media playlist that FFmpeg's HLS muxer wrote of the test clip."""
    media.ffmpeg(
        "-i", streams.clip(), "-t", seconds, *options, "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod",
        folder / "video.m3u8",
    )  # fmt: skip
    found = lint(load(Folder(folder, "video.m3u8")))
    return rules(found, Severity.MUST) | rules(found, Severity.SHOULD)


def test_interlaced_pictures_are_found(tmp_path):
    options = ("-map", "0:v", "-vf", "scale=160:96,setfield=tff", *X264, "-flags", "+ildct+ilme")
    assert made(tmp_path, *options) == {"interlaced", "transport-tables-first"}


def test_surround_in_the_picture_is_found(tmp_path):
    options = ("-map", "0:v", "-map", "0:a:0", *X264, "-c:a", "aac", "-ac", "6")
    assert made(tmp_path, *options) == {"sound-in-picture", "transport-tables-first"}


def test_two_sounds_in_a_segment_are_found(tmp_path):
    options = ("-map", "0:v", "-map", "0:a:0", "-map", "0:a:1", *X264, "-c:a", "aac")
    assert made(tmp_path, *options) == {"two-sounds", "transport-tables-first"}


def test_long_groups_are_advised_against(tmp_path):
    options = ("-map", "0:v", "-c:v", "libx264", "-preset", "ultrafast", "-g", "150", "-sc_threshold", "0")
    assert made(tmp_path, *options) == {"keyframes-rare", "transport-tables-first"}


def test_a_burst_is_advised_against():
    bulge = bytes([0, 6, 0, 0]) + b"free" + bytes(0x60000 - 8)  # an empty box of 384 KiB
    case = broken(
        "bit-rate-bursts",
        both(
            data("r1/44p/00003.m4s", lambda segment: segment + bulge),
            match(
                MASTER,
                r"BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+(?=.*80x44,F)",
                "BANDWIDTH=704000,AVERAGE-BANDWIDTH=240000",
            ),
        ),
        streams.own,
        "bandwidth-understated", "bandwidth-overstated", "average-bandwidth-wrong",
    )  # fmt: skip
    found = check(case)
    (finding,) = [finding for finding in found.findings if finding.rule.id == "bit-rate-bursts"]
    assert finding.spot.found.startswith("r1/44p/video.m3u8 peaks at 2.")


@pytest.mark.parametrize(("kind", "suffix"), [("mpegts", "ts"), ("fmp4", "m4s")])
def test_what_ffmpegs_own_master_playlist_lacks(tmp_path, kind, suffix):
    """Compared by hand in docs/explanation/lint-packagers.md. Its media playlists break nothing."""
    init = ("-hls_fmp4_init_filename", "init_%v.mp4") if kind == "fmp4" else ()
    media.ffmpeg(
        "-i", streams.clip(), *SPLIT, "-map", "0:a:0", "-map", "0:a:1", *X264, "-c:a", "aac", "-b:a", "64k",
        "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", kind,
        "-master_pl_name", MASTER, "-var_stream_map", GROUPS, *init,
        "-hls_segment_filename", tmp_path / f"%v_%03d.{suffix}", tmp_path / "v%v.m3u8",
    )  # fmt: skip
    found = lint(load(Folder(tmp_path, MASTER)))
    assert rules(found, Severity.MUST) == FFMPEG_BREAKS
    assert {finding.spot.file for finding in found.findings if finding.rule.id in FFMPEG_BREAKS} <= {
        MASTER, "v0.m3u8", "v1.m3u8",
    }  # fmt: skip


@pytest.fixture(scope="module")
def renditions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shaka")
    found = {}
    for name, size in (("hi", "160:90"), ("lo", "96:54")):
        found[name] = folder / f"{name}.mp4"
        media.ffmpeg(
            "-i",
            streams.clip(),
            "-map",
            "0:v",
            "-map",
            "0:a:0",
            "-vf",
            f"scale={size}",
            *X264,
            "-c:a",
            "aac",
            found[name],
        )
    return found  # fmt: skip


def packager(folder: Path, *streams_wanted: str) -> None:
    tool = streamer_binary("packager")()
    assert tool is not None
    command = [str(tool), *streams_wanted, "--hls_master_playlist_output", MASTER, "--segment_duration", "6"]
    subprocess.run([*command, "--fragment_duration", "2"], cwd=folder, check=True, capture_output=True, timeout=60)


def test_shaka_packagers_fragmented_mp4_breaks_nothing(tmp_path, renditions):
    packager(
        tmp_path,
        *(
            f"in={path},stream=video,init_segment={name}/init.mp4,segment_template={name}/$Number$.m4s,"
            f"playlist_name={name}/v.m3u8,iframe_playlist_name={name}/i.m3u8"
            for name, path in renditions.items()
        ),
        f"in={renditions['hi']},stream=audio,language=en,init_segment=en/init.mp4,segment_template=en/$Number$.m4s,"
        "playlist_name=en/a.m3u8,hls_group_id=audio,hls_name=English",
    )
    found = lint(load(Folder(tmp_path, MASTER)))
    assert rules(found, Severity.MUST) == set()
    assert rules(found, Severity.SHOULD) == {"iframes-sparse", "version-high"}


def test_shaka_packagers_byte_ranges_break_nothing(tmp_path, renditions):
    packager(
        tmp_path,
        *(
            f"in={path},stream=video,output={name}.mp4,playlist_name={name}.m3u8,iframe_playlist_name={name}_i.m3u8"
            for name, path in renditions.items()
        ),
        f"in={renditions['hi']},stream=audio,language=en,output=en.mp4,playlist_name=en.m3u8,hls_group_id=audio,"
        "hls_name=English",
    )
    assert rules(lint(load(Folder(tmp_path, MASTER))), Severity.MUST) == set()


def test_shaka_packagers_transport_streams_and_packed_audio_lack_iframe_playlists_only(tmp_path, renditions):
    packager(
        tmp_path,
        *(
            f"in={path},stream=video,segment_template={name}_$Number$.ts,playlist_name={name}.m3u8"
            for name, path in renditions.items()
        ),
        f"in={renditions['hi']},stream=audio,language=en,segment_template=en_$Number$.aac,playlist_name=en.m3u8,"
        "hls_group_id=audio,hls_name=English",
    )
    assert rules(lint(load(Folder(tmp_path, MASTER))), Severity.MUST) == {"iframes-missing"}


def test_advice_on_sound_streams_is_of_these_kinds():
    usual = {"transport-tables-first", "iframes-sparse"}
    assert rules(report(streams.transport()), Severity.SHOULD) == usual
