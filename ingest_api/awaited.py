"""Segments that an early playlist promises and that are still being made: their requests wait, and say what is wanted.

Players wait for a first byte of a segment for about ten seconds; told 404 they would give up, told 503 they come back.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter

from starlette.concurrency import run_in_threadpool

from ingest_api.limits import SEGMENT_WAITERS, SEGMENT_WAITERS_EACH
from ingest_api.telemetry import Telemetry
from viewbox.catalog import Catalog
from viewbox.errors import Overloaded
from viewbox.segments import SegmentIndex
from viewbox.storage import MediaStore

HELD_S = 8.0
LOOK_S = 0.05
WANT_EVERY_S = 2.0  # a viewer who goes on waiting is worth no more writes
RETRY_MS = 1_000
PLAYLIST = "early.m3u8"
_SEGMENT = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._:-]{0,63})/(r\d{1,9})/([a-z0-9]{1,32})/(\d{5,7})\.m4s")


class Awaited:
    """The waiting requests of one process."""

    def __init__(self, catalog: Catalog, segments: SegmentIndex, media: MediaStore, telemetry: Telemetry) -> None:
        self._catalog = catalog
        self._segments = segments
        self._media = media
        self._telemetry = telemetry
        self._waiting: Counter[str] = Counter()
        self._told: dict[str, float] = {}

    async def arrival(self, path: str) -> bool:
        """Whether a file below the media root that is not there came within HELD_S. False at once for one that nobody
        promised. Raises Overloaded when it did not come, or when too many wait.
        """
        match = _SEGMENT.fullmatch(path)
        if match is None or not await run_in_threadpool(self._is_promised, *match.groups()):
            return False
        if self._waiting[path] >= SEGMENT_WAITERS_EACH or self._waiting.total() >= SEGMENT_WAITERS:
            self._telemetry.refused("segment_waiters")
            raise _later("too many players wait for segments")
        self._waiting[path] += 1
        try:
            return await self._wait(path, match[1], match[3], int(match[4]))
        finally:
            self._waiting[path] -= 1
            if not self._waiting[path]:
                del self._waiting[path]

    async def _wait(self, path: str, video_id: str, track: str, number: int) -> bool:
        file = self._media.root / path
        deadline = time.monotonic() + HELD_S
        while time.monotonic() < deadline:
            if file.exists():
                return True
            await self._tell(path, video_id, track, number)
            await asyncio.sleep(LOOK_S)
        self._telemetry.refused("segment_not_ready")
        raise _later("the segment is not made yet")

    async def _tell(self, path: str, video_id: str, track: str, number: int) -> None:
        """Let the worker know, once for all who wait."""
        now = time.monotonic()
        if now - self._told.get(path, -WANT_EVERY_S) < WANT_EVERY_S:
            return
        self._told = {known: at for known, at in self._told.items() if now - at < WANT_EVERY_S} | {path: now}
        await run_in_threadpool(self._segments.want, video_id, track, number)

    def _is_promised(self, video_id: str, revision: str, track: str, number: str) -> bool:
        """The video is in the making, and this revision's early playlist names the segment."""
        video = self._catalog.find(video_id)
        if video is None or video.whole or f"r{video.revision}" != revision:
            return False
        try:
            playlist = (self._media.folder(video_id) / revision / track / PLAYLIST).read_bytes()
        except OSError:
            return False
        return f"\n{number}.m4s\n".encode() in playlist


def _later(message: str) -> Overloaded:
    return Overloaded(message, retry_after_ms=RETRY_MS, hint="it is made next; ask again")
