"""A chunk of the crowd from nothing to rows: pure, the same in any process."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from viewbox.testing.crowd.habits import Plans, everyday, robotic
from viewbox.testing.crowd.plan import Chunk
from viewbox.testing.crowd.playhead import Play, perform
from viewbox.testing.crowd.rows import event_rows
from viewbox.testing.crowd.tape import Tape, record
from viewbox.testing.crowd.transit import Messages, carried
from viewbox.testing.crowd.visits import Visits, visits


@dataclass
class Made:
    """All of a chunk: who came, what they meant to do, what happened, what was written down, what arrived."""

    chunk: Chunk
    visits: Visits
    plans: Plans
    play: Play
    tape: Tape
    messages: Messages

    def rows(self) -> pa.Table:
        return event_rows(self.chunk, self.visits, self.plans, self.tape, self.messages)


def make(chunk: Chunk) -> Made:
    crowd = chunk.part.crowd
    chance = chunk.chance()
    visitors = visits(chunk, chance)
    plans = robotic(visitors, crowd, chance) if chunk.part.robots else everyday(visitors, crowd, chance)
    play = perform(plans, crowd.library.duration_ms[visitors.video])
    tape = record(visitors, plans, play, chance)
    return Made(chunk, visitors, plans, play, tape, carried(tape, visitors, crowd, chance))
