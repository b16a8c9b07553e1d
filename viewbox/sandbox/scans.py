"""How far a statement is: DuckDB knows no progress of Arrow data, so the lake's tables count what they hand over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

SCAN = "PYTHON_ARROW_SCAN"


class Scans:
    """The scans of one statement. `share` is their mean, 0 to 1; scans that have not begun count as 0.

    Every scan weighs the same, and work after the last one is not in it: it says whether to wait or to get a coffee.
    """

    def __init__(self) -> None:
        self.expected = 0
        self._begun: list[Scan] = []

    def expect(self, connection: duckdb.DuckDBPyConnection, statement: str) -> None:
        """Count the scans of the plan. A statement that cannot be planned says so when it runs."""
        try:
            (row,) = connection.execute(f"EXPLAIN (FORMAT json) {statement}").fetchall()
        except duckdb.Error:
            return
        self.expected = sum(node["name"].strip() == SCAN for node in _operators(json.loads(row[1])))

    def begin(self, scanner: Any, fragments: int) -> Scan:
        scan = Scan(scanner, fragments)
        self._begun.append(scan)
        return scan

    def share(self) -> float | None:
        """None before the first scan."""
        begun = list(self._begun)
        if not begun:
            return None
        return sum(scan.share() for scan in begun) / max(self.expected, len(begun))


class Scan:
    """One pass over a table's files, as DuckDB asks Arrow for it."""

    def __init__(self, scanner: Any, fragments: int) -> None:
        self._scanner = scanner
        self._fragments = fragments
        self._done = 0  # files that were read to their end
        self._within = 0.0  # of the file at hand
        self._over = False

    def share(self) -> float:
        return 1.0 if self._over else min(1.0, (self._done + self._within) / max(1, self._fragments))

    def to_reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._scanner.projected_schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        path, rows, seen = None, 1, 0
        for tagged in self._scanner.scan_batches():
            fragment = tagged.fragment
            if fragment.path != path:
                self._done += path is not None
                path, rows, seen = fragment.path, max(1, fragment.metadata.num_rows), 0
            seen += tagged.record_batch.num_rows
            self._within = min(1.0, seen / rows)
            yield tagged.record_batch
        self._over = True


class CountedDataset(ds.FileSystemDataset):  # type: ignore[misc]  # pyarrow has no types
    """A table whose scans are counted."""

    scans: Scans

    @classmethod
    def counting(cls, dataset: ds.FileSystemDataset, scans: Scans) -> CountedDataset:
        counted = cls(list(dataset.get_fragments()), dataset.schema, dataset.format, dataset.filesystem)
        counted.scans = scans
        return counted

    def scanner(self, **options: Any) -> Scan:
        kept = sum(1 for _ in self.get_fragments(filter=options.get("filter")))
        return self.scans.begin(super().scanner(**options), kept)


def _operators(plan: Any) -> Iterator[dict[str, Any]]:
    waiting = list(plan)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.get("children", ()))
