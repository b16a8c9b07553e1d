"""Stretches that viewers jump over: `41 % skip 0:00–0:13.`"""

from __future__ import annotations

from statistics import median

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, binomial_tail
from viewbox.stories.finding import Candidate, Finding, Row, Rows

LEAST_SHARE = 0.05  # the metric's own thresholds: what a section must surely exceed,
TIMES_USUAL = 2.0  # not only in the sample
SHORTEST_S = 3  # a section's slices: so many independent places does a video have


def find(sections: Rows, seconds: Rows, once: float) -> tuple[list[Candidate], int]:
    """From skipped_sections and by_second; `once` is viewers ÷ views. Also how many places were looked at."""
    reached = [row for row in seconds if row["reached"]]
    usual = max(LEAST_SHARE, TIMES_USUAL * median(row["skip_share"] for row in reached)) if reached else LEAST_SHARE
    return [_candidate(row, reached, usual, once) for row in sections], max(1, len(reached) // SHORTEST_S)


def _candidate(row: Row, reached: Rows, usual: float, once: float) -> Candidate:
    from_s, to_s, share = float(row["from_s"]), float(row["to_s"]), float(row["share"])
    inside = [second["reached"] for second in reached if from_s <= second["second"] < to_s]
    got_there = max(inside, default=0)
    rate = Rate(share * got_there * once, got_there * once)
    low, high = rate.interval()
    chance = binomial_tail(rate.part, rate.n, usual)
    finding = Finding(
        kind="skip", metric="skipped_sections", effect=share, low=low, high=high, n=got_there, chance=chance,
        span=(from_s, to_s),
        sentence=f"{wording.percent(share)} skip {wording.span(from_s, to_s)}.",
        sure=words.surely(low, high, wording.number_of(got_there, "view got there", "views got there")),
        note=f"{wording.percent(share)} skip it, most land at {wording.clock(row['landed'])}",
    )  # fmt: skip
    return Candidate(finding, chance)
