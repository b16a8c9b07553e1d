"""The tail of a Delta log after a crash: what was torn goes, what stands is copied, nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from viewbox.lake import durable
from viewbox.lake.table import CONFIGURATION, LakeTable

SCHEMA = pa.schema([pa.field("number", pa.int64(), nullable=False)])


def table_of(folder: Path, commits: int) -> LakeTable:
    """Versions 1 … `commits` hold a row each."""
    table = LakeTable(str(folder), "numbers", SCHEMA)
    for number in range(1, commits + 1):
        table.append(pa.table({"number": [number]}, schema=SCHEMA))
    assert table.version == commits
    return table


def numbers(folder: Path) -> list[int]:
    return sorted(DeltaTable(str(folder / "numbers")).to_pyarrow_table()["number"].to_pylist())


def path_of(table: LakeTable) -> Path:
    assert table.path is not None
    return table.path


@pytest.mark.parametrize("missing", [1, 2, 3, 4])
def test_a_missing_log_entry_takes_what_follows_with_it(tmp_path: Path, missing: int):
    table = table_of(tmp_path, 4)
    durable.log_entry(path_of(table), missing).unlink()

    assert table.mend_tail(0) == 4 - missing
    assert numbers(tmp_path) == list(range(1, missing))
    assert table.version == missing - 1


def test_a_torn_file_is_taken_back_with_all_that_came_after_it(tmp_path: Path):
    table = table_of(tmp_path, 4)
    durable.added_files(path_of(table), 3)[0].write_bytes(b"PAR1")

    assert table.mend_tail(1) == 2
    assert numbers(tmp_path) == [1, 2]


def test_a_torn_file_that_a_torn_merge_replaced_is_taken_back_too(tmp_path: Path):
    table = table_of(tmp_path, 3)
    torn = durable.added_files(path_of(table), 3)[0]
    table.delta.optimize.compact()
    merged = durable.added_files(path_of(table), 4)[0]
    torn.write_bytes(b"")
    assert table.mend_tail(0) == 0  # the merged file holds its row

    merged.write_bytes(b"")
    assert table.mend_tail(0) == 2
    assert numbers(tmp_path) == [1, 2]


def test_what_is_trusted_is_not_looked_at(tmp_path: Path):
    table = table_of(tmp_path, 2)
    before = {path: path.stat().st_ino for path in path_of(table).rglob("*.*")}
    durable.added_files(path_of(table), 1)[0].write_bytes(b"")

    assert table.mend_tail(2) == 0
    assert table.mend_tail(None) == 0
    assert {path: path.stat().st_ino for path in path_of(table).rglob("*.*")} == before


def test_what_was_not_known_to_be_on_disk_is_written_anew(tmp_path: Path):
    table = table_of(tmp_path, 3)
    known, unknown = (durable.added_files(path_of(table), version)[0] for version in (1, 2))
    before = [path.stat().st_ino for path in (known, unknown, durable.log_entry(path_of(table), 2))]
    table.mend_tail(1)
    after = [path.stat().st_ino for path in (known, unknown, durable.log_entry(path_of(table), 2))]

    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] != before[2]
    assert numbers(tmp_path) == [1, 2, 3]


def test_a_table_that_was_being_made_is_made_anew(tmp_path: Path):
    table = table_of(tmp_path, 0)
    durable.log_entry(path_of(table), 0).write_bytes(b"")

    assert table.mend_tail(None) == 1
    assert table.version == 0
    assert numbers(tmp_path) == []


@pytest.mark.parametrize("trusted", [None, 0])
def test_a_table_whose_maker_died_before_it_was_on_disk_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: int | None
):
    table = table_of(tmp_path / "lake", 0)
    entry = durable.log_entry(path_of(table), 0)
    before = entry.stat().st_ino
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync", synced.append)
    table.mend_tail(trusted)

    assert entry.stat().st_ino != before
    assert {entry, entry.parent, path_of(table), tmp_path / "lake", tmp_path} <= set(synced)


def test_a_torn_checkpoint_is_no_checkpoint(tmp_path: Path):
    table = table_of(tmp_path, 4)
    table.delta.create_checkpoint()
    (checkpoint,) = (path_of(table) / durable.LOG).glob("*.checkpoint.parquet")
    checkpoint.write_bytes(checkpoint.read_bytes()[:50])

    table.mend_tail(3)
    assert not checkpoint.exists()
    assert numbers(tmp_path) == [1, 2, 3, 4]


def test_log_entries_go_only_when_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(CONFIGURATION, "delta.checkpointInterval", "4")
    monkeypatch.setitem(CONFIGURATION, "delta.logRetentionDuration", "interval 0 seconds")
    table = table_of(tmp_path, 9)
    entries = path_of(table) / durable.LOG
    assert len(list(entries.glob("0*.json"))) == 10

    table.forget_expired()
    assert len(list(entries.glob("0*.json"))) < 10
    assert numbers(tmp_path) == list(range(1, 10))


def test_an_older_versions_table_stops_dropping_its_log_by_itself(tmp_path: Path):
    old = {**CONFIGURATION, "delta.enableExpiredLogCleanup": "true"}
    DeltaTable.create(str(tmp_path / "numbers"), schema=SCHEMA, configuration=old)
    table = LakeTable(str(tmp_path), "numbers", SCHEMA)

    assert table.delta.metadata().configuration["delta.enableExpiredLogCleanup"] == "false"
    assert LakeTable(str(tmp_path), "numbers", SCHEMA).version == table.version


def test_a_new_folder_is_on_disk_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync", synced.append)
    durable.make_folder(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()
    assert synced == [tmp_path, tmp_path / "a"]
