"""However the events come in, the tables are those of a rebuild from all events."""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property.streams import streams
from tests.sql.stories import T0_MS, Story
from tests.sql.world import World
from viewbox.rollups import Rollups

MIDNIGHT_MS = T0_MS - T0_MS % 86_400_000
CONTEXTS: list[dict[str, Any]] = [{}, {"duration_s": 60.0}, {"duration_s": 30.5}, {"synthetic": True}]


def view(
    turn: int, number: int, events: list[dict[str, Any]], cuts: list[int], delays: list[int]
) -> list[tuple[Any, int]]:
    """The view's events in messages, each with its delay on the way: the fastest dates the view, even over midnight."""
    story = Story(
        f"view-{turn}-{number}",
        video_id=f"{['known', 'reported', 'unknown'][number % 3]}-{turn}",
        viewer_id=f"viewer-{number % 2}",
        began_ms=MIDNIGHT_MS - 2_000,
        context=CONTEXTS[number % len(CONTEXTS)] if number % 3 == 1 else {},
    )
    story.events = events
    bounds = sorted({0, *(cut % len(events) for cut in cuts), len(events)})
    messages = [story.message(first, last) for first, last in pairwise(bounds)]
    return list(zip(messages, delays, strict=False))


views = st.tuples(
    streams(),
    st.lists(st.integers(0, 13), min_size=0, max_size=3),
    st.lists(st.sampled_from([300, 1_500, 5_000]), min_size=4, max_size=4),
)


def test_refreshes_add_up_to_a_full_rebuild(tmp_path: Path) -> None:
    world = World(tmp_path, now_ms=MIDNIGHT_MS + 600_000)
    turns = count()

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(st.lists(views, min_size=9, max_size=9), st.randoms(use_true_random=False), st.integers(1, 3))
    def holds(told: list[Any], chance: Any, refreshes: int) -> None:
        turn = next(turns)
        messages = [message for number, parts in enumerate(told) for message in view(turn, number, *parts)]
        chance.shuffle(messages)
        world.video(f"known-{turn}", 45.5)
        for first in range(refreshes):
            for late_ms, part in by_delay(messages[first::refreshes]).items():
                world.send(part, late_ms=late_ms)
            world.settle()
            world.clock.advance(ms=chance.choice([0, 120_000]))
        world.settle()  # views that fell silent meanwhile
        refreshed = contents(world)
        world.maintainer.close()  # one writer at a time
        rollups = Rollups(world.settings, world.catalog, world.clock)
        rollups.full()
        rollups.close()
        rebuilt = contents(world)
        differing = {name: set(refreshed[name]) ^ set(rebuilt[name]) for name in rebuilt}
        assert {name: rows for name, rows in differing.items() if rows} == {}

    holds()
    assert world.rows("SELECT count(DISTINCT dt) > 1, count(*) > 30 FROM views") == [(True, True)]
    world.close()


def by_delay(messages: list[tuple[Any, int]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for message, late_ms in messages:
        found.setdefault(late_ms, []).append(message)
    return found


def contents(world: World) -> dict[str, list[str]]:
    return {name: sorted(map(str, table.to_pylist())) for name, table in world.engine.tables().items()}
