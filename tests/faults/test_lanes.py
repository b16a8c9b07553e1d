"""A worker that is killed at any moment: the next one goes on, and nobody can tell from what is published."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

import pytest

from tests import media
from tests.faults.test_worker import encoders, is_encoding, worker_process
from tests.importing import Importer
from tests.support import until
from transcoder.lanes.chunks import CHUNK_SEGMENTS
from viewbox.catalog import Video
from viewbox.segments import SEGMENTS

pytestmark = pytest.mark.faults
KILLS = int(os.environ.get("VIEWBOX_FAULT_KILLS", "3"))  # `make faults` asks for ten
SECONDS = 100
SMALLEST = "68p"  # the rendition whose segments of a chunk are named last
QUICK = ("fast", "source", "early.m3u8")  # what only played meanwhile


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 s of 320×136 with a keyframe every second, and sound: five chunks."""
    short = media.remade(
        media.BIKES,
        tmp_path_factory.mktemp("clip") / "bikes.mp4",
        ["-vf", "scale=320:136,setsar=1", "-g", "25"],
        seconds=10,
    )
    sounding = short.with_name("sounding.mp4")
    media.ffmpeg(
        "-i", short, "-f", "lavfi", "-i", "sine=440:r=48000", "-t", "10", "-c:v", "copy", "-c:a", "aac", sounding
    )
    return media.looped(sounding, short.with_name("long.mp4"), SECONDS)


@pytest.fixture(scope="module")
def undisturbed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    shop = Importer(tmp_path_factory.mktemp("undisturbed"))
    return published(shop, shop.imported(clip))


def published(shop: Importer, video: Video) -> dict[str, str]:
    """Path -> hash of everything that players get in the end."""
    assert video.status == "ready", (video.error_code, video.error_hint)
    folder = shop.folder(video)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in QUICK for part in path.parts)
    }


def chunks_made(shop: Importer) -> int:
    """Chunks of the ladder whose segments are all known to the catalog."""
    with shop.catalog._engine.connect() as connection:
        rows = connection.execute(SEGMENTS.select().where(SEGMENTS.c.track == SMALLEST))
        return len(rows.all()) // CHUNK_SEGMENTS


def has_advanced(shop: Importer, video_id: str, chunks: int) -> bool:
    """So many chunks are made, and the queue knows that the last worker did not die in vain."""
    job = shop.jobs.latest(video_id)
    assert job is not None
    return chunks_made(shop) >= chunks and job["stalls"] == 0


def test_killed_again_and_again_it_ends_like_an_undisturbed_import(clip, undisturbed, tmp_path):
    shop = Importer(tmp_path / "data")
    video_id = shop.queue(clip)
    made = 0
    for kill in range(KILLS):
        with worker_process(shop) as process:
            until(lambda: encoders(shop), timeout_s=40, what="it encodes")
            if kill % 2:  # the other times it dies in the very chunk at which the one before died
                until(partial(has_advanced, shop, video_id, made + 1), timeout_s=90, what="another chunk is made")
            until(lambda: is_encoding(shop, video_id), timeout_s=40, what="it is at the next one")
            process.kill()
            process.wait()
        until(lambda: not encoders(shop), timeout_s=5, what="no FFmpeg outlives its worker")
        assert chunks_made(shop) >= made, "a chunk that was made is never lost"
        made = chunks_made(shop)
    shop.work()
    assert published(shop, shop.catalog.get(video_id)) == undisturbed
