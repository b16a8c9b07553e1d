"""Leased jobs: a table on the catalog database. Whoever holds the newest token of a job may publish its result.

queued ──claim──► running ──finish──► done
  ▲                 │  │
  └──fail(retry)────┘  └──fail──► failed        a lease that ran out makes a running job claimable again
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import ChangeWatch, reader
from viewbox.errors import JobLost
from viewbox.ids import new_video_id

LEASE_MS = 30_000  # a worker that says nothing for this long has lost its job
HEARTBEAT_S = 5.0
LOOK_MS = 1_000  # a queue that nobody wrote to is looked at so often at least
MAX_STALLS = 3  # leases that may run out without progress before the job is given up: it kills its workers
MAX_ATTEMPTS = 4
RETRY_AFTER_MS = (2_000, 10_000, 60_000)  # wait before the 2nd, 3rd and 4th attempt

_COLUMNS = (
    "id",
    "kind",
    "video_id",
    "revision",
    "payload",
    "priority",
    "status",
    "attempts",
    "stalls",
    "token",
    "worker",
    "lease_until_ms",
    "run_after_ms",
    "created_at_ms",
    "finished_at_ms",
)
JOBS = sa.table("jobs", *map(sa.column, _COLUMNS))


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed job. `token` proves the claim; `payload` is what the enqueuer gave."""

    id: str
    kind: str
    video_id: str
    revision: int
    payload: dict[str, Any]
    attempts: int
    stalls: int
    token: int


