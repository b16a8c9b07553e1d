"""What the tables say of a video, as open pages show it: how often it was viewed, and where it is watched again."""

from __future__ import annotations

from dataclasses import dataclass

from viewbox.engine import Engine
from viewbox.metrics import Selection, compose, find_metric

SLICES = 100
LEAST_VIEWS = 10  # of the metric `most_replayed`, over all revisions here: no fewer of the newest one
DECIMALS = 6  # a pixel of any screen is coarser; full floats would triple each push
_HEAT_PARAMS = {"points": str(SLICES)}


@dataclass(frozen=True)
class Figures:
    """`views`: valid views. `heat`: SLICES numbers, 0 to 1, relative to the most replayed slice; zeros when unknown."""

    views: int
    heat: tuple[float, ...]


def figures_of(engine: Engine, video_id: str, timezone: str) -> Figures:
    """The metrics `views` and `most_replayed` of one moment. Zeros below ten valid views, and where nothing repeats."""
    counted = compose(find_metric("views"), Selection(video_id=video_id, timezone=timezone))
    selection = Selection(video_id=video_id, timezone=timezone, params=_HEAT_PARAMS)
    curve = compose(find_metric("most_replayed"), selection)
    with engine.reading() as reading:
        rows = reading.query(counted.sql, counted.values).to_pylist()
        views = rows[0]["views"] if rows else 0
        if views < LEAST_VIEWS:  # the curve would be empty, and takes three times as long to ask
            return Figures(views, relative([]))
        slices = reading.query(curve.sql, curve.values).select(["from_s", "most_replayed"]).to_pylist()
    slices.sort(key=lambda row: row["from_s"])
    return Figures(views, relative([row["most_replayed"] or 0.0 for row in slices]))


def relative(curve: list[float]) -> tuple[float, ...]:
    """A curve of SLICES values ÷ its highest; zeros for no curve and for one that never rises.

    >>> relative([0.0, 0.5] * 50)[:4]
    (0.0, 1.0, 0.0, 1.0)
    >>> set(relative([]))
    {0.0}
    """
    highest = max(curve, default=0.0)
    if len(curve) != SLICES or highest <= 0:
        return (0.0,) * SLICES
    return tuple(round(value / highest, DECIMALS) for value in curve)
