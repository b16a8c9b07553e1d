"""Confidence intervals, in slow Python: the viewer is the sampling unit.

A metric with an interval is a ratio of sums over rows of a sample; `SAMPLES` says, from the contract, of which.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from tests.property.oracle_chance import drawn, hashes, poisson_weights, viewer_keys
from tests.property.oracle_metrics import (
    attempts,
    engagement,
    experience,
    nonbot,
    played,
    quantile,
    valid,
)
from tests.property.oracle_selection import Question
from tests.property.oracle_tables import View, viewer_videos

Sums = tuple[float, float]  # numerator and denominator
Interval = tuple[float | None, float | None]
Sample = Callable[[Sequence[View], Question], list[tuple[str, float | None, float]]]
Z = 1.959963984540054
NONE = (None, None)
MOST_ROWS = 50_000  # of a sample; of more, viewers are put into groups
GROUPS = 4_000
MOST_UNITS = 400  # that a bootstrap draws
FEW_UNITS = 20  # whose own standard errors mean little
AGREEMENT = 1e-6  # units that differ by no more than this share do not differ


def per_view(who: Callable[[Sequence[View]], list[View]], sums: Callable[[View], tuple[float | None, float]]) -> Sample:
    def sample(chosen: Sequence[View], _question: Question) -> list[tuple[str, float | None, float]]:
        return [(view.row["viewer_id"], *sums(view)) for view in who(chosen)]

    return sample


def hours(view: View) -> float:
    return float(view.row["playing_ms"]) / 3_600_000


def completed(view: View, question: Question) -> float | None:
    return _at_least(view.row["coverage"], question)


def _at_least(coverage: float | None, question: Question) -> float | None:
    return None if coverage is None else float(coverage >= float(question.params.get("completed_at", 0.9)))


def completions(chosen: Sequence[View], question: Question) -> list[tuple[str, float | None, float]]:
    return [(view.row["viewer_id"], completed(view, question), 1) for view in valid(chosen)]


def viewer_completions(chosen: Sequence[View], question: Question) -> list[tuple[str, float | None, float]]:
    return [(row["viewer_id"], _at_least(row["coverage"], question), 1) for row in viewer_videos(chosen)]


def known_bits(view: View) -> tuple[float | None, float]:
    known = [interval for interval in view.intervals if interval["bitrate_bps"] is not None]
    wall_ms = sum(interval["wall_ms"] for interval in known)
    return (sum(interval["bitrate_bps"] * interval["wall_ms"] for interval in known) if wall_ms else None), wall_ms


def speeds(view: View) -> tuple[float | None, float]:
    moved = [one for one in view.intervals if one["to_s"] > one["from_s"]]
    media_s = math.fsum(one["to_s"] - one["from_s"] for one in moved)
    return (math.fsum(one["rate"] * (one["to_s"] - one["from_s"]) for one in moved) if moved else None), media_s


def seek_waits(chosen: Sequence[View], _question: Question) -> list[tuple[str, float | None, float]]:
    return [
        (view.row["viewer_id"], (event["wait_ms"] or 0) / 1000, 1)
        for view in played(chosen) for event in view.events if event["type"] == "seek"
    ]  # fmt: skip


def after_stall(view: View) -> bool:
    stalls = [event["t_ms"] for event in view.events if event["type"] == "stall"]
    return bool(stalls) and max(event["t_ms"] for event in view.events) - max(stalls) <= 10_000


def exits(chosen: Sequence[View]) -> list[View]:
    return [view for view in valid(chosen) if view.is_exit]


def counting(chosen: Sequence[View]) -> list[View]:
    return [view for view in played(chosen) if None not in {view.row["dropped_frames"], view.row["total_frames"]}]


RATES: dict[str, Sample] = {
    "completion_rate": completions,
    "viewer_completion_rate": viewer_completions,
    "play_rate": per_view(nonbot, lambda view: (float(view.row["played"]), 1)),
    "playback_failures": per_view(attempts, lambda view: (float(view.row["failed"]), 1)),
    "exits_before_start": per_view(attempts, lambda view: (float(view.row["exit_before_start"]), 1)),
    "stall_exits": per_view(exits, lambda view: (float(after_stall(view)), 1)),
}
MEANS: dict[str, Sample] = {
    "average_watch_time": per_view(valid, lambda view: (view.row["watch_ms"] / 1000, 1)),
    "average_view_duration": per_view(valid, lambda view: (view.row["media_s"], 1)),
    "average_percentage_viewed": per_view(valid, lambda view: (view.row["coverage"], 1)),
    "engagement_score": per_view(valid, lambda view: (engagement(view), 1)),
    "pause_frequency": per_view(valid, lambda view: (view.row["pauses"], hours(view))),
    "playback_speed": per_view(valid, speeds),
    "experience_score": per_view(attempts, lambda view: (experience(view), 1)),
    "rebuffer_ratio": per_view(played, lambda view: (view.row["stall_ms"], view.row["watch_ms"])),
    "rebuffer_frequency": per_view(played, lambda view: (view.row["stalls"], hours(view))),
    "rendition_switches": per_view(
        played, lambda view: (view.row["switches_up"] + view.row["switches_down"], hours(view))
    ),
    "average_bitrate": per_view(played, known_bits),
    "dropped_frames": per_view(counting, lambda view: (view.row["dropped_frames"], view.row["total_frames"])),
    "seek_latency": seek_waits,
}
SAMPLES = RATES | MEANS


def interval(name: str, chosen: Sequence[View], question: Question) -> Interval:
    """95 % interval of a metric for the views of one group."""
    rows = [row for row in SAMPLES[name](chosen, question) if row[1] is not None]
    keys = viewer_keys({viewer_id for viewer_id, _, _ in rows})
    sample = [(keys[viewer_id], numerator or 0.0, denominator) for viewer_id, numerator, denominator in rows]
    return (wilson if name in RATES else bootstrap)(in_units(sample))


def in_units(sample: Sequence[tuple[int, float, float]]) -> list[Sums]:
    """What each viewer, or group of viewers, adds up to; in an order that has nothing to do with what they did."""
    keys = sorted({key for key, _, _ in sample})
    place = dict(zip(keys, hashes(keys), strict=True))
    of_unit: dict[int, list[Sums]] = {}
    for key, numerator, denominator in sample:
        unit = place[key] % GROUPS if len(sample) > MOST_ROWS else place[key]
        of_unit.setdefault(unit, []).append((numerator, denominator))
    return [added(of_unit[unit]) for unit in sorted(of_unit)]


def added(sums: Sequence[Sums]) -> Sums:
    return math.fsum(one for one, _ in sums), math.fsum(one for _, one in sums)


def wilson(units: Sequence[Sums]) -> Interval:
    ends = _wilson(units)
    return NONE if ends is None else (max(0.0, ends[0]), min(1.0, ends[1]))


def _wilson(units: Sequence[Sums]) -> tuple[float, float] | None:
    """Wilson's score interval for as many independent views as tell as much as these of viewers who come back."""
    part, whole = added(units)
    if len(units) < 2 or not whole:
        return None
    p = part / whole
    if p in {0.0, 1.0}:
        n = float(len(units))
    else:
        spread = math.fsum((numerator - p * denominator) ** 2 for numerator, denominator in units)
        n = whole if spread == 0 else min(whole, p * (1 - p) * whole**2 / spread)
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return middle - half, middle + half


