"""A stretch of the video that stalls: `34 % of views in 720p stall at 1:30–1:36, and 41 % of these leave.`"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from statistics import median

from viewbox import wording
from viewbox.stories import words
from viewbox.stories.chance import Rate, fisher_tail, poisson_tail
from viewbox.stories.detectors.windows import Window, apart
from viewbox.stories.finding import Ask, Candidate, Finding, Look, Row, Rows

WINDOW_S = 6  # a segment's length
LEAST_SHARE = 0.02  # stalls per view that comes by: less is felt by nobody
TIMES_USUAL = 3.0  # against the rest of the video
LEAST_VIEWS = 30  # viewers of a rendition: none below is named
MOST_ELSEWHERE = 1 / 3  # a rendition is named where the others stall at most so often
SURE = 0.001  # of the rendition and of the exits


def find(seconds: Rows, once: float) -> tuple[list[Candidate], int]:
    """From by_second; `once` is viewers ÷ views. Also how many places were looked at."""
    stalls = [0, *accumulate(row["stalls"] for row in seconds)]
    reached = [row["reached"] for row in seconds]
    count = len(seconds)
    rates = [row["stalls"] / row["reached"] for row in seconds if row["reached"]]
    passed = sum(reached)
    usual = (max(median(rates), (stalls[-1] - _most(stalls)) / passed) + 1 / passed if passed else 1.0) * WINDOW_S
    found: list[Window] = []
    for start in range(max(0, count - WINDOW_S + 1)):
        stalled = stalls[start + WINDOW_S] - stalls[start]
        n = max(reached[start : start + WINDOW_S])
        if n and stalled >= LEAST_SHARE * n:
            chance = poisson_tail(stalled * once, TIMES_USUAL * usual * n * once)
            if chance < 1:
                found.append((chance, -stalled / n, start, usual))
    return [_candidate(one, seconds, once) for one in apart(found, WINDOW_S)], max(1, count // WINDOW_S)


def _most(stalls: list[int]) -> int:
    """Stalls of the worst window: they are no part of what is usual."""
    return max((stalls[start + WINDOW_S] - stalls[start] for start in range(max(0, len(stalls) - WINDOW_S))), default=0)


def _candidate(one: Window, seconds: Rows, once: float) -> Candidate:
    """The stretch: seconds of the window, and next to it, that stall at half of its mean or more."""
    chance, minus_share, start, usual = one
    bar = -minus_share / WINDOW_S / 2
    loud = [bool(row["reached"]) and row["stalls"] / row["reached"] >= bar for row in seconds]
    inside = [second for second in range(start, start + WINDOW_S) if loud[second]]
    first, last = (inside[0], inside[-1]) if inside else (start, start + WINDOW_S - 1)
    while first > 0 and loud[first - 1]:
        first -= 1
    while last + 1 < len(seconds) and loud[last + 1]:
        last += 1
    n = max(row["reached"] for row in seconds[first : last + 1])
    share = min(1.0, sum(row["stalls"] for row in seconds[first : last + 1]) / n)
    low, high = Rate(share * n * once, n * once).interval()
    where = wording.span(first, last + 1)
    finding = Finding(
        kind="stall", metric="segment_stalls", effect=share, low=low, high=high, n=n, chance=chance,
        span=(float(first), float(last + 1)),
        sentence=f"{wording.percent(share)} of views stall at {where}.",
        sure=f"{wording.percent(usual)} in any other {WINDOW_S}{wording.THIN}s "
        + words.surely(low, high, wording.number_of(n, "view came by", "views came by")),
        note=f"{wording.percent(share)} of views stall here",
    )  # fmt: skip
    return Candidate(finding, chance)


def explained(finding: Finding, look: Look, once: float) -> Finding:
    """The same finding with the rendition that stalls, and whether it drives viewers away, where that is sure."""
    assert finding.span is not None
    params = (("from_s", f"{finding.span[0]:g}"), ("to_s", f"{finding.span[1]:g}"))
    rows = look(Ask("segment_stalls", params=params))
    worst = max(rows, key=lambda row: row["stalled"], default=None)
    if worst is None or not worst["stalled"]:
        return finding
    others = [row for row in rows if row is not worst]
    known = worst["height"] > 0 and worst["played"] * once >= LEAST_VIEWS
    named = known and (not others or _stands_out(worst, others, once))
    chosen: Rows = [worst] if named else rows
    played, stalled = (sum(row[name] for row in chosen) for name in ("played", "stalled"))
    rate = Rate(stalled * once, played * once)
    low, high = rate.interval()
    said = f"{wording.percent(rate.value)} of views" + (f" in {worst['height']}p" if named else "")
    left = Rate(sum(row["stalled_left"] for row in chosen) * once, stalled * once)
    stayed = Rate(sum(row["left"] - row["stalled_left"] for row in rows) * once,
                  sum(row["played"] - row["stalled"] for row in rows) * once)  # fmt: skip
    leave = ""
    if fisher_tail(left, stayed) < SURE and left.value >= 2 * stayed.value:
        leave = f", and {wording.percent(left.value)} of these leave there ({wording.percent(stayed.value)} of others)"
    sure = words.surely(low, high, wording.number_of(played, "view came by", "views came by"))
    if named and others:
        rest = Rate(sum(row["stalled"] for row in others), sum(row["played"] for row in others))
        sure = f"{wording.percent(rest.value)} in other qualities {sure}"
    where = wording.span(*finding.span)
    note = f"{said} stall here"
    return replace(
        finding, effect=rate.value, low=low, high=high, n=played, sentence=f"{said} stall at {where}{leave}.",
        sure=sure if named else finding.sure, note=note,
    )  # fmt: skip


def _stands_out(worst: Row, others: Rows, once: float) -> bool:
    here = Rate(worst["stalled"] * once, worst["played"] * once)
    there = Rate(sum(row["stalled"] for row in others) * once, sum(row["played"] for row in others) * once)
    return there.n > 0 and there.value <= MOST_ELSEWHERE * here.value and fisher_tail(here, there) < SURE
