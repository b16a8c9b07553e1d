"""A bad day: `Viewers waited 12 % of their watch time on 14 Nov, 1 % on other days.`"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import of_interval
from viewbox.stories.finding import Ask, Candidate, Finding, Look, Row, Rows

TIMES_USUAL = 3.0  # a day is an incident when its rebuffer ratio is so many times the usual one,
LEAST_RATIO = 0.03  # and at least this: three seconds of a hundred are felt, less is not
LEAST_VIEWS = 30  # no day below is named
LEAST_STALLS = 20  # a few long stalls are a few viewers' bad luck
DIMENSION = "device_type"


def find(rows: Rows, look: Look, timezone: str) -> tuple[list[Candidate], int]:
    """From rebuffer_ratio by device and day, then that of the worst day with its interval. Also how many looks.

    The usual ratio is the median over the other days. A device is named when the others' ratio that day stayed below
    the bar.
    """
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        if row["watch_s"]:
            days[row["period"]].append(row)
    if len(days) < 2:
        return [], max(1, len(days))
    ratios = {day: _ratio(parts) for day, parts in days.items()}
    worst = max(ratios, key=ratios.__getitem__)
    usual = median(ratio for day, ratio in ratios.items() if day != worst)
    bar = max(LEAST_RATIO, TIMES_USUAL * usual)
    loud = [row for row in days[worst] if _ratio([row]) >= bar]
    stalls, views = (sum(row[name] for row in days[worst]) for name in ("stalls", "n"))
    if ratios[worst] < bar or views < LEAST_VIEWS or stalls < LEAST_STALLS:
        return [], len(days)
    device = loud[0][DIMENSION] if len(loud) == 1 < len(days[worst]) and loud[0]["n"] >= LEAST_VIEWS else None
    begin = datetime.combine(worst, time(), ZoneInfo(timezone))
    filters = ((DIMENSION, (device,)),) if device else ()
    asked = Ask("rebuffer_ratio", by="all", since=begin, until=begin + timedelta(days=1), filters=filters)
    row = next(iter(look(asked)), {})
    if row.get("ci_low") is None:
        return [], len(days)
    return [_candidate(worst, row, usual, bar, device)], len(days) * (1 + len({row[DIMENSION] for row in rows}))


def _ratio(rows: Rows) -> float:
    watch_s = sum(row["watch_s"] for row in rows)
    return float(sum(row["stall_s"] for row in rows) / watch_s) if watch_s else 0.0


def _candidate(day: date, row: Row, usual: float, bar: float, device: str | None) -> Candidate:
    ratio, low, high = row["rebuffer_ratio"], row["ci_low"], row["ci_high"]
    chance = of_interval(ratio, low, bar) if ratio > bar else 1.0
    where = f" on {words.plain(device)}s" if device else ""
    finding = Finding(
        kind="rebuffering", metric="rebuffer_ratio", effect=ratio, low=low, high=high, n=row["n"], chance=chance,
        day=day, filters=((DIMENSION, (device,)),) if device else (),
        sentence=f"Quality incident on {words.day_of(day)}: viewers{where} waited {wording.percent(ratio)} of their "
        f"watch time, {wording.percent(usual)} on other days.",
        sure=words.surely(low, high, wording.number_of(row["n"], "view")),
    )  # fmt: skip
    return Candidate(finding, chance)
