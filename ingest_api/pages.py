"""The few pages that the server writes itself: sign-in, API docs, and what to do when the player is not built."""

from __future__ import annotations

from html import escape
from importlib import resources

_TEMPLATE = resources.files("ingest_api").joinpath("templates/page.html").read_text(encoding="utf-8")
STYLE = resources.files("ingest_api").joinpath("templates/page.css").read_text(encoding="utf-8")


def page(title: str, body: str) -> str:
    """A whole page around `body`, which is HTML already. Asks for nothing beside itself."""
    return _TEMPLATE.replace("{{style}}", STYLE).replace("{{title}}", escape(title)).replace("{{body}}", body)
