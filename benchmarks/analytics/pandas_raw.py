"""pandas on the raw events: the same answers from one DataFrame that is held in memory, ids as categories.

Reading the files is not timed: a notebook reads once and asks often. Rows are sorted by view and `seq` when loaded,
curves are swept with numpy. What pandas needs of memory is why it is measured up to 10 M events only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.analytics.pandas_curves import means, once, sections, smoothed, stretches_of, swept
from benchmarks.analytics.pandas_rows import attempted, clocked, closed, highest_before
from benchmarks.analytics.pandas_sums import grouped, summed
from benchmarks.analytics.questions import COMPLETED_AT, MAX_POINTS, Question
from benchmarks.analytics.slices import Slices
from viewbox.metrics import Selection

CATEGORIES = (
    "view_id", "video_id", "viewer_id", "viewer_kind", "browser", "device_type", "country", "type", "cause", "context",
)  # fmt: skip
NUMBERS = (
    "seq", "is_bot", "t_ms", "occurred_at", "position_s", "from_s", "to_s", "wait_ms", "rate", "wall_ms", "fatal",
)  # fmt: skip


class Pandas:
    """The peer; its frame stays in memory between answers."""

    name = "pandas"

    def __init__(self, glob: str, durations: Mapping[str, float], threads: int, scratch: Path) -> None:
        del threads, scratch  # pandas computes in one thread
        self._durations = durations
        table = pq.ParquetDataset(
            sorted(map(str, Path(glob).parents[1].glob("dt=*/*.parquet"))), partitioning=None
        ).read(columns=[*CATEGORIES, *NUMBERS])
        for name in CATEGORIES:
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].combine_chunks().dictionary_encode())
        events = table.to_pandas().sort_values(["view_id", "seq"], ignore_index=True)
        self._events = events.assign(fatal=events["fatal"].eq(True))  # null is not fatal

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
                views = self._views(clocked(events), selection, "valid", watch_ms=("watched_ms", "sum"))
            case "rebuffer_ratio":
                stalls = events["type"] == "stall"
                events = clocked(events.assign(stalls=stalls, stall_ms=events["wait_ms"].where(stalls)))
                views = self._views(
                    events, selection, "played", watch_ms=("watched_ms", "sum"), stalls=("stalls", "sum"),
                    stall_ms=("stall_ms", "sum"),
                )  # fmt: skip
            case "average_percentage_viewed" | "completion_rate":
                views = self._views(events, selection, "valid")
                views["coverage"] = self._coverage(events).reindex(views.index)
            case _:
                events = attempted(events)
                views = self._views(
                    events, selection, "played" if metric == "startup_time" else "attempts",
                    play_ms=("play_ms", "min"), first_ms=("first_ms", "min"), first_seq=("first_seq", "min"),
                    failed_seq=("failed_seq", "min"), ended_ms=("t_ms", "max"), last_type=("type", "last"),
                    last_at=("occurred_at", "last"),
                )  # fmt: skip
                views["startup_ms"] = (views["first_ms"] - views["play_ms"]).clip(lower=0)
                if metric == "startup_time":
                    views = views[views["startup_ms"].notna()]
        groups = grouped(views, selection)
        rows = [{**label, **summed(metric, part)} for label, part in groups]
        return pd.DataFrame(rows, columns=[*question.keys, *question.values])

    def _coverage(self, events: pd.DataFrame) -> pd.Series:
        """Share of its video that each view played, by view_id; counted in whole nanoseconds."""
        played = events.loc[events["type"] == "interval", ["view_id", "video_id", "from_s", "to_s"]]
        length_s = played["video_id"].map(self._durations).astype(float)
        played, length_s = played[length_s.notna()], length_s[length_s.notna()]
        from_ns, to_ns = (
            (np.minimum(played[name], length_s) * 1e9).round().astype("int64") for name in ("from_s", "to_s")
        )
        stretches = pd.DataFrame(
            {"view_id": played["view_id"], "from_ns": from_ns, "to_ns": to_ns, "length_s": length_s}
        )
        stretches = stretches.sort_values(["view_id", "from_ns", "to_ns"])
        before = highest_before(stretches, "to_ns")
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
        passes = stretches_of(rows[rows["type"] == "interval"], slices)
        match question.metric:
            case "audience_retention":
                values = {"absolute": swept(passes, slices) / len(views), "unique": once(passes, slices) / len(views)}
            case "most_replayed":
                extra = (swept(passes, slices) - once(passes, slices)) / len(views)
                values = {"most_replayed": smoothed(extra, slices), "extra": extra}
            case "speed_by_second":
                plays = swept(passes, slices)
                rates = swept(passes, slices, passes["rate"].to_numpy())
                values = {"speed_by_second": np.where(plays > 0, rates / np.maximum(plays, 1), np.nan), "plays": plays}
            case "drop_offs":
                values = self._exits(rows, views, slices)
            case _:
                return sections(question, rows, passes, slices, len(views))
        if question.metric == "most_replayed" and len(views) < 10:
            return pd.DataFrame(columns=[*question.keys, *question.values])
        if question.points:
            edges = np.arange(MAX_POINTS + 1) * slices.length_s / MAX_POINTS
            values = {name: means(curve, edges, slices) for name, curve in values.items()}
            second = np.floor(edges[:-1]).astype(int)
        else:
            second = np.arange(slices.count)
        return pd.DataFrame({"video_id": question.selection.video_id, "second": second, **values, "n": len(views)})

    def _exits(self, events: pd.DataFrame, views: pd.DataFrame, slices: Slices) -> dict[str, Any]:
        ended = events.loc[events["type"] == "ended", "view_id"].unique()
        coverage = self._coverage(events).reindex(views.index)
        left = closed(views) & ~views.index.isin(ended) & ~(coverage >= COMPLETED_AT)
        second = np.minimum(slices.count - 1, np.floor(views.loc[left, "last_s"]).astype(int))
        exits = np.bincount(second, minlength=slices.count)
        return {"drop_offs": exits / len(views), "exits": exits}
