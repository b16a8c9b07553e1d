"""WS /v1/live/{video_id}: what happens on a video right now, told to every open page of it."""

from __future__ import annotations

import re

from fastapi import APIRouter, WebSocket

from ingest_api.live import session
from ingest_api.live.hub import TOO_MANY, UNKNOWN_VIDEO
from ingest_api.live.listener import Goodbye
from ingest_api.services import services_of

router = APIRouter()
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_REASONS = {UNKNOWN_VIDEO: "live_unknown_video", TOO_MANY: "live_too_many"}


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
