"""The way to the server: events travel in messages, some are late, one in a hundred never arrives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import Bools, Ints
from viewbox.testing.crowd.plan import Crowd
from viewbox.testing.crowd.stories import outage_span
from viewbox.testing.crowd.tape import TYPE, Tape
from viewbox.testing.crowd.visits import Visits

BATCH_MS = 1000  # an ordinary event waits this long for company
URGENT_MS = 20
LATEST_MS = 7_200_000
_URGENT = tuple(TYPE[name] for name in ("pause", "ended", "view_end", "error", "autoplay_blocked", "play"))


@dataclass
class Messages:
    """Rows by message; `owner` says for each event of the tape in which message it travels.

    `sent_ms` and `received_ms` since the view's start, by a right clock; `number` counts within the view.
    """

    owner: Ints
    view: Ints
    number: Ints
    sent_ms: Ints
    received_ms: Ints
    lost: Bools


def carried(tape: Tape, visits: Visits, crowd: Crowd, chance: np.random.Generator) -> Messages:
    """Events that happened within a second of each other travel together."""
    new = np.ones(tape.count, np.bool_)
    new[1:] = (tape.view[1:] != tape.view[:-1]) | (tape.t_ms[1:] - tape.t_ms[:-1] > BATCH_MS)
    owner = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    last = np.append(first[1:], tape.count) - 1
    view = tape.view[first]
    count = len(first)
    urgent = np.isin(tape.type[last], _URGENT)
    due = np.where(urgent, tape.t_ms[last] + URGENT_MS, np.maximum(tape.t_ms[first] + BATCH_MS, tape.t_ms[last]))
    sent = due + chance.integers(0, 8, count)
    waits = chance.random(count) < crowd.late
    sent += np.where(waits, np.minimum(2000 + np.rint(chance.exponential(600_000, count)), LATEST_MS), 0).astype(
        np.int64
    )
    sent += _held_back(visits.start_ms[view] + sent, crowd, chance)
    way = visits.transit_ms[view] + np.rint(chance.exponential(6.0, count)).astype(np.int64)
    number = np.arange(count, dtype=np.int64) - np.searchsorted(view, view, side="left")
    return Messages(owner, view, number, sent, sent + way, chance.random(count) < crowd.loss)


def _held_back(sent_ms: Ints, crowd: Crowd, chance: np.random.Generator) -> Ints:
    """While the collector is out, players keep what they have; they get through again within a minute of its return."""
    minutes = crowd.stories["outage"]
    if not minutes:
        return np.zeros(len(sent_ms), np.int64)
    begin, end = outage_span(crowd.from_ms, crowd.until_ms, minutes)
    again = end + np.rint(chance.exponential(15_000, len(sent_ms))).astype(np.int64)
    waits: Bools = (sent_ms >= begin) & (sent_ms < end)
    held: Ints = np.where(waits, again - sent_ms, 0)
    return held
