"""Intervals: the sampling unit is the viewer, and textbook cases give textbook numbers."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from viewbox.engine.views import model
from viewbox.metrics.compose import parts


def interval(kind: str, sample: Sequence[tuple[str, float | None]]) -> tuple[float, float] | None:
    """Low and high end for (viewer, value) rows, each of weight 1."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE sample (video_id VARCHAR, period DATE, viewer_key VARCHAR, "
            "numerator DOUBLE, denominator DOUBLE)"
        )
        if sample:
            connection.executemany("INSERT INTO sample VALUES ('v', NULL, ?, ?, 1)", sample)
        found = connection.execute(
            f"WITH clusters AS ({parts()['clusters']}), cluster_lists AS ({parts()['cluster_lists']}), "
            f"bootstrap_draws AS ({model('analyst/bootstrap_draws.sql')}), "
            f"confidence AS ({parts()[f'confidence_{kind}']}) "
            "SELECT ci_low, ci_high FROM confidence"
        ).fetchall()
    return found[0] if found else None


def test_one_view_per_viewer_gives_the_textbook_wilson_interval() -> None:
    """8 of 10: (0.4902, 0.9433), Wilson 1927 with z = 1.96."""
    found = interval("wilson", [(f"viewer-{one}", float(one < 8)) for one in range(10)])
    assert found == pytest.approx((0.49016, 0.94331), abs=1e-4)


def test_views_of_the_same_viewers_add_nothing_when_all_alike() -> None:
    """10 viewers with 5 equal views each know as much as 10 viewers with one."""
    once = [(f"viewer-{one}", float(one < 8)) for one in range(10)]
    assert interval("wilson", once * 5) == pytest.approx(interval("wilson", once))


def test_a_rate_of_one_counts_each_viewer_once() -> None:
    """10 of 10: the lower end is n / (n + z²) = 10 / 13.8415."""
    found = interval("wilson", [(f"viewer-{one % 10}", 1.0) for one in range(30)])
    assert found == pytest.approx((0.72247, 1.0), abs=1e-4)


def test_the_bootstrap_interval_of_a_mean_is_near_the_normal_one() -> None:
    """0…99, one per viewer: mean 49.5, standard error 28.866 / 10, so 49.5 ± 5.66; 400 resamples are ± 0.7 exact."""
    found = interval("bootstrap", [(f"viewer-{one:02}", float(one)) for one in range(100)])
    assert found == pytest.approx((43.84, 55.16), abs=0.9)


def test_the_bootstrap_draws_viewers_not_views() -> None:
    """Ten equal views of each of 100 viewers leave the interval as wide as one view of each."""
    once = [(f"viewer-{one:02}", float(one)) for one in range(100)]
    assert interval("bootstrap", once * 10) == pytest.approx(interval("bootstrap", once))


def test_many_viewers_are_drawn_in_groups() -> None:
    """2000 viewers with 0 or 1: standard error 0.0112, so 0.5 ± 0.0219."""
    found = interval("bootstrap", [(f"viewer-{one:04}", float(one % 2)) for one in range(2000)])
    assert found == pytest.approx((0.478, 0.522), abs=0.004)


def test_resamples_without_any_of_a_few_rare_events_do_not_blow_an_interval_up() -> None:
    """One in 20 resamples draws none of 3 viewers in 31. No mean of theirs can be more than the most, 0.7."""
    for most in (0.7, 0.3, 1.1):
        rare = [(f"viewer-{one:02}", most if one < 3 else 0.0) for one in range(31)]
        found = interval("bootstrap", rare)
        assert found is not None
        assert 0 <= found[0] < 3 * most / 31 < found[1] < most


@pytest.mark.parametrize("sample", [[], [("ann", 3.0)], [("ann", 3.0), ("ben", None)]])
def test_fewer_than_two_viewers_have_no_bootstrap_interval(sample: list[tuple[str, float | None]]) -> None:
    assert interval("bootstrap", sample) is None
