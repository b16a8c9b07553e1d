"""Which video a page is about. The URL is the truth (`?video=ID`); the box only writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import wording
from dashboard.queries import Listed

PARAM = "video"
BOX = "video_choice"


def show(listed: Sequence[Listed], views: Mapping[str, int]) -> str | None:
    """Draw the box, most viewed first, and return the chosen id; None when there is no video at all."""
    if not listed:
        return None
    ordered = sorted(listed, key=lambda video: -views.get(video.id, 0))
    titles = {video.id: label(video, views.get(video.id, 0)) for video in ordered}
    wanted = st.query_params.get(PARAM)
    if wanted in titles:
        st.session_state[BOX] = wanted
    elif wanted is not None:
        st.warning(f"There is no video `{wanted[:64]}`: it was removed, or the link is incomplete.")
    chosen: str = st.selectbox("Video", list(titles), key=BOX, format_func=titles.__getitem__, on_change=_remember)
    return chosen


def label(video: Listed, views: int) -> str:
    """`Title · 12:04 · 1,204 views`, with its state unless it is ready."""
    parts = [video.title]
    if video.duration_s:
        parts.append(wording.clock(video.duration_s))
    if video.status != "ready":
        parts.append(video.status)
    parts.append(wording.number_of(views, "view"))
    return " · ".join(parts)


def _remember() -> None:
    st.query_params[PARAM] = st.session_state[BOX]
