"""Numbers for people, as look.md writes them."""

from __future__ import annotations

import pytest

from viewbox import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (65, "1:05"), (3730, "1:02:10"), (36_000, "10:00:00"), (59.5, "0:59"), (63.7, "1:03"),
     (12.9999999, "0:13"),     (-5, "−0:05"), (-0.2, "0:00"), (None, "–"), (float("nan"), "–"), (float("inf"), "–")],
)  # fmt: skip
def test_clock(seconds, text):
    assert wording.clock(seconds) == text


def test_a_range_is_half_open_and_written_with_a_dash():
    assert wording.span(0, 13) == "0:00–0:13"


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.42, "42\u202f%"), (0.004, "0.4\u202f%"), (0, "0\u202f%"), (1.2, "120\u202f%"), (None, "–")]
)
def test_percent(ratio, text):
    assert wording.percent(ratio) == text


def test_percent_with_margin_is_half_the_interval():
    assert wording.percent_with_margin(0.38, 0.34, 0.42) == "38\u202f% ± 4"
    assert wording.percent_with_margin(0.5, 0.497, 0.503) == "50\u202f% ± 0.3"
    assert wording.percent_with_margin(0.5, None, None) == "50\u202f%"


@pytest.mark.parametrize(
    ("number", "text"),
    [(7, "7"), (1234, "1,234"), (9999, "9,999"), (10_000, "10.0k"), (12_345, "12.3k"), (999_960, "1.0M"),
     (4_500_000, "4.5M"), (None, "–")],
)  # fmt: skip
def test_count(number, text):
    assert wording.count(number) == text


def test_one_view_is_not_plural():
    assert wording.number_of(1, "view") == "1 view"
    assert wording.number_of(1204, "view") == "1,204 views"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.42, "0.42\u202fs"),
        (2.44, "2.4\u202fs"),
        (15.2, "15\u202fs"),
        (65, "1:05"),
        (59.7, "1:00"),
        (63.7, "1:03"),
        (None, "–"),
    ],
)
def test_seconds(value, text):
    assert wording.seconds(value) == text


@pytest.mark.parametrize(
    ("watch_s", "playing_s", "text"),
    [(220, 211, "3:40 watched = 3:31 playing + 0:09 waiting"),
     (70, 60, "1:10 watched = 1:00 playing + 0:10 waiting"),
     (10.4, 10.6, "0:10 watched = 0:10 playing + 0:00 waiting")],
)  # fmt: skip
def test_watch_time_is_never_shown_without_its_split(watch_s, playing_s, text):
    assert wording.watched(watch_s, playing_s) == text


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (3.9, "3\u202fs ago"),
        (-1, "0\u202fs ago"),
        (61, "1\u202fmin ago"),
        (7200, "2\u202fh ago"),
        (90_000, "1\u202fd ago"),
    ],
)
def test_ago(age_s, text):
    assert wording.ago(age_s) == text


def test_a_hint_becomes_a_sentence():
    texts = ("the address leads to a web page", "Choose another file.", "ready?", " ", "")
    said = ["The address leads to a web page.", "Choose another file.", "Ready?", "", ""]
    assert [wording.sentence(text) for text in texts] == said


def test_rates_of_few_views_are_not_shown():
    assert wording.rate_or_too_few("42 %", 9) == "too few views (9)"
    assert wording.rate_or_too_few("42 %", 10) == "42 %"


def test_speed_drops_needless_digits():
    assert [wording.speed(rate) for rate in (1.0, 1.25, 1.5, 0.333, None)] == ["1×", "1.25×", "1.5×", "0.33×", "–"]


def test_sums_of_watching_stay_readable():
    assert wording.long_time(3730) == "1:02:10"
    assert wording.long_time(4_334_400) == "1,204\u202fh"
