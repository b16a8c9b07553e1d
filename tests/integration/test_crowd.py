"""The crowd in the lake: rows as the door makes them, and tables that agree with what really happened."""

import json

import numpy as np
import pyarrow as pa
import pytest

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.engine.checks import offences
from viewbox.errors import Conflict
from viewbox.intake import Intake
from viewbox.maintainer import Maintainer, counters, settle, spooled_to
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.testing.crowd import Crowd, Stories, parse_story
from viewbox.testing.crowd.chunk import make
from viewbox.testing.crowd.library import invented_library
from viewbox.testing.crowd.load import load
from viewbox.testing.crowd.messages import sent_views
from viewbox.testing.crowd.plan import parts
from viewbox.testing.crowd.rows import view_ids
from viewbox.testing.crowd.tape import NONE
from viewbox.testing.crowd.truth import seconds_of, view_truths

UNTIL_MS = 1_763_899_200_000  # 2025-11-23T12:00:00Z: every run has the same crowd
STORIES = (
    "skipped-intro=0.4", "highlight=0.3", "stalling-segment=0.2", "failing-browser=0.2", "bot-spike=0.2", "cliff=0.2",
    "slow-country=2", "experiment=0.2", "fast-section=0.2", "outage=40", "small-variant=0.5",
)  # fmt: skip


def crowd(views, *, loss=0.0, videos=7, days=3.0):
    stories = Stories(tuple(map(parse_story, STORIES)))
    return Crowd(5, invented_library(5, videos), views, UNTIL_MS, days, stories, loss=loss)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path, executor="inline", sample=False)


def made(whole):
    return [make(chunk) for part in parts(whole) for chunk in part.chunks()]


def catalog_of(settings):
    return Catalog(open_database(settings.database))


def rows(settings, sql):
    return open_engine(settings).query(sql).to_pylist()


def test_the_lake_holds_what_the_door_would_have_stored(settings):
    """The same messages through the real door, spool and maintainer: every row and column is equal."""
    whole = crowd(60, loss=0.05)
    with Spool(settings.spool_dir) as spool:
        intake = Intake(settings, catalog_of(settings), spool, source="file")
        for piece in made(whole):
            for view in sent_views(piece):
                intake.accept([json.dumps(line).encode() for line in view.lines()])
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings))
    assert counters(settings)["dead_lettered"] == 0
    stored = open_engine(settings).query("SELECT * EXCLUDE (dt) FROM events ORDER BY view_id, seq")
    mine = pa.concat_tables([piece.rows().cast(piece_schema(piece)) for piece in made(whole)])
    mine = mine.sort_by([("view_id", "ascending"), ("seq", "ascending")])
    assert stored.num_rows == mine.num_rows > 1000
    for name in stored.column_names:
        ours, theirs = mine.column(name).to_pylist(), stored.column(name).to_pylist()
        if name == "context":
            ours, theirs = [[text and json.loads(text) for text in side] for side in (ours, theirs)]
        assert ours == theirs, name


def piece_schema(piece):
    """The rows' schema with plain strings."""
    schema = piece.rows().schema
    return pa.schema([
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in schema
    ])  # fmt: skip


def test_without_losses_every_column_of_every_view_agrees_with_the_truth(settings):
    whole = crowd(1500)
    load(settings, catalog_of(settings), whole)
    stored = {row["view_id"]: row for row in rows(settings, "SELECT * FROM views")}
    seen = 0
    for piece in made(whole):
        truths = view_truths(piece)
        for view, view_id in enumerate(view_ids(piece.visits).to_pylist()):
            row, seen = stored[view_id], seen + 1
            for truth_name, column in truths.items():
                name = truth_name
                if name == "attempted":
                    continue
                expected = None if column[view] == NONE else column[view]
                if name not in row:  # lengths of media
                    name, expected = name.removesuffix("_ms") + "_s", expected if expected is None else expected / 1000
                assert row[name] == (expected if expected is None else pytest.approx(expected, abs=1e-6)), name
    assert seen == len(stored) == 1800  # 1500 people's and 300 bots'


