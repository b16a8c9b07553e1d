"""What becomes of spooled events: new, duplicate, or dead letter. Pure: the same input gives the same verdict.

That is what makes a crash harmless: a step that was cut short is decided again, word for word the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from viewbox.dead_letters import DeadLetter
from viewbox.events.schema import EVENT_FIELDS
from viewbox.intake import SpooledMessage
from viewbox.lake.layout import EVENT_OBJECT
from viewbox.maintainer.index import Counts, KnownView
from viewbox.maintainer.ranges import Ranges

_PYTHON_TYPES: dict[str, Any] = {"float": float, "int": int, "bool": bool, "text": str}

# An event as a row: every field of every type, null where its type has none.
EventRow: TypeAlias = Any
EVENT_ROW = msgspec.defstruct(
    "EventRow",
    [
        ("seq", int),
        ("type", str),
        ("t_ms", int),
        ("position_s", float),
        *((name, _PYTHON_TYPES[kind] | None, None) for name, kind in EVENT_FIELDS.items()),
    ],
    frozen=True,
)
# In this order `row[0]` is the seq and `row[1:]` the event object that copies are compared by.
assert EVENT_ROW.__struct_fields__ == ("seq", *EVENT_OBJECT)
Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[str, int]

_decode_events = msgspec.msgpack.Decoder(list[EVENT_ROW]).decode  # type: ignore[valid-type]  # made at run time


class Spooled(msgspec.Struct, frozen=True):
    """One readable message, with the spool that it came through."""

    spool_id: str
    message: SpooledMessage
    rows: list[Row]


class Verdict(msgspec.Struct):
    """`new` pairs each stored event with its message; `views` is what the index must say afterwards."""

    new: list[tuple[SpooledMessage, list[Row]]]
    dead: list[DeadLetter]
    counts: dict[str, Counts]
    views: dict[str, KnownView]


def event_rows(message: SpooledMessage) -> list[Row]:
    return [msgspec.structs.astuple(event) for event in _decode_events(message.events)]


def known_keys(batch: list[Spooled], known: Mapping[str, KnownView]) -> set[Key]:
    """The events of a batch that the lake already holds: their stored rows decide between copy and conflict."""
    keys: set[Key] = set()
    for spooled in batch:
        view = known.get(spooled.message.view_id)
        if view is not None:
            keys.update((spooled.message.view_id, row[0]) for row in spooled.rows if row[0] in view.seqs)
    return keys


def classify(batch: list[Spooled], known: Mapping[str, KnownView], stored: Mapping[Key, Row]) -> Verdict:
    """Decide on each event, in order: the first copy of a key stands, later ones are compared with it.

    `known` holds the views of the batch that the lake has, `stored` the rows of `known_keys`.
    """
    verdict = Verdict([], [], {}, {})
    taken: dict[Key, Row] = {}
    for spooled in batch:
        message = spooled.message
        before = len(verdict.dead)
        fresh = _judge(spooled, verdict, known, stored, taken)
        if fresh:
            verdict.new.append((message, fresh))
        dead = len(verdict.dead) - before
        received = len(spooled.rows)
        verdict.counts[spooled.spool_id] = verdict.counts.get(spooled.spool_id, Counts()) + Counts(
            received, len(fresh), received - len(fresh) - dead, dead
        )
    return verdict


def _judge(
    spooled: Spooled,
    verdict: Verdict,
    known: Mapping[str, KnownView],
    stored: Mapping[Key, Row],
    taken: dict[Key, Row],
) -> list[Row]:
    """The message's new rows; its dead letters go into the verdict."""
    message, view_id = spooled.message, spooled.message.view_id
    view = verdict.views.get(view_id) or known.get(view_id)
    if view is not None and (view.video_id, view.viewer_id) != (message.video_id, message.viewer_id):
        hint = f"view {view_id} belongs to video {view.video_id} and viewer {view.viewer_id}"
        verdict.dead += [dead_letter(message, row, "view_mismatch", hint) for row in spooled.rows]
        return []
    fresh: list[Row] = []
    for row in spooled.rows:
        key = (view_id, row[0])
        first = taken.get(key) or stored.get(key)
        if first is None:
            taken[key] = row
            fresh.append(row)
        elif first[1:] != row[1:]:
            hint = f"seq {row[0]} is stored as another event: {_difference(first, row)}"
            verdict.dead.append(dead_letter(message, row, "seq_conflict", hint))
    if fresh and view_id not in verdict.views:
        seqs = Ranges(list(view.seqs.bounds)) if view is not None else Ranges()
        verdict.views[view_id] = KnownView(message.video_id, message.viewer_id, seqs)
    for row in fresh:
        verdict.views[view_id].seqs.add(row[0])
    return fresh


def _difference(first: Row, row: Row) -> str:
    """The first field in which two copies differ."""
    for name, ours, theirs in zip(EVENT_OBJECT, first[1:], row[1:], strict=True):
        if ours != theirs:
            return f"{name} {ours!r}, now {theirs!r}"[:200]
    return ""


def dead_letter(message: SpooledMessage, row: Row, code: str, hint: str) -> DeadLetter:
    """The event as a message of its own, which can be sent again once the cause is mended."""
    names = ("seq", *EVENT_OBJECT)
    event = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    body = {
        "v": 1, "view_id": message.view_id, "video_id": message.video_id, "viewer_id": message.viewer_id,
        "viewer_kind": message.viewer_kind, "session_id": message.session_id, "started_at_ms": message.started_at_ms,
        "sent_at_ms": message.sent_at_ms, "received_at_ms": message.received_at_ms, "events": [event],
    }  # fmt: skip
    return DeadLetter(message.received_at_ms, code, hint, message.view_id, msgspec.json.encode(body).decode())
