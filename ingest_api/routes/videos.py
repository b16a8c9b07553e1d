"""/v1/videos: import by URL or upload, list, show, edit, replace, retry, delete."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from ingest_api import uploads
from ingest_api.imports import IMPORT, add_stored, checked_details, invalid, json_field, plain_title, stored_payload
from ingest_api.limits import MAX_JSON_BYTES, MAX_PAGE, MAX_TAG, MAX_TITLE, read_bounded
from ingest_api.problems import documented
from ingest_api.schemas import Details, NewSource, NewVideo, UploadDetails, VideoList, VideoState
from ingest_api.services import Parts, Services
from viewbox.addresses import check_url
from viewbox.catalog import Video
from viewbox.errors import Conflict
from viewbox.presentation import video_json

router = APIRouter(prefix="/v1/videos", tags=["videos"])
_FILE_FORM = {
    "file": {"type": "string", "format": "binary"},
    "title": {"type": "string"},
    "external_id": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}, "description": "one field per tag"},
    "metadata": {"type": "string", "description": "a JSON object"},
    "priority": {"type": "integer", "default": 0},
}


@router.post(
    "", status_code=202, response_model=VideoState, summary="Import a video by URL", responses=documented(403, 422)
)
def add_video(video: NewVideo, response: Response, services: Parts) -> dict[str, Any]:
    """Answers at once; the import goes on in a worker. What cannot be known yet fails later, on the video."""
    check_url(video.url, services.settings.fetch_allow)
    added = services.catalog.add(
        title=video.title or title_of(video.url),
        source_kind="url",
        source_url=video.url,
        external_id=video.external_id,
        tags=video.tags or [],
        metadata=video.metadata,
    )
    return _enqueued(services, added, {"url": video.url}, video.priority, response)


@router.post(
    "/upload",
    status_code=202,
    response_model=VideoState,
    summary="Import a file",
    responses=documented(403, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": _FILE_FORM}}
            },
        }
    },
)
async def upload_video(request: Request, response: Response, services: Parts) -> dict[str, Any]:
    """One file as multipart/form-data, stored as it arrives."""
    upload = await _receive(request, services)
    try:
        details = upload_details(upload.fields)
        return await run_in_threadpool(_add_upload, services, upload, details, response)
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise


@router.get("", response_model=VideoList, summary="List videos, newest first", responses=documented(422))
def list_videos(
    services: Parts,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=128, description="`next` of the page before")] = None,
    q: Annotated[str | None, Query(max_length=MAX_TITLE, description="part of a title or of a tag")] = None,
    tag: Annotated[str | None, Query(max_length=MAX_TAG)] = None,
) -> dict[str, Any]:
    page = services.catalog.page(limit=limit, cursor=cursor, search=q, tag=tag)
    return {"items": [_shown(services, video) for video in page.items], "next": page.next}


@router.get("/{video_id}", response_model=VideoState, summary="Show a video", responses=documented(404))
def show_video(video_id: str, services: Parts) -> dict[str, Any]:
    return _shown(services, services.catalog.get(video_id))


@router.patch("/{video_id}", response_model=VideoState, summary="Edit a video", responses=documented(403, 404, 422))
def edit_video(video_id: str, details: Details, services: Parts) -> dict[str, Any]:
    """Absent and null fields stay as they are."""
    services.catalog.get(video_id)
    changes = details.model_dump(exclude_none=True)
    return _shown(services, services.catalog.change(video_id, **changes) if changes else services.catalog.get(video_id))


@router.delete("/{video_id}", status_code=204, summary="Delete a video", responses=documented(403, 404))
def delete_video(video_id: str, services: Parts) -> None:
    """Its media and jobs go; what was watched stays in the lake."""
    services.catalog.get(video_id)
    forget_upload(services, video_id)
    services.jobs.cancel(video_id)
    services.catalog.remove(video_id)
    services.media.delete(video_id)


@router.put(
    "/{video_id}/source",
    status_code=202,
    response_model=VideoState,
    summary="Replace a video's file",
    responses=documented(403, 404, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/NewSource"}},
                "multipart/form-data": {
                    "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE_FORM["file"]}}
                },
            },
        }
    },
)
async def replace_source(video_id: str, request: Request, response: Response, services: Parts) -> dict[str, Any]:
    """Same id, next revision. What is published plays on until the new revision is."""
    await run_in_threadpool(services.catalog.get, video_id)
    if request.headers.get("content-type", "").startswith("multipart/"):
        upload = await _receive(request, services)
        try:
            return await run_in_threadpool(_replace_by_upload, services, video_id, upload, response)
        except BaseException:
            upload.path.unlink(missing_ok=True)
            raise
    body = await read_bounded(request.stream(), MAX_JSON_BYTES, request.headers.get("content-length"))
    source = _validated(NewSource, body)
    check_url(source.url, services.settings.fetch_allow)
    return await run_in_threadpool(_replace_by_url, services, video_id, source, response)


@router.post(
    "/{video_id}/retry",
    status_code=202,
    response_model=VideoState,
    summary="Import again after a failure",
    responses=documented(403, 404, 409),
)
def retry_video(video_id: str, response: Response, services: Parts) -> dict[str, Any]:
    video = services.catalog.get(video_id)
    job = services.jobs.latest(video_id)
    if video.status != "failed" or job is None:
        raise Conflict(
            f"the video is {video.status}, not failed", code="not_failed", hint="only a failed import is repeated"
        )
    queued = services.catalog.report(video_id, status="queued", progress=0.0)
    services.jobs.enqueue(
        IMPORT, video_id=video_id, revision=job["revision"], payload=job["payload"], priority=job["priority"]
    )
    response.headers["Location"] = f"/v1/videos/{video_id}"
    return _shown(services, queued)


@router.post(
    "/{video_id}/cancel",
    status_code=202,
    response_model=VideoState,
    summary="Cancel an import",
    responses=documented(403, 404, 409),
)
def cancel_import(video_id: str, services: Parts) -> dict[str, Any]:
    """Ends `failed`, code `cancelled`; what an earlier revision published plays on, and `retry` begins anew."""
    video = services.catalog.get(video_id)
    if not services.jobs.cancel(video_id, IMPORT):
        raise Conflict(
            f"nothing of the video is being imported: it is {video.status}", code="not_importing",
            hint="only a queued or running import is cancelled",
        )  # fmt: skip
    failed = services.catalog.report_failure(
        video_id, code="cancelled", hint="retry begins the import anew", retryable=True
    )
    if not failed.playable:
        services.media.delete(video_id)  # what had begun to play
    return _shown(services, failed)


def title_of(url: str) -> str:
    """A title from a link's last part, without its ending; the host where there is none."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).stem
    return plain_title(name) or plain_title(parts.hostname or "") or "Untitled"


