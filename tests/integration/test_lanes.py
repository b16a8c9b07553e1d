"""What plays while an import goes on: playlists over the whole duration, segments that are awaited, no surprises."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests import media
from tests.importing import Importer
from tests.integration.test_import import durations, segment_paths, variants
from tests.servers import Answer, Server
from tests.support import until
from transcoder import pipeline
from transcoder.boxes import read_fragment, read_init
from transcoder.lanes.index import read_index
from transcoder.lanes.timeline import cuts
from transcoder.pipeline import Workshop
from viewbox.catalog import Video
from viewbox.jobs import Job
from viewbox.segments import SegmentIndex, Want

SECONDS = 24
SMALL = ["-vf", "scale=512:216,setsar=1", "-g", "50"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`plain.mp4`: H.264 and AAC as we would make them. `other.mkv`: the same pictures in another codec."""
    folder = tmp_path_factory.mktemp("clips")
    short = media.remade(media.BIKES, folder / "short.mp4", SMALL, seconds=8)
    long = media.looped(short, folder / "long.mp4", SECONDS)
    tone = ["-f", "lavfi", "-i", "sine=440:r=48000", "-t", str(SECONDS), "-c:a", "aac", "-ac", "2"]
    media.ffmpeg("-i", long, *tone, "-c:v", "copy", folder / "plain.mp4")
    media.ffmpeg("-i", folder / "plain.mp4", "-c:v", "mpeg4", "-b:v", "1M", "-c:a", "copy", folder / "other.mkv")
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Importer:
    return Importer(tmp_path_factory.mktemp("lanes"))


@pytest.fixture(scope="module")
def made_first(shop: Importer) -> Iterator[dict[str, Counter[str]]]:
    """By video: how many segments of each track there were when it was first told to play."""
    found: dict[str, Counter[str]] = {}
    publish = pipeline.publish

    def look(workshop: Workshop, job: Job, *arguments: Any, **options: Any) -> None:
        segments = shop.folder(workshop.catalog.get(job.video_id)).glob("r1/*/*.m4s")
        found.setdefault(job.video_id, Counter(path.parent.name for path in segments))
        publish(workshop, job, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "publish", look)
        yield found


@pytest.fixture(scope="module")
def copied(shop: Importer, clips: Path, made_first: dict[str, Counter[str]]) -> Video:
    return shop.imported(clips / "plain.mp4")


@pytest.fixture(scope="module")
def encoded(shop: Importer, clips: Path, made_first: dict[str, Counter[str]]) -> Video:
    return shop.imported(clips / "other.mkv")


def check_promise(playlist: Path) -> None:
    """Every announced segment is there, begins where it was announced, and holds one keyframe first."""
    given, paths = durations(playlist), segment_paths(playlist)
    timescale = read_init((playlist.parent / "init.mp4").read_bytes()).timescale
    position_s = 0.0
    for path, seconds in zip(paths, given, strict=True):
        fragment = read_fragment(path.read_bytes())
        assert fragment.starts_with_sync
        assert fragment.decode_time / timescale == pytest.approx(position_s, abs=0.05)
        position_s += seconds
    assert position_s == pytest.approx(SECONDS, abs=0.1)


def test_a_source_that_may_be_copied_played_first_as_it_is(shop, clips, copied):
    assert (copied.status, copied.whole, copied.master_version) == ("ready", True, 2)
    folder = shop.folder(copied) / "r1"
    check_promise(folder / "source/early.m3u8")
    check_promise(folder / "audio/early.m3u8")
    assert not (folder / "fast").exists()
    frames = sum(read_fragment(path.read_bytes()).samples for path in segment_paths(folder / "source/early.m3u8"))
    assert frames == media.frame_count(clips / "plain.mp4")  # not one was encoded, not one is missing
    assert "source" not in (shop.folder(copied) / "master.m3u8").read_text()  # what is whole has its own ladder


