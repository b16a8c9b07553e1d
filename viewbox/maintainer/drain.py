"""Spools → `events` and `dead_letters`, exactly once.

A step decides on a batch, commits its events, then its dead letters, each with every spool's position as an app
transaction of the same commit; syncs both; records the outcome in the index; trims the spools. Whoever dies in
between leaves a lake that is ahead of the index by the step's exact range of rows: `recover` decides on those rows
again (the verdict is a pure function of them) and commits only what a table lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from viewbox.dead_letters import DeadLetter, readable
from viewbox.intake import SpooledMessage
from viewbox.lake.layout import PARTITION_BY, SCHEMAS
from viewbox.lake.reader import stored_events
from viewbox.lake.table import LakeTable
from viewbox.maintainer.bulk import BULK_BEGUN
from viewbox.maintainer.classify import Spooled, Verdict, classify, event_rows, known_keys
from viewbox.maintainer.index import GONE, Counts, Index, SpoolState
from viewbox.maintainer.lag import BEHIND_SINCE, NOTHING_RECEIVED, received_at_ms
from viewbox.maintainer.rebuild import rebuild
from viewbox.maintainer.rows import dead_letters_table, events_table
from viewbox.maintainer.spools import SpoolRow, Spools

DUPLICATES_NOTE = "viewbox.duplicates"  # all so far, in every commit: the one count that a rebuilt index cannot make

_decode_message = msgspec.msgpack.Decoder(SpooledMessage).decode
_decode_letters = msgspec.msgpack.Decoder(list[DeadLetter]).decode
Batch = dict[str, list[SpoolRow]]


def open_table(root: str, name: str) -> LakeTable:
    return LakeTable(root, name, SCHEMAS[name], PARTITION_BY[name])


class Drain:
    """The drain of one data directory. Only the holder of the maintainer's lock may have one."""

    def __init__(self, *, lake: str, spool_dir: Path, index: Index, at: Callable[[str], None]) -> None:
        self.events = open_table(lake, "events")
        self.dead_letters = open_table(lake, "dead_letters")
        self._spools = Spools(spool_dir)
        self._index = index
        self._at = at

    def recover(self) -> None:
        """Finish the step that a crash cut short, if there is one; make the index anew when it is gone."""
        for table in (self.events, self.dead_letters):
            table.mend_tail(self._index.fact(_version_fact(table)))
        if self._index.fact(BULK_BEGUN) or self._index_is_behind():
            self._index.forget()
        if self._index.fact("steps") is None:
            if self.events.version + self.dead_letters.version > 0:
                rebuild(self._index, self.events, self.dead_letters, duplicates=self._noted_duplicates())
            else:  # a new house: from now on a lake that is ahead means a crash, not a lost index
                self._index.commit_facts({"steps": 0, **self._versions()})
        unfinished = {
            spool_id: self._spools.read_range(spool_id, done, reached)
            for spool_id, (done, reached) in self._unfinished().items()
        }
        self._finish({spool_id: rows for spool_id, rows in unfinished.items() if rows})
        for table in (self.events, self.dead_letters):
            if table.version > (self._index.fact(_version_fact(table)) or 0):  # a compaction that was cut short
                self.sync(table)
        for spool_id, state in self._index.spools().items():
            if spool_id != GONE and spool_id in self._spools.ids():
                self._spools.trim(spool_id, state.position)

    def run_once(self) -> int:
        """Take one batch all the way; returns how many events it held, 0 when nothing was pending."""
        states = self._index.spools()
        batch = self._spools.take({spool_id: state.position for spool_id, state in states.items()})
        self._finish(batch)
        return sum(row.events for rows in batch.values() for row in rows)

    def remove_left_spools(self) -> None:
        """Forget spools whose owner is gone and whose rows are all in the lake."""
        self._spools.remove_left_drafts()
        for spool_id in self._spools.ids():
            if self._spools.remove_if_left(spool_id):
                self._index.retire(spool_id)

    def sync(self, table: LakeTable) -> None:
        """Put all of a table on disk, also what an earlier maintainer left unsynced, and remember that it is."""
        table.sync(self._index.fact(_version_fact(table)) or 0)
        self._index.commit_facts({_version_fact(table): table.version})

    def note(self) -> dict[str, str]:
        """What every commit carries."""
        return _note(self._index.spools())

    def close(self) -> None:
        self._spools.close()

    def _unfinished(self) -> dict[str, tuple[int, int]]:
        """Spools of which the lake holds more than the index says: after which row, up to which."""
        states = self._index.spools()
        found = {}
        for spool_id in self._spools.ids():
            done = states.get(spool_id, SpoolState()).position
            reached = max(table.position(spool_id) or 0 for table in (self.events, self.dead_letters))
            if reached > done:
                found[spool_id] = (done, reached)
        return found

    def _index_is_behind(self) -> bool:
        """Whether rows that the lake holds and the index does not know are trimmed already: the index fell back, as
        after a failed fsync. Row ids have no gaps, and a spool is trimmed after the index is on disk.
        """
        if self._index.fact("steps") is None:
            return False
        return any(
            len(self._spools.read_range(spool_id, done, reached)) < reached - done
            for spool_id, (done, reached) in self._unfinished().items()
        )

    def _noted_duplicates(self) -> int:
        return max(int(table.note(DUPLICATES_NOTE) or 0) for table in (self.events, self.dead_letters))

    def _finish(self, batch: Batch) -> None:
        if not batch:
            return
        states = self._index.spools()
        positions = {spool_id: rows[-1].id for spool_id, rows in batch.items()}
        verdict = self._decide(batch)
        after = {
            spool_id: SpoolState(position, states.get(spool_id, SpoolState()).counts + verdict.counts[spool_id])
            for spool_id, position in positions.items()
        }
        note = _note(states | after)
        if verdict.new and not _has(self.events, positions):
            self.events.append(events_table(verdict.new), positions=positions, note=note)
        self._at("events_committed")
        if verdict.dead and not _has(self.dead_letters, positions):
            self.dead_letters.append(dead_letters_table(verdict.dead), positions=positions, note=note)
        self._at("dead_letters_committed")
        for table in (self.events, self.dead_letters):
            table.sync(self._index.fact(_version_fact(table)) or 0)
        self._at("synced")
        self._index.commit_step(views=verdict.views, spools=after, facts=self._facts(batch))
        self._at("indexed")
        for spool_id, position in positions.items():
            self._spools.trim(spool_id, position)
        self._at("trimmed")

    def _decide(self, batch: Batch) -> Verdict:
        messages: list[Spooled] = []
        letters: list[DeadLetter] = []
        counts: dict[str, Counts] = {}
        for spool_id, rows in batch.items():
            dead_before = len(letters)
            for row in rows:
                try:
                    if row.kind == "events":
                        message = _decode_message(row.payload)
                        messages.append(Spooled(spool_id, message, event_rows(message)))
                    else:
                        letters += _decode_letters(row.payload)
                except msgspec.DecodeError as error:  # one damaged row must not stop all that come after it
                    letters += _damaged(row, str(error))
            dead = len(letters) - dead_before
            counts[spool_id] = Counts(received=dead, dead_lettered=dead)
        known = self._index.views({spooled.message.view_id for spooled in messages})
        stored = stored_events(self.events, known_keys(messages, known))
        verdict = classify(messages, known, stored)
        for spool_id, count in counts.items():
            verdict.counts[spool_id] = verdict.counts.get(spool_id, Counts()) + count
        verdict.dead = letters + verdict.dead
        return verdict

    def _facts(self, batch: Batch) -> dict[str, int]:
        steps = self._index.fact("steps") or 0
        facts = {"steps": steps + 1, **self._versions()}
        if (self._index.fact("rolled_up") or 0) == steps:  # from here on the tables are behind, and this is since when
            since = [at_ms for rows in batch.values() if (at_ms := received_at_ms(rows)) is not None]
            facts[BEHIND_SINCE] = min(since, default=NOTHING_RECEIVED)
        return facts

    def _versions(self) -> dict[str, int]:
        return {_version_fact(table): table.version for table in (self.events, self.dead_letters)}


def _damaged(row: SpoolRow, what: str) -> list[DeadLetter]:
    """A row that cannot be read, as so many dead letters as it stood for."""
    letter = DeadLetter(0, "spool_row_damaged", what, None, readable(row.payload[:1024]))
    return [letter] * row.events


def _note(states: dict[str, SpoolState]) -> dict[str, str]:
    return {DUPLICATES_NOTE: str(sum(state.counts.duplicate for state in states.values()))}


def _version_fact(table: LakeTable) -> str:
    """Name of the fact that says up to which version a table is known to be on disk."""
    return f"{table.name}_version"


def _has(table: LakeTable, positions: dict[str, int]) -> bool:
    """Whether a table already holds its part of the step that ends at these positions."""
    return all((table.position(spool_id) or 0) >= position for spool_id, position in positions.items())
