"""What exists of a revision in the making: verified segments with their hashes, and the one that a viewer waits for.

The media route and the workers are different processes; they meet in these two tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import reader

WANT_LASTS_MS = 15_000  # a viewer who still waits has asked again by then
_SEGMENT_COLUMNS = (
    "video_id", "revision", "track", "number", "recipe", "duration", "bytes", "keyframe_end", "sha256",
    "cpu_s", "wall_s",
)  # fmt: skip
SEGMENTS = sa.table("segments", *map(sa.column, _SEGMENT_COLUMNS))
WANTS = sa.table("wants", *map(sa.column, ("video_id", "track", "number", "asked_at_ms")))


class StoredSegment(msgspec.Struct, frozen=True, kw_only=True):
    """One segment that was checked, flushed to disk and named. `duration_s` is exact."""

    track: str
    number: int
    duration_s: Fraction
    bytes: int
    keyframe_end: int
    sha256: str
    cpu_s: float = 0.0
    wall_s: float = 0.0


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """The newest segment that somebody asked for and that is not there."""

    track: str
    number: int


class SegmentIndex:
    """Reads and writes of both tables. Thread-safe; each call is one short transaction."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._reader = reader(engine)
        self._clock = clock

    def add(self, video_id: str, revision: int, recipe: str, segments: Sequence[StoredSegment]) -> None:
        """All of them or none; one that is known already is replaced."""
        if not segments:
            return
        rows = [
            {
                **{name: getattr(segment, name) for name in _SEGMENT_COLUMNS[2:] if name not in {"recipe", "duration"}},
                "video_id": video_id,
                "revision": revision,
                "recipe": recipe,
                "duration": str(segment.duration_s),
            }
            for segment in segments
        ]
        with self._engine.begin() as connection:
            one = sa.delete(SEGMENTS).where(
                _of(video_id, revision),
                SEGMENTS.c.track == sa.bindparam("its_track"),
                SEGMENTS.c.number == sa.bindparam("its_number"),
            )
            connection.execute(one, [{"its_track": row["track"], "its_number": row["number"]} for row in rows])
            connection.execute(sa.insert(SEGMENTS), rows)

    def known(self, video_id: str, revision: int, recipe: str) -> list[StoredSegment]:
        """What earlier attempts made by the same recipe; rows of any other recipe are forgotten."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SEGMENTS).where(_of(video_id, revision), SEGMENTS.c.recipe != recipe))
            query = sa.select(SEGMENTS).where(_of(video_id, revision)).order_by(SEGMENTS.c.track, SEGMENTS.c.number)
            return [
                StoredSegment(
                    track=row["track"], number=row["number"], duration_s=Fraction(row["duration"]),
                    bytes=row["bytes"], keyframe_end=row["keyframe_end"], sha256=row["sha256"],
                    cpu_s=row["cpu_s"], wall_s=row["wall_s"],
                )
                for row in connection.execute(query).mappings()
            ]  # fmt: skip

    def forget(self, video_id: str, revision: int) -> None:
        """The revision is given up, with all that was made of it."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(SEGMENTS).where(_of(video_id, revision)))
            connection.execute(sa.delete(WANTS).where(WANTS.c.video_id == video_id))

    def want(self, video_id: str, track: str, number: int) -> None:
        """A viewer waits for this segment: it is made next. The newest want of a video counts."""
        values = {"track": track, "number": number, "asked_at_ms": self._clock.now_ms()}
        with self._engine.begin() as connection:
            changed = connection.execute(sa.update(WANTS).where(WANTS.c.video_id == video_id).values(**values))
            if not changed.rowcount:
                connection.execute(sa.insert(WANTS).values(video_id=video_id, **values))

    def wanted(self, video_id: str) -> Want | None:
        """What a viewer asked for in the last WANT_LASTS_MS."""
        query = sa.select(WANTS.c.track, WANTS.c.number).where(
            WANTS.c.video_id == video_id, WANTS.c.asked_at_ms > self._clock.now_ms() - WANT_LASTS_MS
        )
        with self._reader.connect() as connection:
            row = connection.execute(query).first()
        return Want(track=row.track, number=row.number) if row else None


def _of(video_id: str, revision: int) -> sa.ColumnElement[bool]:
    return sa.and_(SEGMENTS.c.video_id == video_id, SEGMENTS.c.revision == revision)
