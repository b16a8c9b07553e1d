"""Serves the empty page with the very options and theme of the dashboard: `python -m benchmarks.pages.empty_server`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.server import THEME, server_options, theme_options
from viewbox import settings

PAGE = Path(__file__).with_name("empty_page.py")


def main() -> None:
    """Until SIGTERM, on `VIEWBOX_DASHBOARD_PORT`."""
    st.App(PAGE).run(config=server_options(settings.load()) | theme_options(THEME))


if __name__ == "__main__":
    main()
