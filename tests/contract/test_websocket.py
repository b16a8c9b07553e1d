"""`WS /v1/views` as events.md says: one answer per frame, in order, given when everything is on disk."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.messages import interval, play, view_id, wire
from tests.servers import Server, resident_bytes, running_server, start_server
from tests.support import until
from viewbox.ids import new_view_id

NOW_MS = int(time.time() * 1000)


def fresh(*events, number: int = 0, **fields) -> str:
    """A message of a view that began just now."""
    return wire(
        *events,
        **{"view_id": view_id(number, at_ms=NOW_MS), "started_at_ms": NOW_MS, "sent_at_ms": NOW_MS + 1000, **fields},
    ).decode()


def answers(server: Server, *frames: str | bytes) -> list[dict[str, Any]]:
    """Send all frames before the first answer is read."""
    with server.websocket() as socket:
        for frame in frames:
            socket.send(frame)
        return [json.loads(socket.recv(timeout=10)) for _ in frames]


def close_code(server: Server, *frames: str | bytes | Iterator[str], path: str = "/v1/views") -> int:
    with server.websocket(path) as socket:
        with contextlib.suppress(ConnectionClosed):  # it may be closed while we still send
            for frame in frames:
                socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None, "the connection broke without a close frame"
    return closed.value.rcvd.code


def test_an_ack_names_the_view_its_highest_seq_and_the_servers_time(live_api):
    before = int(time.time() * 1000)
    (answer,) = answers(live_api, fresh(play(), interval(1), interval(2), number=1))
    assert set(answer) <= {"ack", "rejected"}
    assert set(answer["ack"]) == {"view_id", "seq", "server_ms"}
    assert (answer["ack"]["view_id"], answer["ack"]["seq"]) == (view_id(1, at_ms=NOW_MS), 2)
    assert before <= answer["ack"]["server_ms"] <= int(time.time() * 1000)


def test_one_bad_event_is_rejected_and_its_neighbours_are_not(live_api):
    (answer,) = answers(live_api, fresh(play(), interval(1, position_s=-5), {"seq": 2, "type": "dance"}, number=2))
    assert answer["ack"]["seq"] == 2
    view = view_id(2, at_ms=NOW_MS)
    assert [(item["view_id"], item["seq"], item["code"]) for item in answer["rejected"]] == [
        (view, 1, "position_out_of_range"),
        (view, 2, "unknown_event_type"),
    ]
    assert all(item["hint"] for item in answer["rejected"])


def test_frames_are_answered_one_by_one_in_order(live_api):
    frames: list[str | bytes] = []
    for number in range(300):
        frames.append(fresh(play(), interval(1), number=1000 + number))
        if number % 50 == 7:
            frames.append("no json")
        if number % 50 == 9:
            frames.append(b"\x00binary")
    got = answers(live_api, *frames)
    for frame, answer in zip(frames, got, strict=True):
        if isinstance(frame, str) and frame.startswith("{"):
            assert answer["ack"]["view_id"] == json.loads(frame)["view_id"]
        else:
            assert set(answer) == {"error"}
            assert set(answer["error"]) == {"code", "hint"}


@pytest.mark.parametrize(
    "frame",
    [
        "", "null", "[]", "7", "{", '{"v": 1}', "\u0000", "[" * 50_000, b"", b'{"v":1}',
        wire(play(), v=2).decode(), wire(play(), view_id="x").decode(),
        '{"v":1,"view_id":NaN}', wire().decode(), wire(*(play(seq) for seq in range(201))).decode(),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_and_the_connection_lives_on(live_api, frame):
    unreadable, readable = answers(live_api, frame, fresh(play(), number=3))
    assert set(unreadable) == {"error"}
    assert unreadable["error"]["code"]
    assert unreadable["error"]["hint"]
    assert readable["ack"]["seq"] == 0


def test_nan_and_infinite_positions_are_refused(live_api):
    frame = fresh(play(), interval(1), number=4).replace('"position_s": 20.0', '"position_s": NaN')
    infinite = fresh(play(), interval(1), number=4).replace('"position_s": 20.0', '"position_s": Infinity')
    assert "NaN" in frame
    for answer in answers(live_api, frame, infinite):
        refused = [item["seq"] for item in answer.get("rejected", [])]
        assert refused == [1] or "error" in answer


def test_a_message_of_exactly_64_kib_is_taken_and_one_byte_more_closes_with_1009(live_api):
    padded = fresh(play(), number=5)[:-1] + ', "later": "'
    fits = padded + "x" * (65_536 - len(padded) - 2) + '"}'
    assert len(fits) == 65_536
    assert answers(live_api, fits)[0]["ack"]["seq"] == 0
    assert close_code(live_api, fits + " ") == 1009


def test_a_frame_of_10_mb_closes_with_1009_and_the_server_serves_on(live_api):
    before = live_api.refusals("message_too_big")
    assert close_code(live_api, "x" * 10_000_000) == 1009
    assert live_api.refusals("message_too_big") == before + 1
    assert answers(live_api, fresh(play(), number=6))[0]["ack"]["seq"] == 0


def test_fragments_are_one_message_and_bounded_together(live_api):
    frame = fresh(play(), interval(1), number=7)
    with live_api.websocket() as socket:
        socket.send([frame[:10], frame[10:50], frame[50:]])
        assert json.loads(socket.recv(timeout=10))["ack"]["seq"] == 1
    assert close_code(live_api, iter(["x" * 10_000] * 1000)) == 1009


def test_every_event_is_counted_once_and_the_books_close(tmp_path):
    with running_server(tmp_path) as server:
        good = fresh(play(), interval(1), interval(2), number=1)
        answers(server, good, good, "junk", b"junk", fresh(play(), interval(1, rate=99), number=2))
        # 3 + 3 again + 2 unreadable messages + 1 good and 1 refused
        books = server.settled_counters()
        assert books == {"received": 10, "stored": 4, "duplicate": 3, "dead_lettered": 3, "pending": 0}


def test_a_rate_above_the_limit_is_told_to_wait_and_stores_nothing(tmp_path):
    with running_server(tmp_path, intake_rate="5") as server:
        got = answers(server, *(fresh(play(), number=number) for number in range(30)))
        acked = [answer for answer in got if "ack" in answer]
        told = [answer for answer in got if "retry_after_ms" in answer]
        assert len(acked) + len(told) == 30
        assert 5 <= len(acked) < 15  # a second's worth at once, and what the bucket gained meanwhile
        assert all(1 <= answer["retry_after_ms"] <= 1000 for answer in told)
        assert server.counters()["received"] == len(acked)
        assert server.refusals("intake_rate") == len(told)
        posted = [server.post("/v1/views", body=fresh(play(), number=100)).status for _ in range(3)]
        assert posted == [200, 200, 200]  # each on a connection of its own
        batch = json.dumps({"messages": [json.loads(fresh(play(), number=200 + item)) for item in range(8)]})
        assert server.post("/v1/views", body=batch).status == 200  # a full bucket lets a larger batch through


def test_a_post_above_the_rate_is_503_with_retry_after(tmp_path):
    import http.client  # noqa: PLC0415  # one connection, used twice

    with running_server(tmp_path, intake_rate="2") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        statuses = []
        for number in range(4):
            connection.request("POST", "/v1/views", body=fresh(play(), number=number))
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
            if response.status == 503:
                assert int(response.headers["Retry-After"]) >= 1
        connection.close()
        assert statuses[:2] == [200, 200]
        assert statuses[3] == 503


def test_without_the_intake_token_nothing_is_taken(tmp_path):
    with running_server(tmp_path, intake_token="open-sesame-please") as server:
        assert close_code(server) == 1008
        assert close_code(server, path="/v1/views?token=wrong") == 1008
        assert server.post("/v1/views", body=fresh(play())).problem() == (401, "intake_token")
        with server.websocket("/v1/views?token=open-sesame-please") as socket:
            socket.send(fresh(play()))
            assert json.loads(socket.recv(timeout=10))["ack"]["seq"] == 0
        assert server.post("/v1/views?token=open-sesame-please", body=fresh(play(), number=1)).status == 200
        assert "open-sesame" not in (tmp_path / "serve.log").read_text()


def test_a_server_that_stops_says_1012_and_keeps_what_it_acked(tmp_path):
    server = start_server(tmp_path)
    with server.websocket() as socket:
        socket.send(fresh(play(), interval(1), number=1))
        assert json.loads(socket.recv(timeout=10))["ack"]["seq"] == 1
        server.process.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=15)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    assert server.stop() == 0
    with running_server(tmp_path) as again:
        until(lambda: again.counters().get("stored") == 2, what="both events in the lake")


def test_acked_events_survive_sigkill_and_reach_the_lake_once(tmp_path):
    server = start_server(tmp_path)
    frames = [fresh(play(), interval(1), number=number) for number in range(200)]
    acked = 0
    with server.websocket() as socket:
        for frame in frames:
            socket.send(frame)
        for _ in range(120):
            assert "ack" in json.loads(socket.recv(timeout=10))
            acked += 2
        server.kill()
    with running_server(tmp_path) as again:
        resent = answers(again, *frames)
        assert all("ack" in answer for answer in resent)
        books = again.settled_counters()
        assert books["stored"] == 400  # each event once, however often it was sent
        assert books["duplicate"] >= acked
        assert books["received"] == books["stored"] + books["duplicate"]


def test_a_new_view_id_is_in_range_by_the_servers_own_time(live_api):
    server_ms = answers(live_api, fresh(play(), number=8))[0]["ack"]["server_ms"]
    (ahead,) = answers(live_api, fresh(play(), view_id=new_view_id(server_ms + 3 * 86_400_000)))
    assert [item["code"] for item in ahead["rejected"]] == ["view_id_out_of_range"]
    assert ahead["ack"]["seq"] == 0


def test_a_client_that_floods_and_does_not_listen_is_held_up_and_loses_nothing(tmp_path):
    """Three times what fits on its way: the door reads on only as answers leave, and every frame gets one."""
    frames = [fresh(play(), number=number)[:-1] + f', "later": "{"x" * 40_000}"}}' for number in range(1_000)]
    with running_server(tmp_path, intake_rate="0") as server, server.websocket() as socket:
        before = resident_bytes(server.process.pid)

        def send_all() -> None:
            for frame in frames:
                socket.send(frame)

        sender = threading.Thread(target=send_all, daemon=True)
        sender.start()
        until(lambda: server.counters()["received"] >= 64, what="the door reads until it has enough")
        assert resident_bytes(server.process.pid) - before < 40_000_000  # of the 40 MB that were sent at once
        got = [json.loads(socket.recv(timeout=60)) for _ in frames]
        sender.join(10)
        assert [answer["ack"]["view_id"] for answer in got] == [json.loads(frame)["view_id"] for frame in frames]
        assert server.settled_counters()["stored"] == 1_000
