"""What pages have in common: a header that keeps them fresh, numbers, charts with their SQL, banners, empty states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from dashboard import charts, filters, metric_view, queries, sentences
from dashboard.queries import Answer, Moment
from dashboard.question import Question
from dashboard.trust import MARKS, Trust, trust
from viewbox import export, wording
from viewbox.errors import ViewBoxError
from viewbox.logs import get as get_logger
from viewbox.metrics import Metric
from viewbox.stories import Finding

REFRESH_S = 2  # how often an open page looks whether the data moved on; it re-runs only when they did
SKELETON_PX = 480
SQL_PAGE = "app_pages/sql.py"
NUMBER_PX = 150  # a cell narrower than this breaks `100 % ± 12`; two of them fit beside each other on a phone
LOADED = "loaded_place"  # the place whose answers this session has seen
SAMPLE_COMMAND = "viewbox sample remove"
FILES: dict[str, export.Format] = {"CSV": "csv", "JSON": "json", "Parquet": "parquet", "Arrow": "arrow"}
COMMON_FILES = frozenset({"csv", "parquet"})  # what a chart's popover has room for
MARKDOWN = re.compile(r"[\\`*_{}\[\]<>$~#|:]")  # what a message of DuckDB's does not mean as formatting
LOG = get_logger("dashboard")


def look() -> Moment:
    """What the data are as of. Where they cannot be read the page says so and ends."""
    try:
        return queries.moment()
    except Exception:  # whatever the cause, the page must say it and stay alive
        LOG.exception("lake_unreadable")
        st.error(
            "Catalog or lake cannot be opened. `viewbox doctor` says why; reload this page to try again.",
            title="The data cannot be read",
        )
        st.stop()


def header(title: str, now: Moment) -> None:
    """The page's title and, beside it, how fresh it is. The page runs again whenever the data change."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title(title, anchor=False, width="stretch")
        with st.container(width="content"):
            _follow(now.stamp)


@st.fragment(run_every=REFRESH_S)
def _follow(stamp: queries.Stamp) -> None:
    """Watches lake and catalog; numbers change in place because only a change re-runs the page."""
    try:
        now = queries.moment()
    except Exception:
        LOG.exception("lake_unreadable")
        st.caption("the data cannot be read just now")
        return
    if now.stamp != stamp:
        st.rerun()
    age_s = max(float(REFRESH_S), datetime.now(UTC).timestamp() - now.as_of_ms / 1000)
    st.caption(f"as of {wording.ago(age_s)}", width="content")


@contextmanager
def loading(place: str) -> Iterator[None]:
    """A skeleton while a place is filled for the first time in a session; later runs leave what stands there."""
    if st.session_state.get(LOADED) == place:
        yield
        return
    with st.skeleton(height=SKELETON_PX):
        yield
    st.session_state[LOADED] = place


def ask_filters(now: Moment, first: Callable[[], object] = lambda: None, *, of_one_video: bool = False) -> Question:
    """The filters, drawn with the values that the data have; `first` draws what stands before them."""
    tags = sorted({tag for video in queries.listing(now.stamp) for tag in video.tags})
    timezone = queries.current_settings().timezone
    options = queries.filter_options(now.stamp)
    return filters.show(options, tags, timezone=timezone, first=first, of_one_video=of_one_video)


def explain_emptiness(now: Moment, *, video_id: str | None = None, playable: bool = True, seen: str = "") -> NoReturn:
    """Ends the page: says why there is nothing to show, and what to do next. `seen`: what there is that is no view."""
    site = queries.current_settings().site_url
    views = queries.views_by_video(now.stamp)
    with st.container(border=True):
        if not queries.listing(now.stamp):
            st.subheader("No video yet", anchor=False)
            st.write("Open the site and paste the URL of a video. How it is watched appears here seconds later.")
            st.link_button("Open the site", site, type="primary")
        elif not (views.get(video_id) if video_id is not None else sum(views.values())):
            st.subheader("No valid view yet" if seen else "No views yet", anchor=False)
            if seen:
                st.write(f"Seen so far: {seen}. A view counts once it has played for a second.")
                st.stop()
            if not playable:
                st.write("It cannot be played here, so nobody has watched it.")
                st.stop()
            st.write("Nobody has watched it so far. Play it on the site: the first view appears here seconds later.")
            st.link_button("Open the site", f"{site}/watch/{video_id}" if video_id else site, type="primary")
        else:
            st.subheader("No views match", anchor=False)
            but = f" Seen of them: {seen}." if seen else ""
            st.write(f"There are views, but none in this period with these filters.{but}")
            st.button("Clear filters", on_click=filters.clear, type="primary")
    st.stop()


