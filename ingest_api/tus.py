"""tus 1.0 as it looks on the wire: headers in, headers out, and the bytes of a PATCH as they come."""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from email.utils import formatdate
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from ingest_api.limits import TooLarge
from ingest_api.problems import from_error, problem
from ingest_api.resumable import Progress
from viewbox.errors import InvalidInput, UsageError, ViewBoxError

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PATCH_TYPE = "application/offset+octet-stream"
VIDEO_HEADER = "Viewbox-Video-Id"  # ours: on PATCH and HEAD, once the upload has become a video
MAX_METADATA_HEADER = 32 * 1024
MAX_METADATA_KEYS = 32
IDLE_S = 60.0  # a PATCH that sends nothing for so long ends; its client asks for the offset and goes on
LEFTOVER_S = 0.1  # asked to leave, it takes what is already here: a broken connection's last bytes are not sent again
LEFTOVERS_S = 2.0  # in all; a client that still sends does not hold up the newer request
_MAX_LENGTH_DIGITS = 18


class BadHeader(InvalidInput):
    """A header of the protocol is missing or cannot be read."""

    code = "bad_header"
    http_status = 400


class WrongType(UsageError):
    code = "unsupported_media_type"
    http_status = 415
    hint = f"send PATCH with Content-Type: {PATCH_TYPE}"


class Tus(APIRoute):
    """A route of the protocol: refuses other versions before anything happens, and names its own in every answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response = await handle_version(request)
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        async def handle_version(request: Request) -> Response:
            telemetry = request.app.state.services.telemetry
            if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                telemetry.refused("tus_version")
                return problem(
                    412, "tus_version", "another version of tus", f"send Tus-Resumable: {VERSION}",
                    headers={"Tus-Version": VERSION},
                )  # fmt: skip
            try:
                return await handle(request)
            except ViewBoxError as error:
                telemetry.refused(error.code)
                return from_error(error)

        return answer


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that must be a plain number. Raises BadHeader."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_LENGTH_DIGITS:
        raise BadHeader(f"{name} is missing or no number", hint=f"send {name} in bytes")
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: key and base64 of each pair. Raises BadHeader or TooLarge.

    >>> metadata("filename Y2F0Lm1wNA==,draft")
    {'filename': 'cat.mp4', 'draft': ''}
    """
    if len(header) > MAX_METADATA_HEADER:
        raise TooLarge(f"Upload-Metadata is longer than {MAX_METADATA_HEADER:,} bytes", hint="send fewer or shorter")
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise BadHeader(
                f"Upload-Metadata: {key!r:.40} cannot be read", hint="values are base64 of UTF-8"
            ) from error
        if key in pairs or len(pairs) == MAX_METADATA_KEYS:
            raise BadHeader("Upload-Metadata: a key twice, or too many", hint=f"at most {MAX_METADATA_KEYS} keys")
        pairs[key] = value
    return pairs


def headers_of(progress: Progress) -> dict[str, str]:
    """Where an upload stands."""
    told = {
        "Upload-Offset": str(progress.offset),
        "Upload-Expires": formatdate(progress.expires_ms / 1000, usegmt=True),
    }
    if progress.finished and progress.video_id:
        told[VIDEO_HEADER] = progress.video_id
    return told


async def arriving(receive: Receive, leave: asyncio.Event) -> AsyncIterator[bytes]:
    """A body's bytes until it ends, its client goes or falls silent, or somebody else wants the upload."""
    leaving = asyncio.ensure_future(leave.wait())
    leaves_at = math.inf
    clock = asyncio.get_running_loop().time
    try:
        while clock() < leaves_at:
            coming: asyncio.Task[Message] = asyncio.ensure_future(_message(receive))
            if not leaving.done():
                await asyncio.wait({coming, leaving}, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                leaves_at = min(leaves_at, clock() + LEFTOVERS_S)
                await asyncio.wait({coming}, timeout=LEFTOVER_S)
            if not coming.done():
                coming.cancel()
                return
            message = coming.result()
            if message["type"] != "http.request":
                return
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body"):
                return
    finally:
        leaving.cancel()


async def _message(receive: Receive) -> Message:
    return await receive()
