"""A browser that cannot start: `Firefox fails to start: 38 % of attempts, 0.6 % in other browsers.`"""

from __future__ import annotations

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, effective, fisher_tail
from viewbox.stories.finding import Candidate, Finding, Row, Rows

LEAST_ATTEMPTS = 30  # viewers: no cohort below is named
LEAST_SHARE = 0.03  # of attempts
TIMES_USUAL = 3.0  # against all others
DIMENSION = "browser"


def find(rows: Rows) -> tuple[list[Candidate], int]:
    """From playback_failures by browser. Also how many browsers were looked at."""
    known = [(row, _rate(row)) for row in rows if row[DIMENSION] and row["n"]]
    large = [one for one in known if one[1].n >= LEAST_ATTEMPTS]
    found = []
    for row, rate in large:
        rest = [other for one, other in known if one is not row]
        others = Rate(sum(one.part for one in rest), sum(one.n for one in rest))
        if others.n >= LEAST_ATTEMPTS and rate.value >= max(LEAST_SHARE, TIMES_USUAL * others.value):
            found.append(_candidate(row, rate, others))
    return found, max(1, len(large))


def _rate(row: Row) -> Rate:
    """Failed starts among viewers: the interval of all failures says how many independent attempts there are."""
    n = row["n"]
    if row["ci_low"] is not None:
        n = effective(row["playback_failures"], n, row["ci_low"], row["ci_high"]).n
    return Rate(row["startup_failures"] * n, n)


def _candidate(row: Row, rate: Rate, others: Rate) -> Candidate:
    low, high = rate.interval()
    browser, chance = row[DIMENSION], fisher_tail(rate, others)
    finding = Finding(
        kind="failure", metric="playback_failures", effect=rate.value, low=low, high=high, n=row["n"], chance=chance,
        filters=((DIMENSION, (browser,)),),
        sentence=f"{words.place(DIMENSION, browser)} fails to start: {wording.percent(rate.value)} of attempts, "
        f"{wording.percent(others.value)} in other browsers.",
        sure=words.surely(low, high, wording.number_of(row["n"], "attempt")),
    )  # fmt: skip
    return Candidate(finding, chance)
