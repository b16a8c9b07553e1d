"""The two rows of boxes above a comparison. They live in the URL as `a.video`, `a.period`, `b.browser` and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from dashboard import filters, video_choice
from dashboard.queries import Listed
from dashboard.question import ALL_TIME, CUSTOM, LAST_28, PERIOD_DAYS, PERIODS, Question, midnight, period_bounds
from dashboard.sentences import plain

SIDES = ("a", "b")
BEFORE = {f"The {days} days before": days for days in PERIOD_DAYS.values()}  # the same number of days, one length back
CHOICES = (*PERIODS[:-1], *BEFORE, CUSTOM)
FIRST = {"a": "The 7 days before", "b": "Last 7 days"}
ALL = ""  # any video, any revision
BOX = "box_of_"
MOST_PAIRS = 20  # of variants on offer
MOST_DAYS = 28  # on either side of a cut's date


@dataclass(frozen=True, slots=True)
class Stock:
    """What the boxes offer."""

    listed: Sequence[Listed]  # the most viewed first
    views: Mapping[str, int]
    options: Mapping[str, Sequence[str]]
    timezone: str

    def find(self, video_id: str | None) -> Listed | None:
        """The video of that id, if it is listed."""
        return next((one for one in self.listed if one.id == video_id), None)

    def revision(self, video_id: str | None) -> int:
        """A video's newest revision; 1 where there is no such video."""
        found = self.find(video_id)
        return found.revision if found else 1


def row(side: str, stock: Stock) -> Question:
    """Draw one cohort's boxes and return what it is."""
    day = filters.today(stock.timezone)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"cohort_{side}"):
        st.markdown(f"**{side.upper()}**", width=24)
        video_id = _video(side, stock)
        chosen = _revision(side, stock.revision(video_id)) if video_id != ALL else ALL
        period = st.selectbox(
            "Period", CHOICES, index=CHOICES.index(FIRST[side]), key=f"{side}.period", bind="query-params", width=180
        )
        dates: tuple[date, ...] = ()
        if period == CUSTOM:
            month = (day - timedelta(days=MOST_DAYS - 1), day)
            dates = st.date_input("From – to", value=month, key=f"{side}.dates", bind="query-params", width=220)
        found = filters.dimension_box(stock.options, "device_type", width=170, side=f"{side}.")
        with st.popover(_more(side), icon=":material/filter_list:", key=f"more_{side}"):
            for dimension in [
                *list(filters.DIMENSIONS)[1:], *filters.open_dimensions(stock.options, f"{side}.")
            ]:  # fmt: skip
                found += filters.dimension_box(stock.options, dimension, side=f"{side}.")
    if chosen != ALL:
        found += (("revision", (chosen,)),)
    since, until = bounds(period, dates, today=day, timezone=stock.timezone)
    return Question(video_id=video_id or None, since=since, until=until, filters=found)


def bounds(
    period: str, dates: tuple[date, ...], *, today: date, timezone: str
) -> tuple[datetime | None, datetime | None]:
    """As `question.period_bounds`, and the days before: [today − 2 n + 1, today − n + 1) for the n days before."""
    if period in BEFORE:
        days = BEFORE[period]
        first = today - timedelta(days=2 * days - 1)
        return midnight(first, timezone), midnight(first + timedelta(days=days), timezone)
    return period_bounds(period, dates, today=today, timezone=timezone)


def presets(a: Question, stock: Stock) -> None:
    """Comparisons that people make again and again, one click each."""
    revision = stock.revision(a.video_id)
    lone = a.video_id is None or revision < 2
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "Before and after the cut", icon=":material/content_cut:", disabled=lone, on_click=compare_revisions,
            args=(a.video_id, revision),
            help="The video's last two revisions, all time"
            if not lone
            else "Choose a video in A whose file was replaced: it has two revisions then",
        )  # fmt: skip
        with st.popover("Before and after a date", icon=":material/event:"):
            day = st.date_input("First day after the change", value="today", key="cut_on")
            st.button("Compare", type="primary", on_click=compare_around, args=(day, filters.today(stock.timezone)))
        _variants(stock.options)
        st.button("Swap", icon=":material/swap_vert:", on_click=swap, type="tertiary")


def _variants(options: Mapping[str, Sequence[str]]) -> None:
    """A click for each pair of an experiment's variants, beside the first of its name."""
    found = {name: sorted(filter(None, values)) for name, values in options.items() if name.startswith("experiment.")}
    pairs = [(name, values[0], other) for name, values in found.items() for other in values[1:]][:MOST_PAIRS]
    if not pairs:
        return
    with st.popover("Variants", icon=":material/science:"):
        for name, one, other in pairs:
            st.button(
                f"{plain(filters.label(name))}: {plain(one)} against {plain(other)}", key=f"pair_{name}_{other}",
                type="tertiary", on_click=compare_variants, args=(name, one, other),
            )  # fmt: skip


