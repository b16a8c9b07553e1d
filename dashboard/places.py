"""Places on a page that are filled later in its run, so that what is quick to find out is drawn first."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PLACES = "filled_places"  # that this session has seen filled


class Place:
    """A place that is filled further down the script, once what is quicker to find out is drawn.

    The first time in a session it holds its room meanwhile; later runs leave what stands there, so that nothing blinks.
    """

    def __init__(self, name: str, height: int | None = None) -> None:
        """`height` of what will stand there in px; None for a line of text."""
        self._name = name
        self._slot: DeltaGenerator | None = None
        if name in st.session_state.get(PLACES, ()):
            self._box = st.container()
            return
        self._slot = st.empty()
        if height is None:
            self._slot.caption("\u00a0")
        else:
            self._slot.skeleton(height=height)

    def open(self) -> DeltaGenerator:
        """The container to write to, once."""
        if self._slot is None:
            return self._box
        st.session_state[PLACES] = {*st.session_state.get(PLACES, ()), self._name}
        return self._slot.container()
