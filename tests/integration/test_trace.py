"""`viewbox trace`: every event of a view is found where it is, on its whole way, with times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.messages import START_MS, catalog_of, door, drain, interval, play, settings_in, view_id, wire
from tests.servers import clean_environment
from viewbox.clock import SYSTEM_CLOCK, to_datetime
from viewbox.engine import Engine
from viewbox.errors import InvalidInput, NotFound
from viewbox.maintainer import Maintainer
from viewbox.settings import Settings
from viewbox.trace import Leg, Trace, trace

VIEW = view_id(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, executor="inline")


def send(settings: Settings, *raw: bytes, at_ms: int = START_MS) -> None:
    with door(settings) as intake:
        for message in raw:
            intake.accept([message], received_at_ms=at_ms)


def roll_up(settings: Settings) -> None:
    with Maintainer(settings) as maintainer:
        maintainer.run_until_drained()


def follow(settings: Settings, view: str = VIEW) -> Trace:
    engine = Engine(settings, catalog_of(settings))
    try:
        return trace(settings, engine, view)
    finally:
        engine.close()


def places(settings: Settings) -> list[tuple[str, list[int]]]:
    return [(leg.place, leg.seqs) for leg in follow(settings).legs]


def first(number: int = 1) -> bytes:
    return wire(play(0), interval(1), number=number)


def second() -> bytes:
    return wire(interval(2), interval(3), number=1)


def test_the_way_of_an_event_from_spool_to_tables(settings):
    before = to_datetime(SYSTEM_CLOCK.now_ms() - 1000)
    send(settings, first())
    assert follow(settings) == Trace(VIEW, [Leg(to_datetime(START_MS), "spool", [0, 1])], None, None)
    drain(settings)
    (leg,) = follow(settings).legs
    assert (leg.place, leg.seqs, leg.received_at) == ("lake", [0, 1], to_datetime(START_MS))
    assert leg.since is not None
    assert before <= leg.since <= to_datetime(SYSTEM_CLOCK.now_ms() + 1000)


def test_rolled_up_events_are_in_the_tables_with_their_row(settings):
    before = to_datetime(SYSTEM_CLOCK.now_ms() - 1000)
    send(settings, first())
    roll_up(settings)
    found = follow(settings)
    (leg,) = found.legs
    assert (leg.place, leg.seqs) == ("tables", [0, 1])
    assert leg.since is not None
    assert before <= leg.since <= to_datetime(SYSTEM_CLOCK.now_ms() + 1000)
    assert found.row is not None
    assert (found.row["video_id"], found.row["events"], found.row["playing_ms"]) == ("video-1", 2, 10_000)


def test_each_message_is_where_it_is(settings):
    send(settings, first())
    roll_up(settings)
    send(settings, second(), at_ms=START_MS + 5000)
    assert places(settings) == [("tables", [0, 1]), ("spool", [2, 3])]
    drain(settings)
    assert places(settings) == [("tables", [0, 1]), ("lake", [2, 3])]


def test_what_was_sent_again_is_a_duplicate_until_it_is_dropped(settings):
    send(settings, first())
    drain(settings)
    send(settings, first(), at_ms=START_MS + 9000)
    assert places(settings) == [("lake", [0, 1]), ("duplicate", [0, 1])]
    drain(settings)
    assert places(settings) == [("lake", [0, 1])]


def test_two_copies_in_the_spool_are_one_and_its_duplicate(settings):
    send(settings, first())
    send(settings, first(), at_ms=START_MS + 1)
    assert places(settings) == [("spool", [0, 1]), ("duplicate", [0, 1])]


def test_refused_events_are_found_with_their_reason_before_and_after_the_drain(settings):
    send(settings, wire(play(0), interval(1, position_s=-5.0), number=1))
    for _ in range(2):
        found = follow(settings)
        (dead,) = [leg for leg in found.legs if leg.place == "dead_letter"]
        assert (dead.seqs, dead.code, dead.received_at) == ([1], "position_out_of_range", to_datetime(START_MS))
        assert dead.hint
        drain(settings)


def test_other_views_are_left_out(settings):
    send(settings, first(), first(number=2))
    drain(settings)
    send(settings, first(number=3))
    assert places(settings) == [("lake", [0, 1])]


def test_a_view_that_never_came_is_said_to_be_unknown(settings):
    with pytest.raises(NotFound) as refusal:
        follow(settings)
    assert refusal.value.code == "view_not_found"
    assert refusal.value.hint


def test_what_is_no_view_id_is_refused(settings):
    with pytest.raises(InvalidInput):
        follow(settings, "view-1")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment() | {"VIEWBOX_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "viewbox", "trace", *arguments]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_tells_people_and_programs(settings, tmp_path):
    send(settings, first())
    roll_up(settings)
    send(settings, wire(interval(2), interval(4, position_s=-5.0), number=1), at_ms=START_MS + 5000)
    told = run(tmp_path, VIEW)
    assert told.returncode == 0, told.stderr
    assert "2026-11-23T00:00:00.000Z" in told.stdout
    for words in ("0–1", "in all tables", "waits for the lake", "position_out_of_range", "10.0 s played", "valid"):
        assert words in told.stdout
    plain: dict[str, Any] = json.loads(run(tmp_path, VIEW, "--json").stdout)
    assert [(leg["place"], leg["seqs"]) for leg in plain["events"]] == [
        ("tables", [0, 1]), ("spool", [2]), ("dead_letter", [4]),
    ]  # fmt: skip
    assert plain["events"][0]["received_at"] == "2026-11-23T00:00:00.000Z"
    assert plain["view"]["is_valid"] is True
    assert plain["view"]["closed_by"] in {None, "timeout"}


@pytest.mark.parametrize(("view", "code"), [("view-1", 2), (view_id(9), 1)])
def test_the_command_fails_in_one_line_and_a_hint(tmp_path, view, code):
    told = run(tmp_path, view)
    assert told.returncode == code
    assert "hint:" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 2
    assert told.stdout == ""
