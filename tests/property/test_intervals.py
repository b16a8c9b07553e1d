"""Intervals of samples of any size and shape are the oracle's: one viewer or thousands, all alike or none."""

from __future__ import annotations

import math
from random import Random

import duckdb
import pyarrow as pa
import pytest

from tests.property import oracle_intervals as oracle
from tests.property.seeds import by_seed
from viewbox.engine.views import model
from viewbox.metrics.compose import parts

SAMPLES = 40  # of one example
VIEWERS = [1, 2, 3, 10, 19, 20, 21, 60, 399, 400, 401, 1500]


@pytest.mark.parametrize("kind", ["bootstrap", "wilson"])
@by_seed(2)
def test_an_interval_is_what_the_contract_says(kind: str, seed: int) -> None:
    chance = Random(seed)
    for _ in range(SAMPLES):
        sample = drawn(chance, rates=kind == "wilson")
        assert alike(stated(kind, sample), getattr(oracle, kind)(oracle.in_units(sample))), (kind, sample)


@pytest.mark.parametrize("kind", ["bootstrap", "wilson"])
def test_viewers_of_very_many_views_are_taken_in_groups(kind: str) -> None:
    chance = Random(1)
    sample = [(chance.randrange(2**40), float(chance.random() < 0.2), 1.0) for _ in range(oracle.MOST_ROWS + 1)]
    assert alike(stated(kind, sample), getattr(oracle, kind)(oracle.in_units(sample)))


def drawn(chance: Random, *, rates: bool) -> list[tuple[int, float, float]]:
    """Rows of (viewer, numerator, denominator)."""
    viewers = chance.choice(VIEWERS)
    share, most = chance.choice([0.0, 0.02, 0.1, 0.5, 1.0]), chance.choice([0.3, 1.0, 7.0])
    low = chance.choice([0.0, 0.0, -1.0])
    steady = chance.random() < 0.2
    rows = []
    for viewer in range(viewers):
        for _ in range(chance.choice([1, 1, 2, 5])):
            happens = chance.random() < share
            if rates:
                rows.append((viewer, float(happens), 1.0))
            else:
                size = 1.0 if steady else chance.choice([0.0, 0.25, 1.0, chance.random() * 9])
                rows.append((viewer, chance.uniform(low, most) * size if happens else 0.0, size))
    return rows


def stated(kind: str, sample: list[tuple[int, float, float]]) -> oracle.Interval:
    viewers, numerators, denominators = zip(*sample, strict=True)
    with duckdb.connect() as connection:
        rows = pa.table({
            "viewer_key": pa.array(viewers, pa.int64()), "numerator": numerators, "denominator": denominators,
        })  # fmt: skip
        connection.register("rows", rows)
        connection.execute("CREATE TABLE sample AS SELECT 'v' AS video_id, NULL::DATE AS period, * FROM rows")
        found = connection.execute(
            f"WITH clusters AS ({parts()['clusters']}), cluster_lists AS ({parts()['cluster_lists']}), "
            f"bootstrap_draws AS ({model('analyst/bootstrap_draws.sql')}) "
            f"SELECT ci_low, ci_high FROM ({parts()[f'confidence_{kind}']})"
        ).fetchall()
    return found[0] if found else oracle.NONE


def alike(stated_ends: oracle.Interval, ends: oracle.Interval) -> bool:
    return all(map(_alike, stated_ends, ends))


def _alike(left: float | None, right: float | None) -> bool:
    return (
        math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-9)
        if left is not None and right is not None
        else left is right
    )
