"""The derived Delta tables as their writer sees them: commits that carry a step, and rows of earlier steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import Schema

from viewbox.engine.snapshot import ROLLUP_APP
from viewbox.lake.files import DataFile, commit_files, write_data_file
from viewbox.lake.table import LakeTable
from viewbox.rollups.stored import Stored
from viewbox.tables import arrow_schema

# In the order of their commits; readers rely on `seconds` last.
DERIVED_TABLES = ("views", "intervals", "days", "seconds")
# How folded files are sorted, and how many rows a reader that wants one video has to take at once.
SORTED_BY = {
    "views": ("video_id", "started_at", "view_id"),
    "intervals": ("video_id", "view_id", "seq"),
    "days": ("video_id", "revision", "synthetic"),
    "seconds": ("video_id", "revision", "synthetic", "second"),
}
_NO_SPAN = 2**62  # more values than fit into one key with another column
ROW_GROUP_ROWS = {"views": 16_384, "intervals": 65_536, "days": 65_536, "seconds": 65_536}


def write_day_files(lake: str, name: str, rows: pa.Table) -> list[DataFile]:
    """Write rows of a derived table into a data file for each of their days, sorted for its readers."""
    places = sorted_places(rows, ("dt", *SORTED_BY[name]))
    ordered = rows if np.array_equal(places, np.arange(len(places))) else rows.take(pa.array(places))
    days, counts = ordered["dt"].value_counts().flatten()  # in the order in which they come first
    files = []
    start = 0
    for day, count in zip(days.to_pylist(), counts.to_pylist(), strict=True):
        of_day = ordered.slice(start, count)
        files.append(write_data_file(f"{lake}/{name}", day, of_day, row_group_rows=ROW_GROUP_ROWS[name]))
        start += count
    return files


def sorted_places(rows: pa.Table, columns: Sequence[str]) -> npt.NDArray[np.int64]:
    """The rows' places in the ascending order of some columns without nulls.

    Text is compared once per distinct value: of millions of intervals, ids are the keys, and few. Whole numbers are
    packed into one key as far as they fit: one comparison sorts by all of them.
    """
    keys: list[npt.NDArray[Any]] = []
    room = 0  # by how much the last key may still be multiplied
    for column in columns:
        values = rows[column].combine_chunks()
        if pa.types.is_string(values.type) or pa.types.is_dictionary(values.type):
            encoded = values.dictionary_encode()
            ranks = np.empty(len(encoded.dictionary), np.int64)
            ranks[pc.sort_indices(encoded.dictionary)] = np.arange(len(ranks))
            key = ranks[encoded.indices]
        else:
            key = values.to_numpy(zero_copy_only=False)
        if key.dtype.kind in "Mb":  # times and truth values
            key = key.astype(np.int64)
        span = int(key.max()) - int(key.min()) + 1 if len(key) and key.dtype.kind == "i" else _NO_SPAN
        if span <= room:
            keys[-1] = keys[-1] * span + (key - key.min())
            room //= span
        else:
            keys.append(key - key.min() if span < _NO_SPAN else key)
            room = _NO_SPAN // span
    return np.argsort(keys[0], kind="stable") if len(keys) == 1 else np.lexsort(keys[::-1])


class Published:
    """The derived tables of one lake. One process at a time holds one of these."""

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.tables = {name: LakeTable(root, name, arrow_schema(name), "dt") for name in DERIVED_TABLES}

    def step(self, name: str) -> int:
        """The newest step that a table holds."""
        return self.tables[name].position(ROLLUP_APP) or 0

    def append(self, name: str, rows: pa.Table, step: int) -> None:
        self.tables[name].append(rows, positions={ROLLUP_APP: step})

    def replace_all(self, name: str, files: Sequence[DataFile], step: int) -> None:
        """Let a table hold these files and nothing else."""
        table = self.tables[name]
        if self.is_of_another_make(name):
            table.make_anew()
        commit_files(table, files, positions={ROLLUP_APP: step})

    def replace_day(self, name: str, day: date, files: Sequence[DataFile]) -> None:
        """Let one partition hold these files and nothing else."""
        commit_files(self.tables[name], files, replaced_day=day)

    def is_of_another_make(self, name: str) -> bool:
        """Whether the table on disk has other columns than this version writes: it has to be made anew."""
        stored, wanted = self.tables[name].delta.schema(), Schema.from_arrow(self.tables[name].schema)
        return {(one.name, str(one.type)) for one in stored.fields} != {
            (one.name, str(one.type)) for one in wanted.fields
        }

    def mend_tails(self, synced: Mapping[str, int] | None) -> None:
        """After a crash or a power cut: take back what was torn. None: nobody knows what was synced."""
        for name, table in self.tables.items():
            table.mend_tail(None if synced is None else synced[name])

    def sync(self, synced: Mapping[str, int]) -> dict[str, int]:
        """Put everything after the synced versions on disk; returns the versions that are."""
        for name, table in self.tables.items():
            table.sync(synced[name])
        return {name: table.version for name, table in self.tables.items()}

    def stored(self, name: str) -> Stored:
        """A table as it is now, for whoever reads it elsewhere."""
        table = self.tables[name]
        return Stored(name, table.uri, table.version, tuple(table.delta.file_uris()))
