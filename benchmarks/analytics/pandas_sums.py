"""pandas: a metric's columns from the rows of its views."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.analytics.pandas_rows import closed
from benchmarks.analytics.questions import COMPLETED_AT
from viewbox.metrics import Selection

Z = 1.959963984540054


def grouped(views: pd.DataFrame, selection: Selection) -> list[tuple[dict[str, Any], pd.DataFrame]]:
    names = [] if selection.by == "all" else ["video_id" if selection.by == "video" else selection.by]
    if selection.grain is not None:
        views = views.assign(period=views["started_at"].dt.tz_convert(selection.timezone).dt.date)
        names.append("period")
    if not names:
        return [({}, views)]
    parts = views.groupby(names, observed=True, dropna=False, sort=False)
    return [(dict(zip(names, key, strict=True)), part) for key, part in parts]


def summed(metric: str, views: pd.DataFrame) -> dict[str, Any]:  # noqa: PLR0911  # one for each metric
    n = len(views)
    match metric:
        case "views":
            return {"views": n}
        case "unique_viewers":
            page = views.loc[views["viewer_kind"] == "page", "viewer_id"]
            return {"unique_viewers": views["viewer_id"].nunique(), "page_viewers": page.nunique()}
        case "total_watch_time":
            watch_s, playing_s = views["watch_ms"].sum() / 1000, views["playing_ms"].sum() / 1000
            return {"total_watch_time": watch_s, "playing_s": playing_s, "waiting_s": watch_s - playing_s, "n": n}
        case "rebuffer_ratio":
            watch_ms, stall_ms = views["watch_ms"].sum(), views["stall_ms"].sum()
            ratio = stall_ms / watch_ms if watch_ms else None
            return {"rebuffer_ratio": ratio, "stalls": views["stalls"].sum(), "stall_s": stall_ms / 1000, "n": n}
        case "average_percentage_viewed":
            return {"average_percentage_viewed": views["coverage"].mean(), "n": views["coverage"].count()}
        case "completion_rate":
            return _completion(views)
        case "startup_time":
            quantiles = views["startup_ms"].quantile([0.5, 0.75, 0.95, 0.99]).to_numpy() / 1000
            return dict(zip(("startup_time", "p75_s", "p95_s", "p99_s"), quantiles, strict=True)) | {"n": n}
        case "playback_failures":
            failed = views["failed_seq"].notna()
            early = failed & ~(views["failed_seq"] > views["first_seq"])
            return {
                "playback_failures": failed.mean(), "startup_failures": early.mean(), "failures": failed.sum(), "n": n
            }  # fmt: skip
        case _:
            gave_up = ~views["played"] & views["failed_seq"].isna() & closed(views)
            waited = (views["ended_ms"] - views["play_ms"])[gave_up]
            counts = np.histogram(waited, bins=[-np.inf, 1000, 3000, 10_000, np.inf])[0]
            names = ("waited_0_1_s", "waited_1_3_s", "waited_3_10_s", "waited_10_s")
            return {
                "exits_before_start": gave_up.mean(), "exits": gave_up.sum(), "n": n,
                **dict(zip(names, counts, strict=True)),
            }  # fmt: skip


def _completion(views: pd.DataFrame) -> dict[str, Any]:
    """The rate with its Wilson interval on the variance between viewers."""
    views = views[views["coverage"].notna()]
    completed = (views["coverage"] >= COMPLETED_AT).groupby(views["viewer_id"].cat.codes)
    done, seen = completed.sum().to_numpy(), completed.count().to_numpy()
    if not len(seen):
        return {"completion_rate": None, "completed": 0, "n": 0, "ci_low": None, "ci_high": None}
    rate = done.sum() / seen.sum()
    varied = ((done - rate * seen) ** 2).sum()
    size = len(seen) if rate in {0.0, 1.0} else min(seen.sum(), rate * (1 - rate) * seen.sum() ** 2 / varied)
    middle, scale = rate + Z**2 / (2 * size), 1 + Z**2 / size
    spread = Z * np.sqrt(rate * (1 - rate) / size + Z**2 / (4 * size**2))
    return {
        "completion_rate": rate, "completed": done.sum(), "n": seen.sum(),
        "ci_low": max(0.0, (middle - spread) / scale) if len(seen) > 1 else None,
        "ci_high": min(1.0, (middle + spread) / scale) if len(seen) > 1 else None,
    }  # fmt: skip
