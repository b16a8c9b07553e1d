"""Synthetic views of a video taken out of every table, on request: what `viewbox sample remove` needs.

A request is a file, DATA_DIR/removals/<video_id>; the holder of the maintainer's role fulfils it and deletes the
file last, so that a crash in between repeats the whole, which changes nothing that is already gone. Views that real
people watched are never touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable

from viewbox.ids import ID_PATTERN
from viewbox.lake import durable
from viewbox.lake.table import WRITER
from viewbox.settings import Settings
from viewbox.spool import connect

IDS_PER_DELETE = 10_000  # in one predicate: bounds its text, costs a rewrite of the touched files each
# What the maintainer and the rollups remember of a view in DATA_DIR/index.sqlite.
INDEX_TABLES = ("views", "touched", "rollup_views", "rollup_touched", "rollup_waiting", "rollup_poison")


def request_removal(settings: Settings, video_id: str) -> Path:
    """Ask for a video's synthetic views to be removed; the file that is gone once they are."""
    if not ID_PATTERN.match(video_id):
        raise ValueError(f"{video_id!r} is not a video id")
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    request = folder / video_id
    request.touch()
    durable.sync(request)
    durable.sync(folder)
    return request


def requested_removals(settings: Settings) -> list[Path]:
    """Requests that wait."""
    folder = _folder(settings)
    return sorted(path for path in folder.iterdir() if ID_PATTERN.match(path.name)) if folder.is_dir() else []


def fulfil(settings: Settings, request: Path, *, note: dict[str, str]) -> int:
    """Remove the views of one request; returns how many. Only for the holder of the maintainer's role.

    Every table object opened before is stale afterwards. `events` comes last: it is what the views are found by.
    """
    video_id = request.name
    root = settings.lake.rstrip("/")
    events = _table(root, "events")
    view_ids = _synthetic_views(events, video_id) if events is not None else []
    synthetic = f"video_id = '{video_id}' AND source = 'synthetic'"
    for sums in ("seconds", "days"):
        _delete(root, sums, [f"video_id = '{video_id}' AND synthetic = true"], {})
    parts = [view_ids[first : first + IDS_PER_DELETE] for first in range(0, len(view_ids), IDS_PER_DELETE)]
    _delete(root, "intervals", [_among(part) for part in parts], {})
    _delete(root, "views", [synthetic], {})
    _forget(settings.data_dir.absolute() / "index.sqlite", view_ids)
    _delete(root, "events", [synthetic], note)
    request.unlink()
    return len(view_ids)


def _folder(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "removals"


def _table(root: str, name: str) -> DeltaTable | None:
    uri = f"{root}/{name}"
    return DeltaTable(uri) if DeltaTable.is_deltatable(uri) else None


def _synthetic_views(events: DeltaTable, video_id: str) -> list[str]:
    dataset = events.to_pyarrow_dataset()
    mine = (pc.field("video_id") == video_id) & (pc.field("source") == "synthetic")
    return sorted(set(dataset.to_table(columns=["view_id"], filter=mine)["view_id"].to_pylist()))


def _among(view_ids: Sequence[str]) -> str:
    """View ids passed the door's pattern: none holds a quote."""
    return f"view_id IN ({', '.join(repr(view_id) for view_id in view_ids)})"


def _delete(root: str, name: str, predicates: Sequence[str], note: dict[str, str]) -> None:
    """Delete rows, and put the versions that did it on disk."""
    table = _table(root, name)
    if table is None:
        return
    before = table.version()
    for predicate in predicates:
        table.delete(predicate, writer_properties=WRITER, commit_properties=CommitProperties(custom_metadata=note))
    if "://" not in root and table.version() > before:
        durable.sync_commits(Path(root) / name, before + 1, table.version())


def _forget(index: Path, view_ids: Sequence[str]) -> None:
    """Drop the views from the index, so that a late event of one is no duplicate of what is gone."""
    with closing(connect(index)) as database:
        known = _tables(database)
        database.execute("BEGIN IMMEDIATE")
        for name in INDEX_TABLES:
            if name in known:
                database.executemany(
                    f"DELETE FROM {name} WHERE view_id = ?",  # noqa: S608  # names from the line above
                    ((view_id,) for view_id in view_ids),
                )
        database.execute("COMMIT")


def _tables(database: sqlite3.Connection) -> set[str]:
    rows: Iterator[tuple[str]] = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows}
