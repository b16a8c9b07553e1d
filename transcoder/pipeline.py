"""One import from source to published HLS: fetch → probe → plan → lanes → package → publish.

Each step is a function from typed input to typed output; this module only strings them together and tells the
catalog what happens. The first revision of a video plays as soon as its quick lane has a segment; a later one takes
its place when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from transcoder import speech
from transcoder.captions import take_over
from transcoder.chapters import write_chapters
from transcoder.command import CRF, PRESET
from transcoder.fetch import SNIFF_BYTES, Source, fetch
from transcoder.ladder import Plan, plan
from transcoder.lanes import chunks, sound
from transcoder.lanes.chunks import Ladder
from transcoder.lanes.front import Front
from transcoder.lanes.index import Index, read_index
from transcoder.lanes.quick import Quick
from transcoder.lanes.shelf import Row, Shelf
from transcoder.lanes.work import Work
from transcoder.lint import gate
from transcoder.package import Package, package
from transcoder.preview import make_preview
from transcoder.probe import HDR_TRANSFERS, TRUNCATED_HINT, NoPicture, Probe, probe
from transcoder.report import Reporter
from transcoder.room import check_room, expected_bytes
from transcoder.runner import Cancelled
from transcoder.sharelinks import sniff
from transcoder.slots import EncodeSlots
from transcoder.storyboard import make_pictures
from transcoder.tools import Tools
from transcoder.waveform import draw
from viewbox import logs
from viewbox.captions import Captions, dress
from viewbox.catalog import Catalog, Fence
from viewbox.errors import EncodeFailed, FetchFailed
from viewbox.jobs import Job, Jobs
from viewbox.languages import language_tag
from viewbox.segments import SegmentIndex
from viewbox.settings import Settings
from viewbox.storage import MASTER, MediaStore

SHORTFALL = 0.05  # a source that yields less than 95 % of its declared length, and 1 s less, was cut off
SHORTFALL_S = 1.0
FORM = 2  # of what lies on the shelf: one more when it changes, so that no attempt continues another kind
QUICK_FROM_PIXELS = 60_000_000  # to encode in all: below, the ladder is there in a second, before a quick lane helps
_log = logs.get("import")


@dataclass(frozen=True)
class Workshop:
    """What every import of a worker shares."""

    settings: Settings
    catalog: Catalog
    jobs: Jobs
    segments: SegmentIndex
    captions: Captions
    media: MediaStore
    tools: Tools
    slots: EncodeSlots


def import_video(workshop: Workshop, job: Job, cancel: threading.Event) -> None:
    """Run one job to its publication.

    Raises MediaError or UrlRefused with code and hint, JobLost when another worker holds the job now, Cancelled.
    """
    with _folders(workshop, job) as (scratch, building):
        _Import(workshop, job, cancel, Reporter(workshop.catalog, job)).run(scratch, building)


@dataclass(frozen=True)
class _Import:
    workshop: Workshop
    job: Job
    cancel: threading.Event
    reporter: Reporter

    def run(self, scratch: Path, building: Path) -> None:
        tools = self.workshop.tools
        source, probed = self.look_at(self.obtain(scratch), scratch)
        planned = plan(probed, can_tonemap=tools.can_tonemap, can_deinterlace=tools.can_deinterlace)
        tell_shortcomings(self.job, probed, planned)
        check_room(self.workshop.media.root, expected_bytes(planned))
        work = self.lay_out(source, probed, planned, building)
        self.reporter.enter("encoding", planned)
        packed = self.make(work, read_index(source.path))
        check_complete(probed, planned, packed.duration_s)
        gate.check(packed, self.job.revision)
        extras = work.fresh("extras", ".")
        assets = {"hls": MASTER, **make_pictures(tools, work.shelf.folder, extras, packed.videos, self.cancel)}
        assets |= make_preview(tools, work.shelf.folder, extras, packed.videos, self.cancel)
        if write_chapters(extras / "chapters.vtt", probed.chapters):
            assets["chapters"] = "chapters.vtt"
        self.add(extras)
        publish(self.workshop, self.job, packed.master, packed.duration_s, assets, ready=True)
        shop, job = self.workshop, self.job
        if probed.audio and speech.wanted(shop.settings, shop.captions.of(job.video_id, job.revision)):
            speech.enqueue(shop.jobs, job, language_tag(probed.audio[0].language))

    def obtain(self, scratch: Path) -> Source:
        """The source as a local file: an upload as it lies, a URL through the guarded fetcher."""
        if "upload" in self.job.payload:
            path = Path(self.job.payload["upload"])
            if not path.is_file():
                raise FetchFailed("the uploaded file is gone", code="upload_gone", hint="upload the file again")
            with path.open("rb") as file:
                sniff(file.read(SNIFF_BYTES), content_type="")
            return Source(path, path.stat().st_size)
        kept = scratch / "whole"  # fetched by an earlier attempt, to its end
        if kept.is_file():
            return Source(kept, kept.stat().st_size)
        self.reporter.enter("fetching")
        settings = self.workshop.settings
        fetched = fetch(
            self.job.payload["url"],
            scratch,
            allow=settings.fetch_allow,
            proxy=settings.egress_proxy,
            max_bytes=settings.max_source_bytes,
            cancel=self.cancel,
            on_progress=self.reporter.fetched,
        )
        return Source(fetched.path.rename(kept), fetched.size_bytes)

    def look_at(self, source: Source, scratch: Path) -> tuple[Source, Probe]:
        """What the source is. Of sound alone a video is made first, with its waveform as the picture."""
        tools, longest_s = self.workshop.tools, self.workshop.settings.max_duration_s
        self.reporter.enter("probing")
        try:
            return source, probe(tools, source.path, max_duration_s=longest_s, cancel=self.cancel)
        except NoPicture as sound:
            check_room(scratch, source.size_bytes * 2)
            path = draw(tools, source.path, scratch, sound.duration_s, max_duration_s=longest_s, cancel=self.cancel)
            return Source(path, path.stat().st_size), probe(tools, path, max_duration_s=longest_s, cancel=self.cancel)

    def lay_out(self, source: Source, probed: Probe, planned: Plan, building: Path) -> Work:
        """The shelf of this revision, with what earlier attempts at the same source left on it."""
        shop = self.workshop
        recipe = recipe_of(source, planned, shop.tools)
        return Work(
            tools=shop.tools,
            source=source.path.absolute(),
            probed=probed,
            planned=planned,
            shelf=Shelf(shop.media, shop.segments, shop.jobs, self.job, recipe),
            folder=building.absolute(),
            cancel=threading.Event(),
            wanted=lambda: shop.segments.wanted(self.job.video_id),
            front=Front(),
        )

    def make(self, work: Work, index: Index | None) -> Package:
        """All renditions and sound tracks on the shelf, with their playlists. Raises what the first lane that failed
        raised.
        """
        copied = bool(work.planned.audio) and sound.may_copy(work, index)
        sounds = sound.rows(work, copied=copied)
        quick = Quick(work, index, sounds, self.play) if self.may_play_early(work) else None
        if quick is None:
            work.front.open()
        lanes = [_Lane("sound", work.cancel, lambda: sound.make(work, sounds, copied=copied))]
        if quick is not None:
            lanes.append(_Lane("quick", work.cancel, quick.make))
        tracks = chunks.rows(work)
        ladder = Ladder(work, tracks, self.workshop.slots, self.reporter, lambda: quick.row if quick else None)
        texts = _Lane("captions", work.cancel, lambda: self.take_captions(work))
        with _stopping(self.cancel, work.cancel):
            for lane in lanes:
                lane.start()
            try:
                if quick is not None:
                    quick.await_playing()
                if work.probed.texts:
                    texts.start()  # after the first picture: it reads the whole file
                ladder.make()
            except BaseException:
                work.cancel.set()
                raise
            finally:
                if texts.ident is not None:
                    lanes.append(texts)
                for lane in lanes:
                    lane.join()
                for lane in lanes:
                    lane.check()
        return self.package(work, ladder, sounds)

    def package(self, work: Work, ladder: Ladder, sounds: list[Row]) -> Package:
        """Playlists from what was measured, beside the segments."""
        videos = ladder.measured()
        folder = work.fresh("playlists", ".")
        packed = package(folder, videos, sound.tracks_of(work, sounds, videos[0]), self.job.revision)
        self.add(folder)
        costs = [work.shelf.cost(video.name) for video in videos]
        self.reporter.finished(work.planned, videos, costs, ladder.facts())
        return packed

    def take_captions(self, work: Work) -> None:
        """Subtitles of the source into the catalog; the next master names them. Raises Cancelled, JobLost."""
        shop = self.workshop
        try:
            taken = take_over(shop.tools, work.source, work.probed.texts, work.fresh("captions", "."), work.cancel)
        except Cancelled:
            raise
        except Exception:  # noqa: BLE001  # whatever is wrong with subtitles: people came for the video
            _log.exception("captions_broke", video_id=self.job.video_id)
            return
        shop.jobs.heartbeat(self.job)
        shop.captions.replace(self.job.video_id, self.job.revision, "source", taken)

    def may_play_early(self, work: Work) -> bool:
        """For what nobody can play yet, unless it is whole in a moment. What is published stays until then."""
        video = self.workshop.catalog.get(self.job.video_id)
        pixels = sum(rung.width * rung.height * rung.fps for rung in work.planned.rungs) * work.planned.duration_s
        return pixels >= QUICK_FROM_PIXELS and not (video.playable and video.whole)

    def play(self, playlists: Path, master: str, duration_s: float) -> None:
        """What can be watched from now on."""
        self.add(playlists)
        publish(self.workshop, self.job, master, duration_s, {"hls": MASTER}, ready=False)

    def add(self, folder: Path) -> None:
        """Files that belong to the revision, moved in while the job is ours."""
        with self.workshop.media.exclusive(self.job.video_id):
            self.workshop.jobs.heartbeat(self.job)
            self.workshop.media.add_files(self.job.video_id, self.job.revision, folder)


class _Lane(threading.Thread):
    """Work beside the ladder. When it fails, everything of the import ends; `check` raises why."""

    def __init__(self, name: str, cancel: threading.Event, make: Callable[[], None]) -> None:
        super().__init__(name=f"lane {name}")
        self._make = make
        self._cancel = cancel
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._make()
        except Exception as error:  # noqa: BLE001  # raised again in the import's own thread
            self._error = error
            self._cancel.set()

    def check(self) -> None:
        if self._error is not None and not isinstance(self._error, Cancelled):
            raise self._error


@contextmanager
def _stopping(outer: threading.Event, inner: threading.Event) -> Iterator[None]:
    """Set `inner` soon after `outer`."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if outer.wait(0.1):
                inner.set()
                return

    watcher = threading.Thread(target=watch, name="cancel")
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def tell_shortcomings(job: Job, probed: Probe, planned: Plan) -> None:
    """Log what this build of FFmpeg cannot do for this source."""
    video = probed.video
    if video.transfer in HDR_TRANSFERS and not planned.tonemap:
        _log.warning("hdr_not_tonemapped", video_id=job.video_id, hint="use an FFmpeg with zscale and tonemap")
    if video.interlaced and not planned.deinterlace:
        _log.warning("interlaced_as_it_is", video_id=job.video_id, hint="use an FFmpeg with bwdif")