class Jobs:
    """The queue. Thread-safe; every call is one short transaction."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._reader = reader(engine)
        self._clock = clock
        self._changes = ChangeWatch(engine)
        self._nothing_due: tuple[int | None, tuple[str, ...], int] = (None, (), 0)  # as of a stamp, until a time

    def enqueue(self, kind: str, *, video_id: str, revision: int, payload: Mapping[str, Any], priority: int = 0) -> str:
        """Add a job; it replaces what is still queued or running for the same video (their tokens die)."""
        now = self._clock.now_ms()
        job_id = new_video_id()
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.video_id == video_id, JOBS.c.kind == kind, JOBS.c.status.in_(("queued", "running")))
                .values(status="failed", token=JOBS.c.token + 1, finished_at_ms=now)
            )
            connection.execute(
                sa.insert(JOBS).values(
                    id=job_id,
                    kind=kind,
                    video_id=video_id,
                    revision=revision,
                    payload=json.dumps(dict(payload)),
                    priority=priority,
                    status="queued",
                    attempts=0,
                    stalls=0,
                    token=0,
                    worker=None,
                    lease_until_ms=None,
                    run_after_ms=now,
                    created_at_ms=now,
                    finished_at_ms=None,
                )
            )
        return job_id

    def claim(self, worker: str, kinds: tuple[str, ...] = ("import",)) -> Job | None:
        """Lease the next job: highest priority, then oldest; or one whose lease ran out. None when there is none."""
        now = self._clock.now_ms()
        stamp = self._changes.stamp()  # asked for first: what is written meanwhile shows in the next one
        if stamp is not None and self._nothing_due[:2] == (stamp, kinds) and now < self._nothing_due[2]:
            return None  # the usual answer, ten times a second
        due = sa.or_(
            sa.and_(JOBS.c.status == "queued", JOBS.c.run_after_ms <= now),
            sa.and_(JOBS.c.status == "running", JOBS.c.lease_until_ms < now),
        )
        query = (
            sa.select(JOBS)
            .where(due, JOBS.c.kind.in_(kinds))
            .order_by(JOBS.c.priority.desc(), JOBS.c.created_at_ms, JOBS.c.id)
            .limit(1)
        )
        with self._reader.connect() as connection:
            if connection.execute(query).first() is None:  # no write lock for that
                falls_due = sa.case((JOBS.c.status == "queued", JOBS.c.run_after_ms), else_=JOBS.c.lease_until_ms + 1)
                waiting = JOBS.c.status.in_(("queued", "running"))
                first = connection.scalar(sa.select(sa.func.min(falls_due)).where(waiting))
                self._nothing_due = (stamp, kinds, min(now + LOOK_MS, first or now + LOOK_MS))
                return None
        if self._engine.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        with self._engine.begin() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            stalled = row["status"] == "running"
            values = {
                "status": "running",
                "worker": worker,
                "lease_until_ms": now + LEASE_MS,
                "token": row["token"] + 1,
                "attempts": row["attempts"] + 1,
                "stalls": row["stalls"] + int(stalled),
            }
            connection.execute(sa.update(JOBS).where(JOBS.c.id == row["id"]).values(**values))
        return _job({**row, **values})

    def heartbeat(self, job: Job) -> None:
        """Renew the lease. Raises JobLost when another worker, a cancel or a newer source took it."""
        self._held(job, lease_until_ms=self._clock.now_ms() + LEASE_MS)

    def advanced(self, job: Job) -> None:
        """A part of the work is done for good: workers that died before it tell nothing any more. Raises JobLost."""
        self._held(job, stalls=0, lease_until_ms=self._clock.now_ms() + LEASE_MS)

    def is_held(self, job: Job) -> bool:
        """Whether the claim still stands: a look without a lock, for stopping early after a cancel."""
        query = sa.select(JOBS.c.id).where(JOBS.c.id == job.id, JOBS.c.token == job.token, JOBS.c.status == "running")
        with self._reader.connect() as connection:
            return connection.execute(query).first() is not None

    def release(self, job: Job) -> None:
        """Give the job back unharmed: its worker is asked to stop. Raises JobLost."""
        self._held(
            job, status="queued", worker=None, lease_until_ms=None, attempts=job.attempts - 1,
            run_after_ms=self._clock.now_ms(),
        )  # fmt: skip

    def expire(self, is_dead: Callable[[str], bool]) -> int:
        """End the leases of workers that are known to be dead, so that their jobs need not wait. Returns how many."""
        query = sa.select(JOBS.c.id, JOBS.c.token, JOBS.c.worker).where(
            JOBS.c.status == "running", JOBS.c.lease_until_ms > 0
        )
        with self._reader.connect() as connection:
            dead = [row for row in connection.execute(query) if row.worker and is_dead(row.worker)]
        for row in dead:
            with self._engine.begin() as connection:
                connection.execute(
                    sa.update(JOBS)
                    .where(JOBS.c.id == row.id, JOBS.c.token == row.token, JOBS.c.status == "running")
                    .values(lease_until_ms=0)
                )
        return len(dead)

    def finish(self, job: Job) -> None:
        """The result is published. Raises JobLost."""
        self._held(job, status="done", finished_at_ms=self._clock.now_ms())

    def fail(self, job: Job, *, retryable: bool) -> bool:
        """Give up, or queue another attempt when `retryable` and attempts are left. True when it will be retried."""
        now = self._clock.now_ms()
        if retryable and job.attempts < MAX_ATTEMPTS:
            wait = RETRY_AFTER_MS[min(job.attempts, len(RETRY_AFTER_MS)) - 1]
            self._held(job, status="queued", run_after_ms=now + wait)
            return True
        self._held(job, status="failed", finished_at_ms=now)
        return False

    def open(self) -> list[Job]:
        """Every job that is queued or running."""
        with self._reader.connect() as connection:
            rows = connection.execute(sa.select(JOBS).where(JOBS.c.status.in_(("queued", "running")))).mappings()
            return [_job(row) for row in rows]

    def cancel(self, video_id: str, kind: str | None = None) -> int:
        """End every queued or running job of a video, or those of one kind; their workers lose the token. Returns how
        many.
        """
        chosen = [JOBS.c.video_id == video_id, JOBS.c.status.in_(("queued", "running"))]
        if kind is not None:
            chosen.append(JOBS.c.kind == kind)
        with self._engine.begin() as connection:
            result = connection.execute(
                sa.update(JOBS)
                .where(*chosen)
                .values(status="failed", token=JOBS.c.token + 1, finished_at_ms=self._clock.now_ms())
            )
            return result.rowcount

    def latest(self, video_id: str, kind: str = "import") -> dict[str, Any] | None:
        """The newest job of that kind of a video, as stored: what `retry` repeats."""
        chosen = (JOBS.c.video_id == video_id, JOBS.c.kind == kind)
        query = sa.select(JOBS).where(*chosen).order_by(JOBS.c.created_at_ms.desc()).limit(1)
        with self._reader.connect() as connection:
            row = connection.execute(query).mappings().first()
        return {**row, "payload": json.loads(row["payload"])} if row else None

    def depth(self) -> dict[str, int]:
        """Jobs by status: the queue as /metrics shows it."""
        with self._reader.connect() as connection:
            rows = connection.execute(sa.select(JOBS.c.status, sa.func.count()).group_by(JOBS.c.status))
            return {str(row[0]): int(row[1]) for row in rows}

    def _held(self, job: Job, **values: Any) -> None:
        with self._engine.begin() as connection:
            result = connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job.id, JOBS.c.token == job.token, JOBS.c.status == "running")
                .values(**values)
            )
            if result.rowcount != 1:
                raise JobLost(f"job {job.id} was taken over", hint="nothing of this attempt is published")


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        video_id=row["video_id"],
        revision=row["revision"],
        payload=json.loads(row["payload"]),
        attempts=row["attempts"],
        stalls=row["stalls"],
        token=row["token"],
    )
