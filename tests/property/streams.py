"""Streams of events that no honest player would send: lost, late, back in time, with odd positions and rates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from viewbox.tables import arrow_schema

STARTED_AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
STARTED_MS = int(STARTED_AT.timestamp() * 1000)
Event = dict[str, Any]

positions = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 4.5, 5.28, 5.5, 9.3, 29.5, 30.0, 54.0, 59.5, 60.0, 61.5]),
    st.floats(0, 75).map(lambda value: round(value, 3)),
)
waits = st.sampled_from([0, 200, 2_000, 95_000])
maybe_bps = st.sampled_from([None, 800_000, 2_000_000, 5_000_000])
maybe_height = st.sampled_from([None, 360, 720, 1080])
maybe_bool = st.sampled_from([None, True, False])


@st.composite
def events_of_kind(draw: st.DrawFn, kind: str) -> Event:
    event: Event = {"type": kind, "position_s": draw(positions)}
    if kind in {"seek", "interval"}:
        ends = [draw(positions), draw(positions)]
        if kind == "interval":
            ends.sort()
        event |= {"from_s": ends[0], "to_s": ends[1], "position_s": ends[1]}
    if kind == "seek":
        causes = ["user", "chapter", "skip", "resume", "program", "loop", None]
        event |= {"cause": draw(st.sampled_from(causes)), "wait_ms": draw(st.one_of(st.none(), waits))}
    if kind == "interval":
        event |= {
            "rate": draw(st.sampled_from([0.5, 1.0, 1.1, 1.25, 2.0])), "wall_ms": draw(st.integers(0, 12_000)),
            "visible": draw(maybe_bool), "muted": draw(maybe_bool), "bitrate_bps": draw(maybe_bps),
            "mode": draw(st.sampled_from([None, "inline", "fullscreen", "pip"])), "height": draw(maybe_height),
        }  # fmt: skip
    if kind == "stall":
        event["wait_ms"] = draw(waits)
    if kind == "rate":
        event["rate"] = 1.5
    if kind == "rendition":
        event |= {"bitrate_bps": draw(maybe_bps), "height": draw(maybe_height)}
    if kind == "heartbeat":
        event |= {
            "dropped_frames": draw(st.one_of(st.none(), st.integers(0, 9))),
            "total_frames": draw(st.integers(0, 9)),
        }
    if kind == "error":
        event |= {"fatal": draw(st.booleans()), "code": draw(st.sampled_from([None, "decode", "network"]))}
    if kind == "view_end":
        event["reason"] = "unload"
    return event


KINDS = [
    "view_start", "play", "play", "playing", "playing", "autoplay_blocked", "pause", "pause", "seek", "seek", "stall",
    "rate", "rendition", "rendition", "interval", "interval", "interval", "heartbeat", "error", "ended", "view_end",
]  # fmt: skip
kinds = st.sampled_from(KINDS).flatmap(events_of_kind)
steps_ms = st.sampled_from([0, 0, 10, 200, 251, 900, 3_000, 10_000, 90_000, 90_001, 200_000, -400])


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """The events of one view: seq with gaps, `t_ms` that may step back, rows in any order."""
    events = draw(st.lists(kinds, min_size=1, max_size=14))
    t_ms = 0
    seq = 0
    for event in events:
        t_ms = max(0, t_ms + draw(steps_ms))
        event |= {"seq": seq, "t_ms": t_ms}
        seq += draw(st.sampled_from([1, 1, 1, 1, 2, 5]))
    return draw(st.permutations(events))


def as_rows(name: str, events: list[Event], *, video_id: str, bot: bool, context: str | None = None) -> list[Event]:
    """Rows of the table `events`."""
    common = {
        "view_id": name, "video_id": video_id, "revision": 1, "viewer_id": "someone", "viewer_kind": "page",
        "session_id": "s", "source": "player", "is_bot": bot, "received_at": STARTED_AT, "dt": STARTED_AT.date(),
        "context": context,
    }  # fmt: skip
    return [common | {"occurred_at": STARTED_AT + timedelta(milliseconds=one["t_ms"])} | one for one in events]


def events_table(rows: list[Event]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema("events"))
