"""A chunk of the crowd from nothing to rows: pure, the same in any process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from viewbox.testing.crowd.habits import Plans, everyday, robotic
from viewbox.testing.crowd.library import Library
from viewbox.testing.crowd.plan import Chunk
from viewbox.testing.crowd.playhead import Play, perform
from viewbox.testing.crowd.rows import event_rows
from viewbox.testing.crowd.tape import Tape, record
from viewbox.testing.crowd.transit import Messages, carried
from viewbox.testing.crowd.visits import Visits, visits


@dataclass
class Lived:
    """What happened in a chunk, whether anybody wrote it down or not: who came, meant to do what, and did what."""

    chunk: Chunk
    visits: Visits
    plans: Plans
    play: Play

    @property
    def library(self) -> Library:
        return self.chunk.part.crowd.library


@dataclass
class Made(Lived):
    """With it, what was written down, and what of that arrived."""

    tape: Tape
    messages: Messages

    def rows(self) -> pa.Table:
        return event_rows(self.chunk, self.visits, self.plans, self.tape, self.messages)


def live(chunk: Chunk, chance: np.random.Generator | None = None) -> Lived:
    crowd = chunk.part.crowd
    chance = chunk.chance() if chance is None else chance
    visitors = visits(chunk, chance)
    first = (chunk.part.number, chunk.number) == (0, 0)
    plans = robotic(visitors, crowd, chance) if chunk.part.robots else everyday(visitors, crowd, chance, first=first)
    return Lived(chunk, visitors, plans, perform(plans, crowd.library.duration_ms[visitors.video]))


def make(chunk: Chunk) -> Made:
    chance = chunk.chance()
    lived = live(chunk, chance)
    tape = record(lived.visits, lived.plans, lived.play, chance)
    messages = carried(tape, lived.visits, chunk.part.crowd, chance)
    return Made(chunk, lived.visits, lived.plans, lived.play, tape, messages)
