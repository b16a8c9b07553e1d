"""The maintainer, the one process that commits to the lake: drain, roll up, remove, compact; again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

import msgspec

from viewbox import logs
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK, Clock, to_datetime
from viewbox.database import open_database
from viewbox.lake.compaction import compact, vacuum
from viewbox.maintainer.bulk import BulkFile, commit_files
from viewbox.maintainer.drain import Drain
from viewbox.maintainer.index import Index, IndexedView
from viewbox.maintainer.removal import fulfil, requested_removals
from viewbox.maintainer.role import Role, RoleTaken
from viewbox.rollups import Rollups
from viewbox.settings import Settings

DRAIN_BUDGET_S = 1.0  # of a long backlog, before what is drained so far is rolled up: tables keep up with the lake
ROLLUP_VIEWS = 20_000  # views of one refresh; bounds its memory
BUSY_PERIOD_S = 1.0  # from step to step while events come: a commit a second, not one per message
IDLE_PERIOD_S = 0.2  # how long an event may wait for an idle maintainer
CLOSING_PERIOD_S = 5.0  # how often views are looked for whose silence has become a time-out
HOUSEKEEPING_PERIOD_S = 10.0
STEP_PARTITIONS = 4  # merged in one step: events must not wait long behind it
MANY = 10_000
VACUUM_PERIOD_S = 900.0
ROLE_PERIOD_S = 0.5  # how often a waiting process asks for the role


class Refresher(Protocol):
    """What the maintainer asks of the rollups."""

    def refresh(self, touched_view_ids: Sequence[str], *, now_ms: int) -> object:
        """Bring the tables up to these views' events, and close views that fell silent. Safe to repeat."""
        ...

    def full(self) -> object:
        """Make every derived table anew from the events."""
        ...

    def close(self) -> None: ...


class Step(msgspec.Struct, frozen=True):
    """What a step did."""

    events: int
    views: int


