"""The main job, end to end: a pasted URL becomes a stream, a person watches it, and the numbers tell exactly how."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocket, expect

from tests.e2e import viewer
from tests.e2e.browser import visitor
from tests.e2e.manners import MANNERS, sign_in
from tests.support import until
from viewbox import wording

pytestmark = [pytest.mark.e2e, pytest.mark.exact]

FIRST_HELD = 1  # index of the first video segment that is held back: the picture runs dry at 6 s
VIDEO_SEGMENT = re.compile(r"/\d+p/(\d+)\.m4s$")
PLAYING_TOLERANCE_S = 0.3
POSITION_TOLERANCE_S = 0.5
DASHBOARD_DEADLINE_S = 8.0


@dataclass
class Wire:
    """What the tracker sent over WebSockets, and what was acknowledged."""

    sent: set[int] = field(default_factory=set)
    acknowledged: int = -1
    refused: list[Any] = field(default_factory=list)

    def tap(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._listen(socket) if socket.url.endswith("/v1/views") else None)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.update(event["seq"] for event in json.loads(frame)["events"]))
        socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        answer = json.loads(frame)
        self.acknowledged = max(self.acknowledged, answer.get("ack", {}).get("seq", -1))
        self.refused += answer.get("rejected", []) + ([answer["error"]] if "error" in answer else [])


@dataclass
class Gate:
    """Holds video segments from FIRST_HELD on until it is opened."""

    opened: threading.Event = field(default_factory=threading.Event)
    held: list[Route] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        segment = VIDEO_SEGMENT.search(route.request.url)
        if segment and int(segment[1]) >= FIRST_HELD and not self.opened.is_set():
            self.held.append(route)
        else:
            route.continue_()

    def open(self) -> None:
        self.opened.set()
        for route in self.held:
            route.continue_()


def import_through_the_site(page: Page, house, url: str, title: str) -> str:
    """Paste a URL into the site's field and wait until the card says nothing more of preparing; the video's id."""
    sign_in(page, house)
    page.goto(house.site)
    page.get_by_label("Paste a video URL").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.get_by_role("main").get_by_role("link", name=title)
    expect(card).to_be_visible()
    video_id: str = card.evaluate("(link) => link.pathname.split('/').pop()")
    until(lambda: house.api(f"/v1/videos/{video_id}")["status"] == "ready", timeout_s=90, what="the video is ready")
    expect(page.get_by_text(re.compile("Encoding|Waiting"))).to_have_count(0)
    return video_id


def number_on(dashboard: Page, label: str) -> str:
    """The value of a number on the dashboard, by its label; empty when it is not there."""
    metric = dashboard.get_by_test_id("stMetric").filter(has=dashboard.get_by_text(label, exact=True))
    return metric.get_by_test_id("stMetricValue").inner_text() if metric.count() else ""


@pytest.mark.timeout(170)
@pytest.mark.parametrize(("manner", "clip"), [("loopback", "clip"), ("named", "short-clip"), ("touch", "short-clip")])
def test_a_pasted_url_is_watched_and_the_numbers_are_the_truth(manner, clip, browser, files, request):
    come = MANNERS[manner]
    house = request.getfixturevalue(come.house)
    wire, gate = Wire(), Gate()
    with visitor(browser, **come.device) as (page, witness), visitor(browser) as (dashboard, _):
        wire.tap(page)
        viewer.install(page)
        page.route("**/*.m4s", gate)
        video_id = import_through_the_site(page, house, files.url(f"{clip}.mp4"), clip)
        assert house.api(f"/v1/videos/{video_id}")["duration_s"] >= (60 if clip == "clip" else 30)
        sign_in(dashboard, house)
        dashboard.goto(f"{house.dashboard}/video?video={video_id}")
        expect(dashboard.get_by_text("No views yet", exact=True)).to_be_visible()

        page.get_by_role("main").get_by_role("link", name=clip).click()
        page.wait_for_url(f"**/watch/{video_id}")
        hands = come.hands(page)
        player = page.get_by_role("region", name=re.compile(f"^Video: {clip}"))
        player.get_by_role("button", name="Play", exact=True).first.click()
        viewer.wait_until_at(page, 5.0)
        viewer.wait_until_standing(page, 1500)
        gate.open()
        viewer.wait_until_at(page, 9.0)
        hands.pause()
        paused_at = time.monotonic()
        until(
            lambda: number_on(dashboard, "Pauses per hour") not in {"", "–", "0.0"},
            what="the dashboard shows the pause",
        )
        assert time.monotonic() - paused_at <= DASHBOARD_DEADLINE_S
        hands.play()
        viewer.wait_until_at(page, 11.0)
        hands.ten_on()
        viewer.wait_until_at(page, 23.5)
        hands.ten_back()
        viewer.wait_until_standing(page, 0)
        viewer.wait_until_at(page, 16.0)
        hands.faster()
        viewer.wait_until_at(page, 20.0)
        truth = viewer.leave(page, house.site)

        view = until(lambda: finished_view(house, video_id), timeout_s=15, what="the view is over in the tables")
        assert view is not None
        check_view(view, truth, house)
        assert not wire.refused
        assert wire.acknowledged >= max(wire.sent) - 3, "what was sent over the WebSocket was acknowledged as it went"
        assert view["events"] > max(wire.sent)
        assert not witness.errors

        expect(dashboard.get_by_test_id("stMetricValue").first).to_have_text("1")
        until(
            lambda: number_on(dashboard, "Watched per view") == wording.clock(view["watch_ms"] / 1000),
            what="the dashboard shows the watch time of the table",
        )


def finished_view(house, video_id: str) -> dict[str, Any] | None:
    answer = house.api("/v1/sql", method="POST", body={"sql": f"SELECT * FROM views WHERE video_id = '{video_id}'"})
    if not answer["rows"]:
        return None
    view = dict(zip((column["name"] for column in answer["columns"]), answer["rows"][0], strict=True))
    return view if view["closed_by"] == "view_end" else None


def check_view(view: dict[str, Any], truth: list[viewer.Run], house) -> None:
    """The tables say what the frames showed."""
    (row,) = house.sql(f"SELECT * FROM views WHERE view_id = '{view['view_id']}'")
    played_s = sum(run.wall_ms for run in truth) / 1000
    media_s = sum(run.to_s - run.from_s for run in truth)
    assert row["playing_ms"] / 1000 == pytest.approx(played_s, abs=PLAYING_TOLERANCE_S)
    assert row["media_s"] == pytest.approx(media_s, abs=POSITION_TOLERANCE_S)
    assert (row["pauses"], row["seeks_forward"], row["seeks_back"], row["stalls"]) == (1, 1, 1, 1)
    assert row["rate_changes"] == 1
    assert row["stall_ms"] >= 1400
    assert (row["gaps"], row["inconsistent"], row["is_valid"], row["failed"]) == (0, 0, True, False)

    stretches = joined(
        house.sql(f"SELECT from_s, to_s FROM intervals WHERE view_id = '{view['view_id']}' ORDER BY seq")
    )
    shown = joined([{"from_s": run.from_s, "to_s": run.to_s} for run in truth])
    assert len(stretches) == len(shown), (stretches, shown)
    for stretch, run in zip(stretches, shown, strict=True):
        assert stretch == pytest.approx(run, abs=POSITION_TOLERANCE_S)
    events = house.sql(
        f"SELECT min(seq) AS first, max(seq) AS last, count(*) AS n FROM events WHERE view_id = '{view['view_id']}'"
    )
    assert events == [{"first": 0, "last": row["events"] - 1, "n": row["events"]}]


def joined(stretches: list[dict[str, float]]) -> list[tuple[float, float]]:
    """The way of the playhead: stretches that continue each other are one, wherever they were cut."""
    way: list[tuple[float, float]] = []
    for stretch in stretches:
        if way and abs(way[-1][1] - stretch["from_s"]) < POSITION_TOLERANCE_S:
            way[-1] = (way[-1][0], stretch["to_s"])
        else:
            way.append((stretch["from_s"], stretch["to_s"]))
    return way
