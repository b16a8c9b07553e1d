"""Figures of any metric's answer, one function per kind. Pure: rows in, figure out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboard import charts, metric_view
from dashboard.strips import MAX_POINTS, thinned
from viewbox import wording
from viewbox.metrics import Metric

Rows = Sequence[Mapping[str, Any]]
Point = tuple[Any, float | None, str]  # a period, its value, its words
COLOURS = (charts.RETENTION, charts.REPLAY, charts.SKIP, charts.STALL, charts.GOOD)
MAX_SERIES, MAX_BARS = len(COLOURS), 15
BAR_PX, AXIS_PX = 26, 48
BAND_OPACITY = 0.18
LABEL_CHARACTERS, LABEL_PX = 28, 15
VALUE_TICKS = 4
GRAIN_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31}
DATE_FORMATS = [  # from milliseconds between ticks, as in `14 Nov`
    {"dtickrange": [None, 86_399_999], "value": "%-d %b, %H:%M"},
    {"dtickrange": [86_400_000, 2_419_200_000], "value": "%-d %b"},
    {"dtickrange": ["M1", None], "value": "%b %Y"},
]
GAP = 1.5  # two periods further apart than so many of their own lengths have an empty one between them


def periods(metric: Metric, parted: Mapping[Any, Rows], labels: Mapping[Any, str], grain: str) -> go.Figure | None:
    """A line per series with the interval as a band when it is alone; sums as bars when alone.

    A period without views is a gap in a rate and a zero in a sum.
    """
    figure = charts.blank()
    ends: list[tuple[str, Point, str]] = []
    every = sorted({row["period"] for rows in parted.values() for row in rows})
    for (key, rows), colour in zip(parted.items(), COLOURS, strict=False):
        points = _points(metric, rows, every if len(parted) > 1 else (), grain)
        if not points:
            continue
        x, y, texts = (list(part) for part in zip(*points, strict=True))
        ends.append((labels[key], points[-1], colour))
        if metric_view.is_sum(metric) and len(parted) == 1:
            figure.add_bar(x=x, y=y, marker_color=colour, hovertext=texts, hovertemplate=charts.HOVERTEXT)
            continue
        if len(parted) == 1:
            _band(figure, metric, [row for row in rows if metric_view.is_shown(metric, row)], colour, grain)
        figure.add_scatter(
            x=x, y=y, mode="lines+markers", line={"color": colour}, marker={"size": 5}, hovertext=texts,
            hovertemplate=charts.HOVERTEXT,
        )  # fmt: skip
    if not ends:
        return None
    ticks = every[:: -(-len(every) // charts.DATES)]
    figure.update_xaxes(type="date", tickvals=ticks, ticktext=[_tick(at, grain) for at in ticks])
    highest = max(point[1] or 0 for rows in parted.values() for point in _points(metric, rows, (), grain))
    _value_axis(figure, metric.unit, highest)
    if len(parted) > 1:
        _label_ends(figure, ends, highest)
    return figure


def groups(metric: Metric, rows: Rows, labels: Sequence[str]) -> go.Figure | None:
    """Horizontal bars, the longest list of views first, with intervals as whiskers."""
    if not rows:
        return None
    values = [_scaled(metric.unit, row[metric.name]) for row in rows]
    texts = [
        f"{label}: {metric_view.value_with_margin(metric.unit, row, metric.name)} · n {wording.count(row['n'])}"
        for row, label in zip(rows, labels, strict=True)
    ]
    whiskers = None
    if any(row.get("ci_low") is not None for row in rows):
        reach = [_reach(metric.unit, row, one) for row, one in zip(rows, values, strict=True)]
        whiskers = {
            "type": "data", "symmetric": False, "thickness": 1,
            "array": [above for _, above in reach], "arrayminus": [below for below, _ in reach],
        }  # fmt: skip
    figure = charts.blank()
    places = [f"{index}" for index in range(len(rows))]  # two rows may bear the same label
    figure.add_bar(
        x=values, y=places, orientation="h", marker_color=charts.RETENTION, hovertext=texts, error_x=whiskers,
        hovertemplate=charts.HOVERTEXT,
    )  # fmt: skip
    figure.update_layout(height=AXIS_PX + BAR_PX * len(rows), margin_l=8)
    figure.update_yaxes(
        type="category", autorange="reversed", automargin=True, tickmode="array", tickvals=places,
        ticktext=[_short(label) for label in labels],
    )  # fmt: skip
    figure.update_xaxes(nticks=5)
    _value_axis(figure, metric.unit, max(one or 0 for one in values), "x")
    return figure


def curve(metric: Metric, rows: Rows) -> go.Figure | None:
    """The value over the length of one video, thinned to what a screen can show; means of neighbours."""
    starts = [float(row.get(metric_view.STARTS, row[metric.grain[1]])) for row in rows]
    ends = [float(row.get(metric_view.ENDS) or start + 1) for row, start in zip(rows, starts, strict=True)]
    values: Sequence[float | None] = [_scaled(metric.unit, row[metric.name]) for row in rows]
    if not any(one is not None for one in values):
        return None
    x = [(start + end) / 2 for start, end in zip(starts, ends, strict=True)]
    if len(values) > MAX_POINTS:
        x, values = thinned(x, MAX_POINTS, "mean"), thinned([one or 0.0 for one in values], MAX_POINTS, "mean")
    figure = charts.blank()
    figure.add_scatter(
        x=x, y=values, mode="lines", line={"color": charts.RETENTION}, hovertemplate=charts.HOVERTEXT,
        hovertext=[f"{wording.clock(at)}: {_text(metric.unit, one)}" for at, one in zip(x, values, strict=True)],
    )  # fmt: skip
    charts.time_axis(figure, ends[-1])
    _value_axis(figure, metric.unit, max(one or 0 for one in values))
    return figure


def moments(metric: Metric, rows: Rows) -> go.Figure | None:
    """The value over the time of day, for rows named by a moment; no line where no row is."""
    key = metric.grain[1]
    rows = rows[-MAX_POINTS:]
    figure = charts.blank()
    figure.add_bar(
        x=[row[key] for row in rows], y=[_scaled(metric.unit, row[metric.name]) for row in rows],
        marker_color=charts.RETENTION, marker_line_width=0, hovertemplate=charts.HOVERTEXT,
        hovertext=[f"{row[key]:%a %d %b, %H:%M}: {metric_view.value(metric.unit, row[metric.name])}" for row in rows],
    )  # fmt: skip
    figure.update_xaxes(type="date", nticks=charts.DATES, tickformatstops=DATE_FORMATS)
    _value_axis(figure, metric.unit, max(_scaled(metric.unit, row[metric.name]) or 0 for row in rows))
    return figure


def stretches(metric: Metric, rows: Rows, duration_s: float | None) -> go.Figure | None:
    """Sections of a video as bars as wide as they are long."""
    figure = charts.blank()
    spans = [(float(row[metric_view.STARTS]), float(row[metric_view.ENDS])) for row in rows]
    figure.add_bar(
        x=[(start + end) / 2 for start, end in spans], width=[end - start for start, end in spans],
        y=[_scaled(metric.unit, row[metric.name]) for row in rows], marker_color=charts.SKIP, opacity=0.8,
        hovertemplate=charts.HOVERTEXT,
        hovertext=[
            f"{wording.span(*span)}: {metric_view.value(metric.unit, row[metric.name])}"
            for span, row in zip(spans, rows, strict=True)
        ],
    )  # fmt: skip
    charts.time_axis(figure, max([duration_s or 0, *(end for _, end in spans)]))
    _value_axis(figure, metric.unit, max(_scaled(metric.unit, row[metric.name]) or 0 for row in rows))
    return figure


def entries(found: Sequence[Mapping[str, Any]]) -> go.Figure | None:
    """A list inside an answer, such as a histogram: its first number by what each entry is about."""
    picked = [(metric_view.entry_label(entry), metric_view.entry_value(entry)) for entry in found]
    values = [(label, *named) for label, named in picked if named is not None]
    if not values:
        return None
    unit = "ratio" if values[0][1] == "share" else "count"
    return charts.bars(
        [label for label, _, _ in values], [_scaled(unit, number) or 0 for _, _, number in values], charts.RETENTION,
        [f"{label}: {metric_view.value(unit, number)} {name}" for label, name, number in values],
    )  # fmt: skip


def _reach(unit: str, row: Mapping[str, Any], at: float | None) -> tuple[float, float]:
    """How far the interval reaches below and above a value."""
    low, high = (_scaled(unit, row.get(end)) for end in metric_view.LOWS_AND_HIGHS)
    return (0.0, 0.0) if low is None or high is None or at is None else (at - low, high - at)


def _band(figure: go.Figure, metric: Metric, rows: Rows, colour: str, grain: str) -> None:
    """The interval behind the line: one shape for each run of periods without a gap."""
    known = [row for row in rows if row.get("ci_low") is not None and row.get("ci_high") is not None]
    points = _with_gaps([(row["period"], float(index), "") for index, row in enumerate(known)], grain)
    for is_there, run in itertools.groupby(points, key=lambda point: point[1] is not None):
        places = [int(point[1] or 0) for point in run]
        if not is_there or len(places) < 2:
            continue
        low, high = ([_scaled(metric.unit, known[at][end]) for at in places] for end in metric_view.LOWS_AND_HIGHS)
        x = [known[at]["period"] for at in places]
        figure.add_scatter(
            x=[*x, *x[::-1]], y=[*high, *low[::-1]], mode="lines", line={"width": 0, "color": colour}, fill="toself",
            fillcolor=colour, opacity=BAND_OPACITY, hoverinfo="skip",
        )  # fmt: skip


def _with_gaps(points: Sequence[Point], grain: str) -> list[Point]:
    """The same points with an empty one wherever a period is missing, so that no line runs across it."""
    longest = timedelta(days=GAP * GRAIN_DAYS[grain])
    out: list[Point] = []
    for point in points:
        if out and point[0] - out[-1][0] > longest:
            out.append((out[-1][0] + (point[0] - out[-1][0]) / 2, None, ""))
        out.append(point)
    return out


def _points(metric: Metric, rows: Rows, every: Sequence[Any], grain: str) -> list[Point]:
    """A series' periods, values and words; of sums with a zero for each of `every` period that it lacks."""
    shown = [row for row in rows if metric_view.is_shown(metric, row) and row[metric.name] is not None]
    points: list[Point] = [
        (row["period"], _scaled(metric.unit, row[metric.name]), _period_text(metric, row, grain)) for row in shown
    ]
    if not metric_view.is_sum(metric):
        return _with_gaps(points, grain)
    missing = set(every) - {row["period"] for row in rows}
    return sorted([*points, *((at, 0.0, f"{period_name(at, grain)}: 0") for at in missing)])


