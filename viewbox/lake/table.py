"""One Delta table as its only writer sees it: append with positions, look up, compact, and leave nothing unsynced."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from deltalake import ColumnProperties, CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from viewbox.lake import durable
from viewbox.lake.layout import PLAIN_NUMBERS

CONFIGURATION = {
    "delta.checkpointInterval": "50",  # readers replay at most this many log entries
    "delta.logRetentionDuration": "interval 1 hours",  # a commit a second must not grow the log folder for ever
    # deltalake would drop log entries for the sake of a checkpoint that is not on disk yet: `forget_expired` does it.
    "delta.enableExpiredLogCleanup": "false",
    "delta.deletedFileRetentionDuration": "interval 1 hours",  # the longest query still finds the files of its snapshot
    "delta.setTransactionRetentionDuration": "interval 30 days",  # positions of spools that are long gone
}
ROW_GROUP_ROWS = 122_880  # DuckDB's own; a look-up by view reads one
WRITER = WriterProperties(
    compression="ZSTD",
    compression_level=3,
    max_row_group_size=ROW_GROUP_ROWS,
    column_properties={name: ColumnProperties(dictionary_enabled=False) for name in PLAIN_NUMBERS},
)


class LakeTable:
    """A Delta table below `root`, made on first use when it does not exist. One process at a time holds one of these.

    Opening waits for first use, so that `mend_tail` can come before it: a torn log cannot be opened.
    """

    def __init__(self, root: str, name: str, schema: pa.Schema, partition_by: str | None = None) -> None:
        self.name = name
        self.schema = schema
        self.uri = f"{root.rstrip('/')}/{name}"
        self.path = None if "://" in root else Path(self.uri)
        self.partition_by = partition_by

    @cached_property
    def delta(self) -> DeltaTable:
        """The table at its newest version."""
        if self.path is not None:
            durable.make_folder(self.path.parent)
        if DeltaTable.is_deltatable(self.uri):
            delta = DeltaTable(self.uri)
            if CONFIGURATION.items() - delta.metadata().configuration.items():  # an older version's
                delta.alter.set_table_properties(dict(CONFIGURATION))
            return delta
        delta = DeltaTable.create(
            self.uri,
            schema=self.schema,
            partition_by=[self.partition_by] if self.partition_by else None,
            configuration=dict(CONFIGURATION),
        )
        if self.path is not None:
            durable.sync_commits(self.path, 0, delta.version())
        return delta

    def make_anew(self) -> None:
        """Let an older version's table have the columns of this one, and no row. In one commit; readers go on."""
        empty = self.schema.empty_table()
        write_deltalake(self.delta, empty, mode="overwrite", schema_mode="overwrite", writer_properties=WRITER)

    @property
    def version(self) -> int:
        return self.delta.version()

    def position(self, app_id: str) -> int | None:
        """How far `app_id` has come, as its last commit says."""
        return self.delta.transaction_version(app_id)

    def count(self) -> int:
        """Rows, from the files' statistics."""
        return sum(self.delta.get_add_actions(flatten=True)["num_records"].to_pylist())

    def note(self, name: str) -> str | None:
        """What the newest commit notes under `name`; null when its log entry is gone."""
        newest = self.delta.history(1)
        return str(newest[0][name]) if newest and name in newest[0] else None

    def append(
        self, rows: pa.Table, *, positions: Mapping[str, int] | None = None, note: Mapping[str, str] | None = None
    ) -> None:
        """Commit rows and the writer's positions in one transaction. Not on disk until `sync` returns."""
        write_deltalake(
            self.delta,
            rows.cast(self.schema),
            mode="append",
            partition_by=[self.partition_by] if self.partition_by else None,
            writer_properties=WRITER,
            commit_properties=CommitProperties(
                custom_metadata=dict(note or {}),
                app_transactions=[Transaction(app_id, version) for app_id, version in (positions or {}).items()],
            ),
        )

    def sync(self, since: int) -> None:
        """Put every version after `since` on disk. A bucket does that by itself."""
        if self.path is not None and self.version > since:
            durable.sync_commits(self.path, since + 1, self.version)

    def forget_expired(self) -> None:
        """Delete log entries that a checkpoint stands for and that no reader of the last hour needs. Only once all
        that the table holds is on disk.
        """
        self.delta.cleanup_metadata()

    def mend_tail(self, trusted: int | None) -> int:
        """After a crash or a power cut, before anything else: take back what was torn after version `trusted`, and do
        not believe what was synced; returns how many versions were taken back. Not on disk until `sync` returns.

        Where nobody knows how far to trust (None), all is believed but a table that was being made.
        """
        if self.path is None or not self.path.is_dir():
            return 0
        self.__dict__.pop("delta", None)
        was_just_made = durable.was_just_made(self.path)
        known = -1 if was_just_made else sys.maxsize if trusted is None else trusted
        torn = durable.drop_torn_tail(self.path, known)
        durable.write_anew(self.path, known)
        if was_just_made:  # nobody else will ask for it: `sync` begins after the version that its caller trusts
            durable.sync_commits(self.path, 0, 0)
            durable.sync(self.path.parent.parent)
        return torn
