"""Which steps of a retention curve are steep, in numbers that a person can check."""

from __future__ import annotations

import duckdb

from viewbox.metrics.compose import parts


def steep(steps_120: list[int]) -> list[int]:
    """Numbers of the steep steps, each so many 120ths; the first step leads to slice 1."""
    heights = [sum(steps_120[:place]) for place in range(len(steps_120) + 1)]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE smoothed_retention AS SELECT 'v' AS video_id, NULL::DATE AS period, 1 AS revision,"
            " unnest(range(len($heights))) AS second, 30 AS n, len($heights) AS slices, 1 AS half_width,"
            " unnest($heights) / 120 AS smoothed",
            {"heights": heights},
        )
        rows = connection.execute(f"SELECT second FROM ({parts()['steep_slices']}) ORDER BY second").fetchall()
    return [second for (second,) in rows]


def test_a_step_of_exactly_three_deviations_is_not_outside_them() -> None:
    """Steps of -1, 0 and 1: their median is 0, the median deviation 1. A step of 3 is 3 of them, of 4 is more."""
    usual = [-1, 1, 0, -1, 1, -1, 1]
    assert steep([*usual, 3, 0, -4, 0]) == [10]


def test_a_straight_decline_has_no_steep_step() -> None:
    assert steep([-1] * 40) == []
