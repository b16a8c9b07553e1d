"""pandas: what follows from a view's events in their order. Frames are sorted by view and `seq`."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

SILENCE = timedelta(minutes=5)


def _starts(events: pd.DataFrame) -> pd.Series:
    """Plays that the browser did not refuse afterwards."""
    gates = events.loc[events["type"].isin(["play", "autoplay_blocked"]), ["view_id", "type"]]
    refused = gates.groupby("view_id", observed=True)["type"].shift(-1) == "autoplay_blocked"
    return (events["type"] == "play") & ~refused.reindex(events.index, fill_value=False)


def clocked(events: pd.DataFrame) -> pd.DataFrame:
    """Events with `watched_ms`: the watch clock until the next event (rule 4)."""
    kind, view = events["type"], events["view_id"].cat.codes
    stops = kind.isin(["pause", "ended", "autoplay_blocked", "view_end"]) | ((kind == "error") & events["fatal"])
    signal = pd.Series(np.nan, index=events.index).mask(stops, 0.0).mask(_starts(events) | (kind == "playing"), 1.0)
    runs = signal.groupby(view).ffill() == 1.0
    same = view == view.shift(-1)
    gap = (events["t_ms"].shift(-1) - events["t_ms"]).where(same)
    length = events["wall_ms"].fillna(events["wait_ms"]).shift(-1).fillna(0).clip(lower=10_000)
    seen = (kind == "playing").groupby(view).cumsum()
    first_picture = (kind.shift(-1) == "playing") & (seen == 0)
    watched = gap.clip(lower=0).where(~((gap > 90_000) & ~first_picture), np.minimum(gap, length))
    return events.assign(watched_ms=watched.where(runs, 0).fillna(0))


def attempted(events: pd.DataFrame) -> pd.DataFrame:
    """Events with the times and numbers by which an attempt is judged."""
    kind = events["type"]
    fatal = (kind == "error") & events["fatal"]
    return events.assign(
        play_ms=events["t_ms"].where(_starts(events)), first_ms=events["t_ms"].where(kind == "playing"),
        first_seq=events["seq"].where(kind == "playing"), failed_seq=events["seq"].where(fatal),
    )  # fmt: skip


def closed(views: pd.DataFrame) -> pd.Series:
    return (views["last_type"] == "view_end") | (views["last_at"] + SILENCE <= pd.Timestamp.now(tz="UTC"))


def highest_before(rows: pd.DataFrame, column: str) -> pd.Series:
    """The highest value of the view's earlier rows, 0 for its first."""
    highest = rows.groupby("view_id", observed=True, sort=False)[column].cummax()
    return highest.groupby(rows["view_id"], observed=True, sort=False).shift().fillna(0)
