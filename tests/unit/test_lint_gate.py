"""Nothing that breaks a MUST becomes visible, and sound never outlasts its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests import media, streams
from tests.importing import Importer
from transcoder import pipeline
from transcoder.boxes import read_fragment, read_init
from transcoder.lanes import sound
from transcoder.lint import gate
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

    def careless(folder: Path, videos: Sequence[Track], sounds: Sequence[Track], revision: int) -> Package:
        made = package(folder, videos, sounds, revision)
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
    """Silence was added up to the declared end; the picture came to its own two seconds before."""
    work, videos, sounds = streams.made()
    early = [
        replace(video, segments=(*video.segments[:-1], replace(video.segments[-1], duration_s=Fraction(2))))
        for video in videos
    ]
    made = package(tmp_path, early, sound.tracks_of(work, sounds, early[0]), 1)
    assert [float(video.duration_s) for video in made.videos] == [38.0, 38.0]
    # One frame of sound lasts 1024 / 48,000 s.
    assert all(0 <= track.duration_s - 38 < Fraction(1024, 48_000) for track in made.sounds)
    gate.check(made, 1)
    for track in made.sounds:
        short = (work.shelf.folder / track.name / track.segments[-1].name).read_bytes()
        assert read_fragment(short).size_bytes == track.segments[-1].size_bytes