class Maintainer:
    """The maintainer of one data directory. `with Maintainer(settings) as m: m.step()`.

    A step drains for `drain_budget_s` before it rolls up. `at` is called with a label at each point where a crash
    would hurt most: tests die there.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = SYSTEM_CLOCK,
        rollups: Callable[[Settings, Catalog], Refresher] = Rollups,
        drain_budget_s: float = DRAIN_BUDGET_S,
        at: Callable[[str], None] = lambda _label: None,
    ) -> None:
        self._settings = settings
        self._make_rollups = rollups
        self._drain_budget_s = drain_budget_s
        self._clock = clock
        self._at = at
        self._role = Role(settings.data_dir)
        self._log = logs.get("maintainer")
        self._parts: _Parts | None = None
        self._closing_due = 0.0
        self._housekeeping_due = 0.0
        self._vacuum_due = clock.monotonic() + VACUUM_PERIOD_S

    def __enter__(self) -> Maintainer:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give up the role."""
        self._close_parts()
        self._role.give_up()

    def take_role(self) -> bool:
        """Whether this process is the maintainer now."""
        return self._role.take()

    @property
    def has_role(self) -> bool:
        return self._role.held

    def step(self) -> Step:
        """Everything acked before this call reaches all tables, unless the backlog is longer than a second's work.

        Raises RoleTaken when another process is the maintainer.
        """
        parts = self._open()
        events = self._drain(parts)
        if (parts.index.fact("full_asked") or 0) > (parts.index.fact("full_done") or 0):
            self._rebuild_tables(parts)
        views = self._roll_up(parts)
        for request in requested_removals(self._settings):
            self._remove(request)
            parts = self._open()
        if self._clock.monotonic() >= self._housekeeping_due:
            self._keep_house(parts)
        return Step(events, views)

    def tidy(self) -> None:
        """Remove spools that are left behind, and merge files wherever that is due."""
        self._keep_house(self._open(), partitions=MANY)

    def take_files(self, files: Sequence[BulkFile], views: Iterable[IndexedView]) -> int:
        """Commit whole files of new events and ask for a full rebuild; returns how many events they hold.

        Raises RoleTaken when another process is the maintainer.
        """
        parts = self._open()
        return commit_files(parts.drain.events, parts.index, files, views, note=parts.drain.note())

    def known_views(self, view_ids: Sequence[str]) -> set[str]:
        """Those of the views that the lake holds events of. Raises RoleTaken."""
        return set(self._open().index.views(view_ids))

    def run_until_drained(self, progress: Callable[[Step], None] = lambda _step: None) -> None:
        """Steps until nothing is pending and every table has caught up."""
        while (step := self.step()).events:
            progress(step)

    def run_forever(self, stop: threading.Event) -> None:
        """Wait for the role, then step until `stop` is set."""
        while not self._role.take():
            if stop.wait(ROLE_PERIOD_S):
                return
        self._log.info("maintainer_started")
        while not stop.is_set():
            began = self._clock.monotonic()
            done = self.step()
            busy = done.events > 0
            pause = BUSY_PERIOD_S - (self._clock.monotonic() - began) if busy else IDLE_PERIOD_S
            stop.wait(max(0.0, pause))
        self._log.info("maintainer_stopped")

    def _close_parts(self) -> None:
        if self._parts is not None:
            self._parts.rollups.close()
            self._parts.drain.close()
            self._parts.index.close()
            self._parts = None

    # --- parts of a step ---------------------------------------------------------------------------------

    def _open(self) -> _Parts:
        if not self._role.take():
            raise RoleTaken("another process holds the maintainer's role")
        if self._parts is None:
            settings = self._settings
            index = Index(settings.data_dir.absolute() / "index.sqlite")
            drain = Drain(lake=settings.lake, spool_dir=settings.spool_dir, index=index, at=self._at)
            drain.recover()
            rollups = self._make_rollups(settings, Catalog(open_database(settings.database)))
            self._parts = _Parts(index, drain, rollups)
            if index.fact("rebuilt"):  # the rollups' own state was in the file that is gone
                self._rebuild_tables(self._parts)
        return self._parts

    def _rebuild_tables(self, parts: _Parts) -> None:
        """Every derived table from nothing; what was asked for before it began is answered by it."""
        asked = parts.index.fact("full_asked") or 0
        parts.rollups.full()
        parts.index.commit_full({"rebuilt": 0, "full_done": asked, "rolled_up": parts.index.fact("steps") or 0})

    def _drain(self, parts: _Parts) -> int:
        began = self._clock.monotonic()
        total = 0
        while self._clock.monotonic() - began < self._drain_budget_s:
            events = parts.drain.run_once()
            total += events
            if not events:
                break
        return total

    def _roll_up(self, parts: _Parts) -> int:
        """Bring views, intervals and seconds up to their events; also close views that fell silent."""
        steps = parts.index.fact("steps") or 0
        total = 0
        while True:
            touched = parts.index.touched(ROLLUP_VIEWS)
            closing = self._clock.monotonic() >= self._closing_due
            if not touched and not closing:
                break
            parts.rollups.refresh(touched, now_ms=self._clock.now_ms())
            self._at("rolled_up")
            self._closing_due = self._clock.monotonic() + CLOSING_PERIOD_S
            total += len(touched)
            if touched:
                parts.index.commit_rollup(touched, {})
        if parts.index.fact("rolled_up") != steps:
            parts.index.commit_facts({"rolled_up": steps})
        return total

    def _remove(self, request: Path) -> None:
        """Take synthetic views out of all tables. Everything that is open goes stale, and is opened anew after."""
        parts = self._open()
        while parts.drain.run_once():
            pass  # what is spooled of them must be in the lake to be found
        note = parts.drain.note()
        self._close_parts()
        views = fulfil(self._settings, request, note=note)
        self._log.info("synthetic_views_removed", video_id=request.name, views=views)

    def _keep_house(self, parts: _Parts, *, partitions: int = STEP_PARTITIONS) -> None:
        self._housekeeping_due = self._clock.monotonic() + HOUSEKEEPING_PERIOD_S
        parts.drain.remove_left_spools()
        today = to_datetime(self._clock.now_ms()).date()
        for table in (parts.drain.events, parts.drain.dead_letters):
            if compact(table, today, note=parts.drain.note(), at_most=partitions):
                self._at("compacted")
                parts.drain.sync(table)
        if self._clock.monotonic() >= self._vacuum_due:
            self._vacuum_due = self._clock.monotonic() + VACUUM_PERIOD_S
            for table in (parts.drain.events, parts.drain.dead_letters):
                if vacuum(table):
                    parts.drain.sync(table)
                table.forget_expired()


class _Parts(msgspec.Struct, frozen=True):
    """What the holder of the role has open."""

    index: Index
    drain: Drain
    rollups: Refresher
