"""A look at the lake is cheap where nothing moved, and misses nothing that did."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine import LakeReader
from viewbox.testing.clock import FakeClock

COMMITS = 60


def test_each_of_many_quick_commits_is_seen_by_the_next_look(tmp_path: Path) -> None:
    """Several of them share a time stamp of the folder."""
    reader = LakeReader(str(tmp_path))
    assert reader.look().versions == {}
    for version in range(COMMITS):
        append(tmp_path / "events", version)
        assert reader.look().versions == {"events": version}
        assert reader.look().versions == {"events": version}


def test_a_look_at_an_unmoved_lake_tells_its_own_time(tmp_path: Path) -> None:
    append(tmp_path / "events", 0)
    clock = FakeClock(1_000)
    reader = LakeReader(str(tmp_path), clock)
    first = reader.look()
    clock.advance(ms=2_000)
    second = reader.look()
    assert (first.as_of_ms, second.as_of_ms) == (1_000, 3_000)
    assert second.files == first.files


def test_a_commit_whose_entry_was_cleaned_up_is_seen(tmp_path: Path) -> None:
    append(tmp_path / "events", 0)
    reader = LakeReader(str(tmp_path))
    reader.look()
    for number in range(1, 4):
        append(tmp_path / "events", number)
    table = DeltaTable(tmp_path / "events")
    table.create_checkpoint()
    for number in range(3):
        (tmp_path / "events" / "_delta_log" / f"{number:020}.json").unlink()
    assert reader.look().versions == {"events": 3}


def test_the_catalogs_fingerprint_changes_with_every_change_and_only_then(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    asked, changed = Catalog(open_database(url)), Catalog(open_database(url))
    assert asked.fingerprint() == []
    for catalog in (changed, asked):  # another connection's, and its own
        before = asked.fingerprint()
        assert asked.fingerprint() is before
        catalog.add(title="Title", source_kind="url")
        assert len(asked.fingerprint()) == len(before) + 1


def append(path: Path, number: int) -> None:
    write_deltalake(path, pa.table({"number": [number]}), mode="append")
