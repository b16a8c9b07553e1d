"""A video as JSON: the one shape that HTTP, command line and dashboard show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from viewbox.catalog import Rendition, Video
from viewbox.clock import iso_ms

ASSETS = ("hls", "poster", "storyboard", "chapters", "captions", "preview")


def media_url(path: str, site_url: str = "") -> str:
    """Where an asset (a path below the media root) is served."""
    return f"{site_url}/media/{path}"


def video_json(video: Video, renditions: Iterable[Rendition], site_url: str = "") -> dict[str, Any]:
    """The contract's video object. URLs start with `site_url`; the empty one leaves paths on the same host.

    `renditions` may span revisions: those of the newest one are shown, tallest first.
    """
    known = list(renditions)
    newest = max((rendition.revision for rendition in known), default=video.revision)
    urls: dict[str, str | None] = {
        name: media_url(video.assets[name], site_url) if name in video.assets else None for name in ASSETS
    }
    urls["embed"] = f"{site_url}/embed/{video.id}"
    error = None
    if video.error_code is not None:
        error = {
            "code": video.error_code,
            "hint": video.error_hint or "",
            "retryable": bool(video.error_retryable),
        }
    return {
        "id": video.id,
        "external_id": video.external_id,
        "title": video.title,
        "tags": video.tags,
        "metadata": video.metadata,
        "status": video.status,
        "playable": video.playable,
        "duration_s": video.duration_s,
        "revision": video.revision,
        "created_at": iso_ms(video.created_at_ms),
        "progress": video.progress,
        "renditions": [rendition_json(rendition) for rendition in known if rendition.revision == newest],
        "urls": urls,
        "error": error,
    }


def rendition_json(rendition: Rendition) -> dict[str, Any]:
    """One rung as the contract shows it. `speed` is media seconds per wall second."""
    return {
        "height": rendition.height,
        "bitrate_bps": rendition.bitrate_bps,
        "codec": rendition.codec,
        "progress": rendition.progress,
        "speed": rendition.speed,
        "eta_s": rendition.eta_s,
    }
