"""Disks that fail: an fsync that does not happen, and no space left. Nothing is acked that is not on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.life import Life
from tests.support import until

pytestmark = pytest.mark.faults


def test_after_an_fsync_error_the_door_acks_nothing_and_exits(tmp_path: Path):
    life = Life.begin(tmp_path / "house", seed="eio")
    with life.watched():
        until(life.is_lived_in, timeout_s=60)
        with life.house.disk("eio", "door", "/spool/"):
            assert life.house.await_death(60), "the door goes on over a disk that failed"
            acked = life.memory.messages_acked
            assert "spool_broken" in life.house.log()
        assert life.memory.messages_acked == acked
    assert life.judge(rebuilt=False).is_clean


def test_a_full_disk_is_told_and_survived(tmp_path: Path):
    life = Life.begin(tmp_path / "house", seed="full")
    with life.watched():
        until(life.is_lived_in, timeout_s=60)
        with life.house.disk("full", "door", "/spool/"):
            until(lambda: life.refused > 5, timeout_s=60, what="retry_after_ms")
        acked = life.memory.messages_acked
        until(lambda: life.memory.messages_acked > acked, timeout_s=60, what="acks again")
        assert life.house.kill("door") == 1, "the door ended over a full disk"
    assert life.judge(rebuilt=False).is_clean


def test_a_maintainer_whose_lake_cannot_be_synced_loses_nothing(tmp_path: Path):
    life = Life.begin(tmp_path / "house", seed="lake")
    with life.watched():
        until(life.is_lived_in, timeout_s=60)
        with life.house.disk("eio", "maintainer", "/lake/"):
            assert life.house.await_death(60)
        life.house.cut_power(None)
    assert life.judge(rebuilt=True).is_clean
