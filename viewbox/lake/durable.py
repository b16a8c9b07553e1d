"""Commits that survive a power cut. deltalake never syncs local files: what a commit wrote is only on its way to disk.

`sync_commits` puts the data files, log entries and checkpoints of some versions on disk. After a crash `drop_torn_tail`
takes back versions that a power cut tore (they were never synced, so whoever wrote them still has their input), and
`write_anew` copies those that stand.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq

LOG = "_delta_log"


def log_entry(table: Path, version: int) -> Path:
    return table / LOG / f"{version:020d}.json"


def sync_commits(table: Path, first: int, last: int) -> None:
    """Put versions `first … last` of a local table on disk: files first, then the log that names them."""
    folders = {table / LOG, table, table.parent}
    versions = [version for version in range(first, last + 1) if log_entry(table, version).exists()]  # others: expired
    for version in versions:
        for path in added_files(table, version):
            if path.exists():  # a later compaction of the same range may have made it superfluous
                sync(path)
                folders.add(path.parent)
    for version in versions:
        sync(log_entry(table, version))
        for checkpoint in (table / LOG).glob(f"{version:020d}.checkpoint*.parquet"):
            sync(checkpoint)
    last_checkpoint = table / LOG / "_last_checkpoint"
    if last_checkpoint.exists():
        sync(last_checkpoint)
    for folder in folders:
        sync(folder)


def make_folder(folder: Path) -> None:
    """Make a folder, and what lies above it, each on disk by its name."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def sync(path: Path) -> None:
    """Fsync a file or folder: on return its content (a folder's names) survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def added_files(table: Path, version: int) -> list[Path]:
    """Data files that a version added. Raises ValueError for a torn log entry."""
    return _files(table, version, "add")


def was_just_made(table: Path) -> bool:
    """Whether a table has its first version alone, without a row: its maker may have died before it was on disk."""
    return _versions(table) == [0]


def drop_torn_tail(table: Path, trusted: int) -> int:
    """Remove versions above `trusted` from the first torn or missing one on; returns how many.

    `trusted` is the last version known to have been synced: what lies above it was never reported as done, so its
    input still exists. Only the table's writer may call this, while nobody writes.
    """
    versions = [version for version in _versions(table) if version > trusted]
    for checkpoint in _checkpoints(table, trusted):
        if not _is_whole(checkpoint):
            checkpoint.unlink()  # no log entry that it stands for is gone before it is on disk
    standing = [version for place, version in enumerate(versions) if version == trusted + 1 + place]  # up to a gap
    while standing and not _are_whole(table, standing):
        standing.pop()
    torn = versions[len(standing) :]
    for version in reversed(torn):
        log_entry(table, version).unlink()
        for checkpoint in (table / LOG).glob(f"{version:020d}.checkpoint*.parquet"):
            checkpoint.unlink()
    if torn:
        sync(table / LOG)
    _drop_false_hint(table)
    return len(torn)


def write_anew(table: Path, trusted: int) -> None:
    """Let all that versions above `trusted` brought be copies of it, under the same names, to be synced by the caller.

    Whoever died before us may have died of a failed fsync. The kernel tells of one once and takes the pages for
    written: a second fsync of the same file would succeed, and mean nothing.
    """
    paths = _checkpoints(table, trusted)
    for version in (version for version in _versions(table) if version > trusted):
        paths += [*added_files(table, version), log_entry(table, version)]
    for path in paths:
        if path.exists():
            draft = path.with_name(f".anew-{path.name}")
            shutil.copyfile(path, draft)
            draft.replace(path)


def _drop_false_hint(table: Path) -> None:
    """Readers look for the checkpoint that `_last_checkpoint` names, and fail without it; without the hint they list
    the folder.
    """
    hint = table / LOG / "_last_checkpoint"
    try:
        version = int(json.loads(hint.read_text("utf-8"))["version"])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        version = -1
    if not any((table / LOG).glob(f"{version:020d}.checkpoint*.parquet")):
        hint.unlink()


def _versions(table: Path) -> list[int]:
    return sorted(int(path.stem) for path in (table / LOG).glob("*.json") if path.stem.isdigit())


def _checkpoints(table: Path, trusted: int) -> list[Path]:
    """Checkpoints of versions above `trusted`."""
    return [path for path in (table / LOG).glob("*.checkpoint*.parquet") if int(path.name.partition(".")[0]) > trusted]


def _is_whole(path: Path) -> bool:
    """Whether a Parquet file has its footer, which is written last."""
    try:
        pq.ParquetFile(path).close()
    except (ValueError, OSError):  # pyarrow.ArrowInvalid is a ValueError
        return False
    return True


def _are_whole(table: Path, versions: list[int]) -> bool:
    """Whether these log entries can be read, and every file is whole that they leave in the table."""
    left: set[Path] = set()
    try:
        for version in versions:
            left |= set(_files(table, version, "add"))
            left -= set(_files(table, version, "remove"))
    except ValueError:
        return False
    return all(map(_is_whole, left))


def _files(table: Path, version: int, kind: str) -> list[Path]:
    actions = [json.loads(line) for line in log_entry(table, version).read_text("utf-8").splitlines()]
    if not actions or any(not isinstance(action, dict) for action in actions):
        raise ValueError(f"log entry {version} holds no actions")
    return [table / unquote(action[kind]["path"]) for action in actions if kind in action]
