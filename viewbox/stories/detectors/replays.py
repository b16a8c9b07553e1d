"""Stretches that viewers watch again: `Replayed most: 2:10–2:25.`"""

from __future__ import annotations

from statistics import median

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, poisson_tail
from viewbox.stories.finding import Candidate, Finding, Row, Rows

LEAST_SHARE = 0.03  # of viewers: what fewer do again is nothing to act on
TIMES_USUAL = 3.0  # replays per view that comes by, against the rest of the video
SHORTEST = 3  # points that a section is smoothed over: so many independent places does a video have


def find(replays: Rows, retention: Rows, viewers: int) -> tuple[list[Candidate], int]:
    """From most_replayed and audience_retention at the same points. Also how many places were looked at.

    A place is measured against what the rest of the video would make expect, per view that comes by: more people see
    the beginning, so more of them replay something there.
    """
    seen = {row["from_s"]: float(row["unique"]) for row in retention}
    sections: dict[int, list[Row]] = {}
    for row in replays:
        if row["section"] is not None:
            sections.setdefault(row["section"], []).append(row)
    outside = [row for row in replays if row["section"] is None]
    usual = _usual(outside, seen)
    found = [_candidate(place, rows, seen, usual, viewers) for place, rows in sorted(sections.items())]
    kept = [one for one in found if one is not None]
    return kept, max(1, len(replays) // SHORTEST)


def _usual(outside: Rows, seen: dict[float, float]) -> float:
    """Replays per view that comes by, outside of sections: the larger of mean and median."""
    passing = sum(seen.get(row["from_s"], 0.0) for row in outside)
    rates = [row["extra"] / seen[row["from_s"]] for row in outside if seen.get(row["from_s"])]
    mean = sum(row["extra"] for row in outside) / passing if passing else 0.0
    return max(mean, median(rates) if rates else 0.0)


def _candidate(place: int, rows: Rows, seen: dict[float, float], usual: float, viewers: int) -> Candidate | None:
    """A viewer who loops it twenty times counts once: no more replays count than there are viewers who replayed."""
    first = rows[0]
    share, n = float(first["section_share"]), int(first["n"])
    from_s, to_s = float(first["section_from_s"]), float(first["section_to_s"])
    peak = max(rows, key=lambda row: row["extra"])
    passing = seen.get(peak["from_s"], 0.0) * n
    replayed = min(peak["extra"] * n, share * viewers)
    expected = TIMES_USUAL * max(usual * passing, 0.5)  # half a replay where the rest has none
    if share < LEAST_SHARE:
        return None
    chance = poisson_tail(replayed, expected)
    low, high = Rate(share * viewers, viewers).interval()
    finding = Finding(
        kind="replay", metric="most_replayed", effect=share, low=low, high=high, n=n, chance=chance,
        span=(from_s, to_s),
        sentence=f"{'Replayed most' if place == 1 else 'Replayed too'}: {wording.span(from_s, to_s)}.",
        sure=f"{wording.percent(share)} of viewers "
        + words.surely(low, high, wording.number_of(viewers, "viewer")),
        note=f"{wording.percent(share)} of viewers replay it",
    )  # fmt: skip
    return Candidate(finding, chance)