def grouped(units: Sequence[Sums]) -> list[Sums]:
    """At most 400, dealt out like cards."""
    if len(units) <= MOST_UNITS:
        return list(units)
    return [added(units[first::MOST_UNITS]) for first in range(MOST_UNITS)]


def bootstrap(every_unit: Sequence[Sums]) -> Interval:
    """The bootstrap-t of a ratio of sums; plain percentiles where units are few, or all alike."""
    units = grouped(every_unit)
    part, whole = added(units)
    if len(units) < 2 or not whole:
        return NONE
    ratio = part / whole
    error = standard_error(units, [1] * len(units), ratio)
    means, distances = [], []
    for times in poisson_weights():
        weights = times[: len(units)]
        numerator, denominator = weighted(units, weights)
        if denominator:
            means.append(numerator / denominator)
            own_error = standard_error(units, weights, means[-1])
            if own_error:
                distances.append((means[-1] - ratio) / own_error)
    if len(units) < FEW_UNITS or not error:
        low, high = _ends(means)
    elif distances:
        low, high = ratio - error * quantile(distances, 0.975), ratio - error * quantile(distances, 0.025)
    else:
        return NONE
    if low is not None and all(numerator >= 0 for numerator, _ in units):
        low = max(0.0, low)
    if high is not None and all(numerator <= denominator for numerator, denominator in units):
        high = min(1.0, high)
    return low, high


def weighted(units: Sequence[Sums], weights: Sequence[int]) -> Sums:
    return added([(times * one, times * other) for times, (one, other) in zip(weights, units, strict=True) if times])


