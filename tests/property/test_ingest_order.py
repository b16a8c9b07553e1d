"""Order, copies and splitting change nothing."""

from __future__ import annotations

import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages import START_MS, NoRollups, door, drain, interval, rows, settings_in, wire
from viewbox.intake import Intake
from viewbox.maintainer import Maintainer, counters
from viewbox.maintainer.ranges import Ranges
from viewbox.settings import Settings

RECEIVED_MS = START_MS + 60_000
VIEWS = 4
EVENTS = 12


def messages(cut_at: list[int]) -> list[bytes]:
    """Each view's 12 events, cut into messages at the given places."""
    cuts = sorted({0, EVENTS, *cut_at})
    return [
        wire(*[interval(seq) for seq in range(first, last)], number=number)
        for number in range(VIEWS)
        for first, last in pairwise(cuts)
    ]


def send(intake: Intake, batch: list[bytes]) -> None:
    for raw in batch:
        intake.accept([raw], received_at_ms=RECEIVED_MS)


def sent_through(config: Settings, doors: list[list[bytes]], *, steps_between: bool) -> list[dict[str, Any]]:
    """Send each list through a door of its own, all at once; a maintainer runs meanwhile, or only afterwards."""
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        intakes = [stack.enter_context(door(config)) for _ in doors]
        running = [threads.submit(send, intake, batch) for intake, batch in zip(intakes, doors, strict=True)]
        if steps_between:
            with Maintainer(config, rollups=NoRollups) as maintainer:
                while not all(job.done() for job in running):
                    maintainer.step()
        for job in running:
            job.result()
    drain(config)
    return rows(config)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(1, EVENTS - 1), max_size=5), steps_between=st.booleans())
def test_shuffled_doubled_and_split_over_two_doors_the_table_is_the_same(
    seed: int, cuts: list[int], steps_between: bool
):
    chance = random.Random(seed)
    doubled = messages(cuts) * 2
    chance.shuffle(doubled)
    middle = chance.randrange(len(doubled))
    with tempfile.TemporaryDirectory() as folder:
        plain = sent_through(settings_in(Path(folder, "plain")), [messages([])], steps_between=False)
        mixed_house = settings_in(Path(folder, "mixed"))
        mixed = sent_through(mixed_house, [doubled[:middle], doubled[middle:]], steps_between=steps_between)
        sums = counters(mixed_house)

    assert len(plain) == VIEWS * EVENTS
    assert mixed == plain
    assert sums == {"received": 96, "stored": 48, "duplicate": 48, "dead_lettered": 0, "pending": 0}


@given(st.lists(st.integers(0, 60)))
def test_ranges_hold_exactly_the_numbers_that_were_added(numbers: list[int]):
    ranges = Ranges()
    for number in numbers:
        ranges.add(number)

    assert [number for number in range(62) if number in ranges] == sorted(set(numbers))
    assert ranges == Ranges.of(numbers)
    assert all(ranges.bounds[place] + 1 < ranges.bounds[place + 1] for place in range(1, len(ranges.bounds) - 1, 2)), (
        "ranges that touch are one range"
    )
