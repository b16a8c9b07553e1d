"""The arithmetic of the benchmark `player`: what frames, events and beacons say, and what a page weighs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from benchmarks.player import benchmark, first_frame, truth
from benchmarks.player.pages import _weigh
from benchmarks.player.server import Delivery, Host, messages_of


def frames(*stretches: tuple[float, float, int]) -> list[tuple[float, float]]:
    """Stretches of (first ms on the clock, first ms of the video, frames), 40 ms apart."""
    return [(at + 40.0 * n, place + 40.0 * n) for at, place, count in stretches for n in range(count)]


def test_standstills_are_stalls_unless_the_script_made_them() -> None:
    """Play is called at 500; the first frame comes at 1000. 2 s play, 1.5 s stand, 2 s play, a seek that takes 800 ms,
    1 s plays, a pause of 1 s, 1 s plays."""
    seen = frames(
        (100, 0, 1),  # the poster frame, before play()
        (1000, 0, 51),  # 1000 to 3000 on the clock, 0 to 2000 of the video
        (4500, 2000, 51),  # to 6500 and 4000
        (7300, 37_000, 26),  # to 8300 and 38000
        (9300, 38_000, 26),  # to 10300 and 39000
    )
    marks = truth.Marks(play_ms=500, seek_ms=6500, pause_ms=8310, again_ms=9280, end_ms=10_310)
    told = truth._truth(seen, marks)
    assert told == truth.Told(startup_ms=500, stalls=1, stall_ms=1500, seeks=1, seek_ms=800, playing_ms=6000)


def test_frames_that_were_dropped_are_no_stall() -> None:
    seen = [*frames((1000, 0, 26)), *frames((2600, 1600, 26)), *frames((4000, 40_000, 2))]
    told = truth._truth(seen, truth.Marks(900, 3700, 9000, 9001, 9002))
    assert (told.stalls, told.playing_ms) == (0, 1600 + 1000 + (3700 - 3600) + 40)


def test_our_view_is_read_from_each_event_once() -> None:
    events = [
        {"seq": 0, "type": "view_start", "t_ms": 0, "position_s": 0},
        {"seq": 1, "type": "play", "t_ms": 10, "position_s": 0},
        {"seq": 2, "type": "playing", "t_ms": 510, "position_s": 0},
        {"seq": 3, "type": "interval", "t_ms": 2510, "position_s": 2, "wall_ms": 2000},
        {"seq": 4, "type": "stall", "t_ms": 4010, "position_s": 2, "wait_ms": 1500},
        {"seq": 5, "type": "interval", "t_ms": 6010, "position_s": 4, "wall_ms": 2000},
        {"seq": 6, "type": "seek", "t_ms": 6810, "position_s": 37, "wait_ms": 800},
    ]
    first, again = events[:4], events[2:]
    sent = [
        Delivery("/v1/views", json.dumps({"view_id": "a", "events": first})),
        Delivery("/", json.dumps({"events": []})),
        Delivery("/v1/views", json.dumps({"messages": [{"view_id": "a", "events": again}]})),
    ]
    assert truth._ours(sent) == truth.Told(500, 1, 1500, 1, 800, 4000)


def test_muxs_counters_keep_their_last_value() -> None:
    beacons = [
        Delivery("/", json.dumps({"events": [{"xtitofifr": 480, "xreco": 0}, {"xreco": 1, "xredu": 1490}]})),
        Delivery("/v1/views", "{}"),
        Delivery("/", json.dumps({"events": [{"xskco": 1, "xskdu": 790}, {"xpntimscv": 4010}]})),
    ]
    assert truth._mux(beacons) == truth.Told(480, 1, 1490, 1, 790, 4010)


def test_a_page_weighs_what_it_loads_at_once_and_what_may_come(tmp_path: Path) -> None:
    code = {"main.js": b"a" * 1000, "shared.js": b"bc" * 700, "later.js": b"def" * 500}
    for name, content in code.items():
        (tmp_path / name).write_bytes(content)
    manifest = {
        "page.html": {"file": "main.js", "isEntry": True, "imports": ["_shared"], "dynamicImports": ["later.ts"]},
        "_shared": {"file": "shared.js"},
        "later.ts": {"file": "later.js", "imports": ["_shared"]},
        "page.css": {"file": "page.css"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    size = {name: len(gzip.compress(content, 9)) for name, content in code.items()}
    weight = _weigh(tmp_path)
    assert weight.first_bytes == size["main.js"] + size["shared.js"]
    assert weight.lazy_bytes == size["later.js"]


def test_the_median_of_visits_names_every_host_that_one_of_them_asked() -> None:
    visits = [
        first_frame.Start(900, 300, frozenset()),
        first_frame.Start(700, 500, frozenset({"cdn.example"})),
        first_frame.Start(800, 100, frozenset()),
    ]
    assert first_frame.median_of(visits) == first_frame.Start(800, 300, frozenset({"cdn.example"}))


def test_every_figure_is_named_once() -> None:
    names = [figure.name for figure in benchmark.FIGURES]
    assert len(names) == len(set(names))
    assert len(benchmark.MEASURES) == benchmark.STEPS


def test_the_host_acknowledges_what_it_takes_and_holds_what_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "a.m4s").write_bytes(b"segment")
    message = {"view_id": "v", "events": [{"seq": 3}, {"seq": 4}]}
    with Host(tmp_path).running() as host:
        request = Request(f"{host.origin}/v1/views", data=json.dumps(message).encode(), method="POST")
        with urlopen(request, timeout=10) as answer:
            acks = json.loads(answer.read())["acks"]
        assert [(ack["view_id"], ack["seq"]) for ack in acks] == [("v", 4)]
        assert messages_of(host.deliveries[0].body) == [message]
        host.hold("/a.m4s")
        assert not host.wait_until_asked("/a.m4s", timeout_s=0.01)
        host.let_go("/a.m4s")
        with urlopen(f"{host.origin}/a.m4s", timeout=10) as answer:
            assert answer.read() == b"segment"
        assert host.wait_until_asked("/a.m4s", timeout_s=1)


@pytest.mark.parametrize("body", ['{"view_id": "a", "events": []}\n{"view_id": "b", "events": []}'])
def test_lines_are_messages_too(body: str) -> None:
    assert [message["view_id"] for message in messages_of(body)] == ["a", "b"]
