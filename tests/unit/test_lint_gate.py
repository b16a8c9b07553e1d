"""Nothing that breaks a MUST becomes visible, and sound never outlasts its picture."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from tests import media, streams
from tests.breaking import rules
from tests.importing import Importer
from transcoder import pipeline
from transcoder.boxes import read_fragment, read_init
from transcoder.lint import Severity, gate, lint, load, open_folder
from transcoder.package import Package, package
from transcoder.playlists import Segment, Track, master_playlist, media_playlists
from transcoder.trim import trimmed
from viewbox.errors import EncodeFailed


def track(name: str, *, width: int = 0, height: int = 0, size: int = 600_000, segments: int = 4) -> Track:
    made = tuple(Segment(f"{i:05d}.m4s", Fraction(6), size, size // 20) for i in range(segments))
    if not width:
        return Track(name, "mp4a.40.2", made, channels=2, language="eng")
    return Track(name, "avc1.64001f", made, width, height, Fraction(25))


def packed(*videos: Track) -> Package:
    sounds = (track("audio", size=96_000),)
    texts = media_playlists(videos, sounds, 6)
    return Package(videos, sounds, master_playlist(videos, sounds, "r1"), 24.0, {}, texts)


SOUND = packed(track("720p", width=1280, height=720, size=2_000_000), track("360p", width=640, height=360))


def test_what_we_package_passes():
    assert {finding.rule.id for finding in gate.check(SOUND, 1).findings} == {"iframes-sparse", "one-top-variant"}


@pytest.mark.parametrize(
    ("pattern", "instead", "rule"),
    [
        (r"#EXT-X-I-FRAME-STREAM-INF.*\n", "", "iframes-missing"),
        (r",AVERAGE-BANDWIDTH=\d+", "", "average-bandwidth-missing"),
        (r":BANDWIDTH=\d+", ":BANDWIDTH=1000", "bandwidth-understated"),
        (r'LANGUAGE="en",', "", "rendition-language"),
        (r"r1/720p/video.m3u8", "r1/720p/gone.m3u8", "file-missing"),
    ],
)
def test_a_broken_master_does_not_pass(pattern, instead, rule):
    broken = replace(SOUND, master=re.sub(pattern, instead, SOUND.master))
    with pytest.raises(EncodeFailed, match=rule) as refused:
        gate.check(broken, 1)
    assert (refused.value.code, refused.value.retryable) == ("not_conformant", False)
    assert "report" in refused.value.hint


def test_a_broken_media_playlist_does_not_pass():
    texts = {path: text.replace("TARGETDURATION:6", "TARGETDURATION:5") for path, text in SOUND.texts.items()}
    with pytest.raises(EncodeFailed, match="target-exceeded"):
        gate.check(replace(SOUND, texts=texts), 1)


def test_one_variant_does_not_pass_unless_the_picture_is_tiny():
    with pytest.raises(EncodeFailed, match="one-bit-rate"):
        gate.check(packed(track("360p", width=640, height=360)), 1)
    gate.check(packed(track("16p", width=16, height=16)), 1)


def test_an_import_that_breaks_a_must_ends_with_an_error_and_nothing_to_play(tmp_path, monkeypatch):
    shop = Importer(tmp_path)

    def careless(*arguments: Any) -> Package:
        made = package(*arguments)
        return replace(made, master=made.master.replace("AVERAGE-BANDWIDTH", "MEAN-BANDWIDTH"))

    monkeypatch.setattr(pipeline, "package", careless)
    video = shop.imported(media.CARPHONE)
    assert (video.status, video.error_code, video.playable) == ("failed", "not_conformant", False)
    assert "average-bandwidth-missing" not in (video.error_hint or "")  # people read the hint, we the message
    assert not (shop.folder(video) / "master.m3u8").exists()


def test_sound_can_be_shortened_to_a_frame():
    files = streams.own()
    init, whole = files["r1/audio/init.mp4"], files["r1/audio/00001.m4s"]
    rate = read_init(init).timescale
    short = trimmed(whole, 2 * rate)
    fragment = read_fragment(short)  # sizes add up, or it raises
    # 2 s are 93.75 frames of 1024 samples.
    assert (fragment.samples, fragment.duration) == (94, 94 * 1024)
    assert fragment.decode_time == read_fragment(whole).decode_time
    assert fragment.size_bytes == len(short) < len(whole)


def test_shortened_sound_still_decodes(tmp_path):
    files = streams.own()
    short = tmp_path / "short.mp4"
    short.write_bytes(files["r1/audio/init.mp4"] + trimmed(files["r1/audio/00000.m4s"], 2 * 48_000))
    media.ffmpeg("-xerror", "-i", short, "-f", "null", "-")


def test_sound_of_a_picture_that_ends_early_ends_with_it(tmp_path):
    """Cut off by less than makes a file a broken one: the picture ends early, and silence was to follow."""
    whole = tmp_path / "whole.mkv"
    card = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=6", "-f", "lavfi", "-i", "sine=d=6")
    media.ffmpeg(*card, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", whole)
    clip = media.truncated(whole, tmp_path / "early.mkv", share=0.88)
    shop = Importer(tmp_path / "data")
    video = shop.imported(clip)
    assert video.status == "ready", video.error_hint
    found = lint(load(open_folder(shop.folder(video))))
    assert rules(found, Severity.MUST) == set()
    texts = [(shop.folder(video) / "r1" / path).read_text() for path in ("90p/video.m3u8", "audio/audio.m3u8")]
    picture_s, sound_s = (sum(map(float, re.findall(r"EXTINF:([\d.]+)", text))) for text in texts)
    assert 5.0 < picture_s < 5.9
    assert sound_s == pytest.approx(picture_s, abs=0.1)
