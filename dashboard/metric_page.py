"""The pieces of the page of one metric: its card in the list, its picture, its rows, how it is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import charts, elsewhere, filters, metric_charts, metric_form, metric_view, page, sentences
from dashboard.queries import Answer, Ask, Listed
from dashboard.question import Question
from viewbox import wording
from viewbox.metrics import AnswerColumn, Metric
from viewbox.metrics.reference import INTERVALS

SHOWN_ROWS = 1_000  # the browser's table stays quick; the files hold all rows
CARD_PX = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """A metric, what was asked of it, and what it answered."""

    metric: Metric
    columns: Sequence[AnswerColumn]
    ask: Ask
    answer: Answer
    video: Listed | None
    titles: Mapping[str, str]
    timezone: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return metric_view.in_zone(self.answer.rows, self.timezone)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted: no rows, or the one row of a video without views."""
        return not any(row.get("n") != 0 for row in self.answer.rows)

    @property
    def kind(self) -> metric_view.Kind:
        ask = self.ask
        return metric_view.kind(
            self.metric, self.rows, by=ask.by, grain=ask.grain, one_video=self.video is not None
        )  # fmt: skip


def cards(listed: Sequence[Metric]) -> None:
    """Metrics as cards; a title opens its metric."""
    with st.grid("auto", min_column_width=CARD_PX, gap="small"):
        for metric in listed:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.button(
                    f"**{sentences.plain(metric.title)}**",
                    key=f"open_{metric.name}",
                    type="tertiary",
                    on_click=metric_form.open_metric,
                    args=(metric.name,),
                )
                st.caption(f"`{metric.name}` · {metric_view.unit_words(metric.unit)}")
                st.markdown(sentences.plain(metric.rule))


def picture(shown: Shown) -> None:
    """The answer as what it is: a number, a line, bars."""
    if shown.kind == "number":
        _number(shown)
        return
    figure, said = _figure(shown)
    with st.container(border=True):
        st.markdown(f"**{metric_view.title_with_unit(shown.metric)}**")
        if figure is None:
            st.markdown(f":gray[{said or 'No picture of these rows; the table has them.'}]")
        else:
            st.plotly_chart(
                figure,
                key="picture",
                config=charts.config(shown.metric.name),
                alt=f"{shown.metric.title}: {said or shown.kind}",
            )
            st.caption(said or "\u00a0")


def rows(shown: Shown) -> None:
    """The rows as a table, and to take away."""
    answer, metric = shown.answer, shown.metric
    table = metric_view.table(metric, answer.table, shown.ask.by, shown.titles, one_video=shown.video is not None)
    columns = {column.name: column for column in shown.columns}
    total = table.num_rows
    cut = f" · the first {SHOWN_ROWS:,} of {total:,}; the files hold all" if total > SHOWN_ROWS else ""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{total:,} {'row' if total == 1 else 'rows'}**{cut}", width="content")
        with st.popover("SQL", type="tertiary", key="sql_of_rows"):
            st.code(answer.sql, "sql", height=320)
    st.dataframe(
        table.slice(0, SHOWN_ROWS),
        key="rows",
        hide_index=True,
        placeholder=wording.NONE,
        alt=f"Rows of {metric.title}",
        column_order=metric_view.column_order(metric, shown.columns, table.column_names),
        column_config={name: _column(name, columns.get(name), shown) for name in table.column_names},
    )
    page.downloads(answer.table, name=metric.name, every_format=True)


def how_it_is_counted(shown: Shown, question: Question) -> None:
    """Definition, source, parameters, and the same question on every other surface."""
    metric = shown.metric
    facts = [
        f"source: {metric.source}",
        f"version {metric.version}",
        f"without views: {'no value' if metric.empty == 'null' else metric.empty}",
        *([INTERVALS[metric.interval.kind]] if metric.interval is not None else []),
        *([f"answered by {shown.answer.answered_by}"] if shown.answer.answered_by else []),
    ]
    st.caption(" · ".join(sentences.plain(fact) for fact in facts))
    with st.expander("The same question elsewhere"):
        asked = elsewhere.pairs(question, shown.ask)
        st.code(elsewhere.request(metric.name, asked), "text", wrap_lines=True)
        st.code(elsewhere.command(metric.name, asked), "bash", wrap_lines=True)
        st.caption(f"What each column and parameter is: `GET /v1/metrics/{metric.name}/schema`")


