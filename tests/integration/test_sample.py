"""`viewbox sample add|remove` and `viewbox simulate`, without a server: every number agrees with the true books."""

import json

import pytest

from tests.media import BIKES
from viewbox import settings as settings_module
from viewbox.catalog import Catalog
from viewbox.cli import delivery, sample
from viewbox.cli.simulate import simulate
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.errors import InvalidInput
from viewbox.testing import Audience, clip, known_answers, parse_effect
from viewbox.testing.delivery import through_intake
from viewbox.testing.stories import everyday


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A fresh data directory, a port that nothing listens on, and a real clip in the sample's place."""
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VIEWBOX_PORT", "9")  # discard: no server answers there
    monkeypatch.setattr(clip, "PLACES", (BIKES,))
    return settings_module.load()


def rows(settings, sql):
    return open_engine(settings).query(sql).to_pylist()


def one(settings, sql):
    (row,) = rows(settings, sql)
    return row


def catalog_of(settings):
    return Catalog(open_database(settings.database))


def test_the_sample_comes_with_its_views_and_a_second_time_changes_nothing(settings, capsys):
    sample.add()
    video_id = capsys.readouterr().out.strip()
    video = catalog_of(settings).get(video_id)
    assert (video.external_id, video.source_kind, video.status) == ("sample", "sample", "queued")
    first = one(
        settings, "SELECT count(*) AS views, min(source) AS least, max(source) AS most, sum(gaps) AS gaps FROM views"
    )
    assert first == {"views": 450, "least": "synthetic", "most": "synthetic", "gaps": 0}

    sample.add()
    assert capsys.readouterr().out.strip() == video_id
    assert one(settings, "SELECT count(*) AS views FROM views") == {"views": 450}
    assert catalog_of(settings).count() == 1


def test_the_sample_spreads_over_28_days_browsers_and_countries(settings):
    sample.add()
    spread = one(
        settings,
        "SELECT count(DISTINCT dt) AS days, count(DISTINCT browser) AS browsers, count(DISTINCT country) AS countries,"
        " count(DISTINCT device_type) AS devices, date_diff('day', min(started_at), now()) AS oldest FROM views",
    )
    assert spread["days"] >= 27
    assert spread["oldest"] <= 28
    assert (spread["browsers"], spread["countries"], spread["devices"]) == (4, 6, 2)


