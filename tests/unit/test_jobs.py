"""The queue of leased jobs: who may work on what, and who may publish."""

from __future__ import annotations

import pytest

from viewbox.database import open_database
from viewbox.errors import JobLost
from viewbox.jobs import LEASE_MS, MAX_ATTEMPTS, Jobs
from viewbox.testing import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def jobs(tmp_path, clock):
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    yield Jobs(engine, clock)
    engine.dispose()


def enqueue(jobs: Jobs, video_id: str, **options) -> str:
    return jobs.enqueue("import", video_id=video_id, revision=1, payload={"url": video_id}, **options)


def test_jobs_come_out_by_priority_then_age(jobs, clock):
    for video_id, priority in (("old", 0), ("urgent", 5), ("young", 0)):
        enqueue(jobs, video_id, priority=priority)
        clock.advance(ms=1)
    claimed = [jobs.claim("w") for _ in range(4)]
    assert [job.video_id if job else None for job in claimed] == ["urgent", "old", "young", None]


def test_a_lease_that_ran_out_moves_the_job_and_disarms_its_old_holder(jobs, clock):
    enqueue(jobs, "v")
    first = jobs.claim("first")
    clock.advance(ms=LEASE_MS - 1)
    assert jobs.claim("second") is None
    clock.advance(ms=2)
    second = jobs.claim("second")
    assert (second.stalls, second.token) == (1, first.token + 1)
    for late in (jobs.heartbeat, jobs.finish):
        with pytest.raises(JobLost):
            late(first)
    jobs.finish(second)
    assert jobs.depth() == {"done": 1}


def test_a_heartbeat_keeps_the_lease(jobs, clock):
    enqueue(jobs, "v")
    job = jobs.claim("w")
    for _ in range(3):
        clock.advance(ms=LEASE_MS - 1)
        jobs.heartbeat(job)
    assert jobs.claim("other") is None


def test_a_retryable_failure_waits_and_then_gives_up(jobs, clock):
    enqueue(jobs, "v")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = jobs.claim("w")
        assert job.attempts == attempt
        assert jobs.fail(job, retryable=True) is (attempt < MAX_ATTEMPTS)
        assert jobs.claim("w") is None  # never at once
        clock.advance(s=60)
    assert jobs.depth() == {"failed": 1}


def test_a_newer_source_takes_the_job_from_whoever_holds_it(jobs):
    enqueue(jobs, "v")
    job = jobs.claim("w")
    enqueue(jobs, "v")
    with pytest.raises(JobLost):
        jobs.finish(job)
    assert jobs.depth() == {"failed": 1, "queued": 1}


def test_cancel_ends_everything_open_of_a_video(jobs):
    enqueue(jobs, "v")
    enqueue(jobs, "other")
    held = jobs.claim("w")
    assert jobs.cancel(held.video_id) == 1
    assert not jobs.is_held(held)
    assert {held.video_id, jobs.claim("w").video_id} == {"v", "other"}
