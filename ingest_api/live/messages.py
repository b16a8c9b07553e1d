"""The three messages that are pushed, each encoded once for all who listen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from ingest_api.live.figures import Figures
from viewbox.catalog import Rendition, Video
from viewbox.presentation import video_json

Kind = Literal["live", "progress", "master"]
ORDER: tuple[Kind, ...] = ("progress", "master", "live")  # what a page needs first
PROGRESS_FIELDS = ("status", "playable", "progress", "renditions")  # as GET /v1/videos/{id} has them
_encode = msgspec.json.Encoder().encode


def live(viewers_now: int, figures: Figures) -> str:
    return _text({"type": "live", "viewers_now": viewers_now, "views": figures.views, "heat": figures.heat})


def progress(video: Video, renditions: Iterable[Rendition]) -> str:
    shown = video_json(video, renditions)
    return _text(
        {"type": "progress", **{name: shown[name] for name in ("status", "playable", "progress", "renditions")}}
    )


def master(video: Video) -> str | None:
    """None while nothing is published."""
    url = video_json(video, [])["urls"]["hls"]
    if not video.playable or url is None:
        return None
    return _text({"type": "master", "version": video.master_version, "url": url})


def _text(message: dict[str, Any]) -> str:
    return _encode(message).decode()
