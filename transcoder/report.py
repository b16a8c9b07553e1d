"""What an import tells the catalog while it runs: at most once a second, always about the newest state.

Each report carries the job's token: a worker that lost its job raises JobLost here and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from transcoder.ladder import Plan, Rung
from transcoder.playlists import Track
from transcoder.runner import Progress
from viewbox.catalog import Catalog, Fence, Rendition, Status
from viewbox.jobs import Job

EVERY_S = 1.0  # each report is a durable commit of about 3 ms; people do not read faster
FETCHED, ENCODED = 0.15, 0.95  # where fetching and encoding end on the overall progress bar
CODEC = "h264"


@dataclass(frozen=True)
class EncodeFacts:
    """How renditions were made, for those who ask later."""

    args: list[str]
    ffmpeg_version: str


class Reporter:
    """The progress of one job. Calls may come as often as they like; used by one thread at a time."""

    def __init__(self, catalog: Catalog, job: Job) -> None:
        self._catalog = catalog
        self._job = job
        self._fence = Fence(job.id, job.token)
        self._next_at = 0.0
        self._status: Status = "queued"

    def enter(self, status: Status, plan: Plan | None = None) -> None:
        """A new stage begins; always reported. `plan` adds its rungs, at 0."""
        self._status = status
        progress = 0.0 if status == "fetching" else FETCHED
        self._report(progress, [self._rendition(rung, progress=0.0) for rung in plan.rungs] if plan else [])

    def fetched(self, done_bytes: int, total_bytes: int | None) -> None:
        if total_bytes and self._due():
            self._report(min(1.0, done_bytes / total_bytes) * FETCHED)

    def encoded(self, plan: Plan, progress: Progress) -> None:
        if not self._due():
            return
        share = min(1.0, progress.out_time_s / plan.duration_s)
        eta_s = max(0.0, plan.duration_s - progress.out_time_s) / progress.speed if progress.speed else None
        renditions = [self._rendition(rung, progress=share, speed=progress.speed, eta_s=eta_s) for rung in plan.rungs]
        self._report(FETCHED + share * (ENCODED - FETCHED), renditions)

    def finished(
        self, plan: Plan, tracks: Sequence[Track], costs: Sequence[tuple[float, float]], encode: EncodeFacts
    ) -> None:
        """Every rendition with its facts. `costs`: (CPU seconds, wall seconds) of each, over all attempts."""
        renditions = [
            msgspec.structs.replace(
                self._rendition(rung, progress=1.0),
                bitrate_bps=track.average_bps,
                args=encode.args,
                ffmpeg_version=encode.ffmpeg_version,
                cpu_s=round(cpu_s, 3),
                wall_s=round(wall_s, 3),
                bytes=track.size_bytes,
            )
            for rung, track, (cpu_s, wall_s) in zip(plan.rungs, tracks, costs, strict=True)
        ]
        self._report(ENCODED, renditions)

    def _report(self, progress: float, renditions: Sequence[Rendition] = ()) -> None:
        self._catalog.report(
            self._job.video_id, status=self._status, progress=progress, renditions=renditions, fence=self._fence
        )

    def _rendition(
        self, rung: Rung, *, progress: float, speed: float | None = None, eta_s: float | None = None
    ) -> Rendition:
        return Rendition(
            video_id=self._job.video_id, revision=self._job.revision, height=rung.height, width=rung.width,
            bitrate_bps=rung.maxrate_bps, codec=CODEC, progress=progress, speed=speed, eta_s=eta_s,
        )  # fmt: skip

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._next_at:
            return False
        self._next_at = now + EVERY_S
        return True
