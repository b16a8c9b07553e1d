"""The filters above every page. They live in the URL, so a link carries them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.question import CUSTOM, LAST_28, PERIODS, Question, period_bounds

DIMENSIONS = {
    "device_type": "Device", "browser": "Browser", "os": "System", "country": "Country", "language": "Language",
    "referrer_domain": "Referrer", "source": "Source", "player_version": "Player version",
}  # fmt: skip
UNKNOWN = "(unknown)"  # what the empty value is called; views that have none


def show(
    options: Mapping[str, Sequence[str]],
    tags: Sequence[str],
    *,
    timezone: str,
    first: Callable[[], object] = lambda: None,
) -> Question:
    """Draw the filters and return what they ask. `options`: the values that each dimension has in the data.

    `first` draws what belongs in the same row before them.
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
        filters = _dimension(options, "device_type", width=180)
        more = st.popover(_more_label(), icon=":material/filter_list:")
        with more:
            tag = _tag(tags)
            for dimension in list(DIMENSIONS)[1:]:
                filters += _dimension(options, dimension)
        st.button("Clear", on_click=clear, type="tertiary", disabled=not _is_filtered())
    since, until = period_bounds(period, dates, today=day, timezone=timezone)
    return Question(since=since, until=until, tag=tag, filters=filters)


def today(timezone: str) -> date:
    """The day that it is in a time zone."""
    return datetime.now(ZoneInfo(timezone)).date()


def clear() -> None:
    """Every filter back to where it began."""
    st.session_state["period"] = LAST_28
    st.session_state["tag"] = None
    for dimension in DIMENSIONS:
        st.session_state[dimension] = []


def _dimension(
    options: Mapping[str, Sequence[str]], dimension: str, width: int | None = None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    label = DIMENSIONS[dimension]
    chosen = st.multiselect(
        label,
        [value or UNKNOWN for value in options.get(dimension, ())],
        key=dimension,
        bind="query-params",
        placeholder=f"All {label.lower()}s" if not label.endswith("y") else "All",
        width=width or "stretch",
    )
    return ((dimension, tuple("" if value == UNKNOWN else value for value in chosen)),) if chosen else ()


def _tag(tags: Sequence[str]) -> str | None:
    return st.selectbox("Tag", tags, index=None, key="tag", bind="query-params", placeholder="All videos")


def _more_label() -> str:
    state = st.session_state
    active = sum(bool(state.get(name)) for name in ("tag", *list(DIMENSIONS)[1:]))
    return f"More filters ({active})" if active else "More filters"


def _is_filtered() -> bool:
    state = st.session_state
    return state.get("period", LAST_28) != LAST_28 or any(bool(state.get(name)) for name in ("tag", *DIMENSIONS))
