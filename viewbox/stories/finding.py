"""What the finder hands out, and what it asks: metrics in, sentences out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeAlias

Kind = Literal[
    "outage", "failure", "stall", "rebuffering", "slow_start", "bots", "cliff", "skip", "replay", "fast", "experiment"
]
Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Sequence[Row]
Filters: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]


class Ask(NamedTuple):
    """One metric over what a page is about: what its rows are about, per day or whole, and its own parameters.

    `filters`, `since` and `until` narrow the page's own; without `intervals` none are worked out.
    """

    name: str
    by: str = "video"
    grain: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    intervals: bool = True
    filters: Filters = ()
    since: datetime | None = None
    until: datetime | None = None


Look: TypeAlias = Callable[[Ask], Rows]  # the rows of one metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One story: what happened (`sentence`), how sure that is (`sure`), and where to look (the rest).

    `effect` is the number that the sentence tells and [low, high] its 95 % interval, both in the unit of `metric`;
    `n` counts what stands behind it. `span` is a half-open stretch of the video in seconds, `day` a day in the
    installation's time zone, `filters` the cohort; each where the story has one.
    """

    kind: Kind
    sentence: str
    sure: str
    metric: str
    effect: float
    low: float
    high: float
    n: int
    chance: float
    span: tuple[float, float] | None = None
    day: date | None = None
    filters: Filters = ()
    note: str = ""  # a few more words where there is room, as beside a moment of the video


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding on trial: whether chance explains it is decided over all candidates of its kind."""

    finding: Finding
    chance: float