def stories(found: Sequence[Finding], facts: Sequence[str | None] = (), *, with_buttons: bool = True) -> None:
    """What happened, in words: plain facts, then what stands out, how sure that is, and a way to look at it alone."""
    known = [fact for fact in facts if fact]
    if known:
        st.markdown(f"**{' '.join(known)}**")
    with st.container(gap="xsmall"):
        for number, one in enumerate(found):
            _story(number, one, with_button=with_buttons)


def _story(number: int, one: Finding, *, with_button: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"story_{number}"):
        st.markdown(f"**{one.sentence}** :gray[{one.sure}]", width="content")
        if with_button and (one.filters or one.day is not None):
            st.button(
                "Show", type="tertiary", key=f"show_story_{number}", icon=":material/filter_alt:",
                on_click=filters.narrow, args=(one.filters, one.day), help="Only the views that this is about",
            )  # fmt: skip


def synthetic_banner(quality: Mapping[str, Any]) -> None:
    """Says that the numbers are made up, when some are."""
    synthetic = quality.get("synthetic") or 0
    if synthetic:
        st.info(
            f"Made up: {wording.number_of(synthetic, 'synthetic view')} in these numbers."
            f" `{SAMPLE_COMMAND}` removes the sample and its views.",
            icon=":material/science:",
        )


def trust_of(quality: Mapping[str, Any], now: Moment) -> Trust:
    """What every chart of a page says of its data."""
    return trust(quality, now.as_of_ms, queries.current_settings().timezone)


def quality_line(quality: Mapping[str, Any]) -> None:
    """How far the numbers can be trusted."""
    verdict, details = sentences.quality(quality)
    views = quality.get("n_views") or 0
    st.caption(f"n {wording.count(views)} · data quality {MARKS[verdict]} {verdict} · {details}")


def numbers(columns: int) -> GridContainer:
    """Where a page's numbers stand: rows of equal cells, two side by side on a phone."""
    return st.grid(columns, min_column_width=NUMBER_PX, gap="small")


def number(label: str, value: str, *, of: str = "", note: str = "", sure: str = "") -> None:
    """One number with what it is made of beneath; how sure it is and how `of`, a metric, counts: at the pointer."""
    with st.container(gap=None):
        st.metric(label, value, help="\n\n".join(filter(None, (sure, rule_of(of) if of else ""))) or None)
        st.caption(note or "\u00a0")


def rate(label: str, value: str, row: Mapping[str, Any], *, of: str = "", note: str = "") -> None:
    """A rate of a metric's row, which says how few views there are where it would mislead."""
    views = row.get("n") or 0
    if views >= wording.MIN_VIEWS:
        number(label, value, of=of, note=note, sure=_sure("ratio", row))
    else:
        number(label, wording.NONE, of=of, note=wording.too_few(views))


def mean(label: str, value: str, row: Mapping[str, Any], unit: str, *, of: str = "", note: str = "") -> None:
    """A mean or quantile of a metric's row: true of one view as well, but then it says that it is of few."""
    views = row.get("n") or 0
    if 0 < views < wording.MIN_VIEWS:
        note = f"{note} · {wording.number_of(views, 'view')} only".removeprefix(" · ")
    number(label, value, of=of, note=note, sure=_sure(unit, row))


def _sure(unit: str, row: Mapping[str, Any]) -> str:
    """`n 1,204 · 95 % interval 34 %–42 %`."""
    said = [f"n {row.get('n') or 0:,}", metric_view.interval(unit, row)]
    return " · ".join(part for part in said if part)


def metric_number(metric: Metric, row: Mapping[str, Any], *, label: str, note: str = "") -> None:
    """Any metric's row as a number in its unit, with its interval; too few views show none."""
    if metric_view.is_shown(metric, row):
        value = metric_view.value_with_margin(metric.unit, row, metric.name)
        number(label, value, of=metric.name, note=note, sure=_sure(metric.unit, row))
    else:
        number(label, wording.NONE, of=metric.name, note=wording.too_few(row.get("n") or 0))


