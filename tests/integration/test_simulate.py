"""`viewbox simulate` over a real server's WebSocket and straight into the lake: the tables come to its answers."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.support import until
from viewbox import settings as settings_module
from viewbox.cli.simulate import simulate
from viewbox.engine import open_engine
from viewbox.errors import InvalidInput
from viewbox.maintainer import RoleTaken
from viewbox.maintainer.role import Role
from viewbox.metrics import parse_selection, run
from viewbox.testing import FakeClock

NOW_MS = 1_763_899_200_000  # 2025-11-23T12:00:00Z


@pytest.fixture
def at_server(live_api, monkeypatch):
    """The settings of the running server, for commands of this process."""
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(live_api.data_dir))
    monkeypatch.setenv("VIEWBOX_PORT", str(live_api.port))
    return settings_module.load()


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A fresh data directory, an hour that does not change, and a port that nothing listens on."""
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VIEWBOX_PORT", "9")  # discard
    monkeypatch.setattr("viewbox.cli.simulate.SYSTEM_CLOCK", FakeClock(NOW_MS))  # every run has the same crowd
    return settings_module.load()


def one(settings, sql):
    (row,) = open_engine(settings).query(sql).to_pylist()
    return row


def answered(capsys, **options):
    simulate(**options, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_over_the_websocket_the_tables_come_to_the_answers(at_server, capsys):
    answers = answered(capsys, views=60, videos=3, days=2.0, seed=9, story=["cliff=0.3"], loss=0.0)
    found = one(
        at_server,
        "SELECT count(*) AS sent, sum(events) AS events, count(*) FILTER (is_valid) AS views, count(DISTINCT viewer_id)"
        " FILTER (is_valid) AS unique_viewers, sum(watch_ms) FILTER (is_valid) / 1000 AS total_watch_time,"
        " sum(media_s) FILTER (is_valid) AS media_s, count(*) FILTER (is_valid AND completed) AS completed,"
        " sum(stall_ms) FILTER (played) AS stall_ms, count(*) FILTER (failed) AS failed,"
        " count(*) FILTER (exit_before_start) AS exits_before_start FROM views",
    )
    assert found == {name: pytest.approx(answers[name]) for name in found}
    assert answers["stored_events"] == answers["events"]
    assert answers["stories"] == [
        {"story": "cliff", "effect": 0.3, "unit": "share of views that come by", "at_s": answers["stories"][0]["at_s"]}
    ]


def has_maintainer(settings):
    """Whether some process holds the maintainer's role."""
    role = Role(settings.data_dir)
    taken = role.take()
    role.give_up()
    return not taken


def test_a_server_keeps_the_lake_to_itself(at_server):
    until(lambda: has_maintainer(at_server))
    with pytest.raises(RoleTaken) as refused:
        simulate(views=10, videos=2, via="lake")
    assert "--via ws" in refused.value.hint


def test_with_one_message_in_a_hundred_lost_the_estimates_recover_the_truth(alone, tmp_path, capsys):
    """Within the few per cent that the lost messages carried, and well within the intervals; of a ten-minute video."""
    place = tmp_path / "truth.parquet"
    answers = answered(capsys, views=2500, video="elsewhere", days=5.0, seed=4, via="lake", truth=place)
    engine = open_engine(alone)
    for metric in ("average_watch_time", "completion_rate", "average_percentage_viewed", "rebuffer_ratio"):
        (row,) = run(engine, metric, parse_selection([])).table.to_pylist()
        assert row[metric] == pytest.approx(answers[metric], rel=0.04), metric
        assert row["ci_low"] < answers[metric] < row["ci_high"], metric
    assert 0.005 * answers["events"] < answers["lost_events"] < 0.015 * answers["events"]
    assert answers["stored_events"] == answers["events"] - answers["lost_events"]

    truth = pq.read_table(place).to_pydict()
    seconds = engine.query(
        "SELECT second, sum(plays) AS plays, sum(views) AS views FROM seconds GROUP BY 1"
    ).to_pylist()
    plays, unique = np.zeros(len(truth["second"])), np.zeros(len(truth["second"]))
    for row in seconds:
        plays[row["second"]], unique[row["second"]] = row["plays"], row["views"]
    for found, expected in ((plays, truth["plays"]), (unique, truth["unique"])):
        assert (found <= expected).all()
        assert found.sum() == pytest.approx(sum(expected), rel=0.04)
        assert np.abs(found - expected).max() < 0.06 * max(expected)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"videos": 2}, "--views or --events"),
        ({"videos": 2, "views": 5, "events": 5}, "not both"),
        ({"videos": 2, "video": "x", "views": 5}, "one of them"),
        ({"views": 5, "video": "x", "story": ["cliff=0.1", "cliff=0.2"]}, "one effect"),
        ({"views": 100_001, "videos": 2, "via": "ws"}, "--via lake"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(alone, options, hint):
    with pytest.raises(InvalidInput) as refused:
        simulate(**options)
    assert hint in refused.value.hint


def test_events_can_be_asked_for_instead_of_views(alone, capsys):
    answers = answered(capsys, events=6000, videos=20, days=1.0, via="lake", tables=False)
    assert answers["events"] == pytest.approx(6000, rel=0.25)
    assert one(alone, "SELECT count(*) AS stored FROM events") == {"stored": answers["stored_events"]}
    assert one(alone, "SELECT count(*) AS views FROM views") == {"views": 0}
