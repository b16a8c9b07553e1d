"""Every number that ViewBox shows: one `.sql` file per metric in viewbox/sql/metrics, run over a selection of views."""

from viewbox.metrics.compose import literal_sql
from viewbox.metrics.files import Metric, find_metric, metrics
from viewbox.metrics.reference import reference_markdown
from viewbox.metrics.runner import MetricResult, ResultColumn, run
from viewbox.metrics.schema import AnswerColumn, answer_columns, json_schema
from viewbox.metrics.selection import DIMENSIONS, GRAINS, OPEN_DIMENSIONS, Selection, parse_moment, parse_selection
from viewbox.metrics.statements import compose

__all__ = [
    "DIMENSIONS",
    "GRAINS",
    "OPEN_DIMENSIONS",
    "AnswerColumn",
    "Metric",
    "MetricResult",
    "ResultColumn",
    "Selection",
    "answer_columns",
    "compose",
    "find_metric",
    "json_schema",
    "literal_sql",
    "metrics",
    "parse_moment",
    "parse_selection",
    "reference_markdown",
    "run",
]
