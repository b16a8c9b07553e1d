"""What the page of one metric shows: which kind of picture fits, numbers in its unit, and what is too small to show.

Pure: a metric's header and rows in; words, series and tables out. Everything is decided by the header, so that a new
metric file needs nothing here.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from viewbox import wording
from viewbox.metrics import AnswerColumn, Metric

Kind = Literal["number", "periods", "groups", "curve", "moments", "stretches", "rows"]
Rows = Sequence[Mapping[str, Any]]
KINDS = {  # heading -> what a row of such a metric is
    "Numbers": "one number per video, day or group",
    "Along the video": "a number for each second or stretch of one video",
    "Lists": "rows of their own: moments, jumps, minutes, views",
}
SECONDS = frozenset({"s", "seconds"})
LOWS_AND_HIGHS = ("ci_low", "ci_high")
UNSEEN, FINE = 0.001, 0.02  # an interval of a share between them asks for a decimal; a narrower one is not written
UNKNOWN = "(unknown)"  # a dimension that a view has no value of
STARTS, ENDS = "from_s", "to_s"


def heading(metric: Metric) -> str:
    """Under which of KINDS a metric is listed."""
    if metric.is_scalar:
        return "Numbers"
    return "Along the video" if {"second", "slice"} & set(metric.grain[1:2]) else "Lists"


def found(all_metrics: Mapping[str, Metric], wanted: str) -> list[Metric]:
    """Metrics in whose name, title or rule every wanted word occurs."""
    words = wanted.lower().split()
    return [
        metric
        for metric in all_metrics.values()
        if all(word in f"{metric.name} {metric.title} {metric.rule}".lower() for word in words)
    ]


def kind(metric: Metric, rows: Rows, *, by: str, grain: str | None, one_video: bool) -> Kind:
    """The picture that fits an answer."""
    if metric.is_scalar and grain is not None:
        return "periods"
    if metric.is_scalar:
        return "number" if by == "all" or (by == "video" and one_video) else "groups"
    if not rows or not one_video or len(metric.grain) < 2 or not _is_number(rows[0].get(metric.name)):
        return "rows"
    key = metric.grain[1]
    if isinstance(rows[0].get(key), date):  # a datetime is one too
        return "moments"
    if key == "second" or all(before[ENDS] == after[STARTS] for before, after in _neighbours(rows)):
        return "curve"
    return "stretches" if all(_is_stretch(row) for row in rows) else "rows"


def is_sum(metric: Metric) -> bool:
    """A count or a sum: true of one view as of many. Rates, means and scores of a few views say little."""
    return metric.empty_sql is not None


def is_shown(metric: Metric, row: Mapping[str, Any]) -> bool:
    """Whether a row stands on enough views."""
    return is_sum(metric) or (row.get("n") or 0) >= wording.MIN_VIEWS


def value(unit: str, number: Any) -> str:  # noqa: PLR0911  # one line per unit
    """A number in its unit, as people read it."""
    if number is None or isinstance(number, str | bool) or not _is_number(number):
        return wording.NONE if number is None else str(number)
    if unit == "ratio":
        return wording.percent(number)
    if unit in SECONDS:
        return f"−{value(unit, -number)}" if number < 0 else _seconds(number)
    if unit == "count":
        return wording.count(number)
    if unit == "bits per second":
        return _bitrate(number)
    if unit == "media seconds per second":
        return wording.speed(number)
    return wording.decimal(number) if abs(number) < wording.THOUSANDS_FROM else wording.count(number)


def value_with_margin(unit: str, row: Mapping[str, Any], name: str) -> str:
    """`38 % ± 4`, `3:40 ± 0:12`: half the interval's width, in the value's unit; the value alone without one."""
    low, high = (row.get(end) for end in LOWS_AND_HIGHS)
    if unit == "ratio":
        fine = low is not None and high is not None and UNSEEN <= high - low < FINE  # `1.5 % ± 0.2`, not `2 % ± 0.2`
        return wording.percent_with_margin(row[name], low, high, 1 if fine else None)
    if row[name] is None or low is None or high is None:
        return value(unit, row[name])
    half = (high - low) / 2
    return value(unit, row[name]) if half < 0.005 else f"{value(unit, row[name])} ± {value(unit, half)}"


def interval(unit: str, row: Mapping[str, Any]) -> str:
    """`95 % interval 34 %–42 %`, or nothing."""
    low, high = (row.get(end) for end in LOWS_AND_HIGHS)
    if low is None or high is None:
        return ""
    return f"95\u202f% interval {value(unit, low)}–{value(unit, high)}"


def title_with_unit(metric: Metric) -> str:
    """The title, and its unit where a value does not carry it."""
    carried = {"ratio", "count", "media seconds per second", "bits per second", "text", *SECONDS}
    return metric.title if metric.unit in carried else f"{metric.title}, {metric.unit}"


def unit_words(unit: str) -> str:
    """How a unit is called beside a title."""
    return {"ratio": "%", "count": "count", "s": "seconds", "media seconds per second": "×"}.get(unit, unit)


def column_title(name: str) -> str:
    """`playing_s` → `Playing`, `ci_low` → `95 % from`."""
    special = {"ci_low": "95\u202f% from", "ci_high": "95\u202f% to", "n": "n", STARTS: "From", ENDS: "To"}
    words = name.removesuffix("_s").removesuffix("_at").replace("_", " ").strip()
    return special.get(name) or words[:1].upper() + words[1:]


def parts(metric: Metric, columns: Sequence[AnswerColumn], row: Mapping[str, Any]) -> list[AnswerColumn]:
    """What a number is made of: the columns beside it, where enough views stand behind them."""
    said = {metric.name, "n", *LOWS_AND_HIGHS}
    if not is_shown(metric, row):
        return []
    return [column for column in columns if column.name not in said and not isinstance(row.get(column.name), list)]


def nested(columns: Sequence[AnswerColumn], row: Mapping[str, Any]) -> list[tuple[AnswerColumn, list[Any]]]:
    """Columns that hold a list of their own, such as a histogram, with their entries."""
    return [(column, row[column.name]) for column in columns if isinstance(row.get(column.name), list)]


def entry_label(entry: Mapping[str, Any]) -> str:
    """What an entry of a list is about: its range, or its first field."""
    first, second = [*entry, *entry][:2]
    if first.startswith("from") and second.startswith("to"):
        end = entry[second]
        return f"≥ {entry[first]:g} s" if end is None else f"{entry[first]:g}–{end:g} s"
    label = entry[first]
    if first == "rate":
        return wording.speed(label)
    return UNKNOWN if label is None else f"{label:g}" if isinstance(label, float) else str(label)


def entry_value(entry: Mapping[str, Any]) -> tuple[str, float] | None:
    """Name and value of an entry's first number that is no label."""
    skipped = 2 if next(iter(entry)).startswith("from") else 1
    numbers = [(name, number) for name, number in list(entry.items())[skipped:] if _is_number(number)]
    return numbers[0] if numbers else None


