"""Every number that ViewBox shows: one `.sql` file per metric in viewbox/sql/metrics, run over a selection of views."""

from viewbox.metrics.compose import literal_sql
from viewbox.metrics.files import Metric, find_metric, metrics
from viewbox.metrics.reference import reference_markdown
from viewbox.metrics.runner import MetricResult, ResultColumn, run
from viewbox.metrics.selection import DIMENSIONS, GRAINS, Selection, parse_moment, parse_selection
from viewbox.metrics.statements import compose

__all__ = [
    "DIMENSIONS",
    "GRAINS",
    "Metric",
    "MetricResult",
    "ResultColumn",
    "Selection",
    "compose",
    "find_metric",
    "literal_sql",
    "metrics",
    "parse_moment",
    "parse_selection",
    "reference_markdown",
    "run",
]
