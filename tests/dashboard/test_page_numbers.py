"""The numbers on the pages are those of `viewbox metric` for the same filters: every page, every kind of filter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest
from typer import Typer
from typer.testing import CliRunner

from dashboard import comparison, trends
from tests.dashboard.conftest import roll_up
from tests.dashboard.test_pages import numbers
from viewbox import wording
from viewbox.catalog import Catalog
from viewbox.cli.analytics import metric as metric_command
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.metrics import find_metric
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import through_intake

LONG, SHORT = "long", "short"
TODAY = datetime.now(UTC).date()
Row = dict[str, Any]


class Filter(NamedTuple):
    """One choice of filters: as the page's URL says it, and as the command line does."""

    name: str
    link: dict[str, Any]
    since: int | None = None  # days before today
    until: int | None = None
    dimensions: tuple[tuple[str, str], ...] = ()


def day(back: int) -> str:
    return (TODAY - timedelta(days=back)).isoformat()


FILTERS = [
    Filter("four weeks", {}, since=27),
    Filter("a week", {"period": "Last 7 days"}, since=6),
    Filter("ever", {"period": "All time"}),
    Filter("dates", {"period": "Custom dates", "dates": [day(20), day(4)]}, since=20, until=3),
    Filter("phones", {"device_type": "mobile"}, since=27, dimensions=(("device_type", "mobile"),)),
    Filter("browser", {"browser": "Chrome", "period": "All time"}, dimensions=(("browser", "Chrome"),)),
    Filter(
        "either browser", {"browser": ["Firefox", "Safari"]}, since=27,
        dimensions=(("browser", "Firefox"), ("browser", "Safari")),
    ),
    Filter(
        "two dimensions", {"browser": "Chrome", "device_type": "desktop"}, since=27,
        dimensions=(("browser", "Chrome"), ("device_type", "desktop")),
    ),
    Filter("variant", {"experiment.intro": "b"}, since=27, dimensions=(("experiment.intro", "b"),)),
]  # fmt: skip
FORMS: dict[str, tuple[str, Callable[[Row], str]]] = {
    "Views": ("views", lambda row: wording.count(row["views"])),
    "Completion": ("completion_rate", lambda row: rate(row, "completion_rate")),
    "Start-up": ("startup_time", lambda row: wording.seconds(row["startup_time"])),
    "Rebuffering": ("rebuffer_ratio", lambda row: rate(row, "rebuffer_ratio", 1)),
    "Failures": ("playback_failures", lambda row: rate(row, "playback_failures", 1)),
}
PAGES = {
    "overview": ("Views", "Completion", "Failures"),
    "video": ("Views", "Completion", "Start-up", "Rebuffering"),
    "quality": ("Rebuffering", "Failures"),
    "report": ("Views", "Completion", "Failures"),
}


def rate(row: Row, name: str, decimals: int | None = None) -> str:
    if row["n"] < wording.MIN_VIEWS:
        return wording.NONE
    return wording.percent_with_margin(row[name], row["ci_low"], row["ci_high"], decimals)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory) -> Path:
    """160 views of a long video and 60 of a short one over 30 days, an experiment among them."""
    folder: Path = tmp_path_factory.mktemp("numbers")
    settings = Settings(data_dir=folder, _env_file=None)
    catalog = Catalog(open_database(settings.database))
    for video_id, length_s in ((LONG, 90.0), (SHORT, 30.0)):
        catalog.add(title=video_id.title(), source_kind="upload", video_id=video_id, tags=[video_id])
        catalog.publish(video_id, revision=1, duration_s=length_s, assets={}, ready=True)
    now_ms = SYSTEM_CLOCK.now_ms()
    effects = [parse_effect("skip=0.4,0,13"), parse_effect("experiment=0.5,intro,b")]
    long = Audience(1, LONG, 90.0, 160, now_ms, 30.0, effects, synthetic=False)
    short = Audience(2, SHORT, 30.0, 60, now_ms, 30.0, synthetic=False)
    through_intake(settings, catalog, [*long.views(), *short.views()])
    roll_up(settings)
    return folder


@cache
def told(name: str, *options: str) -> list[Row]:
    """What `viewbox metric` says; VIEWBOX_DATA_DIR names the lake."""
    line = Typer()
    line.command("metric")(metric_command)
    result = CliRunner().invoke(line, [name, *options, "--json"])
    assert result.exit_code == 0, result.output
    rows: list[Row] = json.loads(result.stdout)
    return rows


