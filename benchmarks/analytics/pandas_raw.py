"""pandas on the raw events: the same answers from one DataFrame that is held in memory, ids as categories.

Reading the files is not timed: a notebook reads once and asks often. Rows are sorted by view and `seq` when loaded,
curves are swept with numpy. What pandas needs of memory is why it is measured up to 10 M events only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from glob import glob as matching
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection

CATEGORIES = (
    "view_id", "video_id", "viewer_id", "viewer_kind", "browser", "device_type", "country", "type", "cause", "context",
)  # fmt: skip
NUMBERS = (
    "seq", "is_bot", "t_ms", "occurred_at", "position_s", "from_s", "to_s", "wait_ms", "rate", "wall_ms", "fatal",
)  # fmt: skip
SILENCE = timedelta(minutes=5)
Z = 1.959963984540054


class Pandas:
    """The peer; its frame stays in memory between answers."""

    name = "pandas"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        del threads, scratch  # pandas computes in one thread
        self._durations = durations
        table = pq.ParquetDataset(sorted(matching(glob)), partitioning=None).read(columns=[*CATEGORIES, *NUMBERS])
        for name in CATEGORIES:
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].combine_chunks().dictionary_encode())
        self._events = table.to_pandas().sort_values(["view_id", "seq"], ignore_index=True)

    def answer(self, question: Question) -> pd.DataFrame:
        match question.metric:
            case "audience_retention" | "most_replayed" | "skipped_sections" | "drop_offs" | "speed_by_second":
                return self._curve(question)
            case "returning_viewers":
                return self._returning(question)
            case _:
                return self._numbers(question)

    def close(self) -> None:
        del self._events

    # --- views -------------------------------------------------------------------------------------------

    def _scoped(self, selection: Selection) -> pd.DataFrame:
        """Events that can belong to the selection."""
        events = self._events
        chosen = pd.Series(True, index=events.index)
        if selection.video_id is not None:
            chosen &= events["video_id"] == selection.video_id
        if selection.since is not None and selection.until is not None:
            margin = timedelta(days=2)
            chosen &= events["occurred_at"].between(selection.since - margin, selection.until + margin)
        return events[chosen].assign(
            started_at=lambda rows: rows["occurred_at"] - pd.to_timedelta(rows["t_ms"], unit="ms")
        )

    def _views(self, events: pd.DataFrame, selection: Selection, population: str, **columns: Any) -> pd.DataFrame:
        """One row per chosen view, by view_id. `columns`: name -> (column, aggregate), as in `agg`."""
        kind = events["type"]
        events = events.assign(moved=kind.isin(["playing", "interval"]))
        wanted = {
            "video_id": ("video_id", "first"), "viewer_id": ("viewer_id", "first"), "started_at": ("started_at", "min"),
            "bot": ("is_bot", "max"), "playing_ms": ("wall_ms", "sum"), "played": ("moved", "max"), **columns,
        }  # fmt: skip
        if selection.by not in {"all", "video"}:
            wanted[selection.by] = (selection.by, "first")
        if "browser" in selection.filters:
            wanted["browser"] = ("browser", "first")
        views = events.groupby("view_id", observed=True, sort=False).agg(**wanted)
        views["viewer_id"] = views["viewer_id"].cat.remove_unused_categories()
        chosen = ~views["bot"]
        match population:
            case "valid":
                chosen &= views["playing_ms"] >= 1000
            case "played":
                chosen &= views["played"]
            case "attempts":
                chosen &= views["play_ms"].notna()
        if selection.since is not None and selection.until is not None:
            chosen &= (views["started_at"] >= selection.since) & (views["started_at"] < selection.until)
        for dimension, values in selection.filters.items():
            chosen &= self._told(events, views, dimension).isin(values)
        return views[chosen]

    def _told(self, events: pd.DataFrame, views: pd.DataFrame, dimension: str) -> pd.Series:
        column, _, key = dimension.partition(".")
        if not key:
            return views[dimension]
        contexts = events["context"].cat.remove_unused_categories()
        values = {text: json.loads(text).get(column, {}).get(key) for text in contexts.cat.categories}
        return contexts.map(values).groupby(events["view_id"], observed=True, sort=False).first().reindex(views.index)

    # --- numbers of views --------------------------------------------------------------------------------

    def _numbers(self, question: Question) -> pd.DataFrame:
        selection, metric = question.selection, question.metric
        events = self._scoped(selection)
        match metric:
            case "views":
                views = self._views(events, selection, "valid")
            case "unique_viewers":
                views = self._views(events, selection, "valid", viewer_kind=("viewer_kind", "first"))
            case "total_watch_time":
                views = self._views(_clocked(events), selection, "valid", watch_ms=("watched_ms", "sum"))
            case "rebuffer_ratio":
                stalls = events["type"] == "stall"
                events = _clocked(events.assign(stalls=stalls, stall_ms=events["wait_ms"].where(stalls)))
                views = self._views(
                    events, selection, "played", watch_ms=("watched_ms", "sum"), stalls=("stalls", "sum"),
                    stall_ms=("stall_ms", "sum"),
                )  # fmt: skip
            case "average_percentage_viewed" | "completion_rate":
                views = self._views(events, selection, "valid")
                views["coverage"] = self._coverage(events).reindex(views.index)
            case _:
                events = _attempted(events)
                views = self._views(
                    events, selection, "played" if metric == "startup_time" else "attempts",
                    play_ms=("play_ms", "min"), first_ms=("first_ms", "min"), first_seq=("first_seq", "min"),
                    failed_seq=("failed_seq", "min"), ended_ms=("t_ms", "max"), last_type=("type", "last"),
                    last_at=("occurred_at", "last"),
                )  # fmt: skip
                views["startup_ms"] = (views["first_ms"] - views["play_ms"]).clip(lower=0)
                if metric == "startup_time":
                    views = views[views["startup_ms"].notna()]
        groups = _grouped(views, selection)
        rows = [{**label, **_summed(metric, part)} for label, part in groups]
        return pd.DataFrame(rows, columns=[*question.keys, *question.values])

    def _coverage(self, events: pd.DataFrame) -> pd.Series:
        """Share of its video that each view played, by view_id; counted in whole nanoseconds."""
        played = events.loc[events["type"] == "interval", ["view_id", "video_id", "from_s", "to_s"]]
        length_s = played["video_id"].map(self._durations).astype(float)
        played, length_s = played[length_s.notna()], length_s[length_s.notna()]
        from_ns, to_ns = (
            (np.minimum(played[name], length_s) * 1e9).round().astype("int64") for name in ("from_s", "to_s")
        )
        stretches = pd.DataFrame({"view_id": played["view_id"], "from_ns": from_ns, "to_ns": to_ns, "length_s": length_s})
        stretches = stretches.sort_values(["view_id", "from_ns", "to_ns"])
        before = _highest_before(stretches, "to_ns")
        stretches["new_ns"] = (stretches["to_ns"] - np.maximum(stretches["from_ns"], before)).clip(lower=0)
        by_view = stretches.groupby("view_id", observed=True, sort=False)
        return (by_view["new_ns"].sum() / 1e9 / by_view["length_s"].first()).clip(upper=1.0)

    def _returning(self, question: Question) -> pd.DataFrame:
        selection = question.selection
        views = self._views(self._scoped(Selection(by="all")), Selection(by="all"), "valid")
        views["day"] = views["started_at"].dt.tz_convert(selection.timezone).dt.normalize()
        first = views.groupby(["viewer_id", "video_id"], observed=True)["day"].transform("min")
        chosen = (views["started_at"] >= selection.since) & (views["started_at"] < selection.until)
        returned = views.loc[chosen & (views["day"] > first), "viewer_id"].nunique()
        everyone = views.loc[chosen, "viewer_id"].nunique()
        return pd.DataFrame([{"returning_viewers": returned, "returning_viewer_share": returned / everyone}])

    # --- curves over one video ---------------------------------------------------------------------------

    def _curve(self, question: Question) -> pd.DataFrame:
        assert question.selection.video_id is not None
        slices = Slices.of(self._durations[question.selection.video_id])
        events = self._scoped(question.selection)
        views = self._views(
            events, question.selection, "valid", last_type=("type", "last"), last_at=("occurred_at", "last"),
            last_s=("position_s", "last"),
        )  # fmt: skip
        rows = events[events["view_id"].isin(views.index)]
        passes = _stretches(rows[rows["type"] == "interval"], slices)
        match question.metric:
            case "audience_retention":
                values = {"absolute": _swept(passes, slices) / len(views), "unique": _once(passes, slices) / len(views)}
            case "most_replayed":
                extra = (_swept(passes, slices) - _once(passes, slices)) / len(views)
                values = {"most_replayed": _smoothed(extra, slices), "extra": extra}
            case "speed_by_second":
                plays = _swept(passes, slices)
                rates = _swept(passes, slices, passes["rate"].to_numpy())
                values = {"speed_by_second": np.where(plays > 0, rates / np.maximum(plays, 1), np.nan), "plays": plays}
            case "drop_offs":
                values = self._exits(rows, views, slices)
            case _:
                return _sections(question, rows, passes, slices, len(views))
        if question.metric == "most_replayed" and len(views) < 10:
            return pd.DataFrame(columns=[*question.keys, *question.values])
        if question.points:
            edges = np.arange(MAX_POINTS + 1) * slices.length_s / MAX_POINTS
            values = {name: _means(curve, edges, slices) for name, curve in values.items()}
            second = np.floor(edges[:-1]).astype(int)
        else:
            second = np.arange(slices.count)
        return pd.DataFrame(
            {"video_id": question.selection.video_id, "second": second, **values, "n": len(views)}
        )

    def _exits(self, events: pd.DataFrame, views: pd.DataFrame, slices: Slices) -> dict[str, Any]:
        ended = events.loc[events["type"] == "ended", "view_id"].unique()
        coverage = self._coverage(events).reindex(views.index)
        left = _closed(views) & ~views.index.isin(ended) & ~(coverage >= COMPLETED_AT)
        second = np.minimum(slices.count - 1, np.floor(views.loc[left, "last_s"]).astype(int))
        exits = np.bincount(second, minlength=slices.count)
        return {"drop_offs": exits / len(views), "exits": exits}


# --- rows of events --------------------------------------------------------------------------------------


def _starts(events: pd.DataFrame) -> pd.Series:
    """Plays that the browser did not refuse afterwards."""
    gates = events.loc[events["type"].isin(["play", "autoplay_blocked"]), ["view_id", "type"]]
    refused = gates.groupby("view_id", observed=True)["type"].shift(-1) == "autoplay_blocked"
    return (events["type"] == "play") & ~refused.reindex(events.index, fill_value=False)


def _clocked(events: pd.DataFrame) -> pd.DataFrame:
    """Events with `watched_ms`: the watch clock until the next event (rule 4)."""
    kind, view = events["type"], events["view_id"].cat.codes
    stops = kind.isin(["pause", "ended", "autoplay_blocked", "view_end"]) | ((kind == "error") & (events["fatal"] == True))  # noqa: E712  # null is not true
    signal = pd.Series(np.nan, index=events.index).mask(stops, 0.0).mask(_starts(events) | (kind == "playing"), 1.0)
    runs = signal.groupby(view).ffill() == 1.0
    same = view == view.shift(-1)
    gap = (events["t_ms"].shift(-1) - events["t_ms"]).where(same)
    length = events["wall_ms"].fillna(events["wait_ms"]).shift(-1).fillna(0).clip(lower=10_000)
    seen = (kind == "playing").groupby(view).cumsum()
    first_picture = (kind.shift(-1) == "playing") & (seen == 0)
    watched = gap.clip(lower=0).where(~((gap > 90_000) & ~first_picture), np.minimum(gap, length))
    return events.assign(watched_ms=watched.where(runs, 0).fillna(0))


def _attempted(events: pd.DataFrame) -> pd.DataFrame:
    """Events with the times and numbers by which an attempt is judged."""
    kind = events["type"]
    fatal = (kind == "error") & (events["fatal"] == True)  # noqa: E712  # null is not true
    return events.assign(
        play_ms=events["t_ms"].where(_starts(events)), first_ms=events["t_ms"].where(kind == "playing"),
        first_seq=events["seq"].where(kind == "playing"), failed_seq=events["seq"].where(fatal),
    )  # fmt: skip


def _closed(views: pd.DataFrame) -> pd.Series:
    return (views["last_type"] == "view_end") | (views["last_at"] + SILENCE <= pd.Timestamp.now(tz="UTC"))


def _highest_before(rows: pd.DataFrame, column: str) -> pd.Series:
    """The highest value of the view's earlier rows, 0 for its first."""
    highest = rows.groupby("view_id", observed=True, sort=False)[column].cummax()
    return highest.groupby(rows["view_id"], observed=True, sort=False).shift().fillna(0)


