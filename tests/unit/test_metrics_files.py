"""Metric files: what a header must say, and that every file in the house says it."""

from __future__ import annotations

import re

import pytest

from viewbox.errors import InvalidInput, NotFound
from viewbox.metrics import find_metric, metrics
from viewbox.metrics.files import MetricFileError, parse_metric

TEXT = """\
-- title: Average watch time
-- unit: seconds   grain: video_id   empty: null   version: 3
-- rule: Wall-clock seconds from play
--   to pause, end or exit.
-- source: CTA-2066
-- param: per view|viewer view: what the shares are of
-- param: at float<=1 0.9: least share
-- param: newest int>=1<=1000 100: how many
-- param: words text<=5 null: whatever
-- column: playing_s seconds: mean part that moved
SELECT 1;
"""
NEEDED = (
    "views", "unique_viewers", "returning_viewers", "total_watch_time", "average_watch_time",
    "average_view_duration", "average_percentage_viewed", "completion_rate", "viewer_completion_rate",
    "audience_retention", "relative_retention", "most_replayed", "skipped_sections", "skip_graph", "drop_offs",
    "key_moments", "pause_frequency", "playback_speed", "speed_by_second", "time_saved", "play_rate",
    "exits_before_start", "startup_time", "rebuffer_ratio", "rebuffer_frequency", "playback_failures",
    "seek_latency", "rendition_switches", "average_bitrate", "dropped_frames", "stall_exits",
    "concurrent_viewers", "experience_score", "engagement_score", "viewer_timeline", "compare", "data_quality",
    "slow_starts", "segment_stalls", "arrivals",  # what the stories stand on
)  # fmt: skip


def test_a_header_is_read_key_by_key() -> None:
    metric = parse_metric("m", TEXT)
    assert (metric.title, metric.unit, metric.version, metric.empty) == ("Average watch time", "seconds", 3, "null")
    assert metric.rule == "Wall-clock seconds from play to pause, end or exit."
    assert metric.body == "SELECT 1"
    assert metric.is_scalar
    assert [(param.name, param.default, param.choices) for param in metric.params.values()] == [
        ("per", "view", ("view", "viewer")),
        ("at", 0.9, ()),
        ("newest", 100, ()),
        ("words", None, ()),
    ]
    assert [(column.name, column.unit) for column in metric.columns] == [("playing_s", "seconds")]


@pytest.mark.parametrize("key", ["title", "unit", "grain", "empty", "rule", "source", "version"])
def test_a_header_without_a_required_key_is_an_error(key: str) -> None:
    lacking = re.sub(rf"(?<![a-z]){key}: [^\n]*?(?=   |\n)", "", TEXT, count=1)
    with pytest.raises(MetricFileError, match=key):
        parse_metric("m", lacking)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(MetricFileError, match="titel"):
        parse_metric("m", TEXT.replace("title:", "titel:"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("at", "much"),
        ("at", "-1"),
        ("at", "nan"),
        ("at", "1.1"),
        ("per", "person"),
        ("newest", "0"),
        ("newest", "1001"),
        ("newest", "1.5"),
        ("words", "longer"),
    ],
)
def test_a_parameter_takes_its_own_kind_of_value_only(name: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_metric("m", TEXT).params[name].parse(text)


def test_a_parameter_takes_what_lies_within_its_bounds() -> None:
    params = parse_metric("m", TEXT).params
    assert (params["newest"].parse("1"), params["newest"].parse("1000"), params["words"].parse("a=1&b")) == (
        1,
        1000,
        "a=1&b",
    )


def test_a_parameter_without_a_bound_is_an_error() -> None:
    with pytest.raises(MetricFileError, match="bound"):
        parse_metric("m", TEXT.replace("float<=1", "float"))


def test_a_refused_value_is_answered_with_the_range_in_words() -> None:
    with pytest.raises(InvalidInput) as whole:
        find_metric("audience_retention").params["revision"].parse("first")
    assert whole.value.hint == "a whole number from 0 to 1,000,000"
    with pytest.raises(InvalidInput) as share:
        find_metric("completion_rate").params["completed_at"].parse("1.5")
    assert share.value.hint == "a number from 0 to 1"


def test_every_metric_of_the_contract_exists() -> None:
    assert set(NEEDED) == set(metrics())


@pytest.mark.parametrize("name", metrics())
def test_every_file_names_its_value_column_after_itself(name: str) -> None:
    assert re.search(rf"\bAS {name}\b", metrics()[name].body)


def test_a_wrong_name_is_told_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        find_metric("view")
    assert caught.value.code == "unknown_metric"
    assert "views" in caught.value.hint
