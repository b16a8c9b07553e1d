"""One moment of the lake: a version of each Delta table such that the derived ones tell of the same refresh step.

A refresh commits `views`, `intervals`, `days` and `seconds` one after the other, each with the app transaction
("rollup", step). `seconds` comes last, so its step is the last whole one. A reader that meets the others ahead of
it looks at their version before.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from viewbox.clock import SYSTEM_CLOCK, Clock

ROLLUP_APP = "rollup"
LAST_DERIVED = "seconds"  # committed last: its step is whole
DERIVED = ("views", "intervals", "days")
RECORDED = ("events", "dead_letters")
MAX_LOOKS = 20  # a look fails only while a step ends; twenty in a row would be a writer gone mad


class Snapshot(msgspec.Struct, frozen=True):
    """Version and files of each Delta table that exists, and the last whole refresh step."""

    versions: dict[str, int]
    files: dict[str, tuple[str, ...]]
    step: int
    as_of_ms: int


class LakeReader:
    """Follows the Delta logs of one lake. Thread-safe."""

    def __init__(self, root: str, clock: Clock = SYSTEM_CLOCK) -> None:
        self._root = root.rstrip("/")
        self._clock = clock
        self._newest: dict[str, DeltaTable] = {}
        self._older: dict[tuple[str, int], DeltaTable] = {}
        self._files: dict[tuple[str, int], tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._last: Snapshot | None = None
        self._stamps: list[int] | None = None

    def look(self) -> Snapshot:
        """The newest consistent moment."""
        with self._lock:
            stamps = self._written_at()
            if self._last is not None and stamps is not None and stamps == self._stamps and not self._has_next():
                return msgspec.structs.replace(self._last, as_of_ms=self._clock.now_ms())
            self._stamps = stamps  # looked up before the logs are read: what is written meanwhile is seen next time
            self._last = self._look_up()
            return self._last

    def _look_up(self) -> Snapshot:
        for _ in range(MAX_LOOKS):
            tables = self._look_once()
            if tables is not None:
                break
        else:
            raise RuntimeError("the lake's derived tables never agreed on a step")
        present = {name: table for name, table in tables.items() if table is not None}
        self._files = {(name, table.version()): self._files_of(name, table) for name, table in present.items()}
        return Snapshot(
            versions={name: table.version() for name, table in present.items()},
            files={name: files for (name, _), files in self._files.items()},
            step=step_of(tables[LAST_DERIVED]),
            as_of_ms=self._clock.now_ms(),
        )

    def _written_at(self) -> list[int] | None:
        """When each table's log folder last changed; None in a bucket, whose folders tell nothing."""
        if "://" in self._root:
            return None
        stamps = []
        for name in (*DERIVED, LAST_DERIVED, *RECORDED):
            try:
                stamps.append(self._log(name).stat().st_mtime_ns)
            except FileNotFoundError:
                stamps.append(0)
        return stamps

    def _has_next(self) -> bool:
        """Whether a log holds the version after the one we know: two commits may share a folder's time stamp."""
        return any(
            (self._log(name) / f"{table.version() + 1:020}.json").exists() for name, table in self._newest.items()
        )

    def _log(self, name: str) -> Path:
        return Path(self._root, name, "_delta_log")

    def _files_of(self, name: str, table: DeltaTable) -> tuple[str, ...]:
        known = self._files.get((name, table.version()))
        return tuple(table.file_uris()) if known is None else known

    def _look_once(self) -> dict[str, DeltaTable | None] | None:
        """Tables of the step that `seconds` ends; None when that step was over before all were read."""
        step = step_of(self._follow(LAST_DERIVED))
        tables = {name: self._at_step(self._follow(name), step, name) for name in DERIVED}
        last = self._follow(LAST_DERIVED)
        if step_of(last) != step:
            return None
        tables[LAST_DERIVED] = last
        for name in RECORDED:  # after the derived ones: every view on show has its events on show
            tables[name] = self._follow(name)
        return tables

    def _follow(self, name: str) -> DeltaTable | None:
        uri = f"{self._root}/{name}"
        table = self._newest.get(name)
        if table is not None:
            try:
                table.update_incremental()
            except DeltaError:  # the log moved on past what we knew, or the lake was replaced
                table = None
        if table is None:
            if not DeltaTable.is_deltatable(uri):
                self._newest.pop(name, None)
                return None
            table = DeltaTable(uri)
            self._newest[name] = table
        return table

    def _at_step(self, table: DeltaTable | None, step: int, name: str) -> DeltaTable | None:
        """The table's newest version that holds no later step than `step`."""
        while table is not None and step_of(table) > step:
            version = table.version() - 1
            if version < 0:
                return None
            if (name, version) not in self._older:
                self._older = {key: older for key, older in self._older.items() if key[0] != name}
                self._older[name, version] = DeltaTable(f"{self._root}/{name}", version=version)
            table = self._older[name, version]
        return table


def step_of(table: DeltaTable | None) -> int:
    """The refresh step that a table holds; 0 before the first."""
    if table is None:
        return 0
    return table.transaction_version(ROLLUP_APP) or 0
