"""Streamlit as an ASGI app behind our door, with every server option said here and none asked of the machine."""

from __future__ import annotations

import os
import threading
import tomllib
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from dashboard.door import Door
from dashboard.early_charts import EarlyCharts
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.logs import get as get_logger
from viewbox.settings import Settings

HERE = Path(__file__).parent
SCRIPT = HERE / "streamlit_app.py"
THEME = HERE / ".streamlit" / "config.toml"
NICENESS = 5  # the door's acknowledgements and the player's segments go first; encoders, at 10, give way to both
LOG = get_logger("dashboard")


def serve(settings: Settings) -> None:
    """Serve the dashboard until SIGTERM or Ctrl-C."""
    os.nice(NICENESS)
    threading.Thread(target=warm_up, args=(settings,), name="warm-up", daemon=True).start()
    app = st.App(SCRIPT, middleware=[Middleware(Door, settings=settings), Middleware(EarlyCharts)])
    app.run(config=server_options(settings) | theme_options(THEME))


def warm_up(settings: Settings) -> None:
    """Let the first visitor wait for nothing. Without a video there is nothing to wait for, and what the pages ask the
    lake with, 120 MB of it, is not even loaded.
    """
    try:
        if Catalog(open_database(settings.database)).count():
            from dashboard import queries  # noqa: PLC0415

            queries.warm_up()
    except Exception:  # whatever the cause, the first page that looks says it
        LOG.exception("lake_unreadable")


def server_options(settings: Settings) -> dict[str, Any]:
    """Streamlit's own options, dotted names; they beat any file in the working directory or the home."""
    return {
        "server.address": settings.host,
        "server.port": settings.dashboard_port,
        "server.headless": True,  # else it opens a browser and, on a fresh home, asks for an e-mail address
        "server.showEmailPrompt": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",  # installed code does not change; a watcher costs a thread per folder
        "server.runOnSave": False,
        "browser.gatherUsageStats": False,  # no page asks another host for anything
        "client.toolbarMode": "minimal",  # no deploy button, no links to other hosts
        "client.showErrorDetails": "none",  # a traceback shows host paths
        "client.showErrorLinks": False,  # links to search engines
    }


def theme_options(path: Path) -> dict[str, Any]:
    """`[theme.light] textColor = …` of the file as `{"theme.light.textColor": …}`."""
    with path.open("rb") as file:
        return _dotted(tomllib.load(file), "")


def _dotted(table: dict[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
