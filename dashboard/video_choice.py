"""Which video a page is about. The URL is the truth (`?video=ID`); the box only writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.queries import Listed
from viewbox import wording

PARAM = "video"
BOX = "video_choice"
ALL = ""


def chosen(listed: Sequence[Listed]) -> Listed | None:
    """The video that the URL names, else the first of the list, which is the most viewed; None without videos."""
    wanted = st.query_params.get(PARAM)
    found = next((video for video in listed if video.id == wanted), None)
    if found is None and wanted is not None and listed:
        st.warning(f"There is no video `{wanted[:64]}`: it was removed, or the link is incomplete.")
    return found or (listed[0] if listed else None)


def most_viewed(listed: Sequence[Listed], views: Mapping[str, int]) -> list[Listed]:
    """The list in the order in which people look for videos."""
    return sorted(listed, key=lambda video: -views.get(video.id, 0))


def box(listed: Sequence[Listed], current: Listed, views: Mapping[str, int]) -> None:
    """Draw the box in which another video can be chosen."""
    titles = {video.id: label(video, views.get(video.id, 0)) for video in listed}
    st.session_state[BOX] = current.id
    st.selectbox("Video", list(titles), key=BOX, format_func=titles.__getitem__, on_change=_remember, width=360)


def chosen_if_any(listed: Sequence[Listed]) -> Listed | None:
    """The video that the URL names; None, which is all of them, where it names none. An unknown one is said."""
    return chosen(listed) if st.query_params.get(PARAM) else None


def box_with_all(listed: Sequence[Listed], current: Listed | None, views: Mapping[str, int]) -> None:
    """Draw the box in which a video, or all of them, can be chosen."""
    titles = {ALL: "All videos", **{video.id: label(video, views.get(video.id, 0)) for video in listed}}
    st.session_state[BOX] = current.id if current else ALL
    st.selectbox("Video", list(titles), key=BOX, format_func=titles.__getitem__, on_change=_remember, width=360)


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
    if st.session_state[BOX] == ALL:
        st.query_params.pop(PARAM, None)
    else:
        st.query_params[PARAM] = st.session_state[BOX]