def standard_error(units: Sequence[Sums], weights: Sequence[int], ratio: float) -> float:
    """How uncertain a ratio of sums is, by how far each unit is off it; 0 where all agree."""
    off = math.fsum(times * (one - ratio * other) ** 2 for times, (one, other) in zip(weights, units, strict=True))
    sizes = math.fsum(
        times * (one**2 + (ratio * other) ** 2) for times, (one, other) in zip(weights, units, strict=True)
    )
    return 0.0 if off <= AGREEMENT**2 * sizes else math.sqrt(off) / weighted(units, weights)[1]


def _ends(values: Sequence[float]) -> Interval:
    return (quantile(values, 0.025), quantile(values, 0.975)) if values else NONE


def difference(name: str, cohorts: Sequence[Sequence[View]], questions: Sequence[Question]) -> Interval:
    """95 % interval of b − a."""
    of_cohort = [_viewers(SAMPLES[name](chosen, question)) for chosen, question in zip(cohorts, questions, strict=True)]
    return (_rates_apart if name in RATES else _means_apart)(*of_cohort)


def _viewers(rows: Sequence[tuple[str, float | None, float]]) -> dict[str, Sums]:
    found: dict[str, list[Sums]] = {}
    for viewer_id, numerator, denominator in rows:
        if numerator is not None:
            found.setdefault(viewer_id, []).append((numerator, denominator))
    return {viewer_id: added(sums) for viewer_id, sums in found.items()}


def _means_apart(a: dict[str, Sums], b: dict[str, Sums]) -> Interval:
    """Percentiles over resampled viewers. Where a viewer is in both cohorts, both are drawn together."""
    if len(a) < 2 or len(b) < 2:
        return NONE
    strata = {"both": {*a, *b}} if a.keys() & b.keys() else {"a": set(a), "b": set(b)}
    unit_of: dict[tuple[str, str], int] = {}
    for stratum, viewers in strata.items():
        ordered = sorted(viewers)
        dealt = sorted(zip(hashes(ordered), ordered, strict=True))
        unit_of |= {(stratum, viewer_id): place % MOST_UNITS for place, (_, viewer_id) in enumerate(dealt)}
    apart = []
    for resample in range(400):
        ratios = []
        for cohort, sums in (("a", a), ("b", b)):
            stratum = cohort if cohort in strata else "both"
            times = drawn(stratum, min(MOST_UNITS, len(strata[stratum])))[resample]
            people = list(sums)
            numerator, denominator = weighted(
                [sums[viewer_id] for viewer_id in people],
                [times[unit_of[stratum, viewer_id]] for viewer_id in people],
            )
            ratios.append(numerator / denominator if denominator else None)
        if ratios[0] is not None and ratios[1] is not None:
            apart.append(ratios[1] - ratios[0])
    return _ends(apart)


def _rates_apart(a: dict[str, Sums], b: dict[str, Sums]) -> Interval:
    """Newcombe's tenth method, with the correlation of viewers who are in both."""
    ends_a, ends_b = _wilson(list(a.values())), _wilson(list(b.values()))
    if ends_a is None or ends_b is None:
        return NONE
    (low_a, high_a), (low_b, high_b) = ends_a, ends_b
    p_a, p_b = (part / whole for part, whole in (added(list(a.values())), added(list(b.values()))))
    off_a = {viewer_id: part - p_a * whole for viewer_id, (part, whole) in a.items()}
    off_b = {viewer_id: part - p_b * whole for viewer_id, (part, whole) in b.items()}
    both = math.fsum(off_a[viewer_id] * off_b[viewer_id] for viewer_id in off_a.keys() & off_b.keys())
    spreads = math.sqrt(math.fsum(off**2 for off in off_a.values()) * math.fsum(off**2 for off in off_b.values()))
    rho = max(-1.0, min(1.0, both / spreads)) if spreads else 0.0
    below = (p_b - low_b) ** 2 - 2 * rho * (p_b - low_b) * (high_a - p_a) + (high_a - p_a) ** 2
    above = (high_b - p_b) ** 2 - 2 * rho * (high_b - p_b) * (p_a - low_a) + (p_a - low_a) ** 2
    return p_b - p_a - math.sqrt(max(0.0, below)), p_b - p_a + math.sqrt(max(0.0, above))


def groups_of(viewers: Counter[str], most: int) -> dict[str, int]:
    """Each viewer's group, of at most so many."""
    ordered = sorted(viewers)
    return {name: place % most for place, (_, name) in enumerate(sorted(zip(hashes(ordered), ordered, strict=True)))}