def test_without_losses_seconds_are_the_curves(settings):
    whole = crowd(1500)
    _stored, truth = load(settings, catalog_of(settings), whole)
    found = {
        (row["video_id"], row["second"]): (row["plays"], row["views"], row["skipped"])
        for row in rows(
            settings,
            "SELECT video_id, second, sum(plays) AS plays, sum(views) AS views, sum(skipped) AS skipped"
            " FROM seconds GROUP BY ALL",
        )
    }
    video, second = seconds_of(whole.library)
    curves = zip(*(truth.curves[name].tolist() for name in ("plays", "unique", "skips")), strict=True)
    for place, expected in enumerate(curves):
        key = (whole.library.ids[video[place]], second[place])
        assert found.get(key, (0, 0, 0)) == expected, key
    assert sum(truth.curves["plays"]) > 50_000


def test_with_losses_everything_received_is_counted_and_gaps_show(settings):
    whole = crowd(1500, loss=0.01)
    stored, truth = load(settings, catalog_of(settings), whole)
    happened = int(truth.totals["events"].sum())
    assert stored == happened - truth.lost["events"]
    assert counters(settings) == {
        "received": stored, "stored": stored, "duplicate": 0, "dead_lettered": 0, "pending": 0,
    }  # fmt: skip
    (row,) = rows(settings, "SELECT count(*) AS views, sum(events) AS events, sum(gaps) AS gaps FROM views")
    assert row["views"] == 1800 - truth.lost["views"]
    assert row["events"] == stored
    assert not any(offences(open_engine(settings)).values())
    assert 0.005 < truth.lost["messages"] / sum(len(piece.messages.view) for piece in made(whole)) < 0.015
    assert 0 < row["gaps"] <= truth.lost["events"]


def test_a_later_copy_of_an_event_is_a_duplicate(settings):
    """The index knows the views that came in bulk."""
    whole = crowd(40)
    stored, _truth = load(settings, catalog_of(settings), whole)
    view = next(sent_views(made(whole)[0]))
    with Spool(settings.spool_dir) as spool:
        intake = Intake(settings, catalog_of(settings), spool, source="file")
        intake.accept([json.dumps(line).encode() for line in view.lines()])
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings))
    events = sum(len(parcel.events) for parcel in view.parcels)
    assert counters(settings) == {
        "received": stored + events, "stored": stored, "duplicate": events, "dead_lettered": 0, "pending": 0,
    }  # fmt: skip


def test_the_same_crowd_twice_is_refused(settings):
    load(settings, catalog_of(settings), crowd(40))
    with pytest.raises(Conflict) as refused:
        load(settings, catalog_of(settings), crowd(40))
    assert "--seed" in refused.value.hint


def test_a_load_that_died_before_its_index_is_repaired(settings, monkeypatch):
    """The commit is on disk, the index was never written: the next maintainer makes it anew, and every table."""
    whole = crowd(40)
    monkeypatch.setattr("viewbox.maintainer.index.Index.commit_bulk", die)
    with pytest.raises(KeyboardInterrupt):
        load(settings, catalog_of(settings), whole)
    monkeypatch.undo()
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, {})
    happened = sum(piece.tape.count for piece in made(whole))
    assert counters(settings)["stored"] == happened
    assert rows(settings, "SELECT sum(events) AS events FROM views") == [{"events": happened}]


def die(*_arguments, **_options):
    raise KeyboardInterrupt


def test_processes_change_nothing(tmp_path):
    """Two processes write what one writes."""
    found = []
    for executor in ("inline", "process"):
        settings = Settings(data_dir=tmp_path / executor, executor=executor, sample=False)
        load(settings, catalog_of(settings), crowd(300, loss=0.01), tables=False)
        found.append(open_engine(settings).query("SELECT * FROM events ORDER BY view_id, seq"))
    assert found[0].equals(found[1])
    assert np.unique(found[0].column("dt").to_numpy()).size >= 3
