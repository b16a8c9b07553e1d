"""The worker: claims jobs, keeps their leases alive, runs imports, tells failures, and cleans up after the dead."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from transcoder import speech
from transcoder.identity import is_dead, worker_id
from transcoder.lanes import fast, remux
from transcoder.pipeline import Workshop, import_video
from transcoder.postman import Postman
from transcoder.runner import Cancelled
from transcoder.slots import EncodeSlots
from transcoder.tools import find_tools
from viewbox import logs
from viewbox.captions import Captions
from viewbox.catalog import Catalog, Fence
from viewbox.database import open_database
from viewbox.errors import EncodeFailed, JobLost, NotFound, ViewBoxError
from viewbox.jobs import HEARTBEAT_S, MAX_ATTEMPTS, MAX_STALLS, Job, Jobs
from viewbox.segments import SegmentIndex
from viewbox.settings import Settings
from viewbox.storage import MediaStore
from viewbox.webhooks import Outbox

POLL_S = 0.1  # how long a new job waits at most before an idle worker takes it
LOOK_S = 1.0  # how soon a cancelled job stops, and how soon a dead worker's job is taken over
JOBS_AT_ONCE = 6  # most of them fetch: a slow server must not hold up the machine
SWEEP_S = 3600.0
UPLOAD_KEPT_S = 24 * 3600.0  # of a failed import: long enough for a retry
QUICK_KEPT_S = 24 * 3600.0
QUICK_TRACKS = (fast.TRACK, remux.TRACK)
DRAIN_S = 10.0

Reason = Literal["", "lost", "stopping"]
_log = logs.get("worker")


@dataclass
class _Running:
    """A job in hand. `cancel` ends it; `reason` says what becomes of it then."""

    job: Job
    cancel: threading.Event = field(default_factory=threading.Event)
    reason: Reason = ""
    renewed: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None

    def end(self, reason: Reason) -> None:
        self.reason = self.reason or reason
        self.cancel.set()


class Worker:
    """Runs until told to stop. One per process; several processes share one queue."""

    def __init__(self, settings: Settings) -> None:
        engine = open_database(settings.database)
        self._id = worker_id()
        self._workshop = Workshop(
            settings=settings,
            catalog=Catalog(engine, announces=settings.webhook_url is not None),
            jobs=Jobs(engine),
            segments=SegmentIndex(engine),
            captions=Captions(engine),
            media=MediaStore(settings.media_dir),
            tools=find_tools(settings),
            slots=EncodeSlots(),
        )
        self._running: list[_Running] = []
        self._at_rest = threading.Event()
        self._postman = (
            Postman(settings, self._workshop.catalog, Outbox(engine), self._at_rest)
            if settings.webhook_url is not None
            else None
        )

    def run(self, stop: threading.Event, *, until_idle: bool = False) -> None:
        """Work until `stop` is set, then give running jobs back; or, `until_idle`, until the queue is empty."""
        _log.info("ready", worker=self._id, ffmpeg=self._workshop.tools.ffmpeg_version)
        if self._postman is not None:
            self._postman.start()
        try:
            self._work_on(stop, until_idle=until_idle)
        finally:
            self._at_rest.set()
        self._drain()

    def _work_on(self, stop: threading.Event, *, until_idle: bool) -> None:
        next_look = next_sweep = 0.0
        while not stop.is_set():
            now = time.monotonic()
            self._running = [running for running in self._running if running.thread and running.thread.is_alive()]
            try:
                if now >= next_sweep:
                    next_sweep = now + SWEEP_S
                    sweep(self._workshop)
                if now >= next_look:
                    next_look = now + LOOK_S
                    self._look_after_leases(now)
                claimed = self._claim()
            except sa.exc.OperationalError as error:  # a locked or restarting database: the leases outlive it
                _log.warning("catalog_unavailable", error=str(error.orig))
                claimed = False
            if until_idle and not claimed and not self._running and not self._workshop.jobs.open():
                return
            if not claimed:
                stop.wait(POLL_S)

    def _claim(self) -> bool:
        if len(self._running) >= JOBS_AT_ONCE:
            return False
        listens = any(running.job.kind == speech.KIND for running in self._running)
        job = self._workshop.jobs.claim(self._id, ("import",) if listens else ("import", speech.KIND))
        if job is None:
            return False
        running = _Running(job)
        work = self._listen if job.kind == speech.KIND else self._work
        running.thread = threading.Thread(target=work, args=(running,), name=f"{job.kind} {job.video_id}")
        self._running.append(running)
        running.thread.start()
        return True

    def _look_after_leases(self, now: float) -> None:
        """Renew what is ours, stop what no longer is, free what dead workers held."""
        jobs = self._workshop.jobs
        for running in self._running:
            if now - running.renewed >= HEARTBEAT_S:
                try:
                    jobs.heartbeat(running.job)
                    running.renewed = now
                except JobLost:
                    running.end("lost")
            elif not jobs.is_held(running.job) and running.thread and running.thread.is_alive():
                running.end("lost")
        if jobs.expire(is_dead):
            _log.warning("dead_workers_jobs_freed")

    def _work(self, running: _Running) -> None:
        job = running.job
        log = _log.bind(job=job.id, video_id=job.video_id, revision=job.revision, attempt=job.attempts)
        try:
            _refuse_killer(job)
            log.info("import_started")
            import_video(self._workshop, job, running.cancel)
            self._forget_upload(job)
            self._forget_source(job)
            log.info("import_published")
        except JobLost:
            self._abandon(job)
            log.info("job_lost")
        except Cancelled:
            if running.reason == "stopping":
                self._give_back(job)
            else:
                self._abandon(job)
            log.info("import_stopped", reason=running.reason)
        except ViewBoxError as error:
            retry = isinstance(error, EncodeFailed) and error.retryable and error.code != "worker_lost"
            self._fail(job, error, retry=retry)
            log.warning("import_failed", code=error.code, error=error.message)
        except Exception as error:  # whatever a file can provoke must end as a failed video, not as a dead worker
            unforeseen = EncodeFailed(
                repr(error), code="internal_error", hint="a fault in ViewBox; its log has the details", retryable=True
            )
            self._fail(job, unforeseen, retry=False)
            log.exception("import_broke")

    def _listen(self, running: _Running) -> None:
        """Speech-to-text for a video that is published: whatever comes of it, the video stays as it is."""
        job, shop = running.job, self._workshop
        log = _log.bind(job=job.id, video_id=job.video_id, revision=job.revision)
        try:
            if job.stalls < MAX_STALLS:
                listener = speech.Listener(shop.settings, shop.catalog, shop.captions, shop.media, shop.tools)
                listener.hear(job, shop.jobs, running.cancel)
            shop.jobs.finish(job)
        except JobLost:
            log.info("job_lost")
        except Cancelled:
            if running.reason == "stopping":
                with contextlib.suppress(JobLost):
                    shop.jobs.release(job)
        except Exception:  # told in the log; nobody waits for it
            log.exception("speech_to_text_broke")
            with contextlib.suppress(JobLost):
                shop.jobs.fail(job, retryable=False)

    def _fail(self, job: Job, error: ViewBoxError, *, retry: bool) -> None:
        """Say why, and queue another attempt where one can help. The network was already retried by the fetcher."""
        again = retry and job.attempts < MAX_ATTEMPTS
        fence = Fence(job.id, job.token)
        try:
            if again:
                self._workshop.catalog.report(job.video_id, status="queued", progress=0.0, fence=fence)
            else:
                self._give_up(job, error, fence)
            self._workshop.jobs.fail(job, retryable=again)
        except (JobLost, NotFound):
            return  # removed or taken over meanwhile: nobody waits for this verdict

    def _give_up(self, job: Job, error: ViewBoxError, fence: Fence) -> None:
        """Tell the failure; what was made of this revision goes. What an earlier one published stays."""
        shop = self._workshop
        video = shop.catalog.report_failure(
            job.video_id,
            code=error.code,
            hint=error.hint or error.message,
            retryable=error.retryable,
            fence=fence,
        )
        if not video.playable:
            shop.media.delete(job.video_id)
        elif video.revision != job.revision:
            shop.media.drop_revision(job.video_id, job.revision)
        shop.segments.forget(job.video_id, job.revision)
        self._forget_source(job)

    def _abandon(self, job: Job) -> None:
        """Clean up after a job that was cancelled, or whose video was removed; another worker's job is its own."""
        shop = self._workshop
        with shop.media.exclusive(job.video_id):  # a new attempt opens its folder under the same lock
            if any(other.video_id == job.video_id for other in shop.jobs.open()):
                return
            video = shop.catalog.find(job.video_id)
            if video is None or not video.playable:
                shop.media.clear(job.video_id)
            elif video.revision < job.revision:
                shop.media.drop_revision(job.video_id, job.revision)
            shop.segments.forget(job.video_id, job.revision)
        self._forget_source(job)

    def _forget_source(self, job: Job) -> None:
        """What was fetched is kept for another attempt, and no longer."""
        shutil.rmtree(self._workshop.settings.work_dir / "imports" / job.id, ignore_errors=True)

    def _give_back(self, job: Job) -> None:
        try:
            fence = Fence(job.id, job.token)
            self._workshop.catalog.report(job.video_id, status="queued", progress=0.0, fence=fence)
            self._workshop.jobs.release(job)
        except (JobLost, NotFound):
            return

    def _forget_upload(self, job: Job) -> None:
        """A published upload is not needed any more; files elsewhere (the sample) are not ours to remove."""
        if "upload" in job.payload:
            path = Path(job.payload["upload"])
            if path.parent == self._workshop.settings.work_dir / "uploads":
                path.unlink(missing_ok=True)

    def _drain(self) -> None:
        for running in self._running:
            running.end("stopping")
        deadline = time.monotonic() + DRAIN_S
        for running in self._running:
            if running.thread:
                running.thread.join(timeout=max(0.0, deadline - time.monotonic()))
        _log.info("stopped", worker=self._id)


