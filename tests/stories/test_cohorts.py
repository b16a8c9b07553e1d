"""Stories about who and when: browsers, countries, variants, days, minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.stories.test_positions import Found, named
from viewbox.stories.chance import Rate, holm
from viewbox.stories.detectors import bots, experiments, failures, outages, rebuffering, slow_starts
from viewbox.stories.finder import ALPHA_EXPERIMENT
from viewbox.stories.finding import Ask

NOON = datetime(2026, 11, 14, 12, tzinfo=UTC)


def rate_row(dimension: str, value: str | None, name: str, part: int, n: int, **more: object) -> dict[str, Any]:
    low, high = Rate(part, n).interval()
    return {dimension: value, name: part / n, "n": n, "ci_low": low, "ci_high": high, **more}


def browser(name: str | None, failed: int, n: int) -> dict[str, Any]:
    return rate_row("browser", name, "playback_failures", failed, n, startup_failures=failed / n)


def test_a_browser_that_cannot_start_is_named_with_both_shares():
    found = failures.find([browser("Firefox", 76, 200), browser("Chrome", 6, 1000), browser("Safari", 3, 500)])
    assert named(found) == ["Firefox fails to start: 38\u202f% of attempts, 0.6\u202f% in other browsers."]
    assert found[0][0].finding.filters == (("browser", ("Firefox",)),)


def test_a_browser_of_few_attempts_or_little_worse_is_not_named():
    assert named(failures.find([browser("Firefox", 6, 12), browser("Chrome", 6, 1000)])) == []
    assert named(failures.find([browser("Firefox", 8, 200), browser("Chrome", 15, 1000)])) == []
    assert named(failures.find([browser("Firefox", 3, 60), browser("Chrome", 6, 1000)])) == []
    assert named(failures.find([])) == []


def test_a_browser_that_is_not_known_is_not_named():
    assert named(failures.find([browser(None, 100, 200), browser("Chrome", 6, 1000)])) == []


def country(value: str, startup: float, slow: int, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"country": value, "startup_time": startup, "n": n},
        rate_row("country", value, "slow_starts", slow, n),
    )


def started(*rows: tuple[dict[str, Any], dict[str, Any]]) -> Found:
    return slow_starts.find([one for one, _ in rows], [other for _, other in rows])


def test_a_country_that_waits_twice_as_long_is_named():
    found = started(country("BR", 1.8, 360, 412), country("DE", 0.95, 200, 500), country("US", 0.9, 200, 500))
    assert named(found) == ["Start-up takes twice as long in Brazil: 1.8\u202fs, 0.90\u202fs elsewhere."]
    assert "87\u202f% of starts there are slower" in found[0][0].finding.sure


def test_the_rest_of_the_world_is_asked_for_exactly():
    medians = [{"country": "BR", "startup_time": 1.9}, {"country": "DE", "startup_time": 0.9}]
    candidates, _ = started(country("BR", 1.9, 360, 412), country("DE", 0.95, 200, 500))
    asked: list[Ask] = []

    def look(ask: Ask) -> list[dict[str, Any]]:
        asked.append(ask)
        return [{"startup_time": 0.8}]

    told = slow_starts.confirmed(candidates[0].finding, medians, look)
    assert asked[0].filters == (("country", ("DE",)),)
    assert told.sentence == "Start-up takes 2.4 times as long in Brazil: 1.9\u202fs, 0.80\u202fs elsewhere."


@pytest.mark.parametrize("few", [country("BR", 1.9, 18, 20), country("BR", 1.0, 240, 412), country("BR", 1.9, 24, 40)])
def test_a_country_of_few_or_hardly_slower_or_by_chance_is_not_named(few):
    assert named(started(few, country("DE", 0.95, 200, 400), country("US", 0.9, 200, 400))) == []


INTRO = "experiment.intro"


def variants(*rows: tuple[str | None, int, int]) -> list[str]:
    completed = [rate_row(INTRO, value, "completion_rate", part, n) for value, part, n in rows]
    candidates, looked = experiments.find({INTRO: completed})
    kept = holm([one.chance for one in candidates], ALPHA_EXPERIMENT, looked)
    return [one.finding.sentence for one, holds in zip(candidates, kept, strict=True) if holds]


def test_a_variant_that_does_better_is_named_and_twelve_views_are_not():
    told = variants(("a", 380, 1000), ("b", 460, 1000), ("c", 12, 12), (None, 50, 100))
    assert told == ["Variant b of “intro” completes 8 points more than a: 46\u202f%, 38\u202f%."]


def test_a_difference_whose_interval_has_zero_is_not_named():
    assert variants(("a", 38, 100), ("b", 46, 100)) == []
    assert variants(("a", 380, 1000), ("b", 385, 1000)) == []


def test_of_many_variants_each_has_to_be_clearer():
    one = (("a", 500, 1000), ("b", 565, 1000))
    assert len(variants(*one)) == 1
    assert variants(*one, *((f"v{number}", 500, 1000) for number in range(10))) == []


def test_the_interval_of_compare_has_the_last_word():
    rows = [rate_row(INTRO, "a", "completion_rate", 380, 1000), rate_row(INTRO, "b", "completion_rate", 460, 1000)]
    (candidate,), _ = experiments.find({INTRO: rows})
    asked: list[Ask] = []

    def look(ask: Ask) -> list[dict[str, Any]]:
        asked.append(ask)
        return [{"ci_low": 0.031, "ci_high": 0.129}]

    told = experiments.confirmed(candidate.finding, look)
    assert asked[0].params == (("metric", "completion_rate"), ("a", "experiment.intro=a"), ("b", "experiment.intro=b"))
    assert told is not None
    assert told.sure == "(95\u202f%: +3 to +13 points, 2,000 views)"
    assert experiments.confirmed(candidate.finding, lambda _: [{"ci_low": -0.01, "ci_high": 0.17}]) is None


def hours(**special: dict[int, int]) -> list[dict[str, Any]]:
    """Ten days of hours before and after noon of 14 November."""
    rows = [
        {"period": NOON + timedelta(hours=hour), "bots": 0, "late_events": hour % 2, "n": 10}
        for hour in range(-120, 120)
    ]
    for column, values in special.items():
        for hour, value in values.items():
            rows[hour + 120][column] = value
    return rows


def test_a_day_of_robots_is_named_in_the_time_zone_of_the_installation():
    (day,) = named(bots.find(hours(bots={0: 500, 1: 312}), "UTC"))
    assert day == "812 robot views on 14 Nov, 0 on an ordinary day."
    (day,) = named(bots.find(hours(bots={11: 500}), "Asia/Tokyo"))
    assert "15 Nov" in day


def test_robots_of_every_day_and_a_handful_are_not_named():
    assert named(bots.find(hours(bots=dict.fromkeys(range(-120, 120), 3)), "UTC")) == []
    assert named(bots.find(hours(bots={0: 15}), "UTC")) == []


def minutes(unheard: int, gap: range) -> list[dict[str, Any]]:
    """Two hours of minutes in which two views are playing; none arrives within the gap."""
    return [
        {
            "minute_at": NOON + timedelta(minutes=minute), "received": 0 if minute in gap else 40, "views": 2,
            "late_views": 2 if minute in gap else 0,
            "first_late_views": unheard if minute == gap.start else 0,
        }
        for minute in range(120)
    ]  # fmt: skip


def outage(unheard: int, late_events: int = 200) -> list[str]:
    asked = hours(late_events={0: late_events})
    return named(outages.find(asked, lambda _: minutes(unheard, range(10, 50)), "UTC"))


def test_an_outage_is_named_to_the_minute():
    assert outage(6) == [
        "No data arrived on 14 Nov from 12:10 to 12:50 (40\u202fmin); what happened then came in late."
    ]  # fmt: skip


def test_one_device_without_a_network_is_no_outage():
    assert outage(1) == []
    assert outage(6, late_events=4) == []  # nobody even looks closer


def test_a_quiet_hour_before_an_outage_is_no_part_of_it():
    told = minutes(6, range(30, 50))
    told = told[:10] + told[30:]  # nobody was there from 12:10 to 12:30, and so nothing arrived
    (said,) = named(outages.find(hours(late_events={0: 200}), lambda _: told, "UTC"))
    assert "from 12:30 to 12:50 (20\u202fmin)" in said


def test_quiet_nights_are_no_outage():
    quiet = [{**minute, "late_views": 0, "first_late_views": 0} for minute in minutes(0, range(10, 50))]
    assert named(outages.find(hours(late_events={0: 50}), lambda _: quiet, "UTC")) == []


def day(number: int, **values: object) -> dict[str, Any]:
    quiet = {"device_type": "desktop", "stall_s": 1.0, "watch_s": 1000.0, "n": 100, "stalls": 3}
    return {**quiet, "period": date(2026, 11, number), **values}


def incident(rows: list[dict[str, Any]], low: float) -> list[str]:
    row = {"rebuffer_ratio": 0.12, "ci_low": low, "ci_high": 0.14, "n": 100}
    return named(rebuffering.find(rows, lambda _: [row], "UTC"))


def test_a_day_of_interruptions_is_an_incident():
    bad = [day(number) for number in range(1, 14)] + [day(14, stall_s=120.0, stalls=90)]
    assert incident(bad, 0.10) == [
        "Quality incident on 14 Nov: viewers waited 12\u202f% of their watch time, 0.1\u202f% on other days."
    ]
    assert incident(bad, 0.04) == []  # its interval comes too near the bar


def test_an_incident_of_one_kind_of_device_names_it():
    rows = [day(number) for number in range(1, 15)]
    rows.append(day(14, device_type="mobile", stall_s=240.0, stalls=90))
    assert "viewers on mobiles waited" in incident(rows, 0.10)[0]


def test_few_views_or_few_stalls_are_no_incident():
    days = [day(number) for number in range(1, 14)]
    assert incident([*days, day(14, stall_s=120.0, stalls=90, n=12)], 0.10) == []
    assert incident([*days, day(14, stall_s=120.0, stalls=4)], 0.10) == []
    assert incident([day(14, stall_s=120.0, stalls=90)], 0.10) == []
