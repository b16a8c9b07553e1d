"""How a period stands beside the one before it: which days are compared, and the words for a difference. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from dashboard import comparison
from dashboard.queries import Ask
from dashboard.question import CUSTOM, Question, midnight
from viewbox import wording
from viewbox.metrics import Metric

Better = Literal["more", "less"]
BETTER: Mapping[str, Better] = {
    "views": "more", "unique_viewers": "more", "total_watch_time": "more", "average_percentage_viewed": "more",
    "completion_rate": "more", "startup_time": "less", "rebuffer_ratio": "less", "playback_failures": "less",
    "exits_before_start": "less",
}  # fmt: skip
METRICS = tuple(BETTER)
UNCHANGED = ":gray[unchanged]"
NEAR = 0.005  # a sum that moved less than half a percent is as good as unchanged


class Periods(NamedTuple):
    """Two stretches of equally many whole days, one right before the other; `before` ends where `now` begins."""

    before: Question
    now: Question
    days: int

    @property
    def words(self) -> str:
        """`1 Nov – 27 Nov against the 27 days before`."""
        first, last = self.now.days(today=date.max)
        assert first is not None
        whole = f"{first.day} {first:%b} – {last.day} {last:%b}" if first != last else f"{last.day} {last:%b}"
        return f"{whole} against the {'day' if self.days == 1 else f'{self.days} days'} before"

    @property
    def link(self) -> dict[str, str | list[str]]:
        """The same comparison as the Compare page's URL has it."""
        found: dict[str, str | list[str]] = {}
        for side, question in (("a", self.before), ("b", self.now)):
            first, last = question.days(today=date.max)
            assert first is not None
            found |= {
                f"{side}.video": "", f"{side}.period": CUSTOM, f"{side}.dates": [first.isoformat(), last.isoformat()],
                **{f"{side}.{name}": list(values) for name, values in question.filters},
            }  # fmt: skip
        return found


def periods(question: Question, *, today: date, timezone: str) -> Periods | None:
    """The whole days that a question is about, and as many before them; today is not over, so it is left out.

    None where the question has no beginning, or holds no day that is over.
    """
    if question.since is None:
        return None
    first = _day(question.since, timezone)
    end = today if question.until is None else min(today, _day(question.until, timezone))
    days = (end - first).days
    if days < 1:
        return None
    start, middle, last = (midnight(day, timezone) for day in (first - timedelta(days=days), first, end))
    return Periods(replace(question, since=start, until=middle), replace(question, since=middle, until=last), days)


def ask(metric: str, found: Periods) -> Ask:
    """The comparison of both periods by one metric, now less before."""
    return comparison.ask(metric, found.before, found.now)


def words(metric: Metric, row: Mapping[str, Any], better: Better) -> str:
    """`▲ +8.2 points (+3.1 to +13.0)` in Markdown: green where it is better, red where it is worse, grey where unclear.

    From the one row of `compare`. A direction is only said where the interval of the difference leaves zero out, or
    of a sum, which has none.
    """
    told = comparison.verdict(metric, row)
    if told == "nothing" or not row.get("n_a"):
        return ":gray[no views before]"
    # A sum may fall to almost nothing, and that says much; a share of almost nothing says nothing.
    views = row["n_a"] if told == "no interval" else min(row["n_a"], row["n_b"])
    if views < wording.MIN_VIEWS:
        return f":gray[{wording.too_few(views)} to tell a change]"
    return _of_sum(row.get("relative"), better) if told == "no interval" else _of_rate(metric, row, told, better)


def _of_sum(share: float | None, better: Better) -> str:
    if share is None or abs(share) < NEAR:
        return UNCHANGED
    return _coloured(f"{'+' if share > 0 else '−'}{wording.percent(abs(share))}", share, better)


def _of_rate(metric: Metric, row: Mapping[str, Any], told: comparison.Verdict, better: Better) -> str:
    if row["ci_low"] == row["ci_high"] == 0:
        return UNCHANGED
    low, high = (comparison.bare(metric.unit, row[end]) for end in ("ci_low", "ci_high"))
    if told == "unclear":
        return f":gray[no clear change ({low} to {high})]"
    difference = row["difference"]
    return f"{_coloured(comparison.change(metric.unit, difference), difference, better)} :gray[({low} to {high})]"


def _coloured(text: str, difference: float, better: Better) -> str:
    arrow = "▲" if difference > 0 else "▼"
    return f":{'green' if (difference > 0) == (better == 'more') else 'red'}[{arrow} {text}]"


def _day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()
