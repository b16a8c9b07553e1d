"""A stored file becomes a video: the one way, whichever route the bytes came by."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from ingest_api.limits import MAX_TITLE
from ingest_api.schemas import UploadDetails
from ingest_api.services import Services
from viewbox.catalog import Video
from viewbox.errors import InvalidInput

IMPORT = "import"


def add_stored(
    services: Services, path: Path, filename: str, details: UploadDetails, *, video_id: str | None = None
) -> Video:
    """Add the video and queue its import. With a `video_id` it may be called again after a crash: one video results."""
    video = services.catalog.find(video_id) if video_id else None
    if video is None:
        video = services.catalog.add(
            title=details.title or plain_title(PurePosixPath(filename).stem) or "Untitled",
            source_kind="upload",
            external_id=details.external_id,
            tags=details.tags or [],
            metadata=details.metadata,
            video_id=video_id,
        )
    elif services.jobs.latest(video.id) is not None:
        return video
    services.jobs.enqueue(
        IMPORT,
        video_id=video.id,
        revision=video.revision,
        payload=stored_payload(path, filename),
        priority=details.priority,
    )
    return video


def stored_payload(path: Path, filename: str) -> dict[str, Any]:
    return {"upload": str(path), "filename": filename}


def plain_title(text: str) -> str:
    """As much of a text as a title may hold."""
    return "".join(character if character.isprintable() else " " for character in text).strip()[:MAX_TITLE].strip()


def json_field(text: str, what: str) -> Any:
    """The JSON in a text field. Raises InvalidInput."""
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise InvalidInput(f"{what} is not JSON", hint=f"send {what} as JSON text") from error


def invalid(error: ValidationError) -> InvalidInput:
    """The first thing that is wrong with a body."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return InvalidInput("the request does not have the right shape", hint=f"{where}: {first['msg']}")


def checked_details(values: dict[str, Any]) -> UploadDetails:
    """Raises InvalidInput."""
    try:
        return UploadDetails.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from error
