"""A country that waits: `Start-up takes 2.1 times as long in India: 1.9 s, 0.9 s elsewhere.`

Mood's median test: in a country like all others half of the starts are slower than the usual start.
"""

from __future__ import annotations

from dataclasses import replace

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, effective, fisher_tail
from viewbox.stories.finding import Ask, Candidate, Finding, Look, Row, Rows

LEAST_STARTS = 30  # viewers: no cohort below is named
LEAST_TIMES = 1.25  # as long as elsewhere
LEAST_LONGER_S = 0.1  # who feels less?
DIMENSION = "country"


def find(medians: Rows, slow: Rows) -> tuple[list[Candidate], int]:
    """From startup_time and slow_starts by country, `slow` as slow as half of all are. Also how many countries."""
    rates = {row[DIMENSION]: _rate(row) for row in slow if row[DIMENSION] and row["n"]}
    known = [row for row in medians if row[DIMENSION] in rates]
    large = [row for row in known if rates[row[DIMENSION]].n >= LEAST_STARTS]
    found = []
    for row in large:
        rest = [one for one in known if one is not row]
        others = Rate(sum(rates[one[DIMENSION]].part for one in rest), sum(rates[one[DIMENSION]].n for one in rest))
        if others.n < LEAST_STARTS:
            continue
        elsewhere = _middle(rest)
        takes = row["startup_time"]
        if takes >= LEAST_TIMES * elsewhere and takes - elsewhere >= LEAST_LONGER_S:
            found.append(_candidate(row, rates[row[DIMENSION]], others, elsewhere))
    return found, max(1, len(large))


def confirmed(finding: Finding, medians: Rows, look: Look) -> Finding:
    """The same with the median of all other countries together."""
    ((_, (country,)),) = finding.filters
    others = tuple(row[DIMENSION] or "" for row in medians if row[DIMENSION] != country)
    elsewhere = next(iter(look(Ask("startup_time", by="all", filters=((DIMENSION, others),)))), None)
    here = next(row["startup_time"] for row in medians if row[DIMENSION] == country)
    if elsewhere is None or not elsewhere["startup_time"]:
        return finding
    return replace(finding, sentence=_sentence(country, here, elsewhere["startup_time"]))


def _rate(row: Row) -> Rate:
    if row["ci_low"] is None:
        return Rate(row["slow_starts"] * row["n"], row["n"])
    return effective(row["slow_starts"], row["n"], row["ci_low"], row["ci_high"])


def _middle(rows: Rows) -> float:
    """The median of medians, each by its starts: near enough to tell whether to look closer."""
    ordered = sorted(rows, key=lambda row: row["startup_time"])
    half = sum(row["n"] for row in ordered) / 2
    passed = 0
    for row in ordered:
        passed += row["n"]
        if passed >= half:
            return float(row["startup_time"])
    return 0.0


def _sentence(country: str, here: float, elsewhere: float) -> str:
    times = here / elsewhere
    much = "twice" if 1.9 <= times < 2.1 else f"{times:.1f} times"
    return (
        f"Start-up takes {much} as long in {words.place(DIMENSION, country)}: "
        f"{wording.seconds(here)}, {wording.seconds(elsewhere)} elsewhere."
    )


def _candidate(row: Row, rate: Rate, others: Rate, elsewhere: float) -> Candidate:
    chance = fisher_tail(rate, others)
    low, high = rate.interval()
    country = row[DIMENSION]
    finding = Finding(
        kind="slow_start", metric="slow_starts", effect=rate.value, low=low, high=high, n=row["n"], chance=chance,
        filters=((DIMENSION, (country,)),), sentence=_sentence(country, row["startup_time"], elsewhere),
        sure=f"{wording.percent(rate.value)} of starts there are slower than the usual one "
        + words.surely(low, high, wording.number_of(row["n"], "start")),
    )  # fmt: skip
    return Candidate(finding, chance)