def label_of(row: Mapping[str, Any], by: str, titles: Mapping[str, str]) -> str:
    """What a row is about, in words: the video's title, or the dimension's value."""
    if by == "all":
        return "all"
    name = row.get("video_id" if by == "video" else by)
    return UNKNOWN if name is None else titles.get(name, name) if by == "video" else str(name)


def leading(metric: Metric, rows: Rows, most: int) -> list[Mapping[str, Any]]:
    """The rows worth a bar: sums by their value, all else by n, with enough views behind each."""
    shown = [row for row in rows if is_shown(metric, row) and row[metric.name] is not None]
    return sorted(shown, key=lambda row: -(row[metric.name] if is_sum(metric) else row["n"]))[:most]


def series(rows: Rows, by: str, most: int) -> dict[Any, list[Mapping[str, Any]]]:
    """Rows by period, parted by what they are about; those with the most views behind them."""
    parted: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        parted.setdefault(None if by == "all" else row.get("video_id" if by == "video" else by), []).append(row)
    ranked = sorted(parted.items(), key=lambda item: -sum(row.get("n") or 0 for row in item[1]))
    return dict(ranked[:most])


def table(metric: Metric, answer: pa.Table, by: str, titles: Mapping[str, str], *, one_video: bool = False) -> pa.Table:
    """The answer for people: titles for ids, and no value, nor interval, where too few views stand behind it."""
    shown = answer
    if one_video and "video_id" in answer.column_names:  # the page's filters name it
        shown = answer.drop_columns(["video_id"])
    elif by == "video" and "video_id" in answer.column_names:
        named = [titles.get(one, one) for one in answer["video_id"].to_pylist()]
        shown = shown.set_column(answer.column_names.index("video_id"), "video_id", pa.array(named, pa.string()))
    if by not in {"video", "all"} and by in answer.column_names:
        shown = shown.set_column(answer.column_names.index(by), by, pc.fill_null(answer[by], UNKNOWN))
    if is_sum(metric) or "n" not in answer.column_names:
        return shown
    enough = pc.greater_equal(answer["n"], wording.MIN_VIEWS)
    keys = {*metric.grain, "n", "period", by, "revision"}
    for index, name in enumerate(shown.column_names):
        kind_of_column = shown.schema.field(name).type
        if name not in keys and (pa.types.is_floating(kind_of_column)):
            shown = shown.set_column(index, name, pc.if_else(enough, shown[name], None))
    return shown


