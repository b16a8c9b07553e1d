"""A step's work, cut into shares for an executor, and its answers put together again.

Into how many shares it is cut changes no row: a view is drafted from its own events, and sums never span two videos.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import pyarrow as pa

from viewbox.engine.sources import DATE_IN_PATH
from viewbox.executor import Executor, Workforce
from viewbox.ids import view_date
from viewbox.rollups.ledger import FACTS, Length, Revision
from viewbox.rollups.parcels import Parcel, pack, unpack
from viewbox.rollups.shares import Drafted, Place, SomeVideos, SomeViews, count_share, draft_share
from viewbox.rollups.stored import Stored
from viewbox.settings import Settings
from viewbox.tables import arrow_schema

POOLED_VIEWS = 8_000  # of a step; fewer take less time here than a pool takes to start: 25 events each, two seconds


class Spread:
    """The work on one step. Made by `spread`."""

    def __init__(self, executor: Executor, scratch: str | None, step: int, now_ms: int) -> None:
        self._executor = executor
        self._place = Place(step, now_ms, executor.cores, scratch)
        self._drafted: list[Drafted] = []

    def draft(self, files: Sequence[str], view_ids: Sequence[str], standing: pa.Table | None = None) -> None:
        """Draft views from `files` of `events`; more may follow. `standing`: rows of `views` that the step committed
        before it was cut short.
        """
        parcel = None if standing is None else pack(standing, self._place.scratch)
        tasks = [
            SomeViews(self._place, _files_of(files, some), tuple(some), parcel)
            for some in _cut(view_ids, self._executor.at_once)
        ]
        self._drafted.extend(self._executor.map(draft_share, tasks))

    @property
    def facts(self) -> pa.Table:
        """What the ledger keeps of each view drafted so far."""
        return pa.concat_tables([FACTS.empty_table(), *(drafted.facts for drafted in self._drafted)])

    @property
    def poison(self) -> dict[str, str]:
        return {view_id: why for drafted in self._drafted for view_id, why in drafted.poison.items()}

    def intervals(self) -> pa.Table:
        """Those of all drafted views."""
        return _together("intervals", [drafted.intervals for drafted in self._drafted])

    def count(
        self,
        lengths: Mapping[Revision, Length],
        *,
        standing: pa.Table | None = None,
        published: Stored,
        days: Collection[date],
    ) -> dict[str, pa.Table]:
        """Rows of `views`, `days` and `seconds` for the drafted views, or for the rows that are `standing`."""
        drafts = tuple(parcel for drafted in self._drafted for parcel in drafted.drafts)
        place = self._place
        parcel = None if standing is None else pack(standing, place.scratch)
        videos = (self.facts if standing is None else standing)["video_id"]
        tasks = [
            SomeVideos(place, some, drafts, parcel, _lengths_of(lengths, some), published, tuple(sorted(days)))
            for some in _videos_in(videos, self._executor.at_once)
        ]
        counted = list(self._executor.map(count_share, tasks))
        return {name: _together(name, [getattr(one, name) for one in counted]) for name in ("views", "days", "seconds")}


@contextmanager
def spread(workforce: Workforce, settings: Settings, *, views: int, step: int, now_ms: int) -> Iterator[Spread]:
    """For a step of about so many views: here, or over a pool when that is quicker."""
    with workforce.executor(worth_a_pool=views >= POOLED_VIEWS) as executor:
        if executor.cores is None:
            yield Spread(executor, None, step, now_ms)
            return
        settings.work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.work_dir, prefix="rollup-") as scratch:
            yield Spread(executor, scratch, step, now_ms)


def _files_of(files: Sequence[str], view_ids: Sequence[str]) -> tuple[str, ...]:
    days = {view_date(view_id).isoformat() for view_id in view_ids}
    return tuple(path for path in files if (found := DATE_IN_PATH.search(path)) is None or found[1] in days)


def _cut(view_ids: Sequence[str], parts: int) -> Iterator[Sequence[str]]:
    """Neighbours, as even as can be: ids follow time, so each part lies in few files."""
    ordered = sorted(view_ids)
    size = -(-len(ordered) // parts)
    return (ordered[start : start + size] for start in range(0, len(ordered), size or 1))


def _videos_in(videos: pa.ChunkedArray, parts: int) -> list[tuple[str, ...] | None]:
    """Videos in so many sets, of about as many views each; null for all of them."""
    if parts < 2:
        return [None]
    names, counts = videos.value_counts().flatten()
    found = sorted(zip(counts.to_pylist(), names.to_pylist(), strict=True), reverse=True)
    sets: list[tuple[int, list[str]]] = [(0, []) for _ in range(min(parts, len(found)))]
    for count, video in found:
        place = min(range(len(sets)), key=lambda number: sets[number][0])
        sets[place] = (sets[place][0] + count, [*sets[place][1], video])
    return [tuple(some) for _, some in sets]


def _lengths_of(lengths: Mapping[Revision, Length], videos: Collection[str] | None) -> dict[Revision, Length]:
    kept = None if videos is None else frozenset(videos)
    return {revision: length for revision, length in lengths.items() if kept is None or revision[0] in kept}


def _together(name: str, parcels: Sequence[Parcel]) -> pa.Table:
    return pa.concat_tables([arrow_schema(name).empty_table(), *map(unpack, parcels)])
