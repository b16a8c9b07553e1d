"""`POST /v1/views`: the same events as the WebSocket's, for beacons and programs."""

import time

import pytest

from tests.messages import interval, play, view_id, wire

NOW_MS = int(time.time() * 1000)


def fresh(*events, number: int = 0, **fields) -> str:
    times = {"view_id": view_id(number, at_ms=NOW_MS), "started_at_ms": NOW_MS, "sent_at_ms": NOW_MS + 1000}
    return wire(*events, **{**times, **fields}).decode()


def batch(*messages: str) -> str:
    return f'{{"messages":[{",".join(messages)}]}}'


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8", "", "application/octet-stream"])
def test_a_bare_message_of_any_content_type_is_taken(live_api, kind):
    answer = live_api.post("/v1/views", body=fresh(play(), interval(1), number=1), headers={"Content-Type": kind})
    assert answer.status == 200
    assert set(answer.json()) == {"acks", "rejected", "errors"}
    (ack,) = answer.json()["acks"]
    assert (ack["view_id"], ack["seq"], set(ack)) == (view_id(1, at_ms=NOW_MS), 1, {"view_id", "seq", "server_ms"})
    assert answer.json()["rejected"] == answer.json()["errors"] == []


def test_each_message_of_a_batch_has_its_own_fate(live_api):
    body = batch(fresh(play(), number=2), '{"v":1}', fresh(play(), interval(1, rate=99), number=3), "17")
    answer = live_api.post("/v1/views", body=body)
    assert answer.status == 200
    assert [ack["seq"] for ack in answer.json()["acks"]] == [0, 1]
    assert [(item["view_id"], item["seq"]) for item in answer.json()["rejected"]] == [(view_id(3, at_ms=NOW_MS), 1)]
    assert [item["index"] for item in answer.json()["errors"]] == [1, 3]
    assert all(set(item) == {"index", "code", "hint"} for item in answer.json()["errors"])


def test_a_message_with_nan_costs_its_neighbours_nothing(live_api):
    bad = fresh(play(), interval(1), number=4).replace('"position_s": 20.0', '"position_s": NaN')
    answer = live_api.post("/v1/views", body=batch(fresh(play(), number=5), bad, fresh(play(), number=6)))
    assert answer.status == 200
    assert {view_id(5, at_ms=NOW_MS), view_id(6, at_ms=NOW_MS)} <= {ack["view_id"] for ack in answer.json()["acks"]}


def test_a_view_id_that_is_half_a_character_costs_its_neighbours_nothing(live_api):
    answer = live_api.post("/v1/views", body=batch(fresh(play(), view_id="\ud800"), fresh(play(), number=7)))
    assert answer.status == 200
    assert [item["code"] for item in answer.json()["errors"]] == ["bad_view_id"]
    assert [ack["view_id"] for ack in answer.json()["acks"]] == [view_id(7, at_ms=NOW_MS)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{",
        "[]",
        '{"v":1}',
        '{"messages":[]}',
        '{"messages":[1,2]}',
        "\x00",
        "[" * 9000,
        '{"a":' * 9000 + "1" + "}" * 9000,
    ],
)
def test_a_body_of_which_nothing_can_be_read_is_422(live_api, body):
    answer = live_api.post("/v1/views", body=body)
    assert answer.problem()[0] == 422
    assert answer.json()["acks"] == []


def test_a_body_above_1_mib_is_413_however_it_comes(live_api):
    fits = "x" * 1_048_576
    assert live_api.post("/v1/views", body=fits).problem()[0] == 422
    assert live_api.post("/v1/views", body=fits + "x").problem() == (413, "too_large")
    chunked = live_api.request("POST", "/v1/views", body=iter([b"x" * 65_536] * 40))  # no Content-Length
    assert chunked.problem() == (413, "too_large")


def test_too_many_crumbs_in_one_body_are_413(live_api):
    assert live_api.post("/v1/views", body=batch(*["1"] * 5001)).problem() == (413, "too_large")


def test_a_message_above_64_kib_is_an_error_of_its_own(live_api):
    long = fresh(play(), number=7)[:-1] + ', "later": "' + "x" * 70_000 + '"}'
    answer = live_api.post("/v1/views", body=batch(long, fresh(play(), number=8)))
    assert answer.status == 200
    assert [item["index"] for item in answer.json()["errors"]] == [0]
    assert len(answer.json()["acks"]) == 1


def test_get_is_not_how_events_are_sent(live_api):
    assert live_api.get("/v1/views").problem() == (405, "method_not_allowed")
