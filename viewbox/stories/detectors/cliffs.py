"""Moments at which many leave at once: `31 % leave at 3:00.`"""

from __future__ import annotations

from itertools import accumulate

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, poisson_tail
from viewbox.stories.detectors.windows import Window, apart
from viewbox.stories.finding import Candidate, Finding, Rows

WINDOW_S = 3  # who leaves because of a moment does so within this
LEAST_SHARE = 0.03  # of those who got there: less is nothing to act on
TIMES_USUAL = 3.0  # against the seconds before and after
BEGINS_S = 10  # the first seconds lose the most viewers of any video: that is no cliff
ENDS_AT = 0.9  # beyond 90 % a view is complete as a rule: leaving the credits is no cliff
NEIGHBOURS = (10, 60)  # seconds compared with, on either side: a twentieth of the video within these bounds


def find(seconds: Rows, once: float) -> tuple[list[Candidate], int]:
    """From by_second; `once` is viewers ÷ views. Also how many moments were looked at.

    The seconds before and those after must both lose far fewer: where people leave ever more slowly, as after any
    beginning, the seconds before lose more already.
    """
    exits = [0, *accumulate(row["exits"] for row in seconds)]
    reached = [row["reached"] for row in seconds]
    there = [0, *accumulate(reached)]
    count = len(seconds)
    wide = min(max(count // 20, NEIGHBOURS[0]), NEIGHBOURS[1])
    starts = range(BEGINS_S, int(count * ENDS_AT) - WINDOW_S + 1)
    found: list[Window] = []
    for start in starts:
        left = exits[start + WINDOW_S] - exits[start]
        if not reached[start] or left < LEAST_SHARE * reached[start]:
            continue
        usual = max(
            _hazard(exits, there, max(0, start - 1 - wide), start - 1),
            _hazard(exits, there, start + WINDOW_S + 1, min(count, start + WINDOW_S + 1 + wide)),
        )
        expected = TIMES_USUAL * usual * reached[start] * WINDOW_S
        chance = poisson_tail(left * once, expected * once)
        if chance < 1:
            found.append((chance, -left / reached[start], start, usual * WINDOW_S))
    return [_candidate(one, seconds, reached, once) for one in apart(found, WINDOW_S)], max(1, len(starts))


def _hazard(exits: list[int], there: list[int], low: int, high: int) -> float:
    """Exits per view and second in [low, high); one more than were seen, since few seconds may have none by luck."""
    passed = there[high] - there[low]
    return (exits[high] - exits[low] + 1) / passed if passed > 0 else 1.0


def _candidate(one: Window, seconds: Rows, reached: list[int], once: float) -> Candidate:
    chance, minus_share, start, usual = one
    share, n = -minus_share, reached[start]
    at = max(range(start, start + WINDOW_S), key=lambda second: seconds[second]["exits"])
    low, high = Rate(share * n * once, n * once).interval()
    finding = Finding(
        kind="cliff", metric="drop_offs", effect=share, low=low, high=high, n=n, chance=chance,
        span=(float(at), float(at + WINDOW_S)),
        sentence=f"{wording.percent(share)} leave at {wording.clock(at)}.",
        sure=f"{wording.percent(usual)} in as many seconds around it "
        + words.surely(low, high, wording.number_of(n, "view got there", "views got there")),
        note=f"{wording.percent(share)} leave here",
    )  # fmt: skip
    return Candidate(finding, chance)
