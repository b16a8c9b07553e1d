"""The model of a disk: what was fsynced stays, what was not may go, and SQLite's own fsyncs are seen."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.platter import Platter
from tests.faults.victims import PROCESSES
from viewbox.lake import durable
from viewbox.spool import connect

pytestmark = pytest.mark.faults


def cut_after(folder: Path, work: Callable[[Path], None], chance: random.Random | None = None) -> Path:
    """The directory as it is after `work` was done in it, in a process of its own, and the power was cut."""
    root = folder / "root"
    root.mkdir()
    platter = Platter(root, folder / "platter")
    platter.begin()
    process = PROCESSES.Process(target=do, args=(platter, root, work))
    process.start()
    process.join()
    assert process.exitcode == 9
    platter.cut(chance)
    return root


def do(platter: Platter, root: Path, work: Callable[[Path], None]) -> None:
    platter.install()
    work(root)
    os._exit(9)


def write_files(root: Path) -> None:
    (root / "synced").write_bytes(b"whole")
    durable.sync(root / "synced")
    (root / "half").write_bytes(b"first ")
    durable.sync(root / "half")
    (root / "named").write_bytes(b"never synced")
    durable.sync(root)
    with (root / "half").open("ab") as file:
        file.write(b"second")
    (root / "unnamed").write_bytes(b"synced, but not its name")
    durable.sync(root / "unnamed")
    (root / "synced").rename(root / "renamed")


def test_unsynced_bytes_names_and_renames_are_gone(tmp_path: Path):
    root = cut_after(tmp_path, write_files)

    assert {path.name: path.read_bytes() for path in root.iterdir()} == {
        "synced": b"whole", "half": b"first ", "named": b"",
    }  # fmt: skip


def test_by_a_toss_unsynced_things_are_there_or_not_and_synced_ones_always(tmp_path: Path):
    seen: set[tuple[bytes, bytes]] = set()
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        root = cut_after(folder, write_files, random.Random(number))
        left = {path.name: path.read_bytes() for path in root.iterdir()}
        assert left["half"].startswith(b"first ")
        assert left.get("synced", left.get("renamed")) in {b"whole", None}
        seen.add((left["half"], left["named"]))

    assert len(seen) > 3


def replace_file(root: Path) -> None:
    durable.sync(root)
    (root / "draft").write_bytes(b"new")
    durable.sync(root / "draft")
    (root / "draft").replace(root / "file")
    durable.sync(root)


def test_what_is_written_beside_synced_and_renamed_is_whole(tmp_path: Path):
    root = cut_after(tmp_path, replace_file)

    assert [path.name for path in root.iterdir()] == ["file"]
    assert (root / "file").read_bytes() == b"new"


def commit(root: Path, synchronous: str) -> None:
    database = connect(root / "some.sqlite")
    database.execute(f"PRAGMA synchronous = {synchronous}")
    database.execute("CREATE TABLE numbers (number INTEGER)")
    for number in range(10):
        database.execute("INSERT INTO numbers VALUES (?)", (number,))


def commit_full(root: Path) -> None:
    commit(root, "FULL")


def commit_normal(root: Path) -> None:
    commit(root, "NORMAL")


@pytest.mark.parametrize(("work", "kept"), [(commit_full, 10), (commit_normal, None)])
def test_a_commit_of_sqlite_is_on_disk_as_far_as_it_was_synced(tmp_path: Path, work: Any, kept: int | None):
    root = cut_after(tmp_path, work)
    with closing(sqlite3.connect(root / "some.sqlite")) as database:
        if kept is None:
            with pytest.raises(sqlite3.OperationalError, match="no such table"):
                database.execute("SELECT count(*) FROM numbers")
        else:
            assert database.execute("SELECT count(*) FROM numbers").fetchone() == (kept,)
