"""What happened, where, how sure: the sentences above the charts. Pure: findings and rows of metrics in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dashboard.ranking import Leader
from dashboard.strips import Moment
from viewbox import wording
from viewbox.stories import Finding, words

# A story's kind -> how the panel shows its stretch.
MOMENTS: dict[str, Literal["skip", "replay", "stall"]] = {"skip": "skip", "replay": "replay", "stall": "stall"}
QUALITY = frozenset({"outage", "failure", "stall", "rebuffering", "slow_start", "bots"})
Rows = Sequence[Mapping[str, Any]]
plain = words.plain  # a stranger's text inside Markdown


def moments(found: Sequence[Finding]) -> list[Moment]:
    """The stretches of a video that stories are about, as the panel beside the player shows them."""
    return [
        Moment(MOMENTS[one.kind], one.span[0], one.span[1], one.note)
        for one in found
        if one.kind in MOMENTS and one.span is not None
    ]


def of_quality(found: Sequence[Finding]) -> list[Finding]:
    """The stories about how well playing goes and how complete the data are."""
    return [one for one in found if one.kind in QUALITY]


def busiest_day(rows: Rows) -> str | None:
    """From views by day: `831 views, most on 8 Nov (40).`"""
    if not rows:
        return None
    total = sum(row["views"] for row in rows)
    best = max(rows, key=lambda row: row["views"])
    said = wording.number_of(total, "view")
    return (
        f"{said}, most on {best['period'].day} {best['period']:%b} ({best['views']:,})."
        if len(rows) > 1
        else f"{said}."
    )


def leader(leaders: Sequence[Leader]) -> str | None:
    """`“Onboarding tour” leads with 6:30:00 played.`"""
    if len(leaders) < 2:
        return None
    return f"“{plain(leaders[0].title)}” leads with {wording.long_time(leaders[0].playing_s)} played."


def quality(facts: Mapping[str, Any]) -> tuple[str, str]:
    """(`good` or `fair`, what is missing or odd): from the quality facts that stand beside every number."""
    views = facts.get("n_views") or 0
    said = []
    for name, said_as in (
        ("gaps", ("missing event", "missing events")),
        ("inconsistent", ("odd interval", "odd intervals")),
        ("dead_letters", ("refused event", "refused events")),
        ("timeouts", ("view ended without a word", "views ended without a word")),
        ("invalid", ("view under a second", "views under a second")),
        ("bots", ("robot view left out", "robot views left out")),
        ("open", ("view still open", "views still open")),
    ):
        amount = facts.get(name) or 0
        if amount:
            said.append(wording.number_of(amount, *said_as))
    flaws = sum(facts.get(name) or 0 for name in ("gaps", "inconsistent"))
    return ("fair" if flaws > max(1, views) * 0.01 else "good"), " · ".join(said) or "nothing missing"


def seen_instead(facts: Mapping[str, Any], failures: Mapping[str, Any], exits: Mapping[str, Any]) -> str:
    """What was seen where no view is valid: `1 attempt that never started`; "" for nothing.

    From the quality facts and the rows of playback_failures and exits_before_start.
    """
    failed = sum(entry["startup"] for entry in failures.get("by_code") or ())
    given_up = exits.get("exits") or 0
    short = max(0, (facts.get("invalid") or 0) - failed - given_up)
    said = [
        wording.number_of(amount, *words)
        for amount, words in (
            (failed, ("attempt that failed", "attempts that failed")),
            (given_up, ("attempt that never started", "attempts that never started")),
            (short, ("view under a second", "views under a second")),
            (facts.get("bots") or 0, ("robot view", "robot views")),
        )
        if amount
    ]
    return ", ".join(said)


def no_valid_view(seen: str) -> str | None:
    """`No valid view here yet: 1 attempt that never started.`"""
    return f"No valid view here yet: {seen}." if seen else None
