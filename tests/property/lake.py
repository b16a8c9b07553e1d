"""A lake whose events were put there by hand, and its tables beside the oracle's: from many streams to all numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from tests.property import oracle_tables as oracle
from tests.property.oracle_views import Row
from tests.property.streams import NOW_MS, REMADE_S, VIDEOS
from tests.sql.world import World
from viewbox.clock import to_datetime
from viewbox.lake.layout import EVENTS
from viewbox.lake.table import LakeTable
from viewbox.rollups import Rollups
from viewbox.tables import TABLES

CATALOG = {(video, 1): duration_s for video, duration_s in VIDEOS.items() if duration_s} | {("remade", 2): REMADE_S}
SECONDS_KEY = ("video_id", "revision", "dt", "synthetic", "second")
KEYS = {
    "views": ("view_id",), "intervals": ("view_id", "seq"), "seeks": ("view_id", "seq"), "stalls": ("view_id", "seq"),
    "pauses": ("view_id", "seq"), "viewer_videos": ("viewer_id", "video_id", "revision"), "seconds": SECONDS_KEY,
}  # fmt: skip


@contextmanager
def lake(events: Sequence[Row]) -> Iterator[World]:
    """A world that holds these rows of `events`, with every other table derived from them at NOW_MS."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder), now_ms=NOW_MS)
        world.maintainer.close()
        publish_videos(world)
        table = LakeTable(world.settings.lake, "events", EVENTS, "dt")
        table.append(pa.Table.from_pylist(list(events), schema=EVENTS))
        with open_rollups(world) as rollups:
            rollups.full(now_ms=NOW_MS)
            assert rollups.poison() == {}
        try:
            yield world
        finally:
            world.close()


@contextmanager
def open_rollups(world: World) -> Iterator[Rollups]:
    """The rollup of a world whose maintainer is closed."""
    rollups = Rollups(world.settings, world.catalog, world.clock)
    try:
        yield rollups
    finally:
        rollups.close()


def publish_videos(world: World) -> None:
    """All videos that streams are about, those without a duration as external ones; of "remade" two revisions."""
    for video, duration_s in VIDEOS.items():
        if duration_s is not None:
            world.video(video, duration_s)
        else:
            world.catalog.admit_external(video)
    world.video("remade", REMADE_S, revision=2)


def contents(world: World) -> dict[str, list[str]]:
    """Every table, its rows in one order."""
    return {name: sorted(map(str, table.to_pylist())) for name, table in world.engine.tables().items()}


def by_oracle(
    events: Sequence[Row], catalog: Mapping[oracle.Revision, float], now_ms: int = NOW_MS
) -> dict[str, list[Row]]:
    """What the derived tables must hold, given these rows of `events`."""
    views = oracle.views(events, catalog, to_datetime(now_ms))
    empty = {column.name: 0 for column in TABLES["seconds"].columns if column.name not in SECONDS_KEY}
    return {
        "views": [view.row for view in views],
        "intervals": oracle.intervals(views),
        "seeks": oracle.marks(views, "seek"),
        "stalls": oracle.marks(views, "stall"),
        "pauses": oracle.marks(views, "pause"),
        "viewer_videos": oracle.viewer_videos(views),
        "seconds": [
            dict(zip(SECONDS_KEY, place, strict=True)) | empty | sums for place, sums in oracle.seconds(views).items()
        ],
    }


def differences(world: World, changes: Mapping[oracle.Revision, float] | None = None) -> list[tuple[Any, ...]]:
    """Where tables are not the oracle's: (table, key, column, table's value, oracle's value). Empty when all is well.

    `changes`: durations that are not those of VIDEOS.
    """
    tables = {name: table.to_pylist() for name, table in world.engine.tables().items()}
    wanted = by_oracle(tables["events"], CATALOG | dict(changes or {}), world.clock.now_ms())
    return compare(tables, wanted)


def compare(tables: Mapping[str, Sequence[Row]], wanted: Mapping[str, Sequence[Row]]) -> list[tuple[Any, ...]]:
    """Exact, but for sums of rates, whose parts no unit makes whole. JSON columns are compared as objects."""
    found: list[tuple[Any, ...]] = []
    for name in wanted:
        key = KEYS[name]
        mine, theirs = _by_key(tables[name], key), _by_key(wanted[name], key)
        found += [(name, *place, "row", place in mine, place in theirs) for place in mine.keys() ^ theirs]
        for place in mine.keys() & theirs:
            assert mine[place].keys() == theirs[place].keys(), f"columns of {name}"
            for column in theirs[place]:
                left, right = mine[place][column], theirs[place][column]
                if column in {"experiment", "custom"}:
                    left, right = _object(left), _object(right)
                if left != right and not (column == "rate_weighted" and abs(left - right) < 1e-6):
                    found.append((name, *place, column, left, right))
    return found


def _object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _by_key(rows: Sequence[Row], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows), f"{key} is no key"
    return found
