"""`WS /v1/live/{video_id}`: what is pushed, to whom, how it ends, and that a crowd costs one computation."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.messages import view_id, wire
from tests.servers import Server, running_server
from tests.support import until
from viewbox.catalog import Catalog, Rendition, Video
from viewbox.database import open_database
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import over_websocket

DURATION_S = 120.0


@pytest.fixture
def catalog(live_api: Server) -> Catalog:
    return catalog_of(live_api)


@pytest.fixture
def video(catalog: Catalog) -> Video:
    """A video that is being encoded."""
    return catalog.add(title="A video", source_kind="upload")


def catalog_of(server: Server) -> Catalog:
    return Catalog(open_database(Settings(data_dir=server.data_dir).database))


def publish(catalog: Catalog, video: Video, *, ready: bool = True) -> Video:
    assets = {"hls": f"{video.id}/master.m3u8"}
    return catalog.publish(video.id, revision=1, duration_s=DURATION_S, assets=assets, ready=ready)


def live(server: Server, video_id: str, **named: Any) -> ClientConnection:
    return server.websocket(f"/v1/live/{video_id}", **named)


def hear(socket: ClientConnection, kind: str, *, within_s: float = 10) -> dict[str, Any]:
    """The next message of a kind; others on the way are skipped."""
    deadline = time.monotonic() + within_s
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=max(0.0, deadline - time.monotonic())))
        if message["type"] == kind:
            return message


def hear_until(socket: ClientConnection, wanted: Any, *, within_s: float = 20) -> dict[str, Any]:
    """The first `live` message that `wanted` likes."""
    deadline = time.monotonic() + within_s
    while True:
        message = hear(socket, "live", within_s=deadline - time.monotonic())
        if wanted(message):
            return message


def numbers(server: Server) -> dict[str, int]:
    """The live counters of /metrics by their short names."""
    found = re.findall(r"^viewbox_live_([a-z_]+?)(?:_total)? (\d+)$", server.get("/metrics").text, re.MULTILINE)
    return {name: int(value) for name, value in found}


def closed_with(socket: ClientConnection) -> int:
    deadline = time.monotonic() + 10
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=max(0.0, deadline - time.monotonic()))
    code = socket.close_code
    assert isinstance(code, int)
    return code


def beat(number: int, seq: int, *, began_ms: int, video_id: str, **event: Any) -> bytes:
    """A message that is sent now, with an event that happens now."""
    now_ms = int(time.time() * 1000)
    happening = {"seq": seq, "type": "heartbeat", "t_ms": now_ms - began_ms, "position_s": 1.0, **event}
    view = view_id(number, at_ms=began_ms)
    return wire(happening, started_at_ms=began_ms, sent_at_ms=now_ms, view_id=view, video_id=video_id)


# --- shapes -------------------------------------------------------------------------------------------------


def test_a_page_that_opens_hears_progress_and_live_at_once(live_api, video):
    with live(live_api, video.id) as socket:
        first, second = (json.loads(socket.recv(timeout=5)) for _ in range(2))
    assert first == {"type": "progress", "status": "queued", "playable": False, "progress": 0.0, "renditions": []}
    assert second == {"type": "live", "viewers_now": 0, "views": 0, "heat": [0.0] * 100}


def test_live_comes_every_two_seconds_changed_or_not(live_api, video):
    with live(live_api, video.id) as socket:
        for _ in range(2):  # the first is out of turn
            hear(socket, "live")
        began = time.monotonic()
        for _ in range(3):
            hear(socket, "live")
        assert time.monotonic() - began == pytest.approx(6, abs=1.5)


def test_progress_is_pushed_when_the_catalog_changes_and_looks_as_get_does(live_api, catalog, video):
    rungs = [
        Rendition(video_id=video.id, revision=1, height=720, width=1280, progress=0.25, speed=3.5, eta_s=12.0),
        Rendition(video_id=video.id, revision=1, height=360, width=640, progress=0.5, speed=7.0, eta_s=4.0),
    ]
    with live(live_api, video.id) as socket:
        hear(socket, "progress")
        began = time.monotonic()
        catalog.report(video.id, status="encoding", progress=0.3, renditions=rungs)
        pushed = hear(socket, "progress")
        assert time.monotonic() - began < 4  # a look a second, on a busy machine
        shown = live_api.get(f"/v1/videos/{video.id}").json()
        assert pushed == {"type": "progress", **{name: shown[name] for name in pushed if name != "type"}}
        assert set(pushed) == {"type", "status", "playable", "progress", "renditions"}
        assert [rung["height"] for rung in pushed["renditions"]] == [720, 360]
        catalog.report_failure(video.id, code="x", hint="y", retryable=False)
        assert hear(socket, "progress")["status"] == "failed"


def test_a_master_is_told_when_it_is_published_and_again_with_the_next_one(live_api, catalog, video):
    with live(live_api, video.id) as socket:
        publish(catalog, video, ready=False)
        first = hear(socket, "master")
        assert first == {"type": "master", "version": 1, "url": f"/media/{video.id}/master.m3u8"}
        catalog.report(video.id, status="encoding", progress=0.9)
        publish(catalog, video)
        assert hear(socket, "master") == {**first, "version": 2}
    with live(live_api, video.id) as late:
        assert hear(late, "master")["version"] == 2


def test_the_same_master_is_not_told_twice(live_api, catalog, video):
    publish(catalog, video)
    with live(live_api, video.id) as socket:
        hear(socket, "master")
        catalog.change(video.id, title="Another title")
        kinds = {json.loads(socket.recv(timeout=5))["type"] for _ in range(3)}
    assert kinds == {"live"}


def test_who_watches_is_told_over_all_videos(live_api, catalog, video):
    """Two views of one video and one of another; one that ends does not count."""
    other = catalog.add(title="Another", source_kind="upload")
    began_ms = int(time.time() * 1000)
    places = [(1, video.id), (2, video.id), (3, other.id), (4, other.id)]
    said = [beat(number, 0, began_ms=began_ms, video_id=video_id) for number, video_id in places]
    said.append(beat(4, 1, began_ms=began_ms, video_id=other.id, type="view_end", reason="unload"))
    for message in said:
        with live_api.websocket() as sender:
            sender.send(message.decode())
            assert "ack" in json.loads(sender.recv(timeout=10))
    answer = live_api.get("/v1/live").json()
    assert answer["videos"][video.id] == 2
    assert answer["videos"][other.id] == 1
    assert list(answer["videos"].values()) == sorted(answer["videos"].values(), reverse=True)
    assert answer["viewers_now"] == sum(answer["videos"].values())


def test_who_watches_is_for_those_who_hold_the_secret(tmp_path):
    secret = "a-secret-for-the-live-suite"
    with running_server(tmp_path, auth="token", secret=secret) as server:
        assert server.get("/v1/live").status == 401
        assert server.get("/v1/live", headers={"Authorization": f"Bearer {secret}"}).json() == {
            "viewers_now": 0, "videos": {}
        }  # fmt: skip


# --- who may, and how it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:{port}", "http://localhost:{port}", "http://[::1]:8501"])
def test_site_dashboard_and_programs_may_listen(live_api, video, origin):
    with live(live_api, video.id, origin=origin and origin.format(port=live_api.port)) as socket:
        assert hear(socket, "progress")["status"] == "queued"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_no_other_site_may_listen(live_api, video, origin):
    with pytest.raises(InvalidStatus) as refusal:
        live(live_api, video.id, origin=origin)
    assert refusal.value.response.status_code == 403


def test_a_watch_page_needs_no_secret(tmp_path):
    with running_server(tmp_path, auth="token", secret="a-secret-for-the-live-suite") as server:
        video = catalog_of(server).add(title="x", source_kind="upload")
        with live(server, video.id) as socket:
            assert hear(socket, "progress")["status"] == "queued"


@pytest.mark.parametrize("video_id", ["nobody", "a" * 65, "%F0%9F%8E%AC", "..", "%00"])
def test_an_unknown_video_is_a_close_code_of_its_own(live_api, video_id):
    before = live_api.refusals("live_unknown_video")
    with live(live_api, video_id) as socket:
        assert closed_with(socket) == 4404
    assert live_api.refusals("live_unknown_video") == before + 1


def test_a_removed_video_says_goodbye(live_api, catalog, video):
    with live(live_api, video.id) as socket:
        hear(socket, "progress")
        catalog.remove(video.id)
        assert closed_with(socket) == 4404


def test_a_page_that_talks_and_talks_is_closed_and_counted(live_api, video):
    before = live_api.refusals("live_too_talkative")
    with live(live_api, video.id) as socket:
        for _ in range(20):
            socket.send("hello")
        assert closed_with(socket) == 1008
    assert live_api.refusals("live_too_talkative") == before + 1


def test_an_oversized_frame_closes_with_1009(live_api, video):
    with live(live_api, video.id) as socket:
        socket.send("x" * 70_000)
        assert closed_with(socket) == 1009


def test_a_restart_is_told_with_1012(tmp_path):
    with running_server(tmp_path) as server:
        video = catalog_of(server).add(title="x", source_kind="upload")
        with live(server, video.id) as socket:
            hear(socket, "live")
            assert server.stop() == 0
            assert closed_with(socket) == 1012


def test_too_many_videos_are_told_to_come_back(live_api, catalog):
    before = live_api.refusals("live_too_many")
    with ExitStack() as stack:
        for number in range(200):
            video = catalog.add(title=f"video {number}", source_kind="upload")
            hear(stack.enter_context(live(live_api, video.id)), "progress")
        one_more = catalog.add(title="one more", source_kind="upload")
        assert closed_with(stack.enter_context(live(live_api, one_more.id))) == 1013
        assert numbers(live_api)["videos"] == 200
    assert live_api.refusals("live_too_many") == before + 1
    until(lambda: numbers(live_api)["sockets"] == 0, what="every page has left")
    with live(live_api, one_more.id) as socket:
        assert hear(socket, "progress")["status"] == "queued"


# --- one computation ----------------------------------------------------------------------------------------


def test_two_hundred_pages_of_one_video_are_one_computation_a_beat(live_api, video):
    with ExitStack() as stack:
        pages = [stack.enter_context(live(live_api, video.id)) for _ in range(200)]
        for page in pages:
            hear(page, "live")
        asked = -1
        while asked != (now := numbers(live_api)["figures"]):  # a server that has just started makes its tables
            asked = now
            for page in pages * 2:
                hear(page, "live")
        before = numbers(live_api)
        assert before["sockets"] == 200
        assert before["videos"] == 1
        began = time.monotonic()
        for _ in range(3):
            for page in pages:
                hear(page, "live")
        after = numbers(live_api)
        elapsed_s = time.monotonic() - began
    assert after["beats"] - before["beats"] <= elapsed_s / 2 + 1
    assert after["beats"] - before["beats"] >= 2
    assert after["figures"] == before["figures"], "the lake did not change: it is not asked again"


def test_nothing_is_computed_while_nobody_listens(live_api):
    until(lambda: numbers(live_api)["sockets"] == 0, what="every page has left")
    beats, began = numbers(live_api)["beats"], time.monotonic()
    until(lambda: time.monotonic() - began > 3, what="more than a beat")
    assert numbers(live_api)["beats"] == beats


# --- numbers ------------------------------------------------------------------------------------------------


def test_viewers_now_follows_who_comes_and_goes(live_api, catalog, video):
    began_ms = int(time.time() * 1000) - 60_000
    with live(live_api, video.id) as page, live_api.websocket() as sender:

        def send(number: int, seq: int, **event: Any) -> None:
            sender.send(beat(number, seq, began_ms=began_ms, video_id=video.id, **event).decode())
            assert "ack" in json.loads(sender.recv(timeout=5))

        send(1, 1)
        hear_until(page, lambda message: message["viewers_now"] == 1, within_s=8)
        send(2, 1)
        send(3, 1)
        last_sign = time.monotonic()
        hear_until(page, lambda message: message["viewers_now"] == 3, within_s=8)
        send(2, 2, type="view_end", reason="unload")
        hear_until(page, lambda message: message["viewers_now"] == 2, within_s=8)
        send(4, 1, t_ms=30_000)  # half a minute old when it was sent
        assert hear(page, "live")["viewers_now"] == 2
        hear_until(page, lambda message: message["viewers_now"] == 0)
        assert 15 <= time.monotonic() - last_sign < 20  # 15 s, a beat, and what a busy machine takes


def test_with_several_workers_every_page_hears_of_every_viewer(tmp_path):
    with running_server(tmp_path, workers=2) as server, ExitStack() as stack:
        video = catalog_of(server).add(title="x", source_kind="upload")
        began_ms = int(time.time() * 1000) - 60_000
        senders: list[ClientConnection] = []

        def both_have_some() -> bool:
            senders.append(stack.enter_context(server.websocket()))  # the kernel chooses the process
            senders[-1].send(beat(len(senders), 1, began_ms=began_ms, video_id=video.id).decode())
            assert "ack" in json.loads(senders[-1].recv(timeout=5))
            return len(list((tmp_path / "work" / "live").glob("*.views"))) == 2

        pages = [stack.enter_context(live(server, video.id)) for _ in range(6)]
        until(both_have_some, timeout_s=10, what="viewers at both workers")
        viewers = len(senders)
        for page in pages:
            hear_until(page, lambda message: message["viewers_now"] == viewers, within_s=8)
        moved = beat(1, 2, began_ms=began_ms, video_id=video.id).decode()
        for sender in senders:  # a viewer whose line broke reappears at whichever process
            sender.send(moved)
            assert "ack" in json.loads(sender.recv(timeout=5))
        for page in pages:
            assert hear(page, "live")["viewers_now"] == viewers


def test_views_and_heat_are_the_metrics(live_api, catalog, video):
    publish(catalog, video)
    effects = [parse_effect("replay=0.6,40,52"), parse_effect("replay=0.3,90,96")]
    audience = Audience(11, video.id, DURATION_S, 30, int(time.time() * 1000), 1, effects, synthetic=False)
    with live(live_api, video.id) as page:
        assert hear(page, "live")["heat"] == [0.0] * 100
        delivery = over_websocket(f"ws://127.0.0.1:{live_api.port}/v1/views", audience.views())
        assert not delivery.refused
        views = asked(live_api, "metric", "views", "--video", video.id)[0]["views"]
        assert views >= 25
        told = hear_until(page, lambda message: message["views"] == views)
    rows = asked(live_api, "metric", "most_replayed", "--video", video.id, "--param", "points=100")
    curve = [row["most_replayed"] for row in sorted(rows, key=lambda row: row["from_s"])]
    assert len(curve) == 100
    assert told["heat"] == [round(value / max(curve), 6) for value in curve]
    assert max(told["heat"]) == 1
    hottest = told["heat"].index(1)
    assert 40 <= hottest * DURATION_S / 100 < 52


def test_below_ten_valid_views_there_is_no_heat(live_api, catalog, video):
    publish(catalog, video)
    audience = Audience(
        3, video.id, DURATION_S, 9, int(time.time() * 1000), 1, [parse_effect("replay=1,40,52")], synthetic=False
    )
    with live(live_api, video.id) as page:
        over_websocket(f"ws://127.0.0.1:{live_api.port}/v1/views", audience.views())
        told = hear_until(page, lambda message: message["views"] >= 8)
    assert told["heat"] == [0.0] * 100


def asked(server: Server, *arguments: str) -> list[dict[str, Any]]:
    """Rows of a command of the command line over the same data, when everything sent is in the tables."""
    for command in (["rollup"], [*arguments, "--format", "json"]):
        done = subprocess.run(
            [sys.executable, "-m", "viewbox", *command], env=server.environment, cwd=server.data_dir,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.fixture(autouse=True)
def _no_faults(live_api: Server) -> Iterator[None]:
    """No look of the live hub may fail, whatever a test does."""
    yield
    assert numbers(live_api)["faults"] == 0