def options(one: Filter, video: str | None = None) -> tuple[str, ...]:
    """The filter on the command line."""
    said = ["--video", video] if video else ["--by", "all"]
    said += ["--since", day(one.since)] if one.since is not None else []
    said += ["--until", day(one.until)] if one.until is not None else []
    return (*said, *(word for name, value in one.dimensions for word in ("--filter", f"{name}={value}")))


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
@pytest.mark.parametrize("page", PAGES)
def test_numbers_of_a_page_are_those_of_the_command_line(open_app, crowd, page, one):
    video = LONG if page in {"video", "report"} else None
    link = {**one.link, **({"video": video} if video else {})}
    shown = numbers(open_app(crowd, page, **link))
    for label in PAGES[page]:
        metric, form = FORMS[label]
        (row,) = told(metric, *options(one, video))
        if page in {"quality", "report"} and "ci_low" in row:  # as the page of a metric writes a share
            narrow = row["ci_low"] is not None and 0.001 <= row["ci_high"] - row["ci_low"] < 0.02
            expected = rate(row, metric, 1 if narrow else None)
        else:
            expected = form(row)
        assert shown[label] == expected, label


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_the_metrics_page_answers_as_the_command_line_does(open_app, crowd, one):
    shown = open_app(crowd, "metrics", metric="completion_rate", by="browser", **one.link).dataframe[0].value
    rows = {row["browser"]: row for row in told("completion_rate", "--by", "browser", *options(one)[2:])}
    assert set(shown["browser"]) == set(rows)
    for browser, n, value in zip(shown["browser"], shown["n"], shown["completion_rate"], strict=True):
        assert n == rows[browser]["n"]
        if n >= wording.MIN_VIEWS:
            assert value == pytest.approx(rows[browser]["completion_rate"])


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_both_sides_and_the_difference_are_those_of_compare(open_app, crowd, one):
    """A is filtered, B is the short video of all time."""
    link = {f"a.{name}": value for name, value in one.link.items()}
    if "period" not in one.link:
        link["a.period"] = "Last 28 days"
    link |= {"a.video": LONG, "b.video": SHORT, "b.period": "All time", "metrics": ["Completion rate", "Views"]}
    found = cells(open_app(crowd, "compare", **link))
    moments = [(name, day(back) + "T00:00:00+00:00") for name, back in (("since", one.since), ("until", one.until))
               if back is not None]  # fmt: skip
    a = urlencode([("video_id", LONG), *moments, *one.dimensions])
    cohorts = ("--param", f"a={a}", "--param", f"b=video_id={SHORT}")
    (views,) = told("compare", "--param", "metric=views", *cohorts)
    assert found["Views"]["A"] == f"**{views['a']}**"
    assert found["Views"]["B"] == f"**{views['b']}**"
    (completion,) = told("compare", "--param", "metric=completion_rate", *cohorts)
    assert f"n {completion['n_b']:,}" in found["Completion rate"]["B"]
    if completion["n_a"] < wording.MIN_VIEWS:
        assert found["Completion rate"]["A"] == wording.too_few(completion["n_a"])
        return
    assert found["Completion rate"]["A"].startswith(f"**{wording.percent(completion['a'], 1)}**")
    difference = found["Completion rate"]["B − A"]
    assert difference.startswith(f"**{comparison.change('ratio', completion['difference'])}**")
    assert f"{100 * abs(completion['ci_low']):.1f} to" in difference


WEEK = next(one for one in FILTERS if one.name == "a week")


def cohorts(since: int, until: int, before: int) -> tuple[str, ...]:
    """Options of `compare`: days [since, until) before today beside [before, since)."""
    a, b = (f"since={day(first)}T00:00:00%2B00:00&until={day(last)}T00:00:00%2B00:00"
            for first, last in ((before, since), (since, until)))  # fmt: skip
    return ("--param", f"a={a}", "--param", f"b={b}")


def test_trends_are_what_compare_says_of_the_whole_days_and_of_as_many_before(open_app, crowd):
    """The last seven days are six whole ones and today, which is not over."""
    app = open_app(crowd, **WEEK.link)
    expected = []
    for name in trends.METRICS:
        (row,) = told("compare", "--param", f"metric={name}", *cohorts(6, 0, 12))
        expected.append(f":small[{trends.words(find_metric(name), row, trends.BETTER[name])}]")
    assert [line.value for line in app.markdown if line.value.startswith(":small")] == expected
    assert any("against the 6 days before" in caption.value for caption in app.caption)


def test_falling_videos_and_tags_are_those_of_the_command_line(open_app, crowd):
    app = open_app(crowd, **WEEK.link)
    rows = {
        side: {row["video_id"]: row for row in told("total_watch_time", "--since", day(first), "--until", day(last))}
        for side, first, last in (("before", 12, 6), ("now", 6, 0))
    }
    views = {row["video_id"]: row["views"] for row in told("views", "--since", day(12), "--until", day(6))}
    lost = {
        video: was["playing_s"] - rows["now"].get(video, {"playing_s": 0})["playing_s"]
        for video, was in rows["before"].items()
        if views[video] >= wording.MIN_VIEWS
    }
    fallen = sorted((video for video in lost if lost[video] > 0), key=lambda video: -lost[video])
    shown, by_tag = (frame.value for frame in app.dataframe[1:])
    assert fallen
    assert list(shown["Title"]) == [video.title() for video in fallen]
    by_tag = by_tag.set_index("Tag")
    for tag in (LONG, SHORT):
        (total,) = told("total_watch_time", "--tag", tag, "--by", "all", "--since", day(6))
        (completed,) = told("completion_rate", "--tag", tag, "--by", "all", "--since", day(6))
        assert by_tag.loc[tag, "Playing"] == wording.long_time(total["playing_s"])
        written = wording.rate_or_too_few(wording.percent(completed["completion_rate"]), completed["n"])
        assert by_tag.loc[tag, "Completion"] == written


def cells(app: AppTest) -> dict[str, dict[str, str]]:
    """The table of differences by metric."""
    assert not app.exception
    return {row["Metric"]: row for row in app.table[0].value.to_dict("records")}
