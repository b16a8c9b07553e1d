"""From a finished segment to a visible one: read, checked, hashed, flushed to disk, then named.

Nobody can ask for a segment under its name before it is whole, and its name never means anything else afterwards.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from transcoder.boxes import Init, corrupt, moved, read_fragment, read_init, without_edits
from transcoder.lanes.timeline import Timeline
from transcoder.playlists import Segment
from transcoder.trim import trimmed
from viewbox.errors import JobLost
from viewbox.jobs import Job, Jobs
from viewbox.segments import SegmentIndex, StoredSegment
from viewbox.storage import MediaStore, fsync

INIT = "init.mp4"


def segment_name(number: int) -> str:
    return f"{number:05d}.m4s"


@dataclass
class Row:
    """One track on the shelf. Written by the one lane that makes it, read by all."""

    name: str
    timeline: Timeline
    init: Init | None = None
    segments: dict[int, Segment] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """Numbers of the segments that are not there yet, in play order."""
        return [number for number in range(len(self.timeline)) if number not in self.segments]


class Shelf:
    """The folder of a revision in the making, under one claim. `recipe`: what was made by another one is not kept."""

    def __init__(self, media: MediaStore, index: SegmentIndex, jobs: Jobs, job: Job, recipe: str) -> None:
        self._media = media
        self._index = index
        self._jobs = jobs
        self._job = job
        self._recipe = recipe
        self._rows: dict[str, Row] = {}
        self._known: dict[str, dict[int, StoredSegment]] = {}
        self._lock = threading.Lock()  # one mover at a time: the file lock is of the whole process
        for stored in index.known(job.video_id, job.revision, recipe):
            self._known.setdefault(stored.track, {})[stored.number] = stored
        with media.exclusive(job.video_id):
            jobs.heartbeat(job)
            self.folder = media.open_revision(job.video_id, job.revision, keep=self._known.keys())

    def row(self, name: str, timeline: Timeline) -> Row:
        """A track, with what earlier attempts left of it: their rows are the proof, files without one are none."""
        row = Row(name, timeline)
        place = self.folder / name
        try:
            place.mkdir(exist_ok=True)
        except FileNotFoundError as error:
            raise _gone(self._job) from error
        known = self._known.get(name, {})
        if known and (place / INIT).is_file():
            row.init = read_init((place / INIT).read_bytes())
            for number, stored in known.items():
                path = place / segment_name(number)
                if path.is_file() and path.stat().st_size == stored.bytes:
                    row.segments[number] = Segment(path.name, stored.duration_s, stored.bytes, stored.keyframe_end)
        self._rows[name] = row
        return row

    def put(
        self,
        row: Row,
        init: Path,
        pieces: Sequence[tuple[int, Path]],
        *,
        starts_at_s: Fraction = Fraction(0),
        cpu_s: float = 0.0,
        wall_s: float = 0.0,
    ) -> None:
        """Make segments visible: (number, file) each, whose own clock began at `starts_at_s` of the track.

        What is there already stays as it is. Raises EncodeFailed `bad_segment`, JobLost.
        """
        header = without_edits(init.read_bytes())
        read = read_init(header)
        checked = [
            self._check(row, read, number, path.read_bytes(), starts_at_s)
            for number, path in pieces
            if number not in row.segments
        ]
        if row.init is None:
            row_init: bytes | None = header
        elif header != (self.folder / row.name / INIT).read_bytes():
            raise corrupt(f"{row.name}: an encoder began with another header than the one before")
        else:
            row_init = None
        share = len(checked) or 1
        with self._lock, self._media.exclusive(self._job.video_id):
            if not self._jobs.is_held(self._job):
                raise JobLost(f"job {self._job.id} was taken over", hint="nothing more of this attempt is published")
            place = self.folder / row.name
            try:
                if row_init is not None:
                    _write(place / INIT, row_init)
                for number, data, _ in checked:
                    _write(place / segment_name(number), data)
                fsync(place)
            except FileNotFoundError as error:
                raise _gone(self._job) from error
        self._index.add(
            self._job.video_id,
            self._job.revision,
            self._recipe,
            [
                StoredSegment(
                    track=row.name, number=number, duration_s=segment.duration_s, bytes=segment.size_bytes,
                    keyframe_end=segment.keyframe_end, sha256=hashlib.sha256(data).hexdigest(),
                    cpu_s=cpu_s / share, wall_s=wall_s / share,
                )
                for number, data, segment in checked
            ],
        )  # fmt: skip
        row.init = row.init or read
        row.segments.update({number: segment for number, _, segment in checked})

    def shorten(self, row: Row, last: Segment, duration_s: Fraction) -> Segment:
        """The last segment without what lies beyond `duration_s`, beside it: the longer one may be in caches."""
        assert row.init is not None
        place = self.folder / row.name
        data = trimmed((place / last.name).read_bytes(), int(duration_s * row.init.timescale))
        fragment = read_fragment(data)
        path = place / last.name.replace(".m4s", "-end.m4s")
        with self._lock, self._media.exclusive(self._job.video_id):
            self._jobs.heartbeat(self._job)
            _write(path, data)
            fsync(place)
        length_s = Fraction(fragment.duration, row.init.timescale)
        return Segment(path.name, length_s, fragment.size_bytes, fragment.first_sample_end)

    def advanced(self) -> None:
        """Work is done that no later attempt repeats. Raises JobLost."""
        self._jobs.advanced(self._job)

    def cost(self, name: str) -> tuple[float, float]:
        """(CPU seconds, wall seconds) that a track took, earlier attempts included."""
        stored = [s for s in self._index.known(self._job.video_id, self._job.revision, self._recipe) if s.track == name]
        return sum(segment.cpu_s for segment in stored), sum(segment.wall_s for segment in stored)

    def _check(
        self, row: Row, init: Init, number: int, data: bytes, starts_at_s: Fraction
    ) -> tuple[int, bytes, Segment]:
        """What is to be written, measured. Raises EncodeFailed `bad_segment`."""
        where = f"{row.name}/{segment_name(number)}"
        fragment = read_fragment(data)
        if not fragment.starts_with_sync:
            raise corrupt(f"{where} does not start with a keyframe")
        if number >= len(row.timeline):
            raise corrupt(f"{where} lies beyond the end")
        slack = 1 + row.timeline.tolerance_s * init.timescale  # in ticks
        ticks = round(starts_at_s * init.timescale)
        due = row.timeline.starts[number] * init.timescale
        if abs(fragment.decode_time + ticks - due) > slack:
            raise corrupt(f"{where} starts at tick {fragment.decode_time + ticks}, expected {float(due):.0f}")
        expected = row.timeline.duration_s(number) * init.timescale
        if fragment.duration > expected + slack and number < len(row.timeline) - 1:
            raise corrupt(f"{where} lasts {fragment.duration} ticks, expected {float(expected):.0f}")
        placed = moved(data, ticks, number + 1)
        saved = len(data) - len(placed)
        segment = Segment(
            segment_name(number),
            Fraction(fragment.duration, init.timescale),
            len(placed),
            fragment.first_sample_end - saved,
        )
        return number, placed, segment


def _gone(job: Job) -> JobLost:
    return JobLost(f"the folder of job {job.id} is gone", hint="its video was removed")


def _write(path: Path, data: bytes) -> None:
    """Beside, flushed, renamed; the caller flushes the folder."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