def test_any_other_source_played_first_in_a_small_rendition(shop, encoded):
    assert (encoded.status, encoded.whole, encoded.master_version) == ("ready", True, 2)
    folder = shop.folder(encoded) / "r1"
    check_promise(folder / "fast/early.m3u8")
    assert durations(folder / "fast/early.m3u8") == [2.0] * (SECONDS // 2)
    assert not (folder / "source").exists()


def test_before_it_plays_nothing_is_made_but_its_beginning(copied, encoded, made_first):
    """So half an hour plays as soon as ten seconds do."""
    assert set(made_first[copied.id]) == {"source", "audio"}
    assert made_first[copied.id] <= Counter(source=2, audio=2), "of four each"
    assert set(made_first[encoded.id]) == {"fast", "audio"}
    assert made_first[encoded.id] <= Counter(fast=3, audio=1), "of twelve and four"


def test_both_ways_lead_to_the_same_kind_of_ladder(shop, copied, encoded):
    for video in (copied, encoded):
        assert set(variants(shop.folder(video))) == {"r1/216p/video.m3u8", "r1/176p/video.m3u8"}
        for name in variants(shop.folder(video)):
            assert durations(shop.folder(video) / name) == [6.0] * (SECONDS // 6)
        assert sum(durations(shop.folder(video) / "r1/audio/audio.m3u8")) == pytest.approx(SECONDS, abs=0.05)


def test_keyframes_are_read_from_the_tables_and_cut_as_ffmpeg_cuts(clips):
    index = read_index(clips / "plain.mp4")
    assert index is not None
    assert index.closed
    assert index.even_sound
    assert [float(time) for time in index.keyframes_s[:4]] == [0.0, 2.0, 4.0, 6.0]
    assert [float(start) for start in cuts(Fraction(6), index.keyframes_s, index.end_s).starts] == [0, 6, 12, 18]
    assert read_index(clips / "other.mkv") is None
    fragmented = clips / "fragmented.mp4"
    media.ffmpeg("-i", clips / "plain.mp4", "-c", "copy", "-movflags", "frag_keyframe+empty_moov", fragmented)
    assert read_index(fragmented) is None


@pytest.fixture(scope="module")
def begun(live_api: Server) -> tuple[Server, Importer, str, Path]:
    """A video whose import goes on: its early playlist promises two segments, of which the first is there."""
    shop = Importer(live_api.data_dir)
    video = shop.catalog.add(title="t", source_kind="upload")
    track = shop.media.open_revision(video.id, 1, keep=()) / "fast"
    track.mkdir()
    (track / "early.m3u8").write_text("#EXTM3U\n#EXTINF:2,\n00000.m4s\n#EXTINF:2,\n00001.m4s\n#EXTINF:2,\n00002.m4s\n")
    (track / "00000.m4s").write_bytes(b"whole")
    shop.media.point(video.id, 1, "#EXTM3U\n")
    shop.catalog.report(video.id, status="encoding", progress=0.2)
    shop.catalog.publish(video.id, revision=1, duration_s=4.0, assets={"hls": "master.m3u8"}, ready=False)
    return live_api, shop, video.id, track


def test_a_segment_that_is_still_made_is_awaited_and_made_next(begun):
    server, shop, video_id, track = begun
    answers: list[Answer] = []
    request = threading.Thread(target=lambda: answers.append(server.get(f"/media/{video_id}/r1/fast/00001.m4s")))
    request.start()
    index = SegmentIndex(shop.catalog._engine)
    until(lambda: index.wanted(video_id) == Want(track="fast", number=1), timeout_s=20, what="the worker hears of it")
    assert not answers
    (track / ".part").write_bytes(b"here it is")
    (track / ".part").rename(track / "00001.m4s")
    request.join(timeout=20)
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"here it is")]
    assert "immutable" in answers[0].headers["cache-control"]


def test_one_that_does_not_come_is_asked_for_again(begun):
    server, _, video_id, _ = begun
    began = time.monotonic()
    answer = server.get(f"/media/{video_id}/r1/fast/00002.m4s")
    assert answer.problem() == (503, "overloaded")
    assert answer.headers["retry-after"] == "1"
    assert time.monotonic() - began >= 8


@pytest.mark.parametrize("name", ["r1/fast/00003.m4s", "r2/fast/00001.m4s", "r1/slow/00001.m4s", "r1/fast/1.m4s"])
def test_what_nobody_promised_is_not_awaited(begun, name):
    server, _, video_id, _ = begun
    assert server.get(f"/media/{video_id}/{name}", timeout_s=5).problem() == (404, "media_not_found")


def test_an_import_that_fails_takes_back_what_had_begun_to_play(begun):
    server, shop, video_id, _ = begun
    failed = shop.catalog.report_failure(video_id, code="truncated_file", hint="whole", retryable=False)
    assert (failed.playable, failed.assets, failed.duration_s, failed.whole) == (False, {}, None, True)
    assert server.get(f"/media/{video_id}/r1/fast/00002.m4s", timeout_s=5).status == 404
