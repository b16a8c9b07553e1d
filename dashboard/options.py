"""What the filters offer: the values that occur in views, the most frequent first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

import pyarrow as pa

FILTER_COLUMNS = (
    "device_type", "browser", "os", "country", "language", "referrer_domain", "source", "player_version",
)  # fmt: skip
MAX_OPTIONS = 200  # values offered per filter

Options = Mapping[str, tuple[str, ...]]  # dimension -> its values; "" where views have none
Query = Callable[[str, Mapping[str, object] | None], pa.Table]


def look_up(query: Query) -> Options:
    """The columns first, then `experiment.KEY` and `custom.KEY`."""
    return {**_of_columns(query), **_of_open_dimensions(query)}


def _of_columns(query: Query) -> Options:
    sets = ", ".join(f"({name})" for name in FILTER_COLUMNS)
    sql = (
        f"SELECT {', '.join(FILTER_COLUMNS)}, grouping({', '.join(FILTER_COLUMNS)}) AS mask, count(*) AS n"  # noqa: S608
        f" FROM views GROUP BY GROUPING SETS ({sets}) ORDER BY n DESC"  # our own column names
    )
    found: dict[str, list[str]] = {name: [] for name in FILTER_COLUMNS}
    for entry in query(sql, None).to_pylist():
        for place, name in enumerate(reversed(FILTER_COLUMNS)):
            if not entry["mask"] >> place & 1 and len(found[name]) < MAX_OPTIONS:
                found[name].append(entry[name] or "")
    return {name: tuple(values) for name, values in found.items()}


def _of_open_dimensions(query: Query) -> Options:
    found: dict[str, list[str]] = {}
    unknown: set[str] = set()
    for entry in query(_open_dimensions_sql(), {"most": MAX_OPTIONS}).to_pylist():
        name = f"{entry['dimension']}.{entry['key']}"
        found.setdefault(name, []).append(entry["value"])
        if entry["has_unknown"]:
            unknown.add(name)
    return {name: tuple(values) + (("",) if name in unknown else ()) for name, values in found.items()}


@cache
def _open_dimensions_sql() -> str:
    return (files("dashboard") / "sql" / "open_dimensions.sql").read_text(encoding="utf-8")
