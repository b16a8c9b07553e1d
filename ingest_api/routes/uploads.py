"""/v1/uploads: resumable uploads by tus 1.0 (creation, expiration, termination). A finished one becomes a video."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from ingest_api import tus
from ingest_api.imports import add_stored, checked_details, json_field
from ingest_api.limits import TooLarge
from ingest_api.problems import documented
from ingest_api.resumable import Held, Progress, to_its_end
from ingest_api.services import Parts, Services
from ingest_api.uploads import FLUSH_BYTES, plain_name, source_too_large
from viewbox.errors import Conflict, InvalidInput
from viewbox.ids import new_video_id
from viewbox.storage import fsync

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=tus.Tus)
_TEXT_KEYS = ("title", "external_id", "priority")
_JSON_KEYS = ("tags", "metadata")
_VERSION = {"name": "Tus-Resumable", "in": "header", "required": True, "schema": {"const": tus.VERSION}}


def _headers(*names: str) -> dict[str, Any]:
    """`openapi_extra`: the request headers of a route."""
    given = [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": [_VERSION, *given]}


@router.options("", status_code=204, response_class=Response, summary="What this server understands")
@router.options("/{upload_id}", status_code=204, response_class=Response, include_in_schema=False)
def options(services: Parts) -> Response:
    return Response(
        status_code=204,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(services.settings.max_source_bytes),
        },
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    summary="Begin a resumable upload",
    responses=documented(400, 403, 412, 413, 422, 503),
    openapi_extra=_headers("Upload-Length", "Upload-Metadata"),
)
def begin(request: Request, services: Parts) -> Response:
    """`Upload-Metadata` may hold `filename`, `title`, `external_id`, `priority`, and as JSON `tags` and `metadata`.

    Other keys are repeated by HEAD and otherwise ignored. `Location` is where the bytes go.
    """
    length = tus.number(request.headers, "Upload-Length")
    if length > services.settings.max_source_bytes:
        raise source_too_large(services.settings.max_source_bytes)
    if length == 0:
        raise InvalidInput("the file is empty", code="empty_file", hint="choose a video file")
    header = request.headers.get("upload-metadata", "")
    told = tus.metadata(header)
    values: dict[str, Any] = {key: told[key] for key in _TEXT_KEYS if told.get(key)}
    values |= {key: json_field(told[key], key) for key in _JSON_KEYS if told.get(key)}
    details = checked_details(values).model_dump(exclude_none=True)
    filename = plain_name(told.get("filename") or told.get("name") or "")
    progress = services.resumable.create(length, filename, details, header)
    place = f"/v1/uploads/{progress.id}"
    return Response(status_code=201, headers={"Location": place, **tus.headers_of(progress)})


@router.head(
    "/{upload_id}",
    response_class=Response,
    summary="How far an upload is",
    responses=documented(404, 410, 412, 423),
    openapi_extra=_headers(),
)
async def tell(upload_id: str, services: Parts) -> Response:
    """A PATCH that is still open for it is ended first: the offset is final."""
    async with services.resumable.hold(upload_id) as held:
        progress = await _finish_if_whole(services, held)
    headers = tus.headers_of(progress) | {"Upload-Length": str(progress.length)}
    if progress.metadata:
        headers["Upload-Metadata"] = progress.metadata
    return Response(headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    summary="Send the next bytes of an upload",
    responses=documented(400, 403, 404, 409, 410, 412, 413, 415, 423, 503),
    openapi_extra=_headers("Upload-Offset")
    | {"requestBody": {"required": True, "content": {tus.PATCH_TYPE: {"schema": {"type": "string"}}}}},
)
async def append(upload_id: str, request: Request, services: Parts) -> Response:
    """With the last byte the upload becomes a video, whose id is in `Viewbox-Video-Id`."""
    if request.headers.get("content-type") != tus.PATCH_TYPE:
        raise tus.WrongType("a PATCH of another type")
    offset = tus.number(request.headers, "Upload-Offset")
    async with services.resumable.hold(upload_id) as held:
        progress = held.progress
        if offset != progress.offset:
            raise Conflict(
                f"the upload is at {progress.offset:,}, not at {offset:,}",
                code="offset_mismatch",
                hint="ask for Upload-Offset with HEAD and go on from there",
            )
        rest = progress.length - progress.offset
        if int(request.headers.get("content-length", "0")) > rest:
            raise _too_long(progress)
        if rest:
            with services.upload_slots, services.telemetry.during("uploads_running"):
                await _receive(request, held)
        progress = await _finish_if_whole(services, held)
    return Response(status_code=204, headers=tus.headers_of(progress))


@router.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    summary="Give an upload up",
    responses=documented(403, 404, 410, 412, 423),
    openapi_extra=_headers(),
)
async def end(upload_id: str, services: Parts) -> Response:
    """Its bytes go. A video that it has become stays."""
    async with services.resumable.hold(upload_id):
        await to_its_end(services.resumable.forget, upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}", include_in_schema=False)
async def overridden(upload_id: str, request: Request, services: Parts) -> Response:
    """For clients that can only POST: `X-HTTP-Method-Override`, as the protocol has it."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await append(upload_id, request, services)
        case "DELETE":
            return await end(upload_id, services)
        case _:
            raise tus.BadHeader("a POST to an upload", hint="send PATCH, or X-HTTP-Method-Override: PATCH")


async def _receive(request: Request, held: Held) -> None:
    """Write what comes, and never more than was announced."""
    pending = bytearray()
    left = held.progress.length - held.progress.offset
    async with held.open() as part:
        try:
            async for chunk in tus.arriving(request.receive, held.leave):
                if len(chunk) > left:
                    raise _too_long(held.progress)
                left -= len(chunk)
                pending += chunk
                if len(pending) >= FLUSH_BYTES:
                    block = bytes(pending)
                    pending.clear()
                    await to_its_end(part.add, block)
        finally:
            if pending:
                await to_its_end(part.add, bytes(pending))


async def _finish_if_whole(services: Services, held: Held) -> Progress:
    """Also on HEAD: the last bytes may have come just before a crash."""
    progress = held.progress
    if progress.offset == progress.length and not progress.finished:
        await to_its_end(_finish, services, progress)
    return progress


def _finish(services: Services, progress: Progress) -> None:
    """Each step may be the last before a crash, and may be taken again: one upload is one video."""
    store = services.resumable
    if progress.video_id is None:
        progress.video_id = new_video_id()
        store.save(progress)
    part, stored = store.part(progress.id), services.settings.work_dir / "uploads" / progress.id
    if part.exists():
        part.rename(stored)
        fsync(stored.parent)
    details = checked_details(progress.details)
    add_stored(services, stored, progress.filename, details, video_id=progress.video_id)
    progress.finished = True
    store.save(progress)


def _too_long(progress: Progress) -> TooLarge:
    return TooLarge(f"more than the {progress.length:,} bytes that were announced", hint="begin a new upload")
