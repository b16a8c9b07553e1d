"""What a page asks about and what one of its asks narrows further, as the metrics take it."""

from __future__ import annotations

from datetime import datetime

from dashboard.question import Question
from viewbox.metrics import Selection
from viewbox.stories import Ask

Filters = dict[str, tuple[str, ...]]


def selection_of(question: Question, ask: Ask, timezone: str) -> Selection:
    """The views that `ask` is about: both what the page selects and what the ask itself does."""
    return Selection(
        video_id=question.video_id, tag=question.tag, since=_later(question.since, ask.since),
        until=_earlier(question.until, ask.until), by=ask.by, grain=ask.grain,
        filters=_narrowed(dict(question.filters), dict(ask.filters)), timezone=timezone,
        params=dict(ask.params), intervals=ask.intervals,
    )  # fmt: skip


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _narrowed(filters: Filters, more: Filters) -> Filters:
    """What both let through: values of a dimension that both name, or else those of the one that does."""
    both = {
        name: tuple(value for value in more[name] if value in values)
        for name, values in filters.items()
        if name in more
    }  # fmt: skip
    return {**filters, **more, **both}
