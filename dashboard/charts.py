"""Plotly figures, one function each. Pure: rows in, figure out; colours come from the theme in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboard.strips import MAX_POINTS, thinned
from viewbox import wording

# Streamlit's Plotly theme puts the n-th of `chartCategoricalColors` where it finds the placeholder #00000n, so
# that figures follow light and dark without a new run.
RETENTION, REPLAY, SKIP, STALL, GOOD, FAINT = (f"#00000{number}" for number in range(1, 7))
HEIGHT_PX = 200
TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
TICKS, LONG_TICKS = 8, 4  # labels that fit beside each other on a phone: `1:05`, `10:00:00`
DATES, DAY_STEPS, DAY_MS = 5, (1, 2, 7, 14, 28, 56, 91, 182, 364), 86_400_000
MIN_DAYS, LONG_DAYS = 7, 300  # a lone day fills no axis; from so many days on a tick names its month
BAR, FULL_BARS, FEW = 0.85, 4, 4  # fewer bars than four are as wide as four would be
HOVERTEXT = "%{hovertext}<extra></extra>"

Rows = Sequence[Mapping[str, Any]]


def config(name: str) -> dict[str, Any]:
    """What the browser may do with a chart: save it as `name.png`, twice as sharp as it is shown; no other button."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
    }


def views_per_day(rows: Rows, first: date | None, last: date) -> go.Figure:
    """From `views` by day: `period`, `views`; the axis covers [first, last], both inside, and at least a week."""
    counts = {_day(row["period"]): row["views"] for row in rows}
    last = max(last, *counts) if counts else last
    first = min(first or last - timedelta(days=MIN_DAYS - 1), *counts, last) if counts else first or last
    texts = [f"{day:%a} {_date(day)}: {wording.number_of(views, 'view')}" for day, views in counts.items()]
    figure = blank()
    figure.add_bar(
        x=list(counts), y=list(counts.values()), width=BAR * DAY_MS, marker_color=RETENTION, hovertext=texts,
        hovertemplate=HOVERTEXT,
    )  # fmt: skip
    figure.update_layout(margin_r=24)  # half of the last day's label
    n_days = (last - first).days + 1
    step = next((step for step in DAY_STEPS if n_days / step <= DATES), DAY_STEPS[-1])
    dates = [last - timedelta(days=back) for back in range(0, n_days, step)][::-1]
    figure.update_xaxes(
        type="date", range=[_noon(first) - timedelta(days=1), _noon(last)], tickvals=dates,
        ticktext=[_date(day) if n_days < LONG_DAYS else f"{day:%b %Y}" for day in dates],
    )  # fmt: skip
    _counts(figure, list(counts.values()))
    return figure


def speeds(by_rate: Rows) -> go.Figure | None:
    """Share of the video played at each speed: `rate`, `share`."""
    if not by_rate:
        return None
    labels = [wording.speed(row["rate"]) for row in by_rate]
    shares = [100 * row["share"] for row in by_rate]
    texts = [f"{label}: {share:.1f}\u202f% of the video played" for label, share in zip(labels, shares, strict=True)]
    figure = bars(labels, shares, RETENTION, texts)
    figure.update_yaxes(ticksuffix="\u202f%")
    return figure


def startup(histogram: Rows) -> go.Figure | None:
    """Views by start-up time: `from_s`, `to_s` (None: open), `views`. Ticks stand between the bars, at their bounds."""
    if not histogram:
        return None
    counts = [row["views"] for row in histogram]
    texts = [
        f"{_range(row['from_s'], row['to_s'])}: {wording.number_of(row['views'], 'view')}" for row in histogram
    ]  # fmt: skip
    bounds = [f"{row['from_s']:g}" for row in histogram]
    figure = blank()
    figure.add_bar(
        x=[index + 0.5 for index in range(len(counts))], y=counts, marker_color=GOOD, hovertext=texts,
        hovertemplate=HOVERTEXT,
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, len(counts)], tickvals=list(range(len(counts))), ticktext=[*bounds[:-1], f"{bounds[-1]} s"]
    )
    _counts(figure, counts)
    return figure


