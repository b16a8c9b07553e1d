"""Key moments and relative retention, in slow Python, exact until the last division."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import median

from tests.property.oracle_chance import drawn
from tests.property.oracle_curves import runs, smoothed
from tests.property.oracle_intervals import groups_of
from tests.property.oracle_metrics import quantile
from tests.property.oracle_selection import Question
from tests.property.oracle_tables import Length, View
from tests.property.oracle_views import Row

MOST_GROUPS = 200


def key_moments(shown: Sequence[View], _question: Question) -> list[Row]:
    length, n = shown[0].length, len(shown)
    if n < 30:
        return []
    passes = [view.passes() for view in shown]
    seen = [sum(one[k] > 0 for one in passes) for k in range(length.n)]
    found: list[Row] = []
    if length.n > 30:
        found.append({"from_s": 0, "to_s": 30, "moment": "intro", "key_moments": seen[30] / n, "n": n})
    found += steadiest(seen, length, n) + turns(shown, passes)
    return sorted(found, key=lambda row: (row["from_s"], row["moment"]))


def steadiest(seen: Sequence[int], length: Length, n: int) -> list[Row]:
    """Over a tenth of the video, ten slices at least; of equal runs that with the most views, then the first. One that
    nobody plays somewhere is no moment.
    """
    size = max(10, math.floor((length.n if length.duration_s is None else length.duration_s) / 10 + 0.5))
    starts = [k for k in range(length.n - size + 1) if min(seen[k : k + size]) > 0]
    if not starts:
        return []
    best = min(starts, key=lambda k: (seen[k] - seen[k + size - 1], -seen[k], k))
    lost = (seen[best] - seen[best + size - 1]) / n
    return [{"from_s": best, "to_s": best + size, "moment": "top", "key_moments": lost, "n": n}]


def turns(shown: Sequence[View], passes: Sequence[Counter[int]]) -> list[Row]:
    """Spikes and dips: steps far off the usual one, and surely none of chance."""
    length, n = shown[0].length, len(shown)
    smooth = smoothed([Fraction(sum(one[k] for one in passes), n) for k in range(length.n)], length)
    steps = {k: smooth[k] - smooth[k - 1] for k in range(1, length.n)}
    if not steps:
        return []
    middle = median(steps.values())
    deviation = median(abs(step - middle) for step in steps.values())
    steep = [k for k, step in steps.items() if abs(step - middle) > 3 * deviation]
    intervals = shaken(shown, passes, steep)
    found: list[Row] = []
    for kind, sign in (("spike", 1), ("dip", -1)):
        sure = [
            k for k in steep
            if k in intervals and (steps[k] - middle) * sign > 0 and min(end * sign for end in intervals[k]) > 0
        ]  # fmt: skip
        for run in runs(sure, hole=0):
            top = max(run, key=lambda k: (abs(steps[k]), -k))
            found.append({
                "from_s": run[0], "to_s": run[-1] + 1, "moment": kind, "key_moments": float(steps[top]),
                "ci_low": intervals[top][0], "ci_high": intervals[top][1], "n": n,
            })  # fmt: skip
    return found


def shaken(
    shown: Sequence[View], passes: Sequence[Counter[int]], steep: Sequence[int]
) -> dict[int, tuple[float, float]]:
    """90 % interval of each of these steps, over resampled viewers."""
    if not steep:
        return {}
    length = shown[0].length
    group = groups_of(Counter(view.row["viewer_id"] for view in shown), MOST_GROUPS)
    units = max(group.values()) + 1
    if units < 2:
        return {}
    views = [0] * units
    plays: list[Counter[int]] = [Counter() for _ in range(units)]
    for view, one in zip(shown, passes, strict=True):
        unit = group[view.row["viewer_id"]]
        views[unit] += 1
        plays[unit] += one
    smooth = [smoothed([Fraction(of_unit[k]) for k in range(length.n)], length) for of_unit in plays]
    found = {}
    for k in steep:
        own = [one[k] - one[k - 1] for one in smooth]
        steps = [
            float(sum(times * step for times, step in zip(drawing, own, strict=True) if times)
                  / sum(times * count for times, count in zip(drawing, views, strict=True)))
            for drawing in drawn(None, units)
        ]  # fmt: skip
        found[k] = quantile(steps, 0.05), quantile(steps, 0.95)
    return {k: ends for k, ends in found.items() if not all(abs(end) < 1e-12 for end in ends)}


def relative_retention(shown: Mapping[str, Sequence[View]], question: Question) -> dict[str, list[Row]]:
    """By video: `shown` are the valid views of one revision of every video that filters and period leave."""
    points = int(question.params.get("points", 100))
    long = {video: views for video, views in shown.items() if views and views[0].length.duration_s is not None}
    curves = {video: stretches(views, points) for video, views in long.items()}
    duration_s = {video: Fraction(str(views[0].length.duration_s)) for video, views in long.items()}
    found: dict[str, list[Row]] = {}
    for video, curve in curves.items():
        alike = [one for one in curves if abs(duration_s[one] - duration_s[video]) <= duration_s[video] / 4]
        if len(alike) < 5:
            continue
        rows: list[Row] = []
        for place, own in enumerate(curve):
            fewer = sum(curves[one][place] < own for one in alike)
            equal = sum(curves[one][place] == own for one in alike)
            rows.append({
                "slice": place, "from_s": float(duration_s[video] * place / points),
                "to_s": float(duration_s[video] * (place + 1) / points),
                "relative_retention": (fewer + equal / 2) / len(alike), "unique": float(own), "videos": len(alike),
                "n": len(long[video]),
            })  # fmt: skip
        found[video] = rows
    return found


def stretches(views: Sequence[View], points: int) -> list[Fraction]:
    """Unique retention of equal stretches of a video: the average of the slices each overlaps."""
    length = views[0].length
    end_s = Fraction(str(length.duration_s))
    passes = [view.passes() for view in views]
    found = []
    for place in range(points):
        from_s, to_s = end_s * place / points, end_s * (place + 1) / points
        total = Fraction(0)
        for k in range(min(length.n - 1, math.floor(from_s)), min(length.n, math.ceil(to_s))):
            past_s = end_s if k == length.n - 1 else Fraction(k + 1)
            share = max(Fraction(0), min(to_s, past_s) - max(from_s, Fraction(k)))
            total += share * sum(one[k] > 0 for one in passes)
        found.append(total / (to_s - from_s) / len(views))
    return found
