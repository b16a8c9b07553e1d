"""Who watches right now: a number that changes in place every two seconds, while the page around it stands still."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import page, queries, sentences
from viewbox import wording
from viewbox.errors import ViewBoxError

EVERY_S = 2
RULE = (
    "**Watching now**: open views that sent a played stretch or a heartbeat in the last 15 seconds, of all videos,"
    " whatever the filters say."
)


@st.fragment(run_every=EVERY_S)
def watching(titles: Mapping[str, str]) -> None:
    """The number of viewers, and beneath it the video that most of them watch. `titles`: video id -> title."""
    try:
        viewers = queries.viewers_now()
    except ViewBoxError:
        page.number("Watching now", wording.NONE, sure=RULE, note="the site does not answer")
        return
    page.number("Watching now", wording.count(sum(viewers.values())), sure=RULE, note=most_watched(viewers, titles))


def most_watched(viewers: Mapping[str, int], titles: Mapping[str, str]) -> str:
    """`“Tour”: 3, and 2 more videos`; nobody: nothing."""
    leader = next(iter(viewers), None)
    if leader is None:
        return "nobody just now"
    more = len(viewers) - 1
    said = f"“{sentences.plain(titles.get(leader, leader))}”"
    if not more:
        return said
    return f"{said}: {viewers[leader]}, and {wording.number_of(more, 'more video')}"
