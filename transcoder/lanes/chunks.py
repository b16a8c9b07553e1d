"""The ladder: every rendition, decoded once, chunk by chunk. A killed worker costs the chunk it was at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from transcoder.boxes import corrupt
from transcoder.command import encode_command, portable
from transcoder.lanes.harvest import NUMBER
from transcoder.lanes.order import next_of
from transcoder.lanes.shelf import Row
from transcoder.lanes.timeline import Timeline, uniform
from transcoder.lanes.work import Work, piece_of
from transcoder.playlists import Track
from transcoder.report import EncodeFacts, Reporter
from transcoder.runner import ProcessFailed, Progress, run
from transcoder.slots import EncodeSlots
from viewbox.errors import JobLost

CHUNK_SEGMENTS = 4  # 24 s: starting anew costs 3 % more than one piece, half a minute of work is what a crash loses


@dataclass(frozen=True)
class Chunk:
    """Segments [first, first + count) of every rendition."""

    first: int
    count: int


def chunks(timeline: Timeline, *, can_seek: bool) -> list[Chunk]:
    """In play order; a source that cannot be entered in the middle is one chunk. Pure."""
    size = CHUNK_SEGMENTS if can_seek else len(timeline)
    return [Chunk(first, min(size, len(timeline) - first)) for first in range(0, len(timeline), size)]


def rows(work: Work) -> list[Row]:
    """The renditions on the shelf, before they are made; tallest first."""
    timeline = uniform(work.planned.segment_s, work.planned.duration_s)
    return [work.shelf.row(rung.name, timeline) for rung in work.planned.rungs]


class Ladder:
    """The work on one ladder; `tracks` are its rows, tallest first."""

    def __init__(
        self,
        work: Work,
        tracks: list[Row],
        slots: EncodeSlots,
        reporter: Reporter,
        viewers_in: Callable[[], Row | None],
    ) -> None:
        """`viewers_in`: the quick track whose segments viewers wait for, when there is one."""
        self._work = work
        self._tracks = tracks
        self._slots = slots
        self._reporter = reporter
        self._viewers_in = viewers_in
        self._chunks = chunks(tracks[0].timeline, can_seek=work.can_seek)
        self._empty: set[int] = set()

    def make(self) -> None:
        """Fill the renditions. Where the source ends before its declared time, segments are missing at the end.

        Raises EncodeFailed, Cancelled, JobLost.
        """
        while missing := [number for number, chunk in enumerate(self._chunks) if not self._is_done(number, chunk)]:
            number = next_of(missing, self._wanted())
            with self._slots.of(self._work.planned.duration_s, self._work.cancel):
                self._encode(number, self._chunks[number])

    def measured(self) -> tuple[Track, ...]:
        """The renditions as published. Raises EncodeFailed `bad_segment` when they have a gap or differ in length."""
        length = len(self._tracks[0].segments)
        found = []
        for track, rung in zip(self._tracks, self._work.planned.rungs, strict=True):
            segments = tuple(track.segments[number] for number in sorted(track.segments))
            before_last_s = sum((segment.duration_s for segment in segments[:-1]), Fraction(0))
            if track.init is None or sorted(track.segments) != list(range(length)) or not length:
                raise corrupt(f"{track.name} has a gap, or another number of segments")
            if abs(before_last_s - track.timeline.starts[length - 1]) * track.init.timescale > length:
                raise corrupt(f"{track.name} has a segment that is too short")
            if (track.init.width, track.init.height) != (rung.width, rung.height):
                size = f"{track.init.width}×{track.init.height}"
                raise corrupt(f"{track.name} is {size}, planned {rung.width}×{rung.height}")
            found.append(Track(rung.name, track.init.codec, segments, rung.width, rung.height, rung.fps))
        return tuple(found)

    def facts(self) -> EncodeFacts:
        """How it was made, by the example of the first chunk."""
        folder = self._work.folder / "ladder"
        command = self._command(self._chunks[0], folder)
        return EncodeFacts(portable(command, self._work.source, folder), self._work.tools.ffmpeg_version)

    def _is_done(self, number: int, chunk: Chunk) -> bool:
        wanted = range(chunk.first, chunk.first + chunk.count)
        return number in self._empty or all(n in track.segments for track in self._tracks for n in wanted)

    def _wanted(self) -> int | None:
        """The chunk in which a viewer waits."""
        want, row = self._work.wanted(), self._viewers_in()
        if want is None or row is None or want.track != row.name:
            return None
        timeline = row.timeline
        if not 0 <= want.number < len(timeline):
            return None
        segment = self._tracks[0].timeline.at(timeline.starts[want.number])
        return next(n for n, chunk in enumerate(self._chunks) if segment < chunk.first + chunk.count)

    def _command(self, chunk: Chunk, folder: Path) -> list[str]:
        work = self._work
        piece = (
            piece_of(work.planned, work.probed.video, self._tracks[0].timeline, chunk.first, chunk.count)
            if work.can_seek
            else None
        )
        return encode_command(work.tools.ffmpeg, work.planned, work.source, folder, only="pictures", piece=piece)

    def _encode(self, number: int, chunk: Chunk) -> None:
        work = self._work
        folder = work.fresh("ladder", *[track.name for track in self._tracks])
        before_s = sum(float(segment.duration_s) for segment in self._tracks[0].segments.values())

        def tell(progress: Progress) -> None:
            with suppress(JobLost):  # called in a reader's thread; the worker ends a lost job within a second
                self._reporter.encoded(work.planned, Progress(before_s + progress.out_time_s, progress.speed))

        command = self._command(chunk, folder)
        try:
            finished = run(
                command, limits=work.limits(quick=False), folder=folder, cancel=work.cancel, on_progress=tell
            )
        except ProcessFailed:
            if chunk.first == 0 or any(folder.glob("*/*.m4s")):
                raise
            self._empty.add(number)  # nothing to decode there: what is missing is judged when all is made
            return
        weights = [rung.width * rung.height * rung.fps for rung in work.planned.rungs]
        for track, weight in zip(self._tracks, weights, strict=True):
            share = float(weight / sum(weights))
            self._shelve(track, chunk, folder, cpu_s=finished.cpu_s * share, wall_s=finished.wall_s)
        if not self._is_done(number, chunk):
            self._empty.add(number)
        work.shelf.advanced()

    def _shelve(self, track: Row, chunk: Chunk, folder: Path, *, cpu_s: float, wall_s: float) -> None:
        place = folder / track.name
        made = sorted((int(match[1]), path) for path in place.iterdir() if (match := NUMBER.fullmatch(path.name)))
        pieces = [(chunk.first + number, path) for number, path in made if number < chunk.count]
        if pieces:
            self._work.shelf.put(
                track, next(place.glob("init*.mp4")), pieces,
                starts_at_s=track.timeline.starts[chunk.first], cpu_s=cpu_s, wall_s=wall_s,
            )  # fmt: skip
