"""The one bidirectional component: player and audience curves on one time axis.

Its code is the bundle `panel.js` of the player package, loaded from the API's origin; the loader below mounts it
once per place on the page and hands it new data in place, so that a video goes on playing while numbers change.
Clicks, brushes and the moving cursor stay in the browser; Python hears of a selection only.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

import streamlit as st


class Selection(NamedTuple):
    """A brushed stretch of the video, half-open."""

    from_s: float
    to_s: float


_panel = st.components.v2.component(
    "viewbox_player_panel",
    html='<div id="panel"></div>',
    js=(files(__name__) / "loader.js").read_text(encoding="utf-8"),
)


def show(data: Mapping[str, Any], *, site_url: str, key: str) -> Selection | None:
    """Draw the panel for `data` (see dashboard.strips.panel_data) and return what is selected.

    `key` names the place and the video: another key is another player. The selection of an earlier run is kept.
    """
    state = _panel(data={**data, "site_url": site_url}, key=key, on_selection_change=lambda: None)
    return parse_selection(state.selection)


def parse_selection(value: object) -> Selection | None:
    """What the browser sent, if it is a stretch: a client may send anything."""
    if not isinstance(value, Mapping):
        return None
    start, end = value.get("from_s"), value.get("to_s")
    if not (isinstance(start, int | float) and isinstance(end, int | float)) or not 0 <= start < end:
        return None
    return Selection(float(start), float(end))
