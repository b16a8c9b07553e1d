"""The tables say what the contract says, for streams of events that nobody thought of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.property.lake import differences, lake
from tests.property.oracle_views import Event
from tests.property.seeds import by_seed
from tests.property.streams import audience, rows

VIEWS = 500  # of one example
EXAMPLES = 5  # 2,500 streams


@by_seed(EXAMPLES)
def test_every_table_is_what_the_contract_says(seed: int) -> None:
    events = rows(audience(seed, VIEWS))
    found = derived_differently(events)
    if found:
        culprits = [event for event in events if event["view_id"] in found[0]]
        few = smallest(culprits, lambda some: bool(derived_differently(some)))
        raise AssertionError(f"{found[0]}\nalone: {derived_differently(few)}\n" + "\n".join(map(str, few)))


def derived_differently(events: Sequence[Event]) -> list[tuple[Any, ...]]:
    with lake(events) as world:
        return differences(world)


def smallest(events: list[Event], fails: Callable[[list[Event]], bool]) -> list[Event]:
    """As few of these events as still fail; all of them when they do not fail alone."""
    if not events or not fails(events):
        return events
    for event in list(events):
        fewer = [one for one in events if one is not event]
        if fewer and fails(fewer):
            events = fewer
    return [{name: value for name, value in event.items() if value is not None} for event in events]
