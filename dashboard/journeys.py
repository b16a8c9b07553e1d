"""How single viewers went through a video: their jumps as arcs, their views as strips. Pure: rows in, figures out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard import charts
from viewbox import wording

ARCS, ARC_POINTS = 20, 24
THINNEST_PX, THICKEST_PX = 1.0, 6.0
NEWEST = 60  # views that fit under each other
STRIP_PX, AXIS_PX = 6, 36
MOST_COLUMNS = 500  # a 10 h video has 36,000 seconds
LEVELS = ((1, charts.RETENTION, 0.4), (2, charts.REPLAY, 0.65), (3, charts.REPLAY, 1.0))  # times played, how it looks

Rows = Sequence[Mapping[str, Any]]


def jumps(rows: Rows, duration_s: float) -> go.Figure | None:
    """From `skip_graph`: an arc per jump, forward above the line and back below it, thick where many jump."""
    found = [row for row in rows if row["from_s"] != row["to_s"]][:ARCS]
    if not found:
        return None
    figure = charts.blank()
    most = max(row["skip_graph"] for row in found)
    widest = max(abs(row["to_s"] - row["from_s"]) for row in found)
    for row in reversed(found):
        start, end = row["from_s"], row["to_s"]
        forward = end > start
        middle, radius = (start + end) / 2, (end - start) / 2
        angles = [math.pi * step / ARC_POINTS for step in range(ARC_POINTS + 1)]
        height = abs(end - start) / widest * (1 if forward else -1)
        said = f"{wording.clock(start)} → {wording.clock(end)}: {wording.percent(row['skip_graph'])} of views"
        figure.add_scatter(
            x=[middle - radius * math.cos(angle) for angle in angles],
            y=[height * math.sin(angle) for angle in angles],
            mode="lines", hovertext=f"{said}, {wording.number_of(row['jumps'], 'jump')}",
            hovertemplate=charts.HOVERTEXT,
            line={
                "shape": "spline", "color": charts.SKIP if forward else charts.REPLAY,
                "width": THINNEST_PX + (THICKEST_PX - THINNEST_PX) * row["skip_graph"] / most,
            },
        )  # fmt: skip
    for said, y, anchor, colour, is_there in (
        ("forward", 1, "top", charts.SKIP, any(row["to_s"] > row["from_s"] for row in found)),
        ("back", -1, "bottom", charts.REPLAY, any(row["to_s"] < row["from_s"] for row in found)),
    ):
        if is_there:
            figure.add_annotation(
                x=1, xref="paper", xanchor="right", y=y, yanchor=anchor, text=said, showarrow=False,
                font={"color": colour, "size": 12},
            )  # fmt: skip
    figure.update_yaxes(visible=False, range=[-1.1, 1.1])
    charts.time_axis(figure, duration_s)
    return figure


def views(rows: Rows, timezone: str) -> go.Figure | None:
    """From `viewer_timeline`: a strip per view, the newest first, with a mark where it stalled."""
    found = sorted(rows, key=lambda row: row["started_at"], reverse=True)[:NEWEST]
    found = [row for row in found if row["viewer_timeline"]]
    if not found:
        return None
    length = max(len(row["viewer_timeline"]) for row in found)
    edges = [round(index * length / min(length, MOST_COLUMNS)) for index in range(min(length, MOST_COLUMNS) + 1)]
    passes = [
        [max((int(digit) for digit in row["viewer_timeline"][start:end]), default=0) for start, end in pairwise(edges)]
        for row in found
    ]
    labels = [_label(rank, row, timezone) for rank, row in enumerate(found)]
    figure = charts.blank()
    middles = [(start + end) / 2 for start, end in pairwise(edges)]
    for level, colour, opacity in LEVELS:
        cells = [[1 if min(times, 3) == level else None for times in strip] for strip in passes]
        figure.add_heatmap(
            x=middles, y=labels, z=cells, zmin=0, zmax=1, colorscale=[[0, colour], [1, colour]], showscale=False,
            opacity=opacity, ygap=1, hovertemplate="%{y}<extra></extra>", hoverongaps=False,
        )  # fmt: skip
    stalls = [(label, stall) for label, row in zip(labels, found, strict=True) for stall in row["stalls"]]
    figure.add_scatter(
        x=[stall["position_s"] for _, stall in stalls], y=[label for label, _ in stalls], mode="markers",
        marker={"symbol": "line-ns-open", "color": charts.STALL, "size": STRIP_PX + 2},
        hovertext=[
            f"{wording.clock(stall['position_s'])}: stalled {wording.seconds(stall['wait_s'])}" for _, stall in stalls
        ],
        hovertemplate=charts.HOVERTEXT,
    )  # fmt: skip
    figure.update_layout(height=AXIS_PX + STRIP_PX * max(8, len(found)))
    figure.update_yaxes(type="category", visible=False, autorange="reversed", categoryarray=labels)
    charts.time_axis(figure, float(length))
    return figure


def _label(rank: int, row: Mapping[str, Any], timezone: str) -> str:
    """`3. 13 Nov, 16:10 · 1:24 watched, 2 jumps`: its number keeps two alike apart."""
    began: datetime = row["started_at"].astimezone(ZoneInfo(timezone))
    said = f"{rank + 1}. {began.day} {began:%b, %H:%M} · {wording.clock(row['watch_s'])} watched"
    counted = sum(bool(seek["counted"]) for seek in row["seeks"])
    return f"{said}, {wording.number_of(counted, 'jump')}" if counted else said
