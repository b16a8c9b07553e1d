"""kill -9 at every point that hurts, and at random: every acked event reaches the lake exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.faults.victims import PROCESSES, run_door, run_maintainer
from tests.messages import START_MS, door, drain, interval, play, rows, settings_in, wire
from viewbox.lake import durable
from viewbox.maintainer import counters
from viewbox.settings import Settings

pytestmark = pytest.mark.faults

RECEIVED_MS = START_MS + 60_000
LABELS = ("events_committed", "dead_letters_committed", "synced", "indexed", "trimmed", "rolled_up")


def maintainer_until(folder: Path, label: str) -> int | None:
    """Run a maintainer that dies at a label; its exit code."""
    process = PROCESSES.Process(target=run_maintainer, args=(folder, label))
    process.start()
    process.join(timeout=60)
    return process.exitcode


@contextmanager
def streaming_door(folder: Path, first: int) -> Iterator[Connection]:
    """A door that takes messages without end, until it is killed; what it acked can be received."""
    acks, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=run_door, args=(folder, first, sender))
    process.start()
    sender.close()
    try:
        yield acks
    finally:
        process.kill()
        process.join()


def received(acks: Connection) -> list[int]:
    """What is left in the pipe of a dead door."""
    numbers = []
    try:
        while True:
            numbers.append(acks.recv())
    except EOFError:
        return numbers


def fill(settings: Settings) -> None:
    """13 events in: 8 to store, 2 copies, 3 dead letters (a conflict, a mismatch, an unreadable message)."""
    with door(settings) as intake:
        intake.accept([wire(play(0), interval(1)), wire(play(0), interval(1))], received_at_ms=RECEIVED_MS)
        intake.accept([wire(interval(1, rate=2.0)), b"{", wire(play(5), viewer_id="x")], received_at_ms=RECEIVED_MS)
        intake.accept([wire(*[interval(seq) for seq in range(6)], number=1)], received_at_ms=RECEIVED_MS)


def assert_all_is_there_once(settings: Settings) -> None:
    assert [(row["view_id"][-1], row["seq"]) for row in rows(settings)] == [
        *[("0", seq) for seq in (0, 1)],
        *[("1", seq) for seq in range(6)],
    ]
    assert [row["code"] for row in rows(settings, "dead_letters")] == ["not_json", "seq_conflict", "view_mismatch"]
    assert counters(settings) == {"received": 13, "stored": 8, "duplicate": 2, "dead_lettered": 3, "pending": 0}


@pytest.mark.parametrize("label", LABELS)
def test_a_maintainer_killed_at_a_labelled_point_leaves_nothing_lost_or_doubled(tmp_path: Path, label: str):
    settings = settings_in(tmp_path)
    fill(settings)

    assert maintainer_until(tmp_path, label) == 9
    sums = counters(settings)
    drain(settings)

    assert sums["received"] == sums["stored"] + sums["duplicate"] + sums["dead_lettered"] + sums["pending"] == 13
    assert_all_is_there_once(settings)


@pytest.mark.parametrize("label", ["events_committed", "dead_letters_committed", "synced"])
def test_events_that_come_between_crash_and_restart_join_no_half_done_step(tmp_path: Path, label: str):
    settings = settings_in(tmp_path)
    fill(settings)
    maintainer_until(tmp_path, label)
    with door(settings) as intake:
        intake.accept([wire(interval(1), interval(2))], received_at_ms=RECEIVED_MS)
    drain(settings)

    assert [row["seq"] for row in rows(settings)] == [0, 1, 2, 0, 1, 2, 3, 4, 5]
    assert counters(settings) == {"received": 15, "stored": 9, "duplicate": 3, "dead_lettered": 3, "pending": 0}


@pytest.mark.parametrize(
    ("label", "table", "tear"),
    [
        ("events_committed", "events", "log"),
        ("events_committed", "events", "data"),
        ("dead_letters_committed", "events", "data"),
        ("dead_letters_committed", "dead_letters", "log"),
    ],
)
def test_a_power_cut_that_tears_an_unsynced_commit_costs_nothing(tmp_path: Path, label: str, table: str, tear: str):
    settings = settings_in(tmp_path)
    with door(settings) as intake:  # a first, complete step: the index knows which versions to trust
        intake.accept([wire(play(0), number=7), b"{"], received_at_ms=RECEIVED_MS)
    drain(settings)
    fill(settings)
    assert maintainer_until(tmp_path, label) == 9

    folder = Path(settings.lake) / table
    newest = max(int(path.stem) for path in (folder / "_delta_log").glob("*.json"))
    victim = durable.log_entry(folder, newest) if tear == "log" else durable.added_files(folder, newest)[0]
    victim.write_bytes(victim.read_bytes()[:40])
    drain(settings)

    assert Counter(row["view_id"][-1] for row in rows(settings)) == {"0": 2, "1": 6, "7": 1}
    assert Counter(row["code"] for row in rows(settings, "dead_letters")) == {
        "not_json": 2, "seq_conflict": 1, "view_mismatch": 1,
    }  # fmt: skip
    assert counters(settings) == {"received": 15, "stored": 9, "duplicate": 2, "dead_lettered": 4, "pending": 0}


def test_a_deleted_index_is_made_anew_from_the_lake(tmp_path: Path):
    settings = settings_in(tmp_path)
    fill(settings)
    drain(settings)
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    with door(settings) as intake:
        intake.accept([wire(play(0), interval(1, rate=9.0)), wire(play(9), number=1)], received_at_ms=RECEIVED_MS)
    drain(settings)

    assert [row["seq"] for row in rows(settings)] == [0, 1, 0, 1, 2, 3, 4, 5, 9]
    assert [row["code"] for row in rows(settings, "dead_letters")].count("seq_conflict") == 2
    assert counters(settings) == {"received": 16, "stored": 9, "duplicate": 3, "dead_lettered": 4, "pending": 0}


def test_doors_killed_while_clients_stream_lose_no_acked_event(tmp_path: Path):
    settings = settings_in(tmp_path)
    with ExitStack() as stack:
        doors = [
            stack.enter_context(streaming_door(tmp_path, first)) for first in (0, 1_000_000)
        ]  # ranges that never meet
        acked = [acks.recv() for _ in range(20) for acks in doors]
    acked += [number for acks in doors for number in received(acks)]
    for label in ("events_committed", "synced", "indexed"):
        maintainer_until(tmp_path, label)
    drain(settings)

    stored = Counter((int(row["view_id"].replace("-", "")[-8:], 16), row["seq"]) for row in rows(settings))
    assert len(acked) >= 40
    assert {(number, seq) for number in acked for seq in range(5)} <= set(stored)
    assert set(stored.values()) == {1}
    sums = counters(settings)
    assert sums["received"] == sums["stored"] == len(stored)


def test_the_spool_of_a_dead_process_is_drained_and_removed(tmp_path: Path):
    settings = settings_in(tmp_path)
    with streaming_door(tmp_path, 1) as acks:
        acks.recv()
    assert len(list(settings.spool_dir.glob("*.sqlite"))) == 1
    assert maintainer_until(tmp_path, "never") == 0

    assert list(settings.spool_dir.iterdir()) == []
    assert counters(settings)["stored"] == len(rows(settings)) >= 5
    assert counters(settings)["pending"] == 0