# --- sums ------------------------------------------------------------------------------------------------


def _grouped(views: pd.DataFrame, selection: Selection) -> list[tuple[dict[str, Any], pd.DataFrame]]:
    names = [] if selection.by == "all" else ["video_id" if selection.by == "video" else selection.by]
    if selection.grain is not None:
        views = views.assign(period=views["started_at"].dt.tz_convert(selection.timezone).dt.date)
        names.append("period")
    if not names:
        return [({}, views)]
    parts = views.groupby(names, observed=True, dropna=False, sort=False)
    return [(dict(zip(names, key, strict=True)), part) for key, part in parts]


def _summed(metric: str, views: pd.DataFrame) -> dict[str, Any]:
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
            gave_up = ~views["played"] & views["failed_seq"].isna() & _closed(views)
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
    completed = (views["coverage"] >= COMPLETED_AT).groupby(views["viewer_id"], observed=True)
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
        "ci_low": max(0.0, (middle - spread) / scale), "ci_high": min(1.0, (middle + spread) / scale),
    }  # fmt: skip


# --- slices ----------------------------------------------------------------------------------------------


def _stretches(rows: pd.DataFrame, slices: Slices) -> pd.DataFrame:
    """Slices [lo, hi) between from_s and to_s, sorted within each view; empty ones are left out."""
    lo = np.ceil(rows["from_s"] - slices.middle_s).clip(lower=0).astype("int64")
    hi = np.ceil(rows["to_s"] - slices.middle_s).clip(upper=slices.count).astype("int64")
    found = rows[["view_id", "rate", "to_s"]].assign(lo=lo, hi=hi)
    return found[lo < hi].sort_values(["view_id", "lo", "hi"])


