"""Two cohorts beside each other: what differs, by how much, how sure. Pure: rows in, words and figures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go
import pyarrow as pa

from dashboard import charts, elsewhere, metric_view, sentences
from dashboard.queries import COMPARE, Ask
from dashboard.question import Question
from viewbox import wording
from viewbox.metrics import Metric

Verdict = Literal["higher", "lower", "unclear", "too few", "no interval", "nothing"]
SHOWN = (
    "views", "average_watch_time", "average_percentage_viewed", "completion_rate", "startup_time", "rebuffer_ratio",
    "playback_failures",
)  # fmt: skip
SPLIT = frozenset({"average_watch_time", "total_watch_time"})  # never shown without playing and waiting
HUNDREDTHS = 100  # points of a curve over videos of different length
WORDS: dict[Verdict, str] = {
    "higher": ":blue-badge[higher]", "lower": ":blue-badge[lower]", "unclear": ":gray-badge[unclear]",
    "too few": ":orange-badge[too few]", "no interval": ":gray-badge[no interval]", "nothing": "",
}  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of both cohorts, in words."""

    title: str
    a: str
    b: str
    difference: str
    verdict: Verdict


def ask(metric: str, a: Question, b: Question) -> Ask:
    """One metric's comparison; each cohort is a query string, as the command line and the API take it."""
    return Ask(COMPARE, params=(("metric", metric), ("a", elsewhere.cohort(a)), ("b", elsewhere.cohort(b))))


def line(metric: Metric, row: Mapping[str, Any], splits: Mapping[str, str] | None = None) -> Line:
    """From the one row of `compare` of a metric with a row per cohort. `splits`: what a watch time is made of."""
    told = verdict(metric, row)
    a, b = (_value(metric, row, name, (splits or {}).get(name, "")) for name in ("a", "b"))
    return Line(metric_view.title_with_unit(metric), a, b, _difference(metric, row, told), told)


def verdict(metric: Metric, row: Mapping[str, Any]) -> Verdict:
    """Whether b lies off a: only an interval that leaves zero out says so, and only over enough views in both."""
    if row.get("a") is None or row.get("b") is None:
        return "nothing"
    few = min(row["n_a"], row["n_b"]) < wording.MIN_VIEWS
    if few and not metric_view.is_sum(metric):
        return "too few"
    low, high = row.get("ci_low"), row.get("ci_high")
    if low is None or high is None:
        return "no interval"
    return "higher" if low > 0 else "lower" if high < 0 else "unclear"


def summary(lines: Sequence[Line]) -> str:
    """`B is higher in Completion rate, lower in Rebuffer ratio.`, or that nothing is sure."""
    said = [
        f"{one} in {', '.join(sentences.plain(found.title) for found in lines if found.verdict == one)}"
        for one in ("higher", "lower")
        if any(found.verdict == one for found in lines)
    ]
    if said:
        return f"B is {'; '.join(said)}."
    if any(found.verdict == "unclear" for found in lines):
        return "No clear difference: each interval holds zero."
    return "Too few views to tell a difference."


def table(lines: Sequence[Line]) -> list[dict[str, str]]:
    """The lines for `st.table`, in Markdown."""
    return [
        {
            "Metric": sentences.plain(one.title),
            "A": one.a,
            "B": one.b,
            "B − A": f"{one.difference}  \n{WORDS[one.verdict]}" if one.difference else WORDS[one.verdict],
        }
        for one in lines
    ]


def file(answers: Mapping[str, pa.Table]) -> pa.Table:
    """All comparisons as one table, the metric's name in front."""
    named = [
        table.add_column(0, "metric", pa.array([name] * table.num_rows, pa.string())) for name, table in answers.items()
    ]
    return pa.concat_tables(named, promote_options="permissive")


def retention(curves: Mapping[str, Rows], names: Mapping[str, str], length_s: float | None) -> go.Figure | None:
    """Both cohorts' unique retention on one axis, a whole and b dashed; in hundredths where the lengths differ."""
    figure = charts.blank()
    ends: list[tuple[float, str]] = []
    for key, dash in (("a", "solid"), ("b", "dash")):
        rows = curves.get(key) or ()
        if not rows:
            continue
        whole_s = rows[-1]["to_s"]
        middles = [(row["from_s"] + row["to_s"]) / 2 for row in rows]
        shares = [100 * row["unique"] for row in rows]
        texts = [
            f"{names[key]} · {wording.clock(at)}: {wording.percent(row['unique'])} of views"
            for at, row in zip(middles, rows, strict=True)
        ]
        x = middles if length_s else [HUNDREDTHS * at / whole_s for at in middles]
        figure.add_scatter(
            x=x, y=shares, mode="lines", line={"color": charts.RETENTION, "dash": dash}, hovertext=texts,
            hovertemplate=charts.HOVERTEXT,
        )  # fmt: skip
        ends.append((shares[-1], f"{key.upper()}{'' if dash == 'solid' else ' (dashed)'}"))
    if not ends:
        return None
    for place, (share, text) in enumerate(ends):
        beside = next((other for at, (other, _) in enumerate(ends) if at != place), None)
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=4, y=share, text=text, showarrow=False,
            yshift=0 if beside is None or abs(share - beside) > 8 else 7 if share > beside else -7,
            font={"color": charts.RETENTION, "size": 12},
        )  # fmt: skip
    figure.update_layout(margin_r=76, height=240)
    figure.update_yaxes(rangemode="tozero", ticksuffix="\u202f%")
    if length_s:
        charts.time_axis(figure, length_s)
    else:
        figure.update_xaxes(range=[0, HUNDREDTHS], ticksuffix="\u202f%", title_text="of the video's length")
        figure.update_layout(margin_b=44)
    return figure


def _value(metric: Metric, row: Mapping[str, Any], name: str, split: str) -> str:
    views = row[f"n_{name}"]
    if row.get(name) is None:
        return wording.NONE
    if not metric_view.is_shown(metric, {"n": views}):
        return wording.too_few(views)
    said = wording.percent(row[name], 1) if metric.unit == "ratio" else metric_view.value(metric.unit, row[name])
    below = (
        split if metric_view.is_sum(metric) and not split else f"{split}  \nn {views:,}" if split else f"n {views:,}"
    )
    return f"**{said}**  \n:gray[{below}]" if below else f"**{said}**"


def _difference(metric: Metric, row: Mapping[str, Any], told: Verdict) -> str:
    if told in {"nothing", "too few"}:
        return ""
    low, high = row.get("ci_low"), row.get("ci_high")
    said = f"**{change(metric.unit, row['difference'])}**"
    if low is not None and high is not None:
        return f"{said}  \n:gray[{bare(metric.unit, low)} to {bare(metric.unit, high)}]"
    relative = row.get("relative")
    return f"{said}  \n:gray[{_signed(wording.percent(abs(relative)), relative)}]" if relative is not None else said


def change(unit: str, number: float) -> str:
    """`+8.2 points`, `−0:12`, `+120`."""
    if unit == "ratio":
        return _signed(f"{100 * abs(number):.1f} points", number)
    return _signed(metric_view.value(unit, abs(number)), number)


def bare(unit: str, number: float) -> str:
    """An interval's end, its unit said beside it already."""
    return change(unit, number).removesuffix(" points")


def _signed(text: str, number: float) -> str:
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{text}"