def column_order(metric: Metric, columns: Sequence[AnswerColumn], names: Sequence[str]) -> list[str]:
    """What a row is about, its value, n; then all else, the revision last: a phone shows the first few."""
    own = {column.name for column in columns}
    order = [*(name for name in names if name not in own), *metric.grain[1:2], metric.name, "n", *names]
    found = [name for name in dict.fromkeys(order) if name in names]
    return sorted(found, key="revision".__eq__)


def in_zone(rows: Rows, timezone: str) -> list[dict[str, Any]]:
    """The rows with their moments as clocks of the zone show them; Plotly draws what the clock shows."""
    zone = ZoneInfo(timezone)
    return [
        {
            name: one.astimezone(zone).replace(tzinfo=None) if isinstance(one, datetime) and one.tzinfo else one
            for name, one in row.items()
        }
        for row in rows
    ]


def left_out(metric: Metric, rows: Rows, noun: str) -> str:
    """`3 of 28 days have fewer than 10 views and show no value`, or nothing."""
    few = sum(not is_shown(metric, row) for row in rows)
    if not few:
        return ""
    have = "has" if few == 1 else "have"
    return (
        f"{few:,} of {wording.number_of(len(rows), noun)} {have} fewer than {wording.MIN_VIEWS} views: no value shown"
    )


def nothing(metric: Metric, n_views: int) -> str:
    """Why there are views but no rows."""
    if n_views < wording.MIN_VIEWS:
        return f"Too few views ({n_views}) to say anything."
    return f"{metric.title}: none in {wording.number_of(n_views, 'view')}."


def _bitrate(bits_per_s: float) -> str:
    """`3.2 Mbit/s`; below a million `640 kbit/s`."""
    if bits_per_s >= 999_500:
        return f"{bits_per_s / 1e6:.1f}{wording.THIN}Mbit/s"
    return f"{bits_per_s / 1e3:.0f}{wording.THIN}kbit/s"


def _seconds(number: float) -> str:
    return wording.seconds(number) if number < wording.MINUTE_S else wording.long_time(number)


def _is_number(candidate: Any) -> bool:
    return isinstance(candidate, int | float) and not isinstance(candidate, bool)


def _is_stretch(row: Mapping[str, Any]) -> bool:
    start, end = row.get(STARTS), row.get(ENDS)
    return _is_number(start) and _is_number(end) and float(end or 0) > float(start or 0)


def _neighbours(rows: Rows) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Pairs of rows that follow each other; a single pair that never meets when a row is no stretch."""
    if len(rows) < 2 or not all(_is_stretch(row) for row in rows):
        return [({ENDS: 0}, {STARTS: 1})]
    return list(itertools.pairwise(rows))
