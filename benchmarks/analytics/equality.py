"""Two answers to one question are the same: same rows, same counts, fractions within a millionth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from benchmarks.analytics.questions import Question
from benchmarks.process import BenchmarkFailed

TOLERANCE = 1e-6  # relative above 1, absolute below
COUNTS = frozenset({
    "views", "unique_viewers", "page_viewers", "n", "completed", "stalls", "failures", "exits", "waited_0_1_s",
    "waited_1_3_s", "waited_3_10_s", "waited_10_s", "returning_viewers", "plays", "landed",
})  # fmt: skip


def check_equal(question: Question, ours: Any, theirs: Any, peer: str) -> int:
    """How many values were compared. Raises BenchmarkFailed at the first difference."""
    mine, other = by_key(question, ours), by_key(question, theirs)
    if mine.keys() != other.keys():
        odd = sorted(map(str, mine.keys() ^ other.keys()))[:3]
        raise BenchmarkFailed(
            f"{question.name}: ViewBox has {len(mine)} rows, {peer} has {len(other)}; different are {', '.join(odd)}"
        )
    for key, values in mine.items():
        for name, value in values.items():
            if not _same(name, value, other[key][name]):
                raise BenchmarkFailed(
                    f"{question.name}: {name} of {key} is {value!r} in ViewBox and {other[key][name]!r} in {peer}"
                )
    return sum(map(len, mine.values()))


def by_key(question: Question, answer: Any) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Key -> the shown columns. Raises BenchmarkFailed when a key comes twice."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in _rows(answer):
        key = tuple(_plain(row[name]) for name in question.keys)
        if key in found:
            raise BenchmarkFailed(f"{question.name}: two rows of {key}")
        found[key] = {name: row[name] for name in question.values}
    return found


def _rows(answer: Any) -> Iterable[Mapping[str, Any]]:
    """Rows of an Arrow table or of a pandas frame."""
    rows: Iterable[Mapping[str, Any]] = (
        answer.to_pylist() if isinstance(answer, pa.Table) else answer.to_dict(orient="records")
    )
    return rows


def _plain(key: Any) -> Any:
    """Engines name the unknown differently and give dates as moments."""
    if key is None or key == "" or (isinstance(key, float) and math.isnan(key)):
        return None
    if isinstance(key, datetime):
        return key.date()
    return key if isinstance(key, (str, date)) else int(key)


def _same(name: str, mine: Any, other: Any) -> bool:
    mine, other = (_number(value) for value in (mine, other))
    if mine is None or other is None:
        return mine is other
    if name in COUNTS:
        return bool(mine == other)
    return math.isclose(mine, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _number(value: Any) -> float | None:
    """Engines without null in a column say NaN."""
    return None if value is None or math.isnan(value) else float(value)