def compare_variants(name: str, one: str, other: str) -> None:
    """Two variants of an experiment over the same weeks; what is chosen else stays."""
    for side, value in zip(SIDES, (one, other), strict=True):
        st.session_state[f"{side}.{name}"] = [value]
        st.session_state[f"{side}.period"] = LAST_28


def compare_revisions(video_id: str, revision: int) -> None:
    """The revision before the newest against the newest, all time."""
    for side, one in zip(SIDES, (revision - 1, revision), strict=True):
        st.query_params[f"{side}.video"] = video_id
        st.query_params[f"{side}.revision"] = str(one)
        st.session_state[f"{side}.period"] = ALL_TIME


def compare_around(day: date, today: date) -> None:
    """As many days before the date as from it on, four weeks at most."""
    last = max(day, min(today, day + timedelta(days=MOST_DAYS - 1)))
    length = last - day + timedelta(days=1)
    for side, first, end in (("a", day - length, day - timedelta(days=1)), ("b", day, last)):
        st.session_state[f"{side}.period"] = CUSTOM
        st.session_state[f"{side}.dates"] = (first, end)


def swap() -> None:
    """What A was becomes B, and the other way round."""
    state = {str(key): value for key, value in st.session_state.items()}
    names = {key[2:] for key in state if key[:2] in {"a.", "b."}}
    for name in names:
        kept = [state.get(f"{side}.{name}", FIRST[side] if name == "period" else None) for side in SIDES]
        for side, value in zip(SIDES, reversed(kept), strict=True):
            if value is not None:
                st.session_state[f"{side}.{name}"] = value
    for name in ("video", "revision"):
        kept = [st.query_params.get(f"{side}.{name}") for side in SIDES]
        for side, value in zip(SIDES, reversed(kept), strict=True):
            _write(f"{side}.{name}", value)


def words(question: Question, titles: Mapping[str, str], today: date) -> str:
    """What a cohort is, for people: `Holiday, revision 2, 1 Nov – 7 Nov, Firefox`."""
    said = [titles.get(question.video_id, question.video_id) if question.video_id else "All videos"]
    said += [f"revision {values[0]}" for name, values in question.filters if name == "revision"]
    first, last = question.days(today=today)
    said.append(f"{first.day} {first:%b} – {last.day} {last:%b}" if first else "all time")
    said += [
        ("" if name in filters.DIMENSIONS else f"{filters.label(name).lower()} ")
        + " or ".join(value or filters.UNKNOWN for value in values)
        for name, values in question.filters
        if name != "revision"
    ]
    return ", ".join(said)


def _video(side: str, stock: Stock) -> str:
    titles = {one.id: video_choice.label(one, stock.views.get(one.id, 0)) for one in stock.listed}
    linked = st.query_params.get(f"{side}.video", st.query_params.get(video_choice.PARAM))
    if linked is None:
        linked = stock.listed[0].id
    elif linked != ALL and linked not in titles:
        st.warning(f"There is no video `{linked[:64]}`: it was removed, or the link is incomplete.")
        linked = stock.listed[0].id
    return _linked(
        "Video", [ALL, *titles], f"{side}.video", linked, lambda one: titles.get(one, "All videos"), width=300
    )


def _revision(side: str, newest: int) -> str:
    """Nothing to choose while there is only one."""
    if newest < 2:
        return ALL
    options = [ALL, *(str(one) for one in range(newest, 0, -1))]
    linked = st.query_params.get(f"{side}.revision", ALL)
    return _linked(
        "Revision", options, f"{side}.revision", linked if linked in options else ALL,
        lambda one: f"Revision {one}" if one else "All", width=130,
    )  # fmt: skip


def _linked(
    title: str, options: Sequence[str], name: str, current: str, format_func: Callable[[str], str], *, width: int
) -> str:
    """A box that shows what the URL says and writes what is chosen there."""
    st.session_state[BOX + name] = current
    st.selectbox(
        title, list(options), key=BOX + name, format_func=format_func, width=width, on_change=_remember, args=(name,)
    )
    return current


def _remember(name: str) -> None:
    value = st.session_state[BOX + name]
    _write(name, value if name.endswith(".video") else value or None)
    if name.endswith(".video"):
        _write(f"{name[0]}.revision", None)


def _write(name: str, value: str | None) -> None:
    if value is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def _more(side: str) -> str:
    state = st.session_state
    active = [name for name in state if str(name).startswith(f"{side}.") and isinstance(state[name], list)]
    count = sum(bool(state[name]) for name in active if not str(name).endswith((".device_type", ".dates")))
    return f"More ({count})" if count else "More"
