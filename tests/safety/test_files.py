"""Hostile files, quick form: every disguise, odd names, a bomb, nasty titles, and two dozen damaged clips."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.importing import Importer
from tests.safety import disguises, mutations
from tests.safety.trial import run_through
from tests.safety.witness import left_behind, watching
from tests.support import until
from viewbox.captions import read_captions
from viewbox.errors import InvalidInput

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the witness is the kernel's inotify")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return mutations.seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture
def canary(tmp_path: Path, clips: list[Path]) -> Path:
    """A video that plays, beside the hostile files."""
    (tmp_path / "in").mkdir()
    return shutil.copyfile(clips[0], tmp_path / "in" / "canary.mp4")


def test_the_witness_sees_what_it_is_for(canary):
    with watching(canary) as witness:
        subprocess.run(["cat", canary], stdout=subprocess.DEVNULL, check=True)
        assert "canary.mp4" in witness.opened()
        assert witness.opened() == []
        with subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)", "ffmpeg", str(canary.parent)]
        ) as one:
            until(lambda: len(left_behind(canary.parent)) == 1, what="the kernel shows what the new process is called")
            one.kill()


def test_no_disguise_gets_outside(tmp_path, canary):
    shop = Importer(tmp_path / "data")
    with watching(canary) as witness:
        for name, content in disguises.texts(canary, witness.port).items():
            (canary.parent / name).write_text(content, encoding="utf-8")
        files = [(path.name, path) for path in sorted(canary.parent.iterdir()) if path != canary]
        outcome = run_through(shop, files, witness)
    assert outcome.wrong == []
    assert set(outcome.verdicts) <= disguises.REFUSED
    assert sum(outcome.verdicts.values()) == len(files) >= 25


def test_odd_names_are_names_and_nasty_titles_are_titles(tmp_path, clips, canary):
    shop = Importer(tmp_path / "data")
    files = [("titles", disguises.nasty_titles(clips[2], tmp_path / "titles.mkv"))]
    for name, clip in disguises.names(clips[0], canary).items():
        place = tmp_path / "odd" / str(len(files))
        place.mkdir(parents=True)
        files.append((name, shutil.copyfile(clip, place / name.replace("/", "_"))))
    with watching(canary) as witness:
        outcome = run_through(shop, files, witness)
    assert outcome.wrong == []
    assert dict(outcome.verdicts) == {"ready": len(files)}
    assert not list(tmp_path.rglob("pwned"))
    video = outcome.by_name["titles"]
    master = (shop.folder(video) / "master.m3u8").read_text(encoding="utf-8")
    assert "BANDWIDTH=1\n" not in master
    assert 'URI="http' not in master
    for text in shop.folder(video).rglob("*.vtt"):
        assert "<script" not in text.read_text(encoding="utf-8")


def test_a_bomb_of_pixels_is_refused_before_it_goes_off(tmp_path, canary):
    shop = Importer(tmp_path / "data")
    before = os.times()
    with watching(canary) as witness:
        outcome = run_through(shop, [("bomb", disguises.png_bomb(tmp_path))], witness)
    assert outcome.wrong == []
    assert set(outcome.verdicts) <= {"too_many_pixels", "not_a_video_file"}
    assert os.times().children_user - before.children_user < 20


def test_damaged_clips_end_as_videos_or_as_errors(tmp_path, clips, canary):
    shop = Importer(tmp_path / "data")
    made = []
    for name, content in mutations.mutations(clips, 24, "quick"):
        path = tmp_path / name
        path.write_bytes(content())
        made.append((name, path))
    with watching(canary) as witness:
        outcome = run_through(shop, made, witness)
    assert outcome.wrong == []
    assert sum(outcome.verdicts.values()) == 24
    assert outcome.verdicts["ready"] < 24, "some of the damage shows"


def test_damaged_caption_files_end_as_cues_or_as_errors(tmp_path, clips):
    texts = [clips[0].parent / name for name in ("a.srt", "c.vtt")]
    read = refused = 0
    for _, content in mutations.mutations(texts, 2_000, "captions"):
        try:
            read += len(read_captions(content()).cues) > 0
        except InvalidInput as error:
            refused += bool(error.hint)
    assert read + refused == 2_000
    assert min(read, refused) > 100


def test_what_is_mutated_is_what_people_upload(clips):
    assert [clip.suffix for clip in clips] == [".mp4", ".mp4", ".mkv", ".ts", ".avi", ".webm"]
    assert all(clip.stat().st_size > 5_000 for clip in clips)
