"""Two cohorts: textbook differences have textbook intervals, and what cannot be compared is refused with a way out."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from viewbox.errors import InvalidInput, NotFound
from viewbox.metrics import compose, find_metric, parse_selection
from viewbox.metrics.compare import comparison
from viewbox.metrics.compose import parts

Row = tuple[str, str, float]  # cohort, viewer, value of weight 1


def interval(kind: str, sample: Sequence[Row]) -> tuple[float, float] | None:
    """Low and high end of the difference b - a."""
    needed = {"bootstrap": "difference_units", "wilson": "cohort_rates"}[kind]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE sample (cohort VARCHAR, viewer_id VARCHAR, value DOUBLE)")
        if sample:
            rows = ", ".join(f"('{cohort}', '{viewer}', {value})" for cohort, viewer, value in sample)
            connection.execute(f"INSERT INTO sample VALUES {rows}")
        found = connection.execute(
            "WITH cohort_viewers AS ("
            "SELECT cohort, viewer_id, sum(value) AS numerator, count(*)::DOUBLE AS denominator FROM sample"
            " GROUP BY cohort, viewer_id"
            f"), {needed} AS ({parts()[needed]}) {parts()[f'difference_{kind}']}"
        ).fetchall()
    return found[0] if found else None


def people(cohort: str, values: Sequence[float], *, named: str | None = None) -> list[Row]:
    return [(cohort, f"{named or cohort}-{number:04}", float(value)) for number, value in enumerate(values)]


def test_two_independent_rates_give_newcombe_s_interval() -> None:
    """56 of 70 less 48 of 80 is 0.2 with (0.0524, 0.3339): Newcombe 1998, table II, method 10."""
    sample = people("a", [1] * 48 + [0] * 32) + people("b", [1] * 56 + [0] * 14)
    assert interval("wilson", sample) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_rates_of_nought_leave_room_for_doubt() -> None:
    """0 of 10 less 0 of 20: (-0.1611, 0.2775) in Newcombe 1998, table II, method 10."""
    found = interval("wilson", people("a", [0] * 20) + people("b", [0] * 10))
    assert found == pytest.approx((-0.1611, 0.2775), abs=5e-5)


def test_the_same_viewers_doing_the_same_differ_by_nothing() -> None:
    """Correlation 1: what one rate misses the truth by, the other does too. (Half of them, so that both ends agree.)"""
    values = [1] * 10 + [0] * 10
    sample = people("a", values, named="p") + people("b", values, named="p")
    assert interval("wilson", sample) == pytest.approx((0, 0), abs=1e-7)
    assert interval("bootstrap", sample) == (0, 0)


def test_viewers_who_do_the_opposite_make_the_interval_wider() -> None:
    """10 of 20 both times, but by the other half: correlation -1, so half-widths add up instead of their squares."""
    values = [1] * 10 + [0] * 10
    apart = interval("wilson", people("a", values) + people("b", values))
    opposed = interval("wilson", people("a", values, named="p") + people("b", values[::-1], named="p"))
    assert apart is not None
    assert opposed == pytest.approx((apart[0] * 2**0.5, apart[1] * 2**0.5))


def test_the_bootstrap_interval_of_two_means_is_near_the_normal_one() -> None:
    """0…99 against 10…109: standard error √2 × 28.866 / 10 = 4.08, so 10 ± 8.0; 400 resamples are ± 1 exact."""
    found = interval("bootstrap", people("a", range(100)) + people("b", range(10, 110)))
    assert found == pytest.approx((2.0, 18.0), abs=1.3)


def test_a_shift_of_the_same_viewers_is_certain() -> None:
    """The same hundred viewers, each 10 more: whoever is drawn, the difference is 10."""
    sample = people("a", range(100), named="p") + people("b", range(10, 110), named="p")
    assert interval("bootstrap", sample) == pytest.approx((10.0, 10.0))


def test_many_viewers_are_drawn_in_groups() -> None:
    """2000 of 0 or 1 each: standard error √2 × 0.01118 = 0.0158, so ± 0.031."""
    sample = people("a", [one % 2 for one in range(2000)]) + people("b", [one % 2 for one in range(2000)])
    assert interval("bootstrap", sample) == pytest.approx((-0.031, 0.031), abs=0.006)


@pytest.mark.parametrize("kind", ["bootstrap", "wilson"])
@pytest.mark.parametrize("sample", [[], people("a", [1, 0]), people("a", [1, 0]) + people("b", [1])])
def test_a_cohort_of_fewer_than_two_viewers_has_no_interval(kind: str, sample: list[Row]) -> None:
    assert interval(kind, sample) is None


def test_a_cohort_takes_what_it_leaves_open_from_the_whole_question() -> None:
    pairs = [
        ("video_id", "v"), ("since", "2026-11-01"), ("browser", "Firefox"), ("param.metric", "completion_rate"),
        ("param.a", "param.completed_at=0.5&country=DE&country=FR"),
        ("param.b", "video_id=w&since=2026-11-02&browser="),
    ]  # fmt: skip
    asked = comparison(find_metric("compare"), parse_selection(pairs))
    a, b = asked.cohorts["a"], asked.cohorts["b"]
    assert (a.video_id, b.video_id) == ("v", "w")
    assert [str(one.since)[:10] for one in (a, b)] == ["2026-11-01", "2026-11-02"]
    assert a.filters == {"browser": ("Firefox",), "country": ("DE", "FR")}
    assert b.filters == {"browser": ("",)}
    assert a.params == {"completed_at": "0.5"}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "needs the parameter metric"),
        ({"metric": "views", "a": ""}, "needs the parameter b"),
        ({"metric": "compare", "a": "", "b": ""}, "no number"),
        ({"metric": "viewer_timeline", "a": "", "b": ""}, "no number"),
        ({"metric": "views", "a": "browser", "b": ""}, "no query string"),
        ({"metric": "views", "a": "&".join(["browser=x"] * 101), "b": ""}, "no query string"),
        ({"metric": "views", "a": "x" * 2001, "b": ""}, "too long"),
        ({"metric": "views", "a": "grain=day", "b": ""}, "neither grain nor by"),
        ({"metric": "views", "a": "colour=red", "b": ""}, "no dimension"),
        ({"metric": "views", "a": "param.points=3", "b": ""}, "no parameter"),
        ({"metric": "views", "a": "", "b": "", "points": "3"}, "no parameter"),
        ({"metric": "audience_retention", "a": "video_id=v", "b": ""}, "by video"),
    ],
)
def test_what_cannot_be_compared_is_refused(params: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        compose(find_metric("compare"), parse_selection([(f"param.{name}", text) for name, text in params.items()]))
    assert caught.value.hint


def test_a_grain_of_the_whole_question_is_refused() -> None:
    pairs = [("grain", "day"), ("param.metric", "views"), ("param.a", ""), ("param.b", "")]
    with pytest.raises(InvalidInput, match="neither grain nor by"):
        compose(find_metric("compare"), parse_selection(pairs))


def test_a_metric_that_is_none_is_told_the_nearest() -> None:
    pairs = [("param.metric", "view"), ("param.a", ""), ("param.b", "")]
    with pytest.raises(NotFound):
        compose(find_metric("compare"), parse_selection(pairs))