def upload_details(fields: list[tuple[str, str]]) -> UploadDetails:
    """The fields beside the file. Raises InvalidInput."""
    values: dict[str, Any] = {}
    for name, value in fields:
        if name == "tags":
            if value:
                values.setdefault("tags", []).append(value)
        elif name == "metadata":
            values["metadata"] = json_field(value, "metadata")
        elif value or name not in UploadDetails.model_fields:
            values[name] = value
    return checked_details(values)


def forget_upload(services: Services, video_id: str) -> None:
    """Remove the uploaded file that a video's newest job would have read."""
    job = services.jobs.latest(video_id)
    stored = job["payload"].get("upload") if job else None
    if stored and Path(stored).is_relative_to(services.settings.work_dir / "uploads"):
        Path(stored).unlink(missing_ok=True)


async def _receive(request: Request, services: Services) -> uploads.Upload:
    folder = services.settings.work_dir / "uploads"
    with services.upload_slots, services.telemetry.during("uploads_running"):
        return await uploads.receive(
            request.stream(),
            content_type=request.headers.get("content-type"),
            folder=folder,
            max_bytes=services.settings.max_source_bytes,
            free_bytes=shutil.disk_usage(folder).free,
        )


def _add_upload(
    services: Services, upload: uploads.Upload, details: UploadDetails, response: Response
) -> dict[str, Any]:
    video = add_stored(services, upload.path, upload.filename, details)
    response.headers["Location"] = f"/v1/videos/{video.id}"
    return _shown(services, video)


def _replace_by_upload(services: Services, video_id: str, upload: uploads.Upload, response: Response) -> dict[str, Any]:
    forget_upload(services, video_id)
    video = services.catalog.replace_source(video_id, source_kind="upload", source_url=None)
    return _enqueued(
        services, video, stored_payload(upload.path, upload.filename), 0, response, revision=video.revision + 1
    )


def _replace_by_url(services: Services, video_id: str, source: NewSource, response: Response) -> dict[str, Any]:
    forget_upload(services, video_id)
    video = services.catalog.replace_source(video_id, source_kind="url", source_url=source.url)
    return _enqueued(services, video, {"url": source.url}, source.priority, response, revision=video.revision + 1)


def _enqueued(
    services: Services,
    video: Video,
    payload: dict[str, Any],
    priority: int,
    response: Response,
    *,
    revision: int | None = None,
) -> dict[str, Any]:
    services.jobs.enqueue(
        IMPORT, video_id=video.id, revision=revision or video.revision, payload=payload, priority=priority
    )
    response.headers["Location"] = f"/v1/videos/{video.id}"
    return _shown(services, video)


def _shown(services: Services, video: Video) -> dict[str, Any]:
    return video_json(video, services.catalog.renditions(video.id))


def _validated(model: type[NewSource], body: bytes) -> NewSource:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from error
