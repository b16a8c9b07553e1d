"""What a page with a player needs next, named in its head: the browser fetches it beside the first script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import quote

PlayerPage = Literal["watch", "embed"]

HINTS_FILE = "hints.json"  # made by player/scripts/page-hints.ts


def head_links(dist: Path, page: PlayerPage, video_id: str) -> str:
    """Link elements for the page's scripts and styles, and for what the API says of the video.

    Styles are the page's own from here on: its scripts would only add them later, and wait for them.

    Empty without a build's hints: the page works without them, later.
    """
    try:
        hints = json.loads((dist / HINTS_FILE).read_text(encoding="utf-8"))[page]
        scripts, styles = list(map(str, hints["scripts"])), list(map(str, hints["styles"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    video = f"/v1/videos/{quote(video_id, safe=':')}"  # as the page's own request for it is written
    return "".join((
        *_links('rel="modulepreload" crossorigin', scripts),
        *_links('rel="stylesheet" crossorigin', styles),
        f'<link rel="preload" as="fetch" crossorigin href="{escape(video, quote=True)}">\n',
    ))  # fmt: skip


def _links(kind: str, files: Iterable[str]) -> Iterable[str]:
    return (f'<link {kind} href="/{escape(file, quote=True)}">\n' for file in files)
