"""What stands in for chance in intervals: DuckDB's hash, so that the same views always give the same interval.

Nothing but numbers comes from here; what is done with them is the oracles' own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from math import exp, factorial

import duckdb

LARGEST = 2.0**64


@cache
def _hasher() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def viewer_keys(viewer_ids: Collection[str]) -> dict[str, int]:
    """The whole number that stands for each viewer in `views`: of the MD5 the lower half, halved."""
    sql = "SELECT cast(md5_number_lower(viewer_id) >> 1 AS BIGINT) FROM (SELECT unnest($ids) AS viewer_id)"
    ids = list(viewer_ids)
    rows = _hasher().execute(sql, {"ids": ids}).fetchall() if ids else []
    return {viewer_id: key for viewer_id, (key,) in zip(ids, rows, strict=True)}


def hashes(values: Sequence[int] | Sequence[str]) -> list[int]:
    if not values:
        return []
    kind = "BIGINT" if isinstance(values[0], int) else "VARCHAR"
    sql = f"SELECT hash(value) FROM (SELECT unnest($values::{kind}[]) AS value)"
    return [row[0] for row in _hasher().execute(sql, {"values": list(values)}).fetchall()]


@cache
def poisson_weights() -> list[list[int]]:
    """By resample: how often each of 400 units is drawn, independently and once on average, seven times at most."""
    sql = "SELECT hash(1000 * r + u) FROM (SELECT r, unnest(range(400)) AS u FROM range(400) AS t(r)) ORDER BY r, u"
    chances = [row[0] / LARGEST for row in _hasher().execute(sql).fetchall()]
    upper = [sum(exp(-1) / factorial(j) for j in range(times + 1)) for times in range(7)]
    times = [sum(chance >= end for end in upper) for chance in chances]
    return [times[start : start + 400] for start in range(0, len(times), 400)]


@cache
def drawn(stratum: str | None, units: int) -> list[list[int]]:
    """By resample: how often each of so many units is drawn, as many as there are, with replacement."""
    label = "" if stratum is None else "$stratum, "
    pairs = f"(SELECT r, unnest(range({units})) AS d FROM range(400) AS t(r))"
    sql = f"SELECT hash({label}r, d) % {units} FROM {pairs} ORDER BY r"
    picks = [row[0] for row in _hasher().execute(sql, {} if stratum is None else {"stratum": stratum}).fetchall()]
    found = []
    for start in range(0, len(picks), units):
        times = [0] * units
        for unit in picks[start : start + units]:
            times[unit] += 1
        found.append(times)
    return found
