"""One import from source to published HLS: fetch → probe → plan → encode → package → publish.

Each step is a function from typed input to typed output; this module only strings them together and tells the
catalog what happens. Nothing is visible to players before the last step.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transcoder.chapters import write_chapters
from transcoder.command import encode_command, portable, sound_name
from transcoder.fetch import SNIFF_BYTES, Source, fetch
from transcoder.ladder import Plan, plan
from transcoder.lint import gate
from transcoder.package import Package, package
from transcoder.probe import TRUNCATED_HINT, Probe, probe
from transcoder.report import EncodeFacts, Reporter
from transcoder.runner import Limits, run
from transcoder.sharelinks import sniff
from transcoder.slots import EncodeSlots
from transcoder.storyboard import make_pictures
from transcoder.tools import Tools
from viewbox.catalog import Catalog, Fence
from viewbox.errors import EncodeFailed, FetchFailed
from viewbox.jobs import Job, Jobs
from viewbox.settings import Settings
from viewbox.storage import MASTER, MediaStore

SHORTFALL = 0.05  # a source that yields less than 95 % of its declared length, and 1 s less, was cut off
SHORTFALL_S = 1.0
WALL_S_PER_MEDIA_S = 60.0  # slower than this, nobody waits for it
WALL_FLOOR_S = 600.0


@dataclass(frozen=True)
class Workshop:
    """What every import of a worker shares."""

    settings: Settings
    catalog: Catalog
    jobs: Jobs
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
        source = self.obtain(scratch)
        self.reporter.enter("probing")
        max_duration_s = self.workshop.settings.max_duration_s
        probed = probe(tools, source.path, max_duration_s=max_duration_s, cancel=self.cancel)
        planned = plan(probed, can_tonemap=tools.can_tonemap, can_deinterlace=tools.can_deinterlace)
        with self.workshop.slots.of(planned.duration_s, self.cancel):
            self.reporter.enter("encoding", planned)
            packed = self.encode(source.path, planned, building)
            check_complete(probed, planned, packed.duration_s)
            gate.check(packed, self.job.revision)
            assets = {"hls": MASTER, **make_pictures(tools, building, packed.videos, self.cancel)}
        if write_chapters(building / "chapters.vtt", probed.chapters):
            assets["chapters"] = "chapters.vtt"
        publish(self.workshop, self.job, building, packed, assets)

    def obtain(self, scratch: Path) -> Source:
        """The source as a local file: an upload as it lies, a URL through the guarded fetcher."""
        if "upload" in self.job.payload:
            path = Path(self.job.payload["upload"])
            if not path.is_file():
                raise FetchFailed("the uploaded file is gone", code="upload_gone", hint="upload the file again")
            with path.open("rb") as file:
                sniff(file.read(SNIFF_BYTES), content_type="")
            return Source(path, path.stat().st_size)
        self.reporter.enter("fetching")
        settings = self.workshop.settings
        return fetch(
            self.job.payload["url"],
            scratch,
            allow=settings.fetch_allow,
            proxy=settings.egress_proxy,
            max_bytes=settings.max_source_bytes,
            cancel=self.cancel,
            on_progress=self.reporter.fetched,
        )

    def encode(self, source: Path, planned: Plan, building: Path) -> Package:
        """All renditions below `building`, checked, with their playlists."""
        tools = self.workshop.tools
        for name in [rung.name for rung in planned.rungs] + [sound_name(i) for i in range(len(planned.audio))]:
            (building / name).mkdir()
        command = encode_command(tools.ffmpeg, planned, source.absolute(), building)
        finished = run(
            command,
            limits=Limits(wall_s=WALL_FLOOR_S + WALL_S_PER_MEDIA_S * planned.duration_s),
            folder=building,
            cancel=self.cancel,
            on_progress=lambda progress: self.reporter.encoded(planned, progress),
        )
        packed = package(building, planned, self.job.revision)
        facts = EncodeFacts(portable(command, source.absolute(), building), tools.ffmpeg_version)
        self.reporter.finished(planned, packed.videos, finished, facts)
        return packed


def publish(workshop: Workshop, job: Job, building: Path, packed: Package, assets: dict[str, str]) -> None:
    """Make the revision visible, whole, and only while the job is ours.

    The token is checked twice: under the video's lock before a file moves, and in the transaction that tells the
    catalog. Raises JobLost.
    """
    paths = {
        name: f"{job.video_id}/{path}" if path == MASTER else f"{job.video_id}/r{job.revision}/{path}"
        for name, path in assets.items()
    }
    with workshop.media.exclusive(job.video_id):
        workshop.jobs.heartbeat(job)
        workshop.media.publish(job.video_id, job.revision, building, packed.master)
        workshop.catalog.publish(
            job.video_id,
            revision=job.revision,
            duration_s=packed.duration_s,
            assets=paths,
            ready=True,
            fence=Fence(job.id, job.token),
        )
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
    """Private folders of this attempt, gone afterwards whatever happens; those of earlier attempts go first."""
    name = f"{job.id}.{job.token}"
    scratch = workshop.settings.work_dir / "imports" / name
    for parent in (scratch.parent, workshop.media.root / ".building"):
        for earlier in parent.glob(f"{job.id}.*"):
            shutil.rmtree(earlier, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    building = workshop.media.building(name)
    try:
        yield scratch, building
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(building, ignore_errors=True)