def _label_ends(figure: go.Figure, ends: Sequence[tuple[str, Point, str]], highest: float) -> None:
    """Names at the lines' ends, moved apart where they would lie on each other."""
    px = (charts.HEIGHT_PX - 36) / highest if highest else 0.0
    free_from = 0.0
    for label, (x, y, _), colour in sorted(ends, key=lambda end: end[1][1] or 0):
        at_px = (y or 0) * px
        place = max(at_px, free_from)
        figure.add_annotation(
            x=x, y=y or 0, xanchor="left", xshift=6, yshift=place - at_px, text=_short(label), showarrow=False,
            font={"color": colour, "size": 12},
        )  # fmt: skip
        free_from = place + LABEL_PX
    figure.update_layout(margin_r=150)


def _period_text(metric: Metric, row: Mapping[str, Any], grain: str) -> str:
    return (
        f"{period_name(row['period'], grain)}: {metric_view.value_with_margin(metric.unit, row, metric.name)}"
        f" · n {wording.count(row.get('n'))}"
    )


def _tick(period: date, grain: str) -> str:
    """`23 Nov`, `Nov 2026`, `23 Nov, 14:00`."""
    if grain == "month":
        return f"{period:%b %Y}"
    return f"{period.day} {period:%b}" + (f", {period:%H:%M}" if isinstance(period, datetime) else "")


