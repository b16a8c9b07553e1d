"""A metric's whole statement, whatever it is about: the selected views, the whole library, or two cohorts."""

from __future__ import annotations

from dataclasses import replace

from viewbox.metrics import compare as comparing
from viewbox.metrics import compose as composing
from viewbox.metrics.files import Metric
from viewbox.metrics.selection import BoundSql, BoundValue, Selection


def compose(metric: Metric, selection: Selection) -> BoundSql:
    """The statement and exactly the parameters that it uses. Raises InvalidInput for what cannot be asked."""
    if metric.name == comparing.COMPARE:
        return comparing.compose_comparison(metric, selection, compose)
    if metric.scope == "library":
        return _of_library(metric, selection)
    return composing.compose(metric, selection)


def compose_quality(metric: Metric, selection: Selection) -> BoundSql:
    """One row of counts about the views that the answer is made of."""
    if metric.name == comparing.COMPARE:
        return comparing.compose_quality(metric, selection)
    return composing.compose_quality(selection)


def shown_metric(metric: Metric, selection: Selection) -> Metric:
    """The metric with the unit and columns that its answer has; `compare` takes those of the metric it compares."""
    return comparing.described(metric, selection) if metric.name == comparing.COMPARE else metric


def _of_library(metric: Metric, selection: Selection) -> BoundSql:
    """A metric that sets a video beside others: they are left out at the end, not at the beginning."""
    whole = composing.compose(metric, replace(selection, video_id=None, tag=None))
    values: dict[str, BoundValue] = dict(whole.values)
    # Names of their own: what is asked for must not reach the parts, which read `$video_id` as all there is.
    conditions = []
    if selection.video_id is not None:
        values["asked_video_id"] = selection.video_id
        conditions.append("video_id = $asked_video_id")
    if selection.tag is not None:
        values["asked_tag"] = selection.tag
        conditions.append("video_id IN (SELECT video_id FROM videos WHERE list_contains(tags, $asked_tag))")
    if not conditions:
        return whole
    order = ", ".join(["video_id", *(["period"] if selection.grain else []), *metric.grain[1:]])
    sql = f"SELECT *\nFROM (\n{whole.sql}\n) AS library\nWHERE {' AND '.join(conditions)}\nORDER BY {order}"
    return BoundSql(sql, values)
