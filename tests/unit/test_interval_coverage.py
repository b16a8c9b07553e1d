"""The intervals that metrics state hold what they promise: over 500 small audiences, 95 % of them cover the truth.

Each audience has a seed, and so viewers, of its own, and viewers return: whoever took the view for the sampling unit
would state intervals that are too narrow. The truth is the model's: what a crowd of 300,000 comes to.
"""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from viewbox.engine.views import model
from viewbox.metrics.compose import compose
from viewbox.metrics.files import find_metric
from viewbox.metrics.selection import Selection
from viewbox.testing.crowd import Crowd, Stories, Story
from viewbox.testing.crowd.chunk import live
from viewbox.testing.crowd.library import known_library
from viewbox.testing.crowd.plan import parts
from viewbox.testing.crowd.truth import view_truths

AUDIENCES = 500
VIEWS = 300  # of each: about 160 viewers
UNTIL_MS = 1_763_942_400_000  # 2025-11-24T00:00:00Z: a day is one part
LIBRARY = known_library(3, "v", 180.0)
STALLING = Stories((Story("stalling-segment", 0.6),))
EVERYDAY = Stories(())  # one view in ten stalls, some of them for long: data as skewed as they come
COLUMNS = ("played", "is_valid", "watch_ms", "playing_ms", "coverage", "stalls", "stall_ms")
CASES = (
    ("average_watch_time", STALLING), ("completion_rate", STALLING), ("average_percentage_viewed", STALLING),
    ("rebuffer_ratio", STALLING), ("rebuffer_ratio", EVERYDAY),
)  # fmt: skip


def views(stories, seed, count):
    """Rows of `counted_views` as the model lived them, one table per chunk."""
    for part in parts(Crowd(seed, LIBRARY, count, UNTIL_MS, 1.0, stories, loss=0.0)):
        for lived in map(live, part.chunks()):
            truths = view_truths(lived)
            yield pa.table({
                "video_id": pa.array([f"audience-{seed}"] * lived.visits.count),
                "viewer_id": pa.array(lived.visits.viewer).cast(pa.string()),
                "viewer_key": pa.array(lived.visits.viewer).cast(pa.int64()),
                "source": pa.array(["player"] * lived.visits.count),
                "is_bot": pa.array(lived.visits.robot),
                **{name: pa.array(truths[name]) for name in COLUMNS},
            })  # fmt: skip


@cache
def audiences(stories):
    return pa.concat_tables([rows for seed in range(1000, 1000 + AUDIENCES) for rows in views(stories, seed, VIEWS)])


@cache
def truth(stories):
    rows = pa.concat_tables(list(views(stories, 77, 300_000)))
    column = {name: rows.column(name).to_numpy() for name in COLUMNS}
    valid, played = column["is_valid"], column["played"]
    return {
        "average_watch_time": column["watch_ms"][valid].mean() / 1000,
        "completion_rate": (column["coverage"][valid] >= 0.9).mean(),
        "average_percentage_viewed": column["coverage"][valid].mean(),
        "rebuffer_ratio": column["stall_ms"][played].sum() / column["watch_ms"][played].sum(),
    }


def test_viewers_return_so_that_the_viewer_is_the_sampling_unit():
    first = audiences(STALLING).slice(0, VIEWS).column("viewer_id").to_pylist()
    assert len(set(first)) < 0.7 * VIEWS


@pytest.mark.parametrize(
    ("name", "stories"), CASES, ids=lambda case: case if isinstance(case, str) else f"{len(case.effects)} stories"
)
def test_intervals_cover_the_truth_at_their_nominal_rate(name, stories):
    """95 %; with 500 audiences the observed rate has a standard error of one point, so 92.5 … 97.5 %."""
    statement = compose(find_metric(name), Selection())
    with duckdb.connect() as connection:
        connection.register("counted_views", audiences(stories))
        connection.execute(f"CREATE TABLE bootstrap_draws AS {model('analyst/bootstrap_draws.sql')}")
        found = connection.sql(statement.sql, params=dict(statement.values) or None).to_arrow_table()
    low, high, estimate = (found.column(column).to_numpy() for column in ("ci_low", "ci_high", name))
    expected = truth(stories)[name]
    assert len(low) == AUDIENCES
    covered = (low <= expected) & (expected <= high)
    assert 0.925 <= covered.mean() <= 0.975
    # The estimate itself is right: its mean lies within four standard errors.
    assert abs(estimate.mean() - expected) < 4 * estimate.std() / np.sqrt(AUDIENCES)
