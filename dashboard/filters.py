"""The filters above every page. They live in the URL, so a link carries them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.question import CUSTOM, LAST_28, PERIODS, Question, period_bounds
from dashboard.sentences import plain

DIMENSIONS = {
    "device_type": "Device", "browser": "Browser", "os": "System", "country": "Country", "language": "Language",
    "referrer_domain": "Referrer", "source": "Source", "player_version": "Player version",
}  # fmt: skip
OPEN_DIMENSIONS = {"experiment.": "Experiment", "custom.": "Custom"}  # any key behind the dot
UNKNOWN = "(unknown)"  # what the empty value is called; views that have none
MAX_KEY = 256  # characters that a page may send
MAX_LINKED = 20  # open dimensions that a link may name


def show(
    options: Mapping[str, Sequence[str]],
    tags: Sequence[str],
    *,
    timezone: str,
    first: Callable[[], object] = lambda: None,
    of_one_video: bool = False,
) -> Question:
    """Draw the filters and return what they ask. `options`: the values that each dimension has in the data.

    `first` draws what belongs in the same row before them. A page about one video has no use for a tag.
    """
    day = today(timezone)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first()
        period = st.selectbox(
            "Period", PERIODS, index=PERIODS.index(LAST_28), key="period", bind="query-params", width=160
        )
        dates: tuple[date, ...] = ()
        if period == CUSTOM:
            month = (day - timedelta(days=27), day)
            dates = st.date_input("From – to", value=month, key="dates", bind="query-params", width=220)
        filters = dimension_box(options, "device_type", width=180)
        with st.popover(_more_label(), icon=":material/filter_list:"):
            tag = _tag(tags)
            for dimension in [*list(DIMENSIONS)[1:], *open_dimensions(options)]:
                filters += dimension_box(options, dimension)
        st.button("Clear", on_click=clear, type="tertiary", disabled=not _is_filtered())
    _say_what_is_hidden(None if of_one_video else tag, filters)
    since, until = period_bounds(period, dates, today=day, timezone=timezone)
    return Question(since=since, until=until, tag=tag, filters=filters)


def today(timezone: str) -> date:
    """The day that it is in a time zone."""
    return datetime.now(ZoneInfo(timezone)).date()


def clear() -> None:
    """Every filter back to where it began."""
    st.session_state["period"] = LAST_28
    st.session_state["tag"] = None
    for dimension in _active():
        st.session_state[dimension] = []


def narrow(chosen: Sequence[tuple[str, Sequence[str]]], day: date | None = None) -> None:
    """Filter by what a story is about: a cohort, a day, or both."""
    for dimension, values in chosen:
        st.session_state[dimension] = list(values)
    if day is not None:
        st.session_state["period"] = CUSTOM
        st.session_state["dates"] = (day, day)


def label(dimension: str) -> str:
    """What people call a dimension: `Browser`, `Experiment intro`."""
    for prefix, kind in OPEN_DIMENSIONS.items():
        if dimension.startswith(prefix):
            return f"{kind} {dimension.removeprefix(prefix)}"
    return DIMENSIONS[dimension]


def open_dimensions(options: Mapping[str, Sequence[str]], side: str = "") -> list[str]:
    """Experiments and custom dimensions: those that occur, and those that the URL names."""
    named = (name.removeprefix(side) for name in st.query_params if name.startswith(side))
    linked = [name for name in named if _is_open(name)][:MAX_LINKED]
    return list(dict.fromkeys([*filter(_is_open, options), *linked]))


def _is_open(name: str) -> bool:
    return any(name.startswith(prefix) and 0 < len(name) - len(prefix) <= MAX_KEY for prefix in OPEN_DIMENSIONS)


def dimension_box(
    options: Mapping[str, Sequence[str]], dimension: str, width: int | None = None, side: str = ""
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """One dimension's box. What a link asks for can be chosen too, else its filter would vanish unsaid.

    `side` stands before its name in the URL, where a page has two boxes of one dimension.
    """
    offered = [value or UNKNOWN for value in options.get(dimension, ())]
    name = label(dimension)
    chosen = st.multiselect(
        name,
        list(dict.fromkeys([*offered, *st.query_params.get_all(side + dimension)])),
        key=side + dimension,
        bind="query-params",
        placeholder=f"All {name.lower()}s" if dimension in DIMENSIONS and not name.endswith("y") else "All",
        width=width or "stretch",
    )
    return ((dimension, tuple("" if value == UNKNOWN else value for value in chosen)),) if chosen else ()


def _tag(tags: Sequence[str]) -> str | None:
    return st.selectbox("Tag", tags, index=None, key="tag", bind="query-params", placeholder="All videos")


def _active() -> list[str]:
    """Dimensions with a filter."""
    names = [str(name) for name, value in st.session_state.items() if value]
    return [name for name in names if name in DIMENSIONS or _is_open(name)]


def _hidden() -> list[str]:
    """Active filters that stand in the popover."""
    return [name for name in ("tag", *_active()) if name != "device_type" and st.session_state.get(name)]


def _more_label() -> str:
    active = len(_hidden())
    return f"More filters ({active})" if active else "More filters"


def _say_what_is_hidden(tag: str | None, filters: Sequence[tuple[str, Sequence[str]]]) -> None:
    """The filters behind the button, in words: a number must never be narrower than the page seems to say."""
    said = [f"Tag: {plain(tag)}"] if tag else []
    said += [
        f"{plain(label(dimension))}: {' or '.join(plain(value or UNKNOWN) for value in values)}"
        for dimension, values in filters
        if dimension != "device_type"
    ]
    if said:
        st.caption("Only views with " + " · ".join(said))


def _is_filtered() -> bool:
    state = st.session_state
    return state.get("period", LAST_28) != LAST_28 or bool(state.get("tag")) or bool(_active())
