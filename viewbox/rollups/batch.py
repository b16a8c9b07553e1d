"""The events of a step's views, loaded and drafted once; a view that cannot be derived is set aside, not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from viewbox.rollups.derive import Models, Range, views_in
from viewbox.rollups.ledger import Length, Revision
from viewbox.tables import arrow_schema


class Batch:
    """Drafts of views, and `poison`: view_id -> why it could not be drafted. Use as a context manager."""

    def __init__(self, files: tuple[str, ...], now_ms: int) -> None:
        self._files = files
        self._now_ms = now_ms
        self._parts: list[Models] = []
        self._facts: list[pa.Table] = []
        self.poison: dict[str, str] = {}

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_exception: object) -> None:
        for part in self._parts:
            part.close()

    def add(self, view_ids: Sequence[str]) -> None:
        """Load and draft more views, wherever their events lie."""
        self._add(view_ids, lambda models, some: models.load_views(self._files, some))

    def add_all(self, within: Range | None = None, *, in_order: bool) -> None:
        """Load and draft all views of the files, or those `within` two ids. `in_order` as for `Models.load_range`."""
        if self._drafted(lambda models: models.load_range(self._files, within, in_order=in_order)):
            self._add(
                views_in(self._files, within),
                lambda models, some: models.load_range(self._files, (some[0], some[-1]), in_order=False),
            )

    @property
    def facts(self) -> pa.Table:
        """What the ledger keeps of each view: rows of sql/models/view_facts.sql."""
        return pa.concat_tables([*self._facts, Models.no_facts()])

    def drafts(self) -> list[pa.Table]:
        """What the views are as far as their own events tell, a table a part."""
        return [part.drafts() for part in self._parts]

    def views(self, lengths: Mapping[Revision, Length], *, step: int) -> pa.Table:
        tables = [part.views(lengths, now_ms=self._now_ms, step=step) for part in self._parts]
        return pa.concat_tables([arrow_schema("views").empty_table(), *tables])

    def intervals(self, views: pa.Table | None = None, *, step: int) -> pa.Table:
        """The views' intervals, labelled by their rows in `views`, without these by their drafts."""
        tables = [part.intervals(views, step=step) for part in self._parts]
        return pa.concat_tables([arrow_schema("intervals").empty_table(), *tables])

    def coded_intervals(self, *, step: int) -> Iterator[pa.Table]:
        """The intervals as their drafts label them, a table a part, with ids in codes (see `Models.intervals`)."""
        return (part.intervals(step=step, coded=True) for part in self._parts)

    def _add(self, view_ids: Sequence[str], load: Callable[[Models, Sequence[str]], None]) -> None:
        """When the views cannot be drafted they are halved until the culprits stand alone."""
        if not view_ids:
            return
        error = self._drafted(lambda models: load(models, view_ids))
        if error and len(view_ids) == 1:
            self.poison[view_ids[0]] = f"{type(error).__name__}: {error}"
        elif error:
            middle = len(view_ids) // 2
            self._add(view_ids[:middle], load)
            self._add(view_ids[middle:], load)

    def _drafted(self, load: Callable[[Models], None]) -> Exception | None:
        """Load and draft; returns why it failed, when views may be to blame."""
        models = Models()
        try:
            load(models)
            models.draft()
            self._facts.append(models.facts(self._now_ms))
        except duckdb.IOException:  # a file is missing, no view is to blame
            models.close()
            raise
        except (duckdb.Error, ValueError) as error:
            models.close()
            return error
        self._parts.append(models)
        return None