def link_params() -> dict[str, str | list[str]]:
    """The page's URL parameters, repeated ones included, for the way to another page."""
    found = {name: st.query_params.get_all(name) for name in st.query_params}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def way_to(name: str, label: str, icon: str, **params: str) -> None:
    """A link to another page that takes the filters along."""
    st.page_link(f"app_pages/{name}.py", label=label, icon=icon, query_params={**link_params(), **params})


def viewers(row: Mapping[str, Any], views: int) -> None:
    """The number of viewers, from a row of unique_viewers."""
    people = row.get("unique_viewers") or 0
    each = "1 view each" if views == people else f"{wording.decimal(views / people)} views each" if people else ""
    number("Viewers", wording.count(people), of="unique_viewers", note=each)


def chart(
    title: str, figure: go.Figure | None, answer: Answer, *, key: str, alt: str, n: str, trust: Trust, rule: str = ""
) -> None:
    """A chart under its title, with n, its trust, its SQL and its rows to take away; without a figure there was none.

    The counting rule is that of the answer's metric unless another one is told.
    """
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{title}**", width="content", help=rule or rule_of(answer.name))
            source(answer, key=key)
        if figure is None:
            st.markdown(":gray[None.]")
        else:
            st.plotly_chart(figure, key=f"chart_{key}", config=charts.config(key), alt=alt)
        st.caption(f"{n} · {trust.mark}", help=trust.help)


def rule_of(*names: str) -> str:
    """How metrics count, for where the pointer rests."""
    return "\n\n".join(
        f"**{sentences.plain(metric.title)}**: {sentences.plain(metric.rule)}" for metric in map(queries.find, names)
    )


def source(answer: Answer, *, key: str, label: str = "SQL") -> None:
    """The SQL behind a number or chart, to run and change, and its rows as CSV and Parquet."""
    with st.popover(label, type="tertiary", key=f"sql_{key}"):
        st.code(answer.sql, "sql", height=240)
        with st.container(horizontal=True):
            open_sql(answer.sql)
            downloads(answer.table, name=key)
        st.caption("PNG: the camera on the chart.")


def open_sql(sql: str) -> None:
    """A link to the SQL page with a statement in its box."""
    st.page_link(SQL_PAGE, label="Open in SQL", icon=":material/database:", query_params={"sql": sql})


def downloads(table: pa.Table, *, name: str, every_format: bool = False) -> None:
    """Buttons that make the file when they are pressed."""
    with st.container(horizontal=True):
        for label, extension in FILES.items():
            if every_format or extension in COMMON_FILES:
                st.download_button(
                    label, _maker(table, extension), file_name=f"{name}.{extension}", key=f"{name}_{extension}",
                    on_click="ignore", icon=":material/download:",
                )  # fmt: skip


def _maker(table: pa.Table, extension: export.Format) -> Callable[[], bytes]:
    return lambda: queries.to_bytes(table, extension)


def say(error: ViewBoxError) -> None:
    """A foreseen error, in its own words."""
    st.error("\n\n".join(wording.sentence(text) for text in (error.message, error.hint) if text))


def described(columns: pa.Table) -> list[dict[str, str]]:
    """Columns of a table for a narrow place: name over type and unit, and beside them what it says."""
    return [
        {
            "column": f"**{_literal(row['name'])}**  \n:gray[{_literal(_kind(row))}]",
            "meaning": _literal(row["meaning"]),
        }
        for row in columns.to_pylist()
    ]


def _kind(column: Mapping[str, str]) -> str:
    return f"{column['type']} · {column['unit']}" if column["unit"] else column["type"]


def _literal(words: str) -> str:
    """Text as Markdown shows it unchanged."""
    return MARKDOWN.sub(r"\\\g<0>", words)


def say_of_statement(error: ViewBoxError) -> None:
    """An error that quotes a person's SQL: to the letter, and where it says the place, with the caret under it."""
    words, _, place = error.message.partition("\n\nLINE ")
    said = _literal(wording.sentence(words)).replace("\n", "  \n")
    shown = f"\n\n```text\nLINE {place}\n```" if place else ""
    st.error(f"{said}{shown}\n\n{wording.sentence(error.hint)}")
