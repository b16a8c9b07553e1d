"""VIEWBOX_CAPTIONS_COMMAND: a program hears what was published, and whatever it does, the video plays."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tests import media
from tests.importing import Importer
from tests.integration.test_import_captions import musts, offered
from viewbox.captions import Wish, keep

HEARS = """
import sys, wave
with wave.open(sys.argv[-2]) as sound:
    facts = [sound.getnchannels(), sound.getframerate(), round(sound.getnframes() / sound.getframerate(), 1)]
print(f"WEBVTT\\n\\n00:00:01.000 --> 00:00:02.000\\nheard {sys.argv[-1]} {facts} <script>x</script>")
"""


def shop_with(folder: Path, program: str) -> Importer:
    script = folder / "hear.py"
    script.write_text(program, encoding="utf-8")
    return Importer(folder / "data", captions_command=shlex.join([sys.executable, str(script)]))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with sound."""
    return media.remade(
        media.BUNNY, tmp_path_factory.mktemp("said") / "clip.mp4", ["-vf", "scale=320:180", "-c:a", "aac"]
    )


def test_what_it_writes_is_published_clean_under_a_new_master(tmp_path, clip):
    shop = shop_with(tmp_path, HEARS)
    video = shop.imported(clip)
    assert (video.status, video.master_version) == ("ready", 2)
    (track,) = shop.captions.of(video.id, 1)
    assert (track.origin, track.language, track.note) == ("speech", "und", "written by a machine")
    (rendition,) = offered(shop, video)
    assert "heard und [1, 16000, 2.0] x\n" in rendition["text"]
    assert rendition["DEFAULT"] == "NO"
    assert musts(shop, video) == []
    assert not list((tmp_path / "data/work/imports").iterdir())


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("raise SystemExit('no model here')", "no model here"),
        ("print('I heard nothing')", "neither SRT nor WebVTT"),
        ("import os; os.kill(os.getpid(), 9)", "ended with -9"),
    ],
)
def test_its_failure_is_told_and_costs_nothing(tmp_path, clip, program, told):
    shop = shop_with(tmp_path, program)
    video = shop.imported(clip)
    assert (video.status, video.playable, video.master_version, video.error_code) == ("ready", True, 1, None)
    (track,) = shop.captions.of(video.id, 1)
    assert told in track.note
    assert "captions" not in video.assets


def test_a_program_that_is_not_there_is_told_without_its_path(tmp_path, clip):
    shop = Importer(tmp_path / "data", captions_command="/secret/place/whisper --fast")
    video = shop.imported(clip)
    (track,) = shop.captions.of(video.id, 1)
    assert video.status == "ready"
    assert "whisper cannot be started" in track.note
    assert "/secret" not in track.note


def test_it_is_not_asked_where_somebody_wrote_captions_nor_where_nothing_is_said(tmp_path, clip):
    shop = shop_with(tmp_path, HEARS)
    written, silent = shop.queue(clip), shop.queue(media.CARPHONE)
    data = b"WEBVTT\n\n00:01.000 --> 00:02.000\nby hand\n"
    keep(shop.catalog, shop.captions, shop.media, written, wish=Wish("en"), data=data)
    shop.work()
    assert [track.origin for track in shop.captions.of(written, 1)] == ["upload"]
    assert shop.captions.of(silent, 1) == []
    assert shop.jobs.depth() == {"done": 2}
