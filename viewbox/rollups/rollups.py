"""The rollup: events of touched views → `views`, `intervals`, `days`, `seconds`.

A refresh is cut into numbered steps. A step's inputs are on disk before its first commit, and each table's commit
carries its number; whoever dies in between leaves a step that the next refresh finishes for the tables that lack it.

    waiting ──begin (ledger)──► views ──► intervals ──► days ──► seconds ──sync──► done (ledger)

What a step adds to `days` and `seconds` is what its views' rows count now, less what the rows before it counted.
All of it is worked out through the executor (`spread`); this process keeps the ledger and commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import date

import pyarrow as pa
from deltalake import DeltaTable

from viewbox import logs
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK, Clock, to_datetime
from viewbox.executor import Workforce
from viewbox.rollups.compaction import keep_house, tidy
from viewbox.rollups.full import days_of, rebuild
from viewbox.rollups.ledger import Ledger, Revision, Step
from viewbox.rollups.lengths import Lengths
from viewbox.rollups.published import DERIVED_TABLES, Published
from viewbox.rollups.spread import Spread, spread
from viewbox.rollups.stored import before, written_by
from viewbox.settings import Settings

MAX_STEP_VIEWS = 20_000  # bounds a step's memory; a longer line becomes several steps
FOLDING_PERIOD_S = 10.0
TIDYING_PERIOD_S = 900.0


class Rollups:
    """The rollup of one data directory. Only the holder of the maintainer's lock may have one."""

    def __init__(self, settings: Settings, catalog: Catalog, clock: Clock = SYSTEM_CLOCK) -> None:
        self._settings = settings
        self._clock = clock
        self._log = logs.get("rollups")
        self._ledger = Ledger(settings.data_dir.absolute() / "index.sqlite")
        self._published = Published(settings.lake)
        self._published.mend_tails(None if self._ledger.step() is None else self._synced())
        self._lengths = Lengths(self._ledger, catalog)
        self._workforce = Workforce(settings, clock)
        self._folding_due = clock.monotonic() + FOLDING_PERIOD_S
        self._tidying_due = clock.monotonic() + TIDYING_PERIOD_S

    def close(self) -> None:
        self._workforce.close()
        self._ledger.close()

    def refresh(self, touched_view_ids: Iterable[str], *, now_ms: int) -> int:
        """Bring all tables up to the events of these views, of views that silence closed, and of videos whose
        duration changed. Safe to repeat. Returns how many views were written.
        """
        self._finish_open_step()
        with self._ledger.transaction():
            self._ledger.wait(touched_view_ids)
            self._ledger.wait(self._ledger.due(now_ms))
            self._await_changed_durations()
        written = 0
        while view_ids := self._ledger.waiting(MAX_STEP_VIEWS):
            written += self._refresh_some(view_ids, now_ms)
        if self._clock.monotonic() >= self._folding_due:
            self.keep_house()
        return written

    def keep_house(self, *, at_most: int = 2) -> int:
        """Fold what was superseded, merge small files, now and then delete old ones. `refresh` does it by itself.

        A step that was cut short is finished first: it needs the rows that folding drops, to know what they counted.
        """
        self._finish_open_step()
        self._folding_due = self._clock.monotonic() + FOLDING_PERIOD_S
        today = to_datetime(self._clock.now_ms()).date()
        folded = keep_house(self._published, self._ledger, self._workforce, today, at_most=at_most)
        if folded:
            self._ledger.put_synced(self._published.sync(self._synced()))
        if self._clock.monotonic() >= self._tidying_due:
            self._tidying_due = self._clock.monotonic() + TIDYING_PERIOD_S
            self._ledger.put_synced(self._published.sync(self._synced()))
            tidy(self._published)
        return folded

    def full(self, *, now_ms: int | None = None) -> None:
        """Make every derived table anew from the events alone."""
        moment = self._clock.now_ms() if now_ms is None else now_ms
        rebuild(
            self._settings,
            ledger=self._ledger,
            published=self._published,
            lengths=self._lengths,
            days=[] if (events := self._events()) is None else days_of(events),
            step=self._next_step(),
            now_ms=moment,
        )

    def poison(self) -> dict[str, str]:
        """Views that could not be derived, and why; their rows are as old as their last good refresh."""
        return self._ledger.poison()

    # --- a step ------------------------------------------------------------------------------------------

    def _refresh_some(self, view_ids: list[str], now_ms: int) -> int:
        with self._spread(len(view_ids), self._next_step(), now_ms) as work:
            files = self._event_files()
            work.draft(files, view_ids)
            step, others = self._begin(work, view_ids, now_ms)
            work.draft(files, others)
            return self._publish(step, work)

    def _begin(self, work: Spread, view_ids: list[str], now_ms: int) -> tuple[Step, list[str]]:
        """Record a step's inputs; returns it, with the views that are in it for their video's changed duration."""
        self._set_aside(work.poison)
        facts = work.facts
        drafted = facts["view_id"].to_pylist()
        with self._ledger.transaction():
            revisions = self._ledger.revisions_of(drafted)  # also those that views have left
            self._ledger.put_facts(facts)
            revisions |= set(zip(facts["video_id"].to_pylist(), facts["revision"].to_pylist(), strict=True))
            changed = self._lengths.settle(revisions)
            others = sorted(self._views_of(changed) - set(view_ids))
            self._ledger.unwait(view_ids)
            # A video with more views than a step holds changes over several steps.
            self._ledger.wait(others[MAX_STEP_VIEWS:])
            others = others[:MAX_STEP_VIEWS]
            step = self._ledger.begin_step(self._next_step(), "refresh", now_ms, [*drafted, *others])
        self._lengths.tell_catalog(revisions)
        return step, others

    def _publish(self, step: Step, work: Spread) -> int:
        """Commit a step, whose views are drafted, to the tables that lack it."""
        views = self._publish_rows(step.number, work, {"views", "intervals", "days", "seconds"}, standing=None)
        return self._end(work, views)

    def _resume(self, step: Step) -> int:
        """Commit a step that was cut short to the tables that lack it: its views' events are read again. More may have
        come since; rows of `views` that were committed stand, and a later step brings the rest.
        """
        lacking = {name for name in DERIVED_TABLES if self._published.step(name) < step.number}
        view_ids = self._ledger.touched()
        with self._spread(len(view_ids), step.number, step.now_ms) as work:
            standing = None if "views" in lacking else written_by(self._published.stored("views"), step.number)
            if lacking & {"views", "intervals"}:
                work.draft(self._event_files(), view_ids, standing)
            views = self._publish_rows(step.number, work, lacking, standing=standing)
            return self._end(work, views)

    def _publish_rows(
        self, number: int, work: Spread, lacking: Collection[str], *, standing: pa.Table | None
    ) -> pa.Table:
        """Commit to the tables that lack step `number`; returns its rows of `views`."""
        view_ids = self._ledger.touched()
        published = self._published.stored("views")
        rows = work.count(
            self._lengths.of(self._ledger.revisions_of(view_ids)),
            standing=standing,
            published=published,
            days=self._ledger.published_days(view_ids),
        )
        views = rows["views"]
        if "views" in lacking:
            # The rows that views leave on another day than the new ones are on. Written once more, they tell readers
            # that the day is not settled.
            left = self._ledger.days_left_by(_days_of(views))
            moved = before(published, number, list(left), set(left.values()))
            self._published.append("views", pa.concat_tables([views, moved]), number)
        if "intervals" in lacking:
            self._published.append("intervals", work.intervals(), number)
        for name in ("days", "seconds"):
            if name in lacking:
                self._published.append(name, rows[name], number)
        return views

    def _end(self, work: Spread, views: pa.Table) -> int:
        self._set_aside(work.poison)
        days = _days_of(views)
        self._ledger.end_step(days, self._published.sync(self._synced()))
        return len(days)

    def _spread(self, views: int, step: int, now_ms: int) -> AbstractContextManager[Spread]:
        return spread(self._workforce, self._settings, views=views, step=step, now_ms=now_ms)

    def _finish_open_step(self) -> None:
        step = self._ledger.step()
        if any(self._published.is_of_another_make(name) for name in DERIVED_TABLES):
            self._log.warning("rollup_tables_of_another_version", then="full rebuild")
            self.full()
        elif step is None:
            if any(self._published.step(name) for name in DERIVED_TABLES):
                self._log.warning("rollup_ledger_lost", then="full rebuild")
                self.full()
        elif not step.done:
            self._log.info("rollup_step_resumed", step=step.number, kind=step.kind)
            if step.kind == "full":
                self.full(now_ms=step.now_ms)
            else:
                self._lengths.tell_catalog(self._ledger.revisions_of(self._ledger.touched()))
                self._resume(step)

    # --- inside ------------------------------------------------------------------------------------------

    def _await_changed_durations(self) -> None:
        """Put the views of re-published videos in line."""
        self._ledger.wait(self._views_of(self._lengths.settle(self._lengths.changed_in_catalog())))

    def _views_of(self, revisions: Collection[Revision]) -> set[str]:
        return {view_id for revision in revisions for view_id in self._ledger.views_of(revision)}

    def _set_aside(self, poison: dict[str, str]) -> None:
        if poison:
            self._ledger.put_poison(poison)
            for view_id, error in poison.items():
                self._log.error("view_not_derived", view_id=view_id, error=error)

    def _next_step(self) -> int:
        last = self._ledger.step()
        return 1 + max(last.number if last else 0, *(self._published.step(name) for name in DERIVED_TABLES))

    def _synced(self) -> dict[str, int]:
        return {name: self._ledger.synced(name) for name in DERIVED_TABLES}

    def _event_files(self) -> tuple[str, ...]:
        events = self._events()
        return () if events is None else tuple(events.file_uris())

    def _events(self) -> DeltaTable | None:
        """Null before anything was stored."""
        uri = f"{self._settings.lake.rstrip('/')}/events"
        return DeltaTable(uri) if DeltaTable.is_deltatable(uri) else None


def _days_of(views: pa.Table) -> dict[str, date]:
    return dict(zip(views["view_id"].to_pylist(), views["dt"].to_pylist(), strict=True))
