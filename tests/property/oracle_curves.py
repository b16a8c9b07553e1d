"""Metrics along a video's seconds, in slow Python: one revision's valid views in, rows by slice or section out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from statistics import median

from tests.property.oracle_selection import Question
from tests.property.oracle_tables import Length, View
from tests.property.oracle_views import Row

Curve = Callable[[Sequence[View], Question], list[Row]]
Slices = list[float]


def length_s(length: Length) -> float:
    return float(length.n if length.duration_s is None else length.duration_s)


def resampled(values: Slices, length: Length, points: int) -> list[Row]:
    """Slices as they are, or so many equal stretches, each the average of the slices it overlaps."""
    end_s = length_s(length)
    own = [(float(k), end_s if k == length.n - 1 else k + 1.0) for k in range(length.n)]
    if not points:
        return [{"from_s": low, "to_s": high, "value": value} for (low, high), value in zip(own, values, strict=True)]
    found = []
    for target in range(points):
        from_s, to_s = target * end_s / points, (target + 1) * end_s / points
        shares = [max(0.0, min(to_s, high) - max(from_s, low)) for low, high in own]
        value = math.fsum(share * one for share, one in zip(shares, values, strict=True)) / math.fsum(shares)
        found.append({"from_s": from_s, "to_s": to_s, "value": value})
    return found


def audience_retention(shown: Sequence[View], question: Question) -> list[Row]:
    length, points = shown[0].length, int(question.params.get("points", 0))
    per_viewer = question.params.get("per") == "viewer"
    who = [view.row["viewer_id" if per_viewer else "view_id"] for view in shown]
    n = len(set(who))
    passes = [view.passes() for view in shown]
    plays = [sum(one[k] for one in passes) / n for k in range(length.n)]
    seen = [len({name for name, one in zip(who, passes, strict=True) if one[k]}) / n for k in range(length.n)]
    absolute, unique = resampled(plays, length, points), resampled(seen, length, points)
    return [
        {"second": math.floor(left["from_s"]), "from_s": left["from_s"], "to_s": left["to_s"],
         "audience_retention": left["value"], "absolute": left["value"], "unique": right["value"], "n": n}
        for left, right in zip(absolute, unique, strict=True)
    ]  # fmt: skip


def smoothed(values: Sequence[Fraction], length: Length) -> list[Fraction]:
    """By a centred triangle over 1 % of the video, its weights renormalised at both ends. Exact: ties must be ties."""
    half = max(1, math.floor(length_s(length) / 200 + 0.5))
    found = [Fraction(0)] * length.n
    for j, value in enumerate(values):
        if value:
            for k in range(max(0, j - half), min(length.n, j + half + 1)):
                found[k] += (half + 1 - abs(j - k)) * value
    return [
        value / sum(half + 1 - abs(j) for j in range(-min(half, k), min(half, length.n - 1 - k) + 1))
        if value
        else value
        for k, value in enumerate(found)
    ]


def most_replayed(shown: Sequence[View], question: Question) -> list[Row]:
    length, n = shown[0].length, len(shown)
    if n < 10:
        return []
    passes = [view.passes() for view in shown]
    extra = [Fraction(sum(max(0, one[k] - 1) for one in passes), n) for k in range(length.n)]
    smooth = smoothed(extra, length)
    peak, middle = max(smooth), median(smooth)
    chosen = [k for k in range(length.n) if peak > 0 and smooth[k] >= peak / 2 and smooth[k] >= 2 * middle]
    sections = runs(chosen, hole=0)
    best = sorted(sections, key=lambda run: (-max(smooth[k] for k in run), run[0]))[:5]
    viewers = {view.row["viewer_id"] for view in shown}
    found: list[Row] = []
    points = int(question.params.get("points", 0))
    for left, right in zip(
        resampled(list(map(float, smooth)), length, points),
        resampled(list(map(float, extra)), length, points),
        strict=True,
    ):
        found.append({
            "second": math.floor(left["from_s"]), "from_s": left["from_s"], "to_s": left["to_s"],
            "most_replayed": left["value"], "extra": right["value"], "n": n,
        })  # fmt: skip
    if not points:
        for k, row in enumerate(found):
            rank = next((place for place, run in enumerate(best) if k in run), None)
            row["section"] = None if rank is None else rank + 1
            if rank is not None:
                again = {view.row["viewer_id"] for view, one in zip(shown, passes, strict=True)
                         if any(one[j] > 1 for j in best[rank])}  # fmt: skip
                row |= {"section_from_s": best[rank][0], "section_to_s": best[rank][-1] + 1,
                        "section_share": len(again) / len(viewers)}  # fmt: skip
    return found


def runs(chosen: Sequence[int], *, hole: int) -> list[list[int]]:
    """Slices that follow each other, holes of so many slices bridged and filled."""
    found: list[list[int]] = []
    for k in chosen:
        if found and k - found[-1][-1] <= 1 + hole:
            found[-1] += range(found[-1][-1] + 1, k + 1)
        else:
            found.append([k])
    return found


def skipped_sections(shown: Sequence[View], _question: Question) -> list[Row]:
    length = shown[0].length
    passes, skips = [view.passes() for view in shown], [view.skipped() for view in shown]
    jumped = [sum(one[k] > 0 for one in skips) for k in range(length.n)]
    reached = [sum(a[k] + b[k] > 0 for a, b in zip(passes, skips, strict=True)) for k in range(length.n)]
    share = [Fraction(jump, reach or 1) for jump, reach in zip(jumped, reached, strict=True)]
    usual = median(share[k] for k in range(length.n) if reached[k]) if any(reached) else Fraction(0)
    chosen = [k for k in range(length.n) if reached[k] >= 10 and share[k] >= max(Fraction(1, 20), 2 * usual)]
    found: list[Row] = []
    for run in runs(chosen, hole=1):
        if len(run) >= 3:
            over = [skip for view in shown for skip in view.skips if set(view.length.passed(skip)) & set(run)]
            landings = Counter(math.floor(skip["to_s"]) for skip in over)
            found.append({
                "section": len(found) + 1, "from_s": run[0], "to_s": run[-1] + 1,
                "skipped_sections": float(max(share[k] for k in run if k in chosen)),
                "landed": min(landings, key=lambda cell: (-landings[cell], cell)), "n": len(shown),
            })  # fmt: skip
    return found


def skip_graph(shown: Sequence[View], _question: Question) -> list[Row]:
    jumps: Counter[tuple[int, int]] = Counter()
    by: dict[tuple[int, int], set[str]] = {}
    for view in shown:
        for seek in view.seeks:
            cells = view.length.slice_of(seek["from_s"]), view.length.slice_of(seek["to_s"])
            jumps[cells] += 1
            by.setdefault(cells, set()).add(view.row["view_id"])
    ordered = sorted(jumps, key=lambda cells: (-jumps[cells], cells))[:50]
    return [
        {"rank": rank, "from_s": cells[0], "to_s": cells[1], "jumps": jumps[cells], "views": len(by[cells]),
         "skip_graph": len(by[cells]) / len(shown), "n": len(shown)}
        for rank, cells in enumerate(ordered, 1)
    ]  # fmt: skip


def drop_offs(shown: Sequence[View], _question: Question) -> list[Row]:
    length, n = shown[0].length, len(shown)
    if n < 30:
        return []
    exits = Counter(view.length.slice_of(view.row["last_position_s"]) for view in shown if view.is_exit)
    smooth = smoothed([Fraction(exits[k], n) for k in range(length.n)], length)
    return [
        {"second": k, "drop_offs": exits[k] / n, "exits": exits[k], "smoothed": float(smooth[k]), "n": n}
        for k in range(length.n)
    ]


def speed_by_second(shown: Sequence[View], _question: Question) -> list[Row]:
    rates: dict[int, list[float]] = {}
    for view in shown:
        for interval in view.intervals:
            for k in view.length.passed(interval):
                rates.setdefault(k, []).append(interval["rate"])
    return [
        {"second": k, "plays": len(rates.get(k, [])), "n": len(shown),
         "speed_by_second": math.fsum(rates[k]) / len(rates[k]) if k in rates else None}
        for k in range(shown[0].length.n)
    ]  # fmt: skip


def concurrent_viewers(valid: Sequence[View], _question: Question) -> list[Row]:
    """Per minute: looked at whenever somebody begins, and when the minute does."""
    stretches = []
    for view in valid:
        for interval in view.intervals:
            to_ms = round(view.row["started_at"].timestamp() * 1000) + interval["t_ms"]
            if interval["wall_ms"]:
                stretches.append((to_ms - interval["wall_ms"], to_ms, view.row["viewer_id"]))
    minutes = {minute for from_ms, to_ms, _ in stretches for minute in range(from_ms // 60_000, -(-to_ms // 60_000))}
    most = {}
    for minute in sorted(minutes):
        here = [one for one in stretches if one[0] < (minute + 1) * 60_000 and one[1] > minute * 60_000]
        instants = {minute * 60_000} | {from_ms for from_ms, _, _ in here if from_ms > minute * 60_000}
        most[minute] = max(len({who for low, high, who in here if low <= at < high}) for at in instants)
    return [
        {"minute_at": datetime.fromtimestamp(minute * 60, UTC), "concurrent_viewers": viewers,
         "peak": max(most.values()), "n": len(valid)}
        for minute, viewers in most.items()
    ]  # fmt: skip


def viewer_timeline(shown: Sequence[View], _question: Question) -> list[Row]:
    """The hundred newest."""
    newest = sorted(shown, key=lambda view: (view.row["started_at"], view.row["view_id"]))[-100:]
    found = []
    for view in sorted(newest, key=lambda view: str(view.row["view_id"])):
        passes = view.passes()
        strip = "".join(str(min(3, passes[k])) for k in range(view.length.n))
        row = {"view_id": view.row["view_id"], "watch_s": view.row["watch_ms"] / 1000, "n": len(shown)}
        found.append(row | {"viewer_timeline": strip})
    return found


OF_ALL_REVISIONS = frozenset({"concurrent_viewers"})
CURVES: dict[str, Curve] = {
    "audience_retention": audience_retention, "most_replayed": most_replayed, "skipped_sections": skipped_sections,
    "skip_graph": skip_graph, "drop_offs": drop_offs, "speed_by_second": speed_by_second,
    "concurrent_viewers": concurrent_viewers, "viewer_timeline": viewer_timeline,
}  # fmt: skip
