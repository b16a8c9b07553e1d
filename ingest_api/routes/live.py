"""Who watches: WS /v1/live/{video_id} tells every open page what happens on its video, GET /v1/live counts all."""

from __future__ import annotations

import re

from fastapi import APIRouter, WebSocket

from ingest_api.live import session
from ingest_api.live.hub import TOO_MANY, UNKNOWN_VIDEO
from ingest_api.live.listener import Goodbye
from ingest_api.problems import documented
from ingest_api.schemas import ViewersNow
from ingest_api.services import Parts, services_of

router = APIRouter()
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_MOST_VIDEOS = 100  # named in one answer; the sum is of all
_REASONS = {UNKNOWN_VIDEO: "live_unknown_video", TOO_MANY: "live_too_many"}


@router.get("/v1/live", tags=["videos"], summary="Who watches right now", responses=documented(403))
async def viewers_now(services: Parts) -> ViewersNow:
    """Open views with an interval or heartbeat in the last 15 s: all of them, and by video the most watched first."""
    viewers = await services.live.viewers()
    return ViewersNow(viewers_now=viewers.total(), videos=dict(viewers.most_common(_MOST_VIDEOS)))


@router.websocket("/v1/live/{video_id}")
async def live_socket(socket: WebSocket, video_id: str) -> None:
    """Accepted first in any case: a browser learns a close code, but never the status of a refused handshake."""
    services = await services_of(socket)
    await socket.accept()
    listener = await services.live.join(video_id) if _ID.fullmatch(video_id) else UNKNOWN_VIDEO
    if isinstance(listener, Goodbye):
        services.telemetry.refused(_REASONS[listener])
        await socket.close(listener.code, listener.reason)
        return
    try:
        await session.run(socket, listener, services.telemetry)
    finally:
        services.live.leave(video_id, listener)
