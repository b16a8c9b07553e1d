"""viewers_now over several processes: the same numbers as one process would count, and nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ingest_api.live.presence import Presence
from ingest_api.live.sharing import ABANDONED_S, Sharing
from tests.messages import START_MS, wire
from viewbox.events import decode_message
from viewbox.testing.clock import FakeClock


class Worker:
    """One process's share."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.presence = Presence(clock)
        self.sharing = Sharing(self.presence, folder, clock)

    def hear(self, seq: int, *, number: int, t_ms: int, kind: str = "heartbeat") -> None:
        event: dict[str, Any] = {"seq": seq, "type": kind, "t_ms": t_ms, "position_s": 1.0, "reason": "unload"}
        self.presence.hear([decode_message(wire(event, number=number, sent_at_ms=START_MS + t_ms))])
        self.sharing.publish()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START_MS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "live"


@pytest.fixture
def pair(folder: Path, clock: FakeClock) -> tuple[Worker, Worker]:
    return Worker(folder, clock), Worker(folder, clock)


def both(pair: tuple[Worker, Worker]) -> list[int]:
    return [worker.sharing.counts()["video-1"] for worker in pair]


def test_each_process_counts_everybody(pair):
    first, second = pair
    first.hear(1, number=1, t_ms=10_000)
    second.hear(1, number=2, t_ms=10_000)
    second.hear(1, number=3, t_ms=10_000)
    assert both(pair) == [3, 3]


def test_a_viewer_who_changed_the_process_is_one(pair):
    first, second = pair
    first.hear(1, number=1, t_ms=10_000)
    second.hear(2, number=1, t_ms=12_000)
    assert both(pair) == [1, 1]


@pytest.mark.parametrize("heard_second", [0, 1])
def test_a_view_end_counts_wherever_it_arrives(pair, heard_second):
    here, there = pair[heard_second], pair[1 - heard_second]
    here.hear(1, number=1, t_ms=10_000)
    there.hear(2, number=1, t_ms=11_000, kind="view_end")
    assert both(pair) == [0, 0]
    here.hear(3, number=1, t_ms=12_000)
    assert both(pair) == [1, 1]


def test_silence_ends_presence_also_of_a_process_that_died(pair, clock):
    pair[0].hear(1, number=1, t_ms=10_000)
    clock.advance(s=15)
    assert both(pair) == [1, 1]
    clock.advance(s=0.001)
    assert both(pair) == [0, 0]


def test_nothing_is_written_while_nobody_watches_and_the_file_goes_with_the_last(pair, folder, clock):
    first = pair[0]
    first.sharing.publish()
    assert not folder.exists()
    first.hear(1, number=1, t_ms=10_000)
    assert len(list(folder.iterdir())) == 1
    clock.advance(s=16)
    first.sharing.publish()
    assert list(folder.iterdir()) == []


def test_a_clean_end_leaves_no_file(pair, folder):
    pair[0].hear(1, number=1, t_ms=10_000)
    pair[0].sharing.close()
    assert list(folder.iterdir()) == []


def test_files_of_the_dead_are_swept(pair, folder):
    first, second = pair
    first.hear(1, number=1, t_ms=10_000)
    (left,) = folder.iterdir()
    long_ago = left.stat().st_mtime - ABANDONED_S - 1
    os.utime(left, (long_ago, long_ago))
    assert second.sharing.counts()["video-1"] == 0, "it may tell of a clock before the last reboot"
    second.hear(1, number=2, t_ms=10_000)
    assert left not in set(folder.iterdir())


def test_a_file_that_is_none_of_ours_costs_nobody(pair, folder):
    pair[0].hear(1, number=1, t_ms=10_000)
    (folder / "0-junk.views").write_bytes(b"\xc1junk")
    assert both(pair) == [1, 1]