def _number(shown: Shown) -> None:
    """The value with its interval and n, then what it is made of, then the lists inside it."""
    metric = shown.metric
    (row,) = shown.rows[:1]
    counted = next((column.meaning for column in shown.metric.columns if column.name == "n"), "views")
    if metric_view.is_shown(metric, row):
        value = metric_view.value_with_margin(metric.unit, row, metric.name)
        sure = metric_view.interval(metric.unit, row)
    else:
        value, sure = wording.NONE, f"fewer than {wording.MIN_VIEWS} views"
    with page.numbers(columns=4):
        with st.container(gap=None):
            st.metric(metric_view.title_with_unit(metric), value)
            st.caption(" · ".join(part for part in (sure, f"n {row['n']:,} {counted}") if part))
        for column in metric_view.parts(metric, shown.columns, row):
            page.number(
                metric_view.column_title(column.name), metric_view.value(column.unit, row.get(column.name)),
                note=sentences.plain(column.meaning),
            )  # fmt: skip
    for column, entries in metric_view.nested(shown.columns, row):
        figure = metric_charts.entries(entries)
        if figure is not None:
            with st.container(border=True):
                st.markdown(f"**{metric_view.column_title(column.name)}**")
                st.plotly_chart(
                    figure, key=f"list_{column.name}", config=charts.config(column.name), alt=column.meaning
                )
                st.caption(sentences.plain(column.meaning))


def _figure(shown: Shown) -> tuple[go.Figure | None, str]:
    """The chart and the words beneath it."""
    metric, ask, rows = shown.metric, shown.ask, shown.rows
    match shown.kind:
        case "periods":
            assert ask.grain is not None
            parted = metric_view.series(rows, ask.by, metric_charts.MAX_SERIES)
            labels = {key: metric_view.label_of(found[0], ask.by, shown.titles) for key, found in parted.items()}
            parts = len({metric_view.label_of(row, ask.by, shown.titles) for row in rows})
            said = [
                metric_view.left_out(
                    metric, [row for found in parted.values() for row in found], ask.grain if parts == 1 else "point"
                ),
                f"the {len(parted)} with most views of {parts}" if parts > len(parted) else "",
                f"times of {shown.timezone}" if ask.grain == "hour" else "",
                "the band is the 95\u202f% interval" if metric.interval is not None and len(parted) == 1 else "",
            ]
            return metric_charts.periods(metric, parted, labels, ask.grain), _joined(said)
        case "groups":
            leading = metric_view.leading(metric, rows, metric_charts.MAX_BARS)
            names = [metric_view.label_of(row, ask.by, shown.titles) for row in leading]
            noun = "video" if ask.by == "video" else "group"
            said = [
                f"the first {len(leading)} of {len(rows):,}"
                if len(leading) == metric_charts.MAX_BARS < len(rows)
                else "",
                metric_view.left_out(metric, rows, noun),
                "whiskers are 95\u202f% intervals" if metric.interval is not None else "",
            ]
            return metric_charts.groups(metric, leading, names), _joined(said)
        case "curve":
            return metric_charts.curve(metric, rows), _joined([_n_of(rows)])
        case "moments":
            return metric_charts.moments(metric, rows), _joined([_n_of(rows), f"times of {shown.timezone}"])
        case "stretches":
            length_s = shown.video.duration_s if shown.video else None
            return metric_charts.stretches(metric, rows, length_s), _joined([_n_of(rows)])
        case _:
            return None, ""


def _n_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many views a curve stands on, and a warning when they are few."""
    n = max((row.get("n") or 0 for row in rows), default=0)
    return f"n {n:,}" if n >= wording.MIN_VIEWS else f"{wording.too_few(n)} to speak of an audience"


def _joined(said: Sequence[str]) -> str:
    return " · ".join(part for part in said if part)


def _column(name: str, column: AnswerColumn | None, shown: Shown) -> Any:
    """How a column of the table is headed and written."""
    config = st.column_config
    if name == "period":
        return config.DatetimeColumn("Period", timezone=shown.timezone) if shown.ask.grain == "hour" else "Period"
    if column is None:
        return "Video" if name == "video_id" else filters.label(name)
    if (column.type or "").startswith("TIMESTAMP"):
        return config.DatetimeColumn(metric_view.column_title(name), timezone=shown.timezone, help=column.meaning)
    return _value_column(shown.metric.title if name == shown.metric.name else metric_view.column_title(name), column)


def _value_column(title: str, column: AnswerColumn) -> Any:
    """A column of values in their unit."""
    is_text = column.type in {"VARCHAR", "BOOLEAN"} or (column.type or "").endswith("]")
    if is_text:
        return st.column_config.Column(title, help=column.meaning)
    if column.unit == "ratio":
        return st.column_config.NumberColumn(title, format="percent", help=column.meaning)
    if column.unit in metric_view.SECONDS and column.type == "DOUBLE":
        return st.column_config.NumberColumn(f"{title} (s)", format="%.1f", help=column.meaning)
    return st.column_config.NumberColumn(title, format="%.2f" if column.type == "DOUBLE" else None, help=column.meaning)
