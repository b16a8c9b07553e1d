"""Few files: merging keeps every row, and nobody who reads meanwhile notices."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import msgspec
import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.messages import START_MS, NoRollups, door, interval, rows, settings_in, view_id, wire
from viewbox.lake import compaction
from viewbox.lake.compaction import CLOSED_TARGET_BYTES, OPEN_TARGET_BYTES, Partition, due
from viewbox.maintainer import Maintainer, counters
from viewbox.testing import FakeClock

TODAY = date(2026, 11, 23)
DAY_MS = 86_400_000
MIB = 1024**2


def partition(*sizes: int, days_ago: int = 0) -> Partition:
    day = TODAY - timedelta(days=days_ago)
    return Partition(day.isoformat(), day, sizes)


def merged(*partitions: Partition) -> list[tuple[str | None, int]]:
    return [(work.value, target) for work, target in due(partitions, TODAY)]


def test_20_small_files_of_an_open_day_may_stay_21_are_merged():
    assert merged(partition(*[MIB] * 20)) == []
    assert merged(partition(*[MIB] * 21)) == [("2026-11-23", OPEN_TARGET_BYTES)]


def test_what_was_merged_into_a_large_file_is_left_alone_while_the_day_is_open():
    assert merged(partition(*[16 * MIB] * 30)) == []


def test_a_closed_day_becomes_one_file():
    assert merged(partition(*[16 * MIB] * 30, days_ago=2)) == [("2026-11-21", CLOSED_TARGET_BYTES)]


def test_late_files_of_many_closed_days_are_merged_once_they_add_up():
    quiet = [partition(MIB, MIB, days_ago=days) for days in range(2, 62)]  # 60 spare files

    assert merged(*quiet) == []
    assert len(merged(*quiet, partition(MIB, MIB, days_ago=70))) == 1


def test_a_day_with_one_file_has_nothing_to_merge():
    assert merged(*[partition(MIB, days_ago=days) for days in range(200)]) == []


def test_a_large_closed_day_that_was_never_sorted_is_merged_and_a_sorted_one_waits_for_more():
    unsorted = partition(9 * MIB, 9 * MIB, days_ago=2)
    small = partition(MIB, MIB, days_ago=2)
    assert merged(msgspec.structs.replace(unsorted, is_sorted=False)) == [("2026-11-21", CLOSED_TARGET_BYTES)]
    assert merged(unsorted, msgspec.structs.replace(small, is_sorted=False)) == []


def test_a_closed_day_becomes_one_file_by_view_and_seq_that_every_reader_knows(tmp_path: Path):
    settings = settings_in(tmp_path)
    with door(settings) as intake, Maintainer(settings, rollups=NoRollups, clock=FakeClock(START_MS)) as maintainer:
        ids = [view_id(number, at_ms=START_MS - 3 * DAY_MS) for number in range(4)]
        for seq in range(24, -1, -1):  # the last comes first
            lines = [wire(interval(seq), number=number, view_id=one) for number, one in enumerate(ids)]
            intake.accept(lines, received_at_ms=START_MS)
            maintainer.step()
        before = rows(settings)
        maintainer.tidy()
        (path,) = DeltaTable(f"{settings.lake}/events").file_uris()
        assert rows(settings) == before

        keys = [(one, seq) for one in sorted(ids) for seq in range(25)]
        assert [(row["view_id"], row["seq"]) for row in pq.read_table(path, partitioning=None).to_pylist()] == keys
        assert pl.read_parquet(path, hive_partitioning=False).select("view_id", "seq").rows() == keys
        with duckdb.connect() as connection:
            assert connection.sql(f"SELECT view_id, seq FROM '{path}'").fetchall() == keys
        stored = DeltaTable(f"{settings.lake}/events").to_pyarrow_table().drop_columns(["dt"])
        assert stored.equals(pq.read_table(path, partitioning=None).select(stored.column_names).cast(stored.schema))

        lines = [wire(interval(7), interval(25), number=number, view_id=one) for number, one in enumerate(ids)]
        intake.accept(lines, received_at_ms=START_MS)
        maintainer.step()
    assert counters(settings) == {"received": 108, "stored": 104, "duplicate": 4, "dead_lettered": 0, "pending": 0}


def test_merging_keeps_every_row_and_readers_of_the_moment_before_keep_theirs(tmp_path: Path):
    settings = settings_in(tmp_path)
    with door(settings) as intake, Maintainer(settings, rollups=NoRollups, clock=FakeClock(START_MS)) as maintainer:
        for number in range(25):
            intake.accept([wire(interval(1), number=number), b"{"], received_at_ms=START_MS)
            maintainer.step()
        before = rows(settings)
        reader = DeltaTable(f"{settings.lake}/events")
        maintainer.tidy()
        table = DeltaTable(f"{settings.lake}/events")

        assert (len(reader.file_uris()), len(table.file_uris())) == (25, 1)
        assert len(DeltaTable(f"{settings.lake}/dead_letters").file_uris()) == 1
        assert rows(settings) == before
        assert len(before) == reader.to_pyarrow_table().num_rows == 25

        intake.accept([wire(interval(1), interval(2), number=3)], received_at_ms=START_MS)
        maintainer.step()
    assert counters(settings) == {"received": 52, "stored": 26, "duplicate": 1, "dead_lettered": 25, "pending": 0}


def test_the_files_of_closed_days_add_up_to_few(tmp_path: Path):
    settings = settings_in(tmp_path)
    with door(settings) as intake, Maintainer(settings, rollups=NoRollups, clock=FakeClock(START_MS)) as maintainer:
        for seq in range(4):
            lines = [
                wire(interval(seq), number=days, view_id=view_id(days, at_ms=START_MS - days * DAY_MS))
                for days in range(30)
            ]
            intake.accept(lines, received_at_ms=START_MS)
            maintainer.step()
        maintainer.tidy()

    assert len(rows(settings)) == 120
    assert len(DeltaTable(f"{settings.lake}/events").file_uris()) <= 30 + compaction.SPARE_FILES


def test_vacuum_deletes_what_no_recent_snapshot_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = settings_in(tmp_path)
    clock = FakeClock(START_MS)
    monkeypatch.setattr(compaction, "RETENTION_HOURS", 0)
    with door(settings) as intake, Maintainer(settings, rollups=NoRollups, clock=clock) as maintainer:
        for number in range(21):
            intake.accept([wire(interval(1), number=number)], received_at_ms=START_MS)
            maintainer.step()
        maintainer.tidy()
        clock.advance(s=1_000)
        maintainer.step()

    assert len(list(Path(settings.lake, "events").glob("dt=*/*.parquet"))) == 1
    assert len(rows(settings)) == 21


def test_an_idle_maintainer_commits_nothing(tmp_path: Path):
    settings = settings_in(tmp_path)
    clock = FakeClock(START_MS)
    with door(settings) as intake, Maintainer(settings, rollups=NoRollups, clock=clock) as maintainer:
        intake.accept([wire(interval(1))], received_at_ms=START_MS)
        maintainer.step()
        before = sorted(Path(settings.lake).rglob("*.json"))
        for _ in range(3):
            clock.advance(s=1_000)
            maintainer.step()

    assert sorted(Path(settings.lake).rglob("*.json")) == before
