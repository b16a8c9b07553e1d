"""The catalog's tables, and their rows as values.

All times are epoch milliseconds. Asset paths are relative to the media root.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

Status = Literal["queued", "fetching", "probing", "encoding", "ready", "failed", "external"]
SourceKind = Literal["url", "upload", "sample", "external"]

_VIDEO_COLUMNS = (
    "id", "external_id", "title", "tags", "metadata", "status", "playable", "duration_s", "revision",
    "source_url", "source_kind", "progress", "assets", "error_code", "error_hint", "error_retryable",
    "created_at_ms", "updated_at_ms", "master_version", "whole",
)  # fmt: skip
_RENDITION_COLUMNS = (
    "video_id", "revision", "height", "width", "bitrate_bps", "codec", "progress", "speed", "eta_s",
    "args", "ffmpeg_version", "cpu_s", "wall_s", "bytes", "vmaf",
)  # fmt: skip
VIDEOS = sa.table("videos", *map(sa.column, _VIDEO_COLUMNS))
RENDITIONS = sa.table("renditions", *map(sa.column, _RENDITION_COLUMNS))
REVISIONS = sa.table("revisions", *map(sa.column, ("video_id", "revision", "duration_s", "created_at_ms")))


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """One video as the catalog knows it."""

    id: str
    external_id: str | None
    title: str
    tags: list[str]
    metadata: dict[str, Any]
    status: Status
    playable: bool
    duration_s: float | None
    revision: int
    source_url: str | None
    source_kind: SourceKind
    progress: float
    assets: dict[str, str]
    error_code: str | None
    error_hint: str | None
    error_retryable: bool | None
    created_at_ms: int
    updated_at_ms: int
    master_version: int = 0  # 0 before the first master playlist, one more with each that is published
    whole: bool = True  # False: what plays is the beginning of an import that goes on


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of a revision's ladder. `speed` is media seconds per wall second."""

    video_id: str
    revision: int
    height: int
    width: int
    bitrate_bps: int | None = None
    codec: str | None = None
    progress: float = 0.0
    speed: float | None = None
    eta_s: float | None = None
    args: list[str] | None = None
    ffmpeg_version: str | None = None
    cpu_s: float | None = None
    wall_s: float | None = None
    bytes: int | None = None
    vmaf: float | None = None


def save_rendition(connection: Connection, rendition: Rendition) -> None:
    """In place of what is known of this height."""
    row = msgspec.to_builtins(rendition)
    row["args"] = json.dumps(rendition.args) if rendition.args is not None else None
    connection.execute(
        sa.delete(RENDITIONS).where(
            RENDITIONS.c.video_id == rendition.video_id,
            RENDITIONS.c.revision == rendition.revision,
            RENDITIONS.c.height == rendition.height,
        )
    )
    connection.execute(sa.insert(RENDITIONS).values(row))


def set_revision(connection: Connection, video_id: str, revision: int, duration_s: float | None, now: int) -> None:
    """Remember how long a revision is; `now` in epoch milliseconds."""
    key = sa.and_(REVISIONS.c.video_id == video_id, REVISIONS.c.revision == revision)
    connection.execute(sa.delete(REVISIONS).where(key))
    connection.execute(
        sa.insert(REVISIONS).values(video_id=video_id, revision=revision, duration_s=duration_s, created_at_ms=now)
    )


def video_of(row: RowMapping) -> Video:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    for name in ("tags", "metadata", "assets"):
        values[name] = json.loads(values[name])
    values["playable"], values["whole"] = bool(values["playable"]), bool(values["whole"])
    retryable = values["error_retryable"]
    values["error_retryable"] = None if retryable is None else bool(retryable)
    return Video(**values)


def row_of_video(video: Video) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(video)
    for name in ("tags", "metadata", "assets"):
        row[name] = json.dumps(row[name])
    row["playable"], row["whole"] = int(video.playable), int(video.whole)
    return row


def rendition_of(row: RowMapping) -> Rendition:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    values["args"] = json.loads(values["args"]) if values["args"] else None
    return Rendition(**values)
