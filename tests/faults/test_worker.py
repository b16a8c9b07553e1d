"""Workers that die, stall, are told to stop, or lose their job: nothing half-published, nothing done twice in vain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import media
from tests.importing import Importer
from tests.support import until
from transcoder.identity import is_dead, worker_id
from transcoder.pipeline import Workshop, publish
from transcoder.runner import Cancelled
from transcoder.slots import EncodeSlots
from transcoder.worker import sweep
from viewbox.catalog import Fence
from viewbox.clock import SystemClock
from viewbox.errors import JobLost
from viewbox.jobs import LEASE_MS, MAX_STALLS, Jobs
from viewbox.segments import SegmentIndex

pytestmark = pytest.mark.faults


@contextmanager
def worker_process(shop: Importer) -> Iterator[subprocess.Popen[bytes]]:
    """A `viewbox worker` of its own; killed at the end if it still runs."""
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(shop.settings.data_dir)}
    process = subprocess.Popen(
        [sys.executable, "-m", "viewbox", "worker"], env=environment, cwd=shop.settings.data_dir.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def encoders(shop: Importer) -> list[int]:
    """Process ids of every FFmpeg that works for this shop."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(shop.settings.data_dir).encode() in words and b"ffmpeg" in words.split(b"\0")[0]:
                found.append(int(entry.name))
    return found


def is_encoding(shop: Importer, video_id: str) -> bool:
    return any(rendition.progress > 0 for rendition in shop.catalog.renditions(video_id)) and bool(encoders(shop))


@pytest.fixture
def shop(tmp_path: Path) -> Importer:
    return Importer(tmp_path / "data")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """45 s of 640×272: several seconds of encoding."""
    return media.looped(media.BIKES, tmp_path_factory.mktemp("slow") / "bikes.mp4", 45)


def test_a_killed_workers_job_is_finished_by_another_at_once(shop, slow):
    video_id = shop.queue(slow)
    with worker_process(shop) as first:
        until(lambda: is_encoding(shop, video_id), timeout_s=40, what="the first worker encodes")
        first.kill()
        first.wait()
    until(lambda: not encoders(shop), timeout_s=5, what="no FFmpeg outlives its worker")
    begun = shop.catalog.get(video_id)
    assert (begun.status, begun.playable, begun.whole) == ("encoding", True, False)  # what was there plays on

    killed_at = time.monotonic()
    shop.work()
    assert time.monotonic() - killed_at < LEASE_MS / 1000  # it did not wait for the lease to run out
    video = shop.catalog.get(video_id)
    assert (video.status, video.error_code) == ("ready", None)
    assert shop.jobs.depth() == {"done": 1}
    assert not list((shop.settings.work_dir / "imports").iterdir())
    assert not list((shop.media.root / ".building").iterdir())


def test_a_worker_told_to_stop_gives_its_job_back_unharmed(shop, slow):
    video_id = shop.queue(slow)
    with worker_process(shop) as process:
        until(lambda: is_encoding(shop, video_id), timeout_s=40, what="it encodes")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    job = shop.jobs.latest(video_id)
    assert job is not None
    assert (job["status"], job["attempts"], job["stalls"], job["worker"]) == ("queued", 0, 0, None)
    assert shop.catalog.get(video_id).status == "queued"
    assert not encoders(shop)
    assert not list((shop.settings.work_dir / "imports").iterdir())


def test_a_cancelled_job_stops_within_seconds(shop, slow):
    video_id = shop.queue(slow)
    with worker_process(shop):
        until(lambda: is_encoding(shop, video_id), timeout_s=40, what="it encodes")
        assert shop.jobs.cancel(video_id) == 1
        shop.catalog.report_failure(video_id, code="cancelled", hint="", retryable=True)
        until(lambda: not encoders(shop), timeout_s=6, what="FFmpeg ends")
        until(lambda: not shop.media.folder(video_id).exists(), timeout_s=6, what="what had begun to play is gone")
    assert not shop.catalog.get(video_id).playable


class Later(SystemClock):
    """A clock that is ahead."""

    def __init__(self, ahead_ms: int) -> None:
        self._ahead_ms = ahead_ms

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead_ms


def test_a_worker_that_lost_its_job_publishes_nothing(shop):
    video_id = shop.queue(Path("/nowhere.mp4"))
    stale = shop.jobs.claim("somewhere else:1:1")
    assert stale is not None
    late = Jobs(shop.catalog._engine, Later(LEASE_MS + 1))
    newer = late.claim("another place:1:1")
    assert newer is not None
    assert (newer.id, newer.token) == (stale.id, stale.token + 1)

    index = SegmentIndex(shop.catalog._engine)
    workshop = Workshop(
        shop.settings, shop.catalog, shop.jobs, index, shop.captions, shop.media, media.tools(), EncodeSlots()
    )
    folder = shop.media.open_revision(video_id, 1, keep=())
    with pytest.raises(JobLost):
        publish(workshop, stale, "#EXTM3U\n", 5.0, {"hls": "master.m3u8"}, ready=True)
    assert not list(folder.parent.glob("*.m3u8"))

    publish(workshop, newer, "#EXTM3U\n", 5.0, {"hls": "master.m3u8"}, ready=True)
    assert (shop.media.folder(video_id) / "master.m3u8").read_text() == "#EXTM3U\n"
    fence = Fence(stale.id, stale.token)
    with pytest.raises(JobLost):
        shop.catalog.report(video_id, status="encoding", progress=0.5, fence=fence)
    with pytest.raises(JobLost):
        shop.catalog.report_failure(video_id, code="x", hint="x", retryable=False, fence=fence)
    assert shop.catalog.get(video_id).status == "ready"


