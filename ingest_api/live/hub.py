"""Everybody who watches a video page right now, and what all of them are told: one computation, however many listen.

    every second            the catalog's rows of all watched videos, in one look → `progress`, `master` on a change
                            (ten times a second while one of them cannot be played yet)
    every two seconds       viewers of all videos, counted in one pass            → `live` to every page
    every second            the lake's version; where it changed, views and heat
                            of each watched video, one at a time                  → in the next `live`

Nothing runs while nobody listens. Questions to catalog and lake are asked in threads of the hub's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from ingest_api.limits import LIVE_SOCKETS, LIVE_VIDEOS
from ingest_api.live import messages
from ingest_api.live.figures import Figures, figures_of
from ingest_api.live.listener import Goodbye, Listener
from ingest_api.live.messages import Kind
from ingest_api.live.presence import Presence
from ingest_api.live.sharing import PUBLISH_S, Sharing
from viewbox import logs
from viewbox.catalog import Catalog, Video
from viewbox.engine import Engine

LOOK_S = 1.0
EAGER_LOOK_S = 0.1  # while a video that somebody waits for cannot be played yet: people count these moments
IN_THE_MAKING = frozenset({"queued", "fetching", "probing", "encoding"})
LOOKS_PER_PUSH = 2  # the contract's `live` every two seconds
REFRESH_S = 2.0  # how soon at most a lake that goes on changing is asked again
REFRESH_REST = 3  # and three times as long as asking took: many videos must not take a core from the door
UNKNOWN_VIDEO = Goodbye(4404, "no such video")
TOO_MANY = Goodbye(1013, "too many open pages; try again later")

Result = TypeVar("Result")
_log = logs.get("live")


@dataclass
class Room:
    """A video that somebody listens to. `asked_at`: what the lake and the video were when `figures` were computed."""

    video: Video | None = None  # as its listeners know it
    listeners: set[Listener] = field(default_factory=set)
    newest: dict[Kind, str] = field(default_factory=dict)
    figures: Figures | None = None
    asked_at: tuple[object, ...] | None = None


def _is_awaited(video: Video | None) -> bool:
    return video is not None and not video.playable and video.status in IN_THE_MAKING


@dataclass
class Counts:
    """Since this process started."""

    pushes: Counter[Kind] = field(default_factory=Counter)
    superseded: int = 0  # states that a slow page never got, because a newer one was there
    beats: int = 0
    figures: int = 0
    faults: int = 0  # looks that failed: the catalog or the lake could not be read


class LiveHub:
    """One per process; everything but the questions runs on the event loop. `start`, then `stop`."""

    def __init__(
        self, catalog: Catalog, engine: Engine, presence: Presence, timezone: str, sharing: Sharing | None = None
    ) -> None:
        """`sharing`: with the other processes that serve beside this one."""
        self._catalog = catalog
        self._engine = engine
        self.presence = presence
        self._sharing = sharing
        self._count_viewers = presence.counts if sharing is None else sharing.counts
        self._timezone = timezone
        self._rooms: dict[str, Room] = {}
        self._threads = ThreadPoolExecutor(3, "live")  # a slow question to the lake must not hold up the catalog's
        self._someone = asyncio.Event()
        self._newcomer = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.counts = Counts()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._refresh())]
        if self._sharing is not None:
            self._tasks.append(asyncio.create_task(self._publish(self._sharing)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._threads.shutdown(cancel_futures=True)
        if self._sharing is not None:
            self._sharing.close()

    @property
    def sockets(self) -> int:
        return sum(len(room.listeners) for room in self._rooms.values())

    @property
    def videos(self) -> int:
        return len(self._rooms)

    async def viewers(self) -> Counter[str]:
        """viewers_now of every video that has any, as the pushes count them: over all processes."""
        return await self._off_loop(self._count_viewers)

    async def join(self, video_id: str) -> Listener | Goodbye:
        """A listener that hears the newest of everything at once, or why there is none."""
        video = await self._off_loop(self._catalog.find, video_id)
        if video is None:
            return UNKNOWN_VIDEO
        room = self._rooms.get(video_id)
        if self.sockets >= LIVE_SOCKETS or (room is None and len(self._rooms) >= LIVE_VIDEOS):
            return TOO_MANY
        if room is None:
            room = self._rooms[video_id] = Room()
        listener = Listener()
        room.listeners.add(listener)
        for kind, text in room.newest.items():
            self._put(listener, kind, text)
        self._someone.set()
        if room.video is None:
            with self._reported("catalog"):
                await self._tell_of_video(room, video)
            self._newcomer.set()
        return listener

    def leave(self, video_id: str, listener: Listener) -> None:
        room = self._rooms.get(video_id)
        if room is None:
            return
        room.listeners.discard(listener)
        if not room.listeners:
            del self._rooms[video_id]
        if not self._rooms:
            self._someone.clear()

    # --- what is told ------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Look at the catalog every LOOK_S; every second time tell who watches."""
        beat = 0
        due = time.monotonic()
        while True:
            await self._someone.wait()
            with self._reported("catalog"):
                await self._look()
            if beat % LOOKS_PER_PUSH == 0:
                await self._tell_viewers()
            beat += 1
            due = max(due + LOOK_S, time.monotonic())
            while (rest_s := due - time.monotonic()) > 0:
                await asyncio.sleep(min(rest_s, EAGER_LOOK_S))
                if any(_is_awaited(room.video) for room in self._rooms.values()):
                    with self._reported("catalog"):
                        await self._look()

    async def _publish(self, sharing: Sharing) -> None:
        """Whoever watches is told to the other processes, which may have the listeners."""
        while True:
            with self._reported("sharing"):
                await self._off_loop(sharing.publish)
            await asyncio.sleep(PUBLISH_S)

    async def _look(self) -> None:
        videos = await self._off_loop(self._catalog.several, list(self._rooms))
        for video_id, room in list(self._rooms.items()):
            video = videos.get(video_id)
            if video is None and room.listeners:
                await self._dismiss_if_gone(video_id, room)
            elif video is not None and video != room.video:
                await self._tell_of_video(room, video)

    async def _dismiss_if_gone(self, video_id: str, room: Room) -> None:
        """A room that opened during the look was not looked for."""
        if await self._off_loop(self._catalog.find, video_id) is None:
            for listener in room.listeners:
                listener.dismiss(UNKNOWN_VIDEO)

    async def _tell_of_video(self, room: Room, video: Video) -> None:
        renditions = await self._off_loop(self._catalog.renditions, video.id)
        if room.video is not None and room.video.updated_at_ms > video.updated_at_ms:
            return  # another look was faster
        room.video = video
        self._tell_if_new(room, "progress", messages.progress(video, renditions))
        master = messages.master(video)
        if master is not None:
            self._tell_if_new(room, "master", master)

    async def _tell_viewers(self) -> None:
        viewers = await self._off_loop(self._count_viewers)
        self.counts.beats += 1
        for video_id, room in self._rooms.items():
            if room.figures is not None:
                self._tell(room, "live", messages.live(viewers[video_id], room.figures))

    def _tell_if_new(self, room: Room, kind: Kind, text: str) -> None:
        if room.newest.get(kind) != text:
            self._tell(room, kind, text)

    def _tell(self, room: Room, kind: Kind, text: str) -> None:
        room.newest[kind] = text
        for listener in room.listeners:
            self._put(listener, kind, text)

    def _put(self, listener: Listener, kind: Kind, text: str) -> None:
        self.counts.pushes[kind] += 1
        self.counts.superseded += listener.put(kind, text)

    # --- what the lake says -------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        """Ask the lake again where it or the video has changed; a newcomer's video at once."""
        due = 0.0
        while True:
            await self._someone.wait()
            self._newcomer.clear()
            began = time.monotonic()
            before = self.counts.figures
            with self._reported("lake"):
                await self._refresh_changed(only_new=began < due)
            ended = time.monotonic()
            if began >= due and self.counts.figures > before:
                due = ended + max(REFRESH_S, REFRESH_REST * (ended - began))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):  # wait_for of Python 3.11 may lose a cancellation
                    await self._newcomer.wait()

    async def _refresh_changed(self, *, only_new: bool) -> None:
        lake = tuple(sorted((await self._off_loop(self._engine.versions)).items()))
        for video_id, room in list(self._rooms.items()):
            is_new = room.figures is None
            if room.video is None or not room.listeners or (only_new and not is_new):
                continue
            moment = (lake, room.video.revision, room.video.duration_s)
            if room.asked_at == moment:
                continue
            room.figures = await self._off_loop(figures_of, self._engine, video_id, self._timezone)
            room.asked_at = moment
            self.counts.figures += 1
            if is_new:
                viewers = await self._off_loop(self._count_viewers)
                self._tell(room, "live", messages.live(viewers[video_id], room.figures))

    # --- means --------------------------------------------------------------------------------------------

    async def _off_loop(self, function: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, functools.partial(function, *arguments))

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """A fault of one look is counted and told; the next look comes in its turn."""
        try:
            yield
        except Exception:  # noqa: BLE001  # whatever a database or a lake throws: pages stay, the log has it
            self.counts.faults += 1
            _log.exception("live look failed", what=what)
