"""docs/reference/metrics.md, written from the metric files: documentation that cannot lag."""

from __future__ import annotations

from viewbox.metrics.files import Metric, Param, metrics
from viewbox.metrics.selection import DIMENSIONS, GRAINS

INTERVALS = {
    "bootstrap": "95 % interval by resampling viewers (400 times, bootstrap-t)",
    "wilson": "95 % Wilson interval on the effective number of viewers",
}
PREAMBLE = f"""\
# Metrics

Each metric is one file in `viewbox/sql/metrics/`; this page is generated from them. Run one with
`viewbox metric NAME`, `GET /v1/metrics/NAME`, or `viewbox.connect().metric("NAME")`; `viewbox metric NAME --sql`
prints the whole statement, which runs as it stands in `viewbox sql`. The dashboard's page *Metrics* shows each with its
parameters, picture, table and files; its address holds the whole question. `GET /v1/metrics` lists them with all that a
form needs, and `GET /v1/metrics/NAME/schema` is the JSON Schema of an answer.

Every metric takes `since` and `until` (half-open, over `started_at`; a date is midnight in `VIEWBOX_TIMEZONE`),
`video_id` or `tag`, `grain` ({", ".join(GRAINS)}: one row per period), and filters on any dimension:
{", ".join(f"`{name}`" for name in sorted(DIMENSIONS))}, `experiment.NAME`, `custom.NAME`. A repeated dimension means
OR, an empty value means unknown; NAME is any key that a page sends, up to 256 characters. Metrics with one row per
video also take `by`: `video` (default), `all`, or a dimension, which then names the rows.

Synthetic views of a video are left out as soon as it has one valid view that is not synthetic; the filter
`source=synthetic` shows them. `n` is the number of views (or viewers) behind a number; the sampling unit of
`ci_low` and `ci_high` is the viewer.
"""


def reference_markdown() -> str:
    """The whole page."""
    table = ["| metric | unit | rows |", "|---|---|---|"]
    table += [
        f"| [`{metric.name}`](#{metric.name}) | {metric.unit} | {', '.join(metric.grain)} |"
        for metric in metrics().values()
    ]
    sections = [_section(metric) for metric in metrics().values()]
    return "\n".join([PREAMBLE, *table, "", *sections])


def _section(metric: Metric) -> str:
    lines = [
        f"## {metric.name}",
        "",
        f"**{metric.title}**, {metric.unit}. {metric.rule}",
        "",
        f"- one row per {', '.join(metric.grain)}; no views: {metric.empty}; version {metric.version}",
        f"- source: {metric.source}",
    ]
    if metric.interval is not None:
        lines.append(f"- `ci_low`, `ci_high`: {INTERVALS[metric.interval.kind]}")
    lines += [_param(param) for param in metric.params.values()]
    lines += ["", "| column | unit | meaning |", "|---|---|---|", f"| `{metric.name}` | {metric.unit} | the metric |"]
    lines += [f"| `{column.name}` | {column.unit} | {column.meaning} |" for column in metric.columns]
    return "\n".join([*lines, "", "```sql", metric.body, "```", ""])


def _param(param: Param) -> str:
    kind = " or ".join(param.choices) if param.choices else param.type
    default = "" if param.default is None else f", {param.default} unless given"
    return f"- parameter `{param.name}` ({kind}{default}): {param.meaning}"
