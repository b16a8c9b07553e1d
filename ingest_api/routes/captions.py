"""/v1/videos/{id}/captions: hand in captions of a language, take them back, and see which there are."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ingest_api.limits import read_bounded
from ingest_api.problems import documented
from ingest_api.schemas import CaptionList, KeptCaptions
from ingest_api.services import Parts
from viewbox.captions import CaptionTrack, Wish, keep, remove
from viewbox.captions.decoding import MAX_BYTES
from viewbox.captions.store import left_out, shown
from viewbox.captions.uploading import MAX_LABEL
from viewbox.errors import InvalidInput

router = APIRouter(prefix="/v1/videos", tags=["videos"])
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.put(
    "/{video_id}/captions/{language}",
    status_code=200,
    response_model=KeptCaptions,
    summary="Upload captions",
    responses={201: {"description": "the first of this language"}, **documented(403, 404, 409, 413, 422)},
    openapi_extra={"requestBody": {"required": True, "content": {"text/vtt": _FILE, "application/x-subrip": _FILE}}},
)
async def put_captions(
    video_id: str,
    language: str,
    request: Request,
    response: Response,
    services: Parts,
    *,
    label: Annotated[str, Query(max_length=MAX_LABEL, description="what people choose them by")] = "",
    default: Annotated[bool, Query(description="shown without being chosen")] = False,
    forced: Annotated[bool, Query(description="only what everybody needs translated")] = False,
    hearing_impaired: Annotated[bool, Query(description="sounds are described too")] = False,
) -> dict[str, Any]:
    """The body is an SRT or WebVTT file of at most 2 MiB, in UTF-8, UTF-16 with a mark, or Windows-1252.

    `language` is a BCP 47 tag. Before, during and after an import; an older upload of the language is replaced, and
    what the source has in it steps back. Open players hear of it.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise InvalidInput(
            "the body is a form", code="not_captions", hint="send the file itself: curl --upload-file captions.srt …"
        )
    data = await read_bounded(request.stream(), MAX_BYTES, request.headers.get("content-length"))
    wish = Wish(language, label, default, forced, hearing_impaired)
    store = partial(keep, services.catalog, services.captions, services.media, video_id, wish=wish, data=data)
    kept = await run_in_threadpool(store)
    response.status_code = 200 if kept.replaced else 201
    told = {"encoding": kept.read.encoding, "left_out": kept.read.left_out, "replaced": kept.replaced}
    return {**_shown(kept.track), **told}


@router.delete(
    "/{video_id}/captions/{language}", status_code=204, summary="Remove uploaded captions",
    responses=documented(403, 404, 422),
)  # fmt: skip
def delete_captions(video_id: str, language: str, services: Parts) -> None:
    """Those of the source come into view again. Open players hear of it."""
    remove(services.catalog, services.captions, services.media, video_id, language)


@router.get(
    "/{video_id}/captions", response_model=CaptionList, summary="Which captions a video has", responses=documented(404)
)
def list_captions(video_id: str, services: Parts) -> dict[str, Any]:
    """What players are offered, and what of the source could not be taken over."""
    video = services.catalog.get(video_id)
    tracks = services.captions.of(video_id, video.revision)
    missing = [{"language": track.language, "label": track.label, "note": track.note} for track in left_out(tracks)]
    return {"items": [_shown(track) for track in shown(tracks)], "left_out": missing}


def _shown(track: CaptionTrack) -> dict[str, Any]:
    return {
        "language": track.language,
        "label": track.label,
        "origin": track.origin,
        "default": track.is_default,
        "forced": track.is_forced,
        "hearing_impaired": track.hearing_impaired,
        "cues": track.cues,
        "note": track.note,
    }