def _swept(ranges: pd.DataFrame, slices: Slices, amount: Any = None) -> Any:
    """For each slice the sum over the ranges that hold it."""
    begins = np.bincount(ranges["lo"], amount, slices.count + 1)
    ends = np.bincount(ranges["hi"], amount, slices.count + 1)
    return np.cumsum(begins - ends)[: slices.count]


def _once(ranges: pd.DataFrame, slices: Slices) -> Any:
    """Like `_swept`, each view once per slice."""
    lo = np.maximum(ranges["lo"], _highest_before(ranges, "hi")).astype("int64")
    cut = ranges.assign(lo=lo)
    return _swept(cut[cut["lo"] < cut["hi"]], slices)


def _smoothed(curve: Any, slices: Slices) -> Any:
    width = slices.half_width
    triangle = width + 1 - np.abs(np.arange(-width, width + 1))
    padded = np.pad(curve, width)
    weights = np.convolve(np.pad(np.ones(len(curve)), width), triangle, "valid")
    return np.convolve(padded, triangle, "valid") / weights


def _means(curve: Any, edges: Any, slices: Slices) -> Any:
    """Mean of a curve of slices between neighbouring edges."""
    knots = np.append(np.arange(slices.count), slices.length_s)
    area = np.append(0, np.cumsum(curve * np.diff(knots)))
    return np.diff(np.interp(edges, knots, area)) / np.diff(edges)


def _sections(question: Question, rows: pd.DataFrame, passes: pd.DataFrame, slices: Slices, n: int) -> pd.DataFrame:
    distance = (rows["to_s"] - rows["from_s"]).abs()
    cause = rows["cause"].isin(["user", "chapter", "skip"]) | rows["cause"].isna()
    counted = (rows["type"] == "seek") & (rows["to_s"] > rows["from_s"]) & cause & (distance > 0.25)
    skips = _stretches(rows[counted], slices)
    reached = _once(pd.concat([passes, skips]).sort_values(["view_id", "lo", "hi"]), slices)
    share = _once(skips, slices) / np.maximum(reached, 1)
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
