"""What happened, where, how sure: the sentences above the charts. Pure: rows of metrics in, words out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from dashboard import wording
from dashboard.ranking import Leader
from dashboard.strips import Moment

INCIDENT_TIMES = 3.0  # a day is an incident when its rebuffer ratio is so many times the usual one,
INCIDENT_FROM = 0.03  # and at least this: three seconds of a hundred are felt, less is not
INCIDENT_VIEWS = 10  # and that many views were played that day
SKIPS_SHOWN, REPLAYS_SHOWN = 3, 3

MARKS = re.compile(r"[\\`*_{}\[\]()<>#+.!|~:$-]")
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Incident:
    """A day on which playing was interrupted far more than on others; `device` when it was one kind alone."""

    day: Any
    ratio: float
    usual: float
    views: int
    device: str | None


def skips(rows: Rows) -> list[Moment]:
    """From skipped_sections: the strongest sections first."""
    found = sorted(rows, key=lambda row: (-row["share"], row["from_s"]))[:SKIPS_SHOWN]
    return [Moment("skip", float(row["from_s"]), float(row["to_s"]), _skip_words(row)) for row in found]


def replays(rows: Rows) -> list[Moment]:
    """From most_replayed: its sections in their order of strength."""
    sections = {row["section"]: row for row in rows if row["section"] is not None}
    found = [row for _, row in sorted(sections.items())][:REPLAYS_SHOWN]
    return [
        Moment("replay", float(row["section_from_s"]), float(row["section_to_s"]), _replay_words(row)) for row in found
    ]


def _skip_words(row: Mapping[str, Any]) -> str:
    return f"{wording.percent(row['share'])} skip it, most land at {wording.clock(row['landed'])}"


def _replay_words(row: Mapping[str, Any]) -> str:
    return f"{wording.percent(row['section_share'])} of viewers replay it"


def skip_sentence(moments: Sequence[Moment], rows: Rows) -> str | None:
    """`41 % skip 0:00–0:13.`"""
    if not moments:
        return None
    first = moments[0]
    share = max(row["share"] for row in rows)
    return f"{wording.percent(share)} skip {wording.span(first.from_s, first.to_s)}."


def replay_sentence(moments: Sequence[Moment]) -> str | None:
    """`Replayed most: 2:10–2:25.`"""
    return f"Replayed most: {wording.span(moments[0].from_s, moments[0].to_s)}." if moments else None


def incident(rows: Rows) -> Incident | None:
    """From rebuffer_ratio by device and day: the worst day that stands out, None when none does.

    The usual ratio is the median over the other days. A device is named when the other devices' ratio that day
    stayed below the incident's threshold.
    """
    days: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["watch_s"]:
            days.setdefault(row["period"], []).append(row)
    ratios = {day: _ratio(parts) for day, parts in days.items()}
    if len(ratios) < 2:
        return None
    worst = max(ratios, key=lambda day: ratios[day])
    usual = median(ratio for day, ratio in ratios.items() if day != worst)
    views = sum(row["n"] for row in days[worst])
    bar = max(INCIDENT_FROM, INCIDENT_TIMES * usual)
    if ratios[worst] < bar or views < INCIDENT_VIEWS:
        return None
    loud = [row for row in days[worst] if _ratio([row]) >= bar]
    quiet = [row for row in days[worst] if _ratio([row]) < bar]
    device = loud[0]["device_type"] if len(loud) == 1 and quiet else None
    return Incident(worst, ratios[worst], usual, views, device)


def incident_sentence(found: Incident | None) -> str | None:
    """`Playing was interrupted 12 % of the time on 14 Nov (phone), 1 % on other days.`"""
    if found is None:
        return None
    day = f"{found.day.day} {found.day:%b}"
    where = f" on {found.device}s" if found.device else ""
    return (
        f"Quality incident on {day}: viewers{where} waited {wording.percent(found.ratio)} of their watch time,"
        f" {wording.percent(found.usual)} on other days."
    )


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


def plain(text: str) -> str:
    """A stranger's text inside Markdown: its marks shown as they are."""
    return MARKS.sub(r"\\\g<0>", text)


def quality(facts: Mapping[str, Any]) -> tuple[str, str]:
    """(`good` or `fair`, what is missing or odd): from the quality facts that stand beside every number."""
    views = facts.get("n_views") or 0
    said = []
    for name, words in (
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
            said.append(wording.number_of(amount, *words))
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


def _ratio(rows: Rows) -> float:
    watch_s = sum(row["watch_s"] for row in rows)
    return float(sum(row["stall_s"] for row in rows) / watch_s) if watch_s else 0.0