def _refuse_killer(job: Job) -> None:
    """Raise EncodeFailed `worker_lost` for a job that took its workers down with it."""
    if job.stalls >= MAX_STALLS:
        raise EncodeFailed(
            f"{job.stalls} workers died or fell silent over this video",
            code="worker_lost", hint="the machine may be short of memory, or the file harmful", retryable=True,
        )  # fmt: skip


def sweep(workshop: Workshop) -> None:
    """Remove what dead attempts left: work folders without a claim, old uploads without a job, the media trash.

    Files are listed before jobs: whatever is listed was begun under a claim that the job list then shows.
    """
    root = workshop.settings.work_dir
    folders = [*(root / "imports").glob("*"), *(workshop.media.root / ".building").glob("*")]
    uploads = list((root / "uploads").glob("*"))
    jobs = workshop.jobs.open()
    claims = {job.id for job in jobs} | {f"{job.id}.{job.token}" for job in jobs}
    wanted = {str(job.payload.get("upload")) for job in jobs}
    for folder in folders:
        if folder.name not in claims:
            shutil.rmtree(folder, ignore_errors=True)
    for upload in uploads:
        with contextlib.suppress(OSError):  # taken away meanwhile, or not a file of ours
            old = time.time() - upload.stat().st_mtime > UPLOAD_KEPT_S
            if old and str(upload) not in wanted:
                upload.unlink()
    shutil.rmtree(workshop.media.root / ".trash", ignore_errors=True)
    _drop_quick_lanes(workshop)


def _drop_quick_lanes(workshop: Workshop) -> None:
    """What only played while a video was made: nobody who began with it watches a day later."""
    for name in QUICK_TRACKS:
        for folder in workshop.media.root.glob(f"*/r*/{name}"):
            with contextlib.suppress(OSError):
                old = time.time() - folder.stat().st_mtime > QUICK_KEPT_S
                video = workshop.catalog.find(folder.parent.parent.name)
                if old and video is not None and video.whole:
                    shutil.rmtree(folder)
