"""Views of the crowd as the messages that a player sends: for the door, whichever that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from viewbox.events import MAX_EVENTS
from viewbox.testing.crowd.arrays import AnyArray
from viewbox.testing.crowd.chunk import Made
from viewbox.testing.crowd.rows import FLAGS, SECONDS, first_context, later_context, session_ids, view_ids, viewer_ids
from viewbox.testing.crowd.tape import NONE, TEXTS, TYPES, Tape
from viewbox.testing.crowd.visits import KINDS, MACHINES
from viewbox.testing.devices import HOMES, Device, Home


@dataclass(frozen=True)
class Parcel:
    """One message. Times in ms since 1970-01-01: sent by the client's clock, received by the server's."""

    sent_at_ms: int
    received_at_ms: int
    context: dict[str, Any]
    events: list[dict[str, Any]]


@dataclass(frozen=True)
class SentView:
    """One view, as far as it is not lost."""

    view_id: str
    video_id: str
    viewer_id: str
    viewer_kind: str
    session_id: str
    started_at_ms: int  # by the client's clock
    device: Device
    home: Home
    parcels: list[Parcel]

    def messages(self, *, sent_at_ms: int | None = None) -> list[dict[str, Any]]:
        """The messages of events.md. `sent_at_ms` is the sender's clock now; None: each was sent in its time."""
        return [
            self._message(parcel, parcel.sent_at_ms if sent_at_ms is None else sent_at_ms) for parcel in self.parcels
        ]

    def lines(self) -> list[dict[str, Any]]:
        """The messages as objects of a file, which keep the time at which they were received."""
        extra = {"user_agent": self.device.user_agent, "country": self.home.country}
        return [
            self._message(parcel, parcel.sent_at_ms) | {"received_at_ms": parcel.received_at_ms} | extra
            for parcel in self.parcels
        ]

    def _message(self, parcel: Parcel, sent_at_ms: int) -> dict[str, Any]:
        return {
            "v": 1, "view_id": self.view_id, "video_id": self.video_id, "viewer_id": self.viewer_id,
            "viewer_kind": self.viewer_kind, "session_id": self.session_id, "started_at_ms": self.started_at_ms,
            "sent_at_ms": sent_at_ms, "context": parcel.context, "events": parcel.events,
        }  # fmt: skip


def sent_views(made: Made) -> Iterator[SentView]:
    """The chunk's views of which something arrived, by view_id."""
    visits, messages, tape = made.visits, made.messages, made.tape
    ids, viewers, sessions = (of(visits).to_pylist() for of in (view_ids, viewer_ids, session_ids))
    first = np.searchsorted(messages.view, np.arange(visits.count + 1))
    events = np.searchsorted(messages.owner, np.arange(len(messages.view) + 1))
    for view in range(visits.count):
        start_ms = int(visits.start_ms[view])
        client_ms = start_ms - int(visits.skew_ms[view])
        parcels = [
            Parcel(
                client_ms + int(messages.sent_ms[message]),
                start_ms + int(messages.received_ms[message]),
                _context(made, view, first_message=message == first[view]),
                event_objects(tape, int(events[message]), int(events[message + 1])),
            )
            for message in range(int(first[view]), int(first[view + 1]))
            if not messages.lost[message]
        ]
        if parcels:
            yield SentView(
                ids[view], made.chunk.part.crowd.library.ids[visits.video[view]], viewers[view],
                KINDS[visits.kind[view]], sessions[view], client_ms, MACHINES[visits.device[view]],
                HOMES[visits.home[view]], parcels,
            )  # fmt: skip


def event_objects(tape: Tape, low: int, high: int) -> list[dict[str, Any]]:
    """Events `low` … `high - 1` of a tape as the contract's objects."""
    assert high - low <= MAX_EVENTS
    return [
        {
            "seq": int(tape.seq[row]), "type": TYPES[tape.type[row]], "t_ms": int(tape.t_ms[row]),
            "position_s": int(tape.position_ms[row]) / 1000,
        } | _fields(tape.fields, row)
        for row in range(low, high)
    ]  # fmt: skip


def _fields(fields: dict[str, AnyArray], row: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    renamed = {column: name for name, column in SECONDS.items()}
    for name, column in fields.items():
        value = int(column[row])
        if value == NONE:
            continue
        if name in renamed:
            found[renamed[name]] = value / 1000
        elif name == "rate":
            found[name] = value / 100
        elif name in FLAGS:
            found[name] = value == 1
        else:
            found[name] = TEXTS[name][value] if name in TEXTS else value
    return found


def _context(made: Made, view: int, *, first_message: bool) -> dict[str, Any]:
    visits, library = made.visits, made.chunk.part.crowd.library
    home = int(visits.home[view])
    if not first_message:
        context = later_context(home)
    else:
        duration_ms = int(library.duration_ms[visits.video[view]])
        autoplay, variant = int(made.plans.autoplay[view]), int(made.plans.variant[view])
        context = first_context(int(visits.device[view]), home, duration_ms, autoplay, variant)
    found: dict[str, Any] = msgspec.to_builtins(context)
    return found
