"""Two implementations that share no line, SQL and Polars, make equal tables of the same events."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.property import polars_models as models
from tests.property.lake import CATALOG, compare, lake
from tests.property.oracle_views import Row
from tests.property.seeds import by_seed
from tests.property.streams import NOW, audience, rows
from viewbox.tables import TABLES

VIEWS = 700  # of one example
EXAMPLES = 3  # 2,100 streams
MODELS = ("views", "intervals", "seconds")


@by_seed(EXAMPLES)
def test_polars_and_the_models_agree(seed: int) -> None:
    with lake(rows(audience(seed, VIEWS))) as world:
        tables = {name: world.engine.query(f"SELECT * FROM {name}") for name in (*MODELS, "events")}
    events = pl.from_arrow(tables["events"])
    assert isinstance(events, pl.DataFrame)
    by_polars = derived(events.sample(fraction=1.0, shuffle=True, seed=seed % 1_000).lazy())
    found = compare({name: tables[name].to_pylist() for name in MODELS}, by_polars)
    assert found == []


def derived(events: pl.LazyFrame) -> dict[str, list[Row]]:
    known: list[dict[str, Any]] = [
        {"video_id": video, "revision": revision, "known_s": known_s} for (video, revision), known_s in CATALOG.items()
    ]
    views = models.views(events, pl.LazyFrame(known), NOW).collect(engine="streaming")
    frames = {
        "views": views.lazy(),
        "intervals": models.intervals(events, views.lazy()),
        "seconds": models.seconds(events, views.lazy()),
    }
    return {
        name: frame.select(column.name for column in TABLES[name].columns).collect(engine="streaming").to_dicts()
        for name, frame in frames.items()
    }
