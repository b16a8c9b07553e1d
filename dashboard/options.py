"""What the filters offer: the values that occur in views, the most frequent first, and how often they are looked up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Generic, TypeVar

import pyarrow as pa

FILTER_COLUMNS = (
    "device_type", "browser", "os", "country", "language", "referrer_domain", "source", "player_version",
)  # fmt: skip
MAX_OPTIONS = 200  # values offered per filter
SHARE_OF_TIME = 0.05  # of a server's time that a rationed look-up may take, however large the lake is

Options = Mapping[str, tuple[str, ...]]  # dimension -> its values; "" where views have none
Query = Callable[[str, Mapping[str, object] | None], pa.Table]
Kept = TypeVar("Kept")


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


class Rationed(Generic[Kept]):
    """A look-up kept until the data change, and longer where it is slow: `rationed(stamp)`. Thread-safe.

    Of options: a new value is offered as soon as it may be looked up again; filters typed into the URL never wait for
    that.
    """

    def __init__(self, look: Callable[[], Kept], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._stamp: object = None
        self._next_s = 0.0

    def __call__(self, stamp: object) -> Kept:
        with self._lock:
            if self._kept is None or (stamp != self._stamp and self._clock() >= self._next_s):
                began_s = self._clock()
                self._kept, self._stamp = self._look(), stamp
                ended_s = self._clock()
                self._next_s = ended_s + (ended_s - began_s) / SHARE_OF_TIME
            return self._kept

    def cache_clear(self) -> None:
        """Forget what was looked up."""
        self._kept, self._stamp, self._next_s = None, None, 0.0
