"""The three messages that are pushed, each encoded once for all who listen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from ingest_api.live.figures import Figures
from viewbox.catalog import Rendition, Video
from viewbox.presentation import video_json

Kind = Literal["live", "progress", "master"]
ORDER: tuple[Kind, ...] = ("progress", "master", "live")  # what a page needs first
PROGRESS_FIELDS = ("status", "playable", "progress", "renditions")  # as GET /v1/videos/{id} has them
_encode = msgspec.json.Encoder().encode


class Live(msgspec.Struct, frozen=True, tag="live"):
    """Who watches now, and what is watched again: pushed every two seconds."""

    viewers_now: int
    views: int
    heat: Sequence[float]  # 100 numbers from 0 to 1


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far an import is; renditions as in GET /v1/videos/{id}."""

    status: str
    playable: bool
    progress: float
    renditions: list[dict[str, Any]]


class Master(msgspec.Struct, frozen=True, tag="master"):
    """A master playlist that lists more than the one before."""

    version: int
    url: str


def live(viewers_now: int, figures: Figures) -> str:
    return _encode(Live(viewers_now, figures.views, figures.heat)).decode()


def progress(video: Video, renditions: Iterable[Rendition]) -> str:
    shown = video_json(video, renditions)
    return _encode(Progress(**{name: shown[name] for name in PROGRESS_FIELDS})).decode()


def master(video: Video) -> str | None:
    """None while nothing is published."""
    url = video_json(video, [])["urls"]["hls"]
    if not video.playable or url is None:
        return None
    return _encode(Master(video.master_version, url)).decode()