def recipe_of(source: Source, planned: Plan, tools: Tools) -> str:
    """What decides the bytes of every segment: two attempts with one recipe continue each other."""
    facts = source.path.stat()
    words = [
        str(source.path), facts.st_size, facts.st_mtime_ns, repr(planned), tools.ffmpeg_version, PRESET, CRF,
        chunks.CHUNK_SEGMENTS, FORM,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def publish(
    workshop: Workshop, job: Job, master: str, duration_s: float, assets: dict[str, str], *, ready: bool
) -> None:
    """Let players have this master, only while the job is ours; `ready` ends the job.

    The token is checked twice: under the video's lock before a file changes, and in the transaction that tells the
    catalog. Raises JobLost.
    """
    paths = {
        name: f"{job.video_id}/{path}" if path == MASTER else f"{job.video_id}/r{job.revision}/{path}"
        for name, path in assets.items()
    }
    with workshop.media.exclusive(job.video_id):
        workshop.jobs.heartbeat(job)
        tracks = workshop.captions.of(job.video_id, job.revision)
        master, text = dress(workshop.media, job.video_id, master, tracks, duration_s)
        if text is not None:
            paths["captions"] = text
        workshop.media.point(job.video_id, job.revision, master)
        workshop.catalog.publish(
            job.video_id,
            revision=job.revision,
            duration_s=duration_s,
            assets=paths,
            ready=ready,
            fence=Fence(job.id, job.token),
        )
        if ready:
            workshop.jobs.finish(job)


def check_complete(probed: Probe, planned: Plan, encoded_s: float) -> None:
    """Refuse a source that ended before its declared length. Raises EncodeFailed `truncated_file`."""
    missing_s = planned.duration_s - encoded_s
    if probed.duration_is_declared and missing_s > SHORTFALL_S and missing_s > planned.duration_s * SHORTFALL:
        raise EncodeFailed(
            f"only {encoded_s:.1f} of {planned.duration_s:.1f} s could be read",
            code="truncated_file", hint=TRUNCATED_HINT,
        )  # fmt: skip


@contextmanager
def _folders(workshop: Workshop, job: Job) -> Iterator[tuple[Path, Path]]:
    """The job's folder for its source, which later attempts find again, and this attempt's own for what is built.

    What earlier attempts were building goes first.
    """
    scratch = workshop.settings.work_dir / "imports" / job.id
    for earlier in (workshop.media.root / ".building").glob(f"{job.id}.*"):
        shutil.rmtree(earlier, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700, exist_ok=True)
    building = workshop.media.building(f"{job.id}.{job.token}")
    try:
        yield scratch, building
    finally:
        shutil.rmtree(building, ignore_errors=True)
        with suppress(OSError):  # a fetched source stays for the next attempt; the worker knows when there is none
            scratch.rmdir()