def test_a_video_removed_while_it_is_encoded_does_not_come_back(shop, slow):
    video_id = shop.queue(slow)
    with worker_process(shop):
        until(lambda: is_encoding(shop, video_id), timeout_s=40, what="it encodes")
        shop.catalog.remove(video_id)
        until(lambda: not encoders(shop), timeout_s=6, what="FFmpeg ends")
        until(lambda: not shop.media.folder(video_id).exists(), timeout_s=6, what="its media is gone")
    assert shop.catalog.find(video_id) is None


def test_a_file_that_kills_its_workers_is_given_up(shop):
    video_id = shop.queue(media.BIKES)
    for stall in range(MAX_STALLS + 1):
        jobs = Jobs(shop.catalog._engine, Later(stall * (LEASE_MS + 1)))
        assert jobs.claim("elsewhere:1:1") is not None
    shop.catalog._clock = Later(0)
    with shop.catalog._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until_ms = 0")
    shop.work()
    video = shop.catalog.get(video_id)
    assert (video.status, video.error_code) == ("failed", "worker_lost")


def test_a_replaced_revision_appears_whole_and_the_one_before_stays(shop, tmp_path):
    small = media.remade(media.BIKES, tmp_path / "a.mp4", ["-vf", "scale=160:68,setsar=1"], seconds=1)
    video = shop.imported(small)
    for revision in (2, 3):
        shop.jobs.enqueue("import", video_id=video.id, revision=revision, payload={"upload": str(small)})
        shop.work()
    folder = shop.media.folder(video.id)
    assert sorted(path.name for path in folder.iterdir()) == ["master.m3u8", "r2", "r3"]
    assert "r3/68p/video.m3u8" in (folder / "master.m3u8").read_text()
    assert shop.catalog.get(video.id).revision == 3


def test_what_only_played_meanwhile_goes_after_a_day(shop):
    old, young, going_on = (shop.media.open_revision(shop.queue(media.BIKES), 1, keep=()) / "fast" for _ in range(3))
    for place in (old, young, going_on):
        (place.parent / "136p").mkdir()
        place.mkdir()
        video_id = place.parent.parent.name
        ready = place is not going_on
        shop.catalog.publish(video_id, revision=1, duration_s=1.0, assets={"hls": "master.m3u8"}, ready=ready)
        if place is not young:
            os.utime(place, (1.0, 1.0))
    index = SegmentIndex(shop.catalog._engine)
    sweep(
        Workshop(shop.settings, shop.catalog, shop.jobs, index, shop.captions, shop.media, media.tools(), EncodeSlots())
    )
    assert [place.exists() for place in (old, young, going_on)] == [False, True, True]
    assert all((place.parent / "136p").exists() for place in (old, young, going_on))


def test_a_process_is_known_by_its_start_not_by_its_number():
    own = worker_id()
    assert not is_dead(own)
    place, pid, start = own.rsplit(":", 2)
    assert is_dead(f"{place}:{pid}:{int(start) - 1}")  # the same number, given to another process
    assert is_dead(f"{place}:4194305:{start}")  # above the kernel's largest
    assert not is_dead(f"another-machine:{pid}:1")  # who knows
    assert not is_dead("nonsense")


def test_a_film_does_not_stand_before_a_clip():
    slots, never = EncodeSlots(2), threading.Event()
    with slots.of(7200.0, never):
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(Cancelled), slots.of(7200.0, cancelled):
            pass  # a second film waits
        with slots.of(30.0, never), pytest.raises(Cancelled), slots.of(30.0, cancelled):
            pass  # a clip passes; a second one finds both slots taken


def test_the_command_line_imports_without_a_server(tmp_path):
    small = media.remade(media.BIKES, tmp_path / "my_clip.mp4", ["-vf", "scale=160:68,setsar=1"], seconds=1)
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(tmp_path / "data")}

    def viewbox(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "viewbox", *words], env=environment, cwd=tmp_path, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    added = viewbox("add", str(small), "--tag", "a", "--external-id", "x1", "--wait", "--json")
    assert added.returncode == 0, added.stderr
    video = json.loads(added.stdout)
    assert (video["status"], video["title"], video["tags"], video["external_id"]) == ("ready", "my clip", ["a"], "x1")
    assert video["urls"]["hls"].endswith(f"/media/{video['id']}/master.m3u8")
    assert small.exists()

    words = tmp_path / "words.mp4"
    words.write_text("no video\n")
    listing = tmp_path / "videos.csv"
    listing.write_text(
        "url,title,external_id,tags\n"
        f"{small},Again,x1,\n"  # its external id is there already
        f"{words},Words,x2,a;b\n"
        "file:///etc/passwd,Bad,x3,\n"
        "http://127.0.0.1/a.mp4,Private,x4,\n"
    )
    first = viewbox("add", "--from", str(listing), "--wait")
    assert first.returncode == 1
    assert len(first.stdout.split()) == 1
    assert "not_a_video_file" in first.stderr
    assert first.stderr.splitlines()[-1] == "1 added, 1 already there, 3 failed"
    again = viewbox("add", "--from", str(listing))
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.splitlines()[-1] == "0 added, 2 already there, 2 failed"

    shown = json.loads(viewbox("videos", "--json").stdout)
    assert {row["title"]: (row["status"], row["tags"]) for row in shown} == {
        "my clip": ("ready", ["a"]),
        "Words": ("failed", ["a", "b"]),
    }
    assert json.loads(viewbox("video", video["id"], "--json").stdout) == video
    assert viewbox("add", "no-such-file.mp4").returncode == 2
