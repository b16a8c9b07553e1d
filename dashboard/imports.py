"""Words of the Library: how far an import is, what a card says, tags as people type them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viewbox import wording

BUSY = frozenset({"queued", "fetching", "probing", "encoding"})
STATES = {
    "queued": "Waiting for a worker", "fetching": "Fetching the file", "probing": "Looking at the file",
    "encoding": "Encoding", "ready": "Ready", "failed": "Failed", "external": "Hosted elsewhere",
}  # fmt: skip


def state(video: Mapping[str, Any]) -> str:
    """`Encoding · 42 % · 480p plays already`."""
    said = [STATES.get(video["status"], str(video["status"]))]
    if video["status"] in BUSY and video["progress"]:
        said.append(wording.percent(video["progress"]))
    playing = [one for one in video["renditions"] if one["progress"] >= 1]
    if video["status"] == "encoding" and video["playable"] and playing:
        said.append(f"{max(one['height'] for one in playing)}p plays already")
    return " · ".join(said)


def rendition(one: Mapping[str, Any]) -> str:
    """`1080p · 42 % · 1.8× · 0:40 left`, `480p · ready`."""
    if one["progress"] >= 1:
        return f"{one['height']}p · ready"
    said = [f"{one['height']}p", wording.percent(one["progress"])]
    if one["speed"]:
        said.append(wording.speed(one["speed"]))
    if one["eta_s"] is not None:
        said.append(f"{wording.clock(one['eta_s'])} left")
    return " · ".join(said)


def facts(video: Mapping[str, Any], views: int) -> str:
    """`12:04 · 1,204 views · revision 2`."""
    said = [wording.clock(video["duration_s"])] if video["duration_s"] else []
    said.append(wording.number_of(views, "view"))
    if video["revision"] > 1:
        said.append(f"revision {video['revision']}")
    return " · ".join(said)


def tags(text: str) -> list[str]:
    """Tags parted by commas, each once, in the order in which they were written."""
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