def test_an_interrupted_add_is_completed_without_counting_a_view_twice(settings, monkeypatch):
    real = through_intake

    def interrupted(settings, catalog, views, **options):
        real(settings, catalog, views[:100], **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "through_intake", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sample.add()
    monkeypatch.setattr(delivery, "through_intake", real)
    sample.add()
    counted = one(settings, "SELECT count(*) AS views, sum(events) AS events FROM views")
    assert counted["views"] == 450
    assert one(settings, "SELECT count(*) AS events FROM events")["events"] == counted["events"]


def test_removing_the_sample_leaves_real_views_and_other_videos_alone(settings, capsys):
    sample.add()
    video_id = capsys.readouterr().out.strip()
    real = Audience(3, video_id, 10.0, 4, SYSTEM_CLOCK.now_ms(), synthetic=False)
    other = Audience(4, "elsewhere", 10.0, 5, SYSTEM_CLOCK.now_ms())
    for audience in (real, other):
        delivery.deliver(settings, catalog_of(settings), audience.video_id, list(audience.views()), via="lake")
    media = settings.media_dir / video_id
    media.mkdir(parents=True)

    sample.remove()

    assert catalog_of(settings).find(video_id) is None
    assert not media.exists()
    left = rows(settings, "SELECT video_id, source, count(*) AS views FROM views GROUP BY ALL ORDER BY source")
    assert left == [
        {"video_id": video_id, "source": "player", "views": 4},
        {"video_id": "elsewhere", "source": "synthetic", "views": 5},
    ]
    for table in ("events", "intervals"):
        counted = one(settings, f"SELECT count(DISTINCT view_id) AS views FROM {table}")
        assert counted["views"] == 9, table
    passes = rows(
        settings, "SELECT video_id, synthetic, sum(plays) AS plays FROM seconds GROUP BY ALL ORDER BY synthetic"
    )
    assert passes == [
        {"video_id": video_id, "synthetic": False, "plays": 40},
        {"video_id": "elsewhere", "synthetic": True, "plays": 50},
    ]


def test_a_removed_sample_can_be_added_again(settings):
    for _ in range(2):
        sample.add()
        assert one(settings, "SELECT count(*) AS views FROM views")["views"] == 450
        sample.remove()
        assert one(settings, "SELECT count(*) AS views FROM views")["views"] == 0
    sample.remove()  # nothing there is no error


def test_simulated_answers_are_the_tables_answers(settings, capsys):
    simulate(views=120, video="elsewhere", seed=5, via="lake", loss=0.0, as_json=True)
    answers = json.loads(capsys.readouterr().out)
    found = one(
        settings,
        "SELECT count(*) AS sent, sum(events) AS events, sum(events) AS stored_events,"
        " count(*) FILTER (is_valid) AS views,"
        " count(DISTINCT viewer_id) FILTER (is_valid) AS unique_viewers,"
        " sum(watch_ms) FILTER (is_valid) / 1000 AS total_watch_time,"
        " sum(playing_ms) FILTER (is_valid) / 1000 AS playing_s, sum(media_s) FILTER (is_valid) AS media_s,"
        " avg(coverage) FILTER (is_valid) AS average_percentage_viewed,"
        " count(*) FILTER (is_valid AND completed) AS completed, sum(pauses) FILTER (is_valid) AS pauses,"
        " sum(seeks_forward) FILTER (is_valid) AS seeks_forward, sum(seeks_back) FILTER (is_valid) AS seeks_back,"
        " sum(stalls) FILTER (played) AS stalls, sum(stall_ms) FILTER (played) AS stall_ms,"
        " count(*) FILTER (exit_before_start) AS exits_before_start, count(*) FILTER (failed) AS failed,"
        " count(*) FILTER (startup_failed) AS startup_failed FROM views",
    )
    assert answers["sent"] == 120
    for name, value in found.items():
        assert answers[name] == pytest.approx(value), name


def test_every_column_of_every_view_agrees_with_the_books(settings):
    story = [*everyday(60.0), *map(parse_effect, ("skip=0.4,5,20", "replay=0.3,30,40", "stall=0.3,25,1500"))]
    audience = Audience(11, "elsewhere", 60.0, 60, SYSTEM_CLOCK.now_ms(), effects=story)
    views = list(audience.views())
    delivery.deliver(settings, catalog_of(settings), "elsewhere", views, via="lake")
    stored = {row["view_id"]: row for row in rows(settings, "SELECT * FROM views")}
    columns = (
        "played", "is_valid", "completed", "reached_end", "closed_by", "startup_ms", "watch_ms", "playing_ms",
        "media_s", "unique_s", "rewatched_s", "coverage", "mean_rate", "pauses", "paused_ms", "seeks_forward",
        "seeks_back",
        "skipped_s", "seek_wait_ms", "stalls", "stall_ms", "rebuffer_ratio", "rate_changes", "exit_before_start",
        "failed", "startup_failed", "error_code", "switches_up", "switches_down", "max_height", "first_position_s",
        "last_position_s", "visible_ms", "muted_ms", "events",
    )  # fmt: skip
    for view in views:
        row = stored[view.view_id]
        for column in columns:
            expected = getattr(view.truth, column)
            assert row[column] == (pytest.approx(expected, abs=1e-6) if expected is not None else None), column
        assert (row["browser"], row["os"], row["device_type"]) == (
            view.device.browser,
            view.device.os,
            view.device.device_type,
        )
        assert row["country"] == view.home.country
        assert row["started_at"].timestamp() * 1000 == pytest.approx(view.started_at_ms, abs=50)


def test_seconds_count_the_passes_of_the_books(settings):
    audience = Audience(
        seed=12, video_id="elsewhere", duration_s=30.0, count=40, until_ms=SYSTEM_CLOCK.now_ms(),
        effects=list(map(parse_effect, ("skip=0.4,0,13", "replay=0.3,15,20", "leave=0.2,18"))),
    )  # fmt: skip
    views = list(audience.views())
    delivery.deliver(settings, catalog_of(settings), "elsewhere", views, via="lake")
    expected = [sum(column) for column in zip(*(view.truth.passes() for view in views), strict=True)]
    skipped = [sum(column) for column in zip(*(view.truth.skips() for view in views), strict=True)]
    counted = {
        row["second"]: row
        for row in rows(
            settings, "SELECT second, sum(plays) AS plays, sum(skipped) AS skipped FROM seconds GROUP BY second"
        )
    }
    assert [counted[second]["plays"] for second in range(30)] == expected
    assert [counted[second]["skipped"] for second in range(30)] == skipped
    assert known_answers(views).views == 40


def test_without_a_video_simulate_says_what_to_do(settings):
    with pytest.raises(InvalidInput) as refused:
        simulate(views=1)
    assert "sample add" in refused.value.hint