def period_name(period: date, grain: str) -> str:
    """`Mon 23 Nov`, `week of 23 Nov`, `Nov 2026`, `Mon 23 Nov, 14:00`."""
    if isinstance(period, datetime):
        return f"{period:%a} {period.day} {period:%b}, {period:%H:%M}"
    if grain == "month":
        return f"{period:%b %Y}"
    return f"week of {period.day} {period:%b}" if grain == "week" else f"{period:%a} {period.day} {period:%b}"


def _value_axis(figure: go.Figure, unit: str, highest: float, axis: str = "y") -> None:
    """From zero up in the value's unit; a minute and more is written as a clock does."""
    settings: dict[str, Any] = {"rangemode": "tozero", "ticksuffix": _suffix(unit)}
    if unit in metric_view.SECONDS and highest >= wording.MINUTE_S:
        step = next((step for step in charts.TICK_STEPS_S if highest / step <= VALUE_TICKS), None)
        if step is not None:
            at = [step * number for number in range(int(highest / step) + 1)]
            settings = {"rangemode": "tozero", "tickvals": at, "ticktext": [wording.clock(one) for one in at]}
    if unit == "count" and highest <= charts.FEW:
        settings["dtick"] = 1
    figure.update_layout({f"{axis}axis": settings})


def _suffix(unit: str) -> str:
    return {"ratio": "\u202f%", "media seconds per second": "×", "s": "\u202fs", "seconds": "\u202fs"}.get(unit, "")


def _scaled(unit: str, number: Any) -> float | None:
    return None if number is None else 100 * number if unit == "ratio" else number


def _text(unit: str, scaled: float | None) -> str:
    if scaled is None:
        return wording.NONE
    return metric_view.value(unit, scaled / 100 if unit == "ratio" else scaled)


def _short(label: str) -> str:
    return label if len(label) <= LABEL_CHARACTERS else f"{label[: LABEL_CHARACTERS - 1]}…"
