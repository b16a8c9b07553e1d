"""A stretch that viewers hurry through: `4:00–6:00 is played at 1.6×, the rest at 1.1×.`"""

from __future__ import annotations

import math
from statistics import median

from viewbox import wording
from viewbox.stories.chance import Z95
from viewbox.stories.finding import Candidate, Finding, Row, Rows

LEAST_FASTER = 0.08  # of speed: less is nothing to act on
LEAST_SPREAD = 0.2  # of speeds between viewers: some would have chosen another one
SHORTEST_S = 5
LEAST_PLAYS = 30
APART_S = 10  # who hurries does so for a while: so many seconds are one look


def find(speeds: Rows, overall: Row, once: float) -> tuple[list[Candidate], int]:
    """From speed_by_second and playback_speed; `once` is viewers ÷ views. Also how many places were looked at.

    One viewer plays neighbouring seconds at one speed, so a stretch is no surer than its surest second.
    """
    known = [row for row in speeds if row["plays"] >= LEAST_PLAYS]
    looked = max(1, len(known) // APART_S)
    if len(known) < 2 * SHORTEST_S:
        return [], looked
    usual = median(row["speed_by_second"] for row in known)
    spread = _spread(overall)
    bar = usual + max(LEAST_FASTER, (_level(known) - usual) / 2)
    runs = [run for run in _runs(known, bar) if len(run) >= SHORTEST_S]
    return [_candidate(run, usual, spread, once) for run in runs], looked


def _level(known: Rows) -> float:
    """Speed of the fastest seconds, without the very fastest, which owe something to chance."""
    fastest = sorted((row["speed_by_second"] for row in known), reverse=True)[: max(SHORTEST_S, len(known) // 20)]
    return float(median(fastest))


def _spread(overall: Row) -> float:
    """Standard deviation of speeds, from their shares."""
    shares = overall.get("by_rate") or ()
    total = sum(one["share"] for one in shares) or 1.0
    mean = sum(one["rate"] * one["share"] for one in shares) / total
    return max(LEAST_SPREAD, math.sqrt(sum(one["share"] * (one["rate"] - mean) ** 2 for one in shares) / total))


def _runs(known: Rows, bar: float) -> list[list[Row]]:
    """Seconds above the bar that follow each other; a gap of one is bridged."""
    runs: list[list[Row]] = []
    for row in known:
        if row["speed_by_second"] < bar:
            continue
        if runs and row["second"] - runs[-1][-1]["second"] <= 2:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _candidate(run: list[Row], usual: float, spread: float, once: float) -> Candidate:
    speed = sum(row["speed_by_second"] for row in run) / len(run)
    plays = median(row["plays"] for row in run)
    error = spread / math.sqrt(plays * once)
    chance = math.erfc((speed - usual) / error / math.sqrt(2)) / 2
    span = (float(run[0]["second"]), float(run[-1]["second"] + 1))
    low, high = speed - Z95 * error, speed + Z95 * error
    finding = Finding(
        kind="fast", metric="speed_by_second", effect=speed, low=low, high=high, n=int(plays), chance=chance,
        span=span,
        sentence=f"{wording.span(*span)} is played at {wording.speed(speed)}, the rest at {wording.speed(usual)}.",
        sure=f"(95{wording.THIN}%: {wording.speed(low)}–{wording.speed(high)}, {wording.number_of(plays, 'play')})",
        note=f"played at {wording.speed(speed)}",
    )  # fmt: skip
    return Candidate(finding, chance)
