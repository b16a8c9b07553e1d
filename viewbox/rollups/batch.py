"""The events of a step's views, loaded and drafted once; a view that cannot be derived is set aside, not the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from viewbox.rollups.derive import Models
from viewbox.rollups.ledger import Length, Revision, ViewFacts
from viewbox.tables import arrow_schema


class Batch:
    """Drafts of views, and `poison`: view_id -> why it could not be drafted. Use as a context manager."""

    def __init__(self, files: tuple[str, ...], now_ms: int) -> None:
        self._files = files
        self._now_ms = now_ms
        self._parts: list[Models] = []
        self.facts: list[ViewFacts] = []
        self.poison: dict[str, str] = {}

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_exception: object) -> None:
        for part in self._parts:
            part.close()

    def add(self, view_ids: Sequence[str]) -> None:
        """Load and draft more views. When that fails the views are halved until the culprits stand alone."""
        if not view_ids:
            return
        models = Models()
        try:
            models.load_views(self._files, view_ids)
            models.draft()
            facts = models.facts(self._now_ms)
        except duckdb.IOException:  # a file is missing, no view is to blame
            models.close()
            raise
        except (duckdb.Error, ValueError) as error:
            models.close()
            if len(view_ids) == 1:
                self.poison[view_ids[0]] = f"{type(error).__name__}: {error}"
                return
            middle = len(view_ids) // 2
            self.add(view_ids[:middle])
            self.add(view_ids[middle:])
            return
        self._parts.append(models)
        self.facts += facts

    def views(self, lengths: Mapping[Revision, Length], *, step: int) -> pa.Table:
        tables = [part.views(lengths, now_ms=self._now_ms, step=step) for part in self._parts]
        return pa.concat_tables([arrow_schema("views").empty_table(), *tables])

    def intervals(self, views: pa.Table) -> pa.Table:
        tables = [part.intervals(views) for part in self._parts]
        return pa.concat_tables([arrow_schema("intervals").empty_table(), *tables])
