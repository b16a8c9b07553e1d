"""Which views a question is about, in slow Python: period, filters, the rule about synthetic views, groups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.property.oracle_tables import View

Group = tuple[str | None, date | datetime | None]  # what the row is about, and its period


@dataclass(frozen=True)
class Question:
    """As a person would ask it; `filters`: dimension -> accepted values, "" for unknown."""

    video_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by: str = "video"
    grain: str | None = None
    timezone: str = "UTC"
    params: dict[str, str] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """As a query string has it."""
        single = {"video_id": self.video_id, "grain": self.grain, "by": self.by}
        single["since"] = None if self.since is None else self.since.isoformat()
        single["until"] = None if self.until is None else self.until.isoformat()
        pairs = [(name, value) for name, value in single.items() if value is not None]
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        return pairs + [(f"param.{name}", value) for name, value in self.params.items()]

    def groups(self, everything: Sequence[View]) -> dict[Group, list[View]]:
        """The selected views, valid or not, by what a row is about."""
        real = {
            view.row["video_id"] for view in everything if view.row["is_valid"] and view.row["source"] != "synthetic"
        }
        found: dict[Group, list[View]] = {}
        for view in everything:
            hidden = view.row["source"] == "synthetic" and view.row["video_id"] in real
            if self._keeps(view) and (not hidden or "synthetic" in self.filters.get("source", ())):
                found.setdefault((self._label(view), self._period(view.row["started_at"])), []).append(view)
        return found

    def local_day(self, view: View) -> date:
        started_at: datetime = view.row["started_at"]
        return started_at.astimezone(ZoneInfo(self.timezone)).date()

    def _keeps(self, view: View) -> bool:
        return (
            self.video_id in {None, view.row["video_id"]}
            and (self.since is None or view.row["started_at"] >= self.since)
            and (self.until is None or view.row["started_at"] < self.until)
            and all((dimension(view, name) or "") in values for name, values in self.filters.items())
        )

    def _label(self, view: View) -> str | None:
        if self.by == "all":
            return None
        label = dimension(view, "video_id" if self.by == "video" else self.by)
        return label or None

    def _period(self, started_at: datetime) -> date | datetime | None:
        local = started_at.astimezone(ZoneInfo(self.timezone))
        match self.grain:
            case "hour":
                return started_at - timedelta(
                    minutes=local.minute, seconds=local.second, microseconds=local.microsecond
                )
            case "day":
                return local.date()
            case "week":
                return local.date() - timedelta(days=local.weekday())
            case "month":
                return local.date().replace(day=1)
        return None


def dimension(view: View, name: str) -> str | None:
    """The value of a dimension as text."""
    column, dot, key = name.partition(".")
    value: Any = view.row[column]
    if dot:
        value = (value or {}).get(key)
    return value if value is None or isinstance(value, str) else json.dumps(value)
