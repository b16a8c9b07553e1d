"""The hub computes once for all listeners, only when something changed, and outlives what it asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ingest_api.live import hub as hub_module
from ingest_api.live.figures import SLICES, Figures
from ingest_api.live.hub import TOO_MANY, UNKNOWN_VIDEO, LiveHub
from ingest_api.live.listener import Goodbye, Listener
from ingest_api.live.presence import Presence
from viewbox.catalog import Catalog
from viewbox.database import open_database


class Lake:
    """An engine that says when it was asked what."""

    def __init__(self) -> None:
        self.version = 1
        self.fails = False
        self.asked: list[str] = []

    def versions(self) -> dict[str, int]:
        if self.fails:
            raise OSError("the bucket is gone")
        return {"views": self.version}

    def figures(self, video_id: str) -> Figures:
        self.asked.append(video_id)
        return Figures(self.version, (0.0,) * SLICES)


class House:
    """A hub over a real catalog and a lake that a test moves by hand."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hub_module, "LOOK_S", 0.005)
        monkeypatch.setattr(hub_module, "REFRESH_S", 0.005)
        monkeypatch.setattr(hub_module, "figures_of", lambda lake, video_id, _timezone: lake.figures(video_id))
        self.catalog = Catalog(open_database(f"sqlite:///{folder / 'catalog.sqlite'}"))
        self.lake = Lake()

    def video(self) -> str:
        return self.catalog.add(title="t", source_kind="upload").id

    def live(self, scene: Callable[[LiveHub], Awaitable[None]]) -> None:
        async def play() -> None:
            hub = LiveHub(self.catalog, self.lake, Presence(), "UTC")  # type: ignore[arg-type]  # all it needs of an engine
            hub.start()
            try:
                async with asyncio.timeout(20):
                    await scene(hub)
            finally:
                await hub.stop()

        asyncio.run(play())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


async def join(hub: LiveHub, video_id: str) -> Listener:
    listener = await hub.join(video_id)
    assert isinstance(listener, Listener)
    return listener


async def hear(listener: Listener, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first message that `wanted` likes."""
    while True:
        text = await listener.take()
        assert isinstance(text, str)
        message: dict[str, Any] = json.loads(text)
        if wanted(message):
            return message


def views(count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda message: message["type"] == "live" and message["views"] == count


def test_a_changed_lake_is_asked_once_for_all_listeners(house):
    video_id = house.video()

    async def scene(hub: LiveHub) -> None:
        listeners = [await join(hub, video_id) for _ in range(50)]
        for version in (1, 2, 3):
            house.lake.version = version
            for listener in listeners:
                await hear(listener, views(version))
        for _ in range(20):
            await hear(listeners[0], views(3))
        assert house.lake.asked == [video_id] * 3
        assert hub.counts.figures == 3

    house.live(scene)


def test_a_longer_video_is_asked_again_for_its_slices_are_others(house):
    video_id = house.video()

    async def scene(hub: LiveHub) -> None:
        listener = await join(hub, video_id)
        await hear(listener, views(1))
        house.catalog.publish(video_id, revision=2, duration_s=60.0, assets={"hls": "x/master.m3u8"}, ready=True)
        await hear(listener, lambda message: message["type"] == "master" and message["version"] == 1)
        while len(house.lake.asked) < 2:
            await hear(listener, views(1))

    house.live(scene)


def test_who_comes_later_hears_the_newest_of_everything_at_once(house):
    video_id = house.video()
    house.catalog.publish(video_id, revision=1, duration_s=60.0, assets={"hls": "x/master.m3u8"}, ready=True)

    async def scene(hub: LiveHub) -> None:
        await hear(await join(hub, video_id), views(1))
        late = await join(hub, video_id)
        kinds = [json.loads(str(await late.take()))["type"] for _ in range(3)]
        assert kinds == ["progress", "master", "live"]

    house.live(scene)


def test_a_lake_that_cannot_be_read_is_counted_and_pages_hear_on(house):
    video_id = house.video()

    async def scene(hub: LiveHub) -> None:
        listener = await join(hub, video_id)
        await hear(listener, views(1))
        house.lake.fails = True
        house.lake.version = 2
        while hub.counts.faults < 3:
            await hear(listener, views(1))
        house.lake.fails = False
        await hear(listener, views(2))

    house.live(scene)


def test_no_more_sockets_and_videos_than_their_bounds(house, monkeypatch):
    monkeypatch.setattr(hub_module, "LIVE_SOCKETS", 3)
    monkeypatch.setattr(hub_module, "LIVE_VIDEOS", 2)
    first, second, third = house.video(), house.video(), house.video()

    async def scene(hub: LiveHub) -> None:
        listener = await join(hub, first)
        await join(hub, second)
        assert await hub.join(third) == TOO_MANY, "a third video"
        await join(hub, second)
        assert await hub.join(first) == TOO_MANY, "a fourth page"
        hub.leave(first, listener)
        assert isinstance(await hub.join(third), Listener)
        assert (hub.sockets, hub.videos) == (3, 2)

    house.live(scene)


def test_unknown_and_removed_videos_say_goodbye(house):
    video_id = house.video()

    async def scene(hub: LiveHub) -> None:
        assert await hub.join("nobody") == UNKNOWN_VIDEO
        listener = await join(hub, video_id)
        house.catalog.remove(video_id)
        while not isinstance(news := await listener.take(), Goodbye):
            pass
        assert news == UNKNOWN_VIDEO

    house.live(scene)


def test_a_video_is_forgotten_with_its_last_listener(house):
    video_id = house.video()

    async def scene(hub: LiveHub) -> None:
        first, second = await join(hub, video_id), await join(hub, video_id)
        hub.leave(video_id, first)
        assert (hub.sockets, hub.videos) == (1, 1)
        hub.leave(video_id, second)
        assert (hub.sockets, hub.videos) == (0, 0)

    house.live(scene)
