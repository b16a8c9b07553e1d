"""pandas and numpy: curves over the slices of one video."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.analytics.pandas_rows import highest_before
from benchmarks.analytics.questions import Question
from benchmarks.analytics.slices import Slices


def stretches_of(rows: pd.DataFrame, slices: Slices) -> pd.DataFrame:
    """Slices [lo, hi) between from_s and to_s, sorted within each view; empty ones are left out."""
    lo = np.ceil(rows["from_s"] - slices.middle_s).clip(lower=0).astype("int64")
    hi = np.ceil(rows["to_s"] - slices.middle_s).clip(upper=slices.count).astype("int64")
    found = rows[["view_id", "rate", "to_s"]].assign(lo=lo, hi=hi)
    return found[lo < hi].sort_values(["view_id", "lo", "hi"])


def swept(ranges: pd.DataFrame, slices: Slices, amount: Any = None) -> Any:
    """For each slice the sum over the ranges that hold it."""
    begins = np.bincount(ranges["lo"], amount, slices.count + 1)
    ends = np.bincount(ranges["hi"], amount, slices.count + 1)
    return np.cumsum(begins - ends)[: slices.count]


def once(ranges: pd.DataFrame, slices: Slices) -> Any:
    """Like `_swept`, each view once per slice."""
    lo = np.maximum(ranges["lo"], highest_before(ranges, "hi")).astype("int64")
    cut = ranges.assign(lo=lo)
    return swept(cut[cut["lo"] < cut["hi"]], slices)


def smoothed(curve: Any, slices: Slices) -> Any:
    width = slices.half_width
    triangle = width + 1 - np.abs(np.arange(-width, width + 1))
    padded = np.pad(curve, width)
    weights = np.convolve(np.pad(np.ones(len(curve)), width), triangle, "valid")
    return np.convolve(padded, triangle, "valid") / weights


def means(curve: Any, edges: Any, slices: Slices) -> Any:
    """Mean of a curve of slices between neighbouring edges."""
    knots = np.append(np.arange(slices.count), slices.length_s)
    area = np.append(0, np.cumsum(curve * np.diff(knots)))
    return np.diff(np.interp(edges, knots, area)) / np.diff(edges)


def sections(question: Question, rows: pd.DataFrame, passes: pd.DataFrame, slices: Slices, n: int) -> pd.DataFrame:
    distance = (rows["to_s"] - rows["from_s"]).abs()
    cause = rows["cause"].isin(["user", "chapter", "skip"]) | rows["cause"].isna()
    counted = (rows["type"] == "seek") & (rows["to_s"] > rows["from_s"]) & cause & (distance > 0.25)
    skips = stretches_of(rows[counted], slices)
    reached = once(pd.concat([passes, skips]).sort_values(["view_id", "lo", "hi"]), slices)
    share = once(skips, slices) / np.maximum(reached, 1)
    least = max(0.05, 2 * np.median(share[reached > 0]))
    often = np.flatnonzero((reached >= 10) & (share >= least))
    found = []
    for run in np.split(often, np.flatnonzero(np.diff(often) > 2) + 1):
        if len(run) and run[-1] + 1 - run[0] >= 3:
            over = skips[(skips["lo"] <= run[-1]) & (skips["hi"] > run[0])]
            cells = np.bincount(np.floor(over["to_s"]).astype(int))
            found.append({"from_s": run[0], "to_s": run[-1] + 1, "share": share[run].max(), "landed": cells.argmax()})
    numbered = [
        {"video_id": question.selection.video_id, "section": number, **section, "n": n}
        for number, section in enumerate(found, 1)
    ]
    return pd.DataFrame(numbered, columns=[*question.keys, *question.values])