def exit_waits(row: Mapping[str, Any]) -> go.Figure | None:
    """Attempts that ended before the first frame, by how long the viewer waited."""
    if not row.get("exits"):
        return None
    buckets = {
        "0–1 s": "waited_0_1_s",
        "1–3 s": "waited_1_3_s",
        "3–10 s": "waited_3_10_s",
        "≥ 10 s": "waited_10_s",
    }
    counts = [row.get(name) or 0 for name in buckets.values()]
    texts = [
        f"waited {bucket}: {wording.number_of(count, 'exit')}" for bucket, count in zip(buckets, counts, strict=True)
    ]
    figure = bars(list(buckets), counts, STALL, texts)
    _counts(figure, counts)
    return figure


def over_time(values: Sequence[float], duration_s: float, colour: str, noun: str) -> go.Figure | None:
    """Counts by second of the video; neighbours are added up when there are more than a screen can show."""
    if not any(values):
        return None
    counts = thinned(values, MAX_POINTS // 5, "sum")
    step_s = duration_s / max(1, len(counts)) if len(counts) < len(values) else 1.0
    starts = [index * step_s for index in range(len(counts))]
    ends = [min(duration_s, start + step_s) for start in starts]
    texts = [
        f"{wording.span(start, end)}: {wording.number_of(count, noun)}"
        for start, end, count in zip(starts, ends, counts, strict=True)
    ]
    figure = blank()
    figure.add_bar(
        x=[start + step_s / 2 for start in starts], y=counts, width=step_s, marker_color=colour, hovertext=texts,
        hovertemplate=HOVERTEXT,
    )  # fmt: skip
    time_axis(figure, duration_s)
    _counts(figure, counts)
    return figure


def result(table_rows: Rows, columns: Sequence[str]) -> go.Figure | None:
    """A chart of an SQL result when it is simple: a first column of labels or times, then numbers; else None."""
    if len(columns) < 2 or not 2 <= len(table_rows) <= MAX_POINTS:
        return None
    label, numbers = columns[0], [name for name in columns[1:] if _is_numeric(table_rows, name)][:3]
    if not numbers:
        return None
    figure = blank()
    for name, colour in zip(numbers, (RETENTION, REPLAY, SKIP), strict=False):
        figure.add_scatter(
            x=[row[label] for row in table_rows], y=[row[name] for row in table_rows], name=name, mode="lines+markers",
            line={"color": colour}, marker={"size": 4},
        )  # fmt: skip
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            y=table_rows[-1][name],
            text=name,
            showarrow=False,
            font={"color": colour},
        )
    figure.update_layout(margin_r=120)
    figure.update_yaxes(rangemode="tozero")
    return figure


def time_axis(figure: go.Figure, duration_s: float) -> None:
    """Seconds of the video along x, ticks written `1:05`."""
    most = LONG_TICKS if duration_s >= wording.HOUR_S else TICKS
    step = next((step for step in TICK_STEPS_S if duration_s / step <= most), TICK_STEPS_S[-1])
    at = [float(second) for second in range(0, int(duration_s) + 1, step)]
    figure.update_xaxes(range=[0, duration_s], tickvals=at, ticktext=[wording.clock(second) for second in at])


def bars(labels: Sequence[str], values: Sequence[float], colour: str, texts: Sequence[str]) -> go.Figure:
    figure = blank()
    figure.add_bar(
        x=list(labels), y=list(values), marker_color=colour, hovertext=list(texts), hovertemplate=HOVERTEXT,
        width=BAR * min(1.0, len(labels) / FULL_BARS),
    )  # fmt: skip
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    return figure


def _counts(figure: go.Figure, values: Sequence[float]) -> None:
    """A y axis of things that are counted: from zero, no half of a thing between its ticks."""
    figure.update_yaxes(rangemode="tozero", dtick=1 if max(values, default=0) <= FEW else None)


def blank() -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=HEIGHT_PX, margin={"l": 44, "r": 8, "t": 8, "b": 28}, showlegend=False, bargap=0.15, dragmode=False
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, nticks=4)
    return figure


def _day(period: date) -> date:
    return period.date() if isinstance(period, datetime) else period


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _date(day: date) -> str:
    return f"{day.day} {day:%b}"


def _range(from_s: float, to_s: float | None) -> str:
    return f"≥ {from_s:g} s" if to_s is None else f"{from_s:g}–{to_s:g} s"


def _is_numeric(rows: Rows, name: str) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
