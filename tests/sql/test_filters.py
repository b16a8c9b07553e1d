"""Every filter on every metric: asking all with a filter is asking just those people.

The oracle is a world of its own in which only they watched. Nothing here names a metric: a new file is in by existing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.sql.crowd import FILM, ODD_KEY, PEOPLE, TAG, Person, world_of
from tests.sql.world import World
from viewbox.errors import InvalidInput
from viewbox.metrics import find_metric, metrics, parse_selection, run

Pairs = list[tuple[str, str]]
# The question, and whom it is about.
FILTERS: dict[str, tuple[Pairs, Callable[[Person], bool]]] = {
    "tag": ([("tag", TAG)], lambda one: one.video_id == FILM),
    "browser": ([("browser", "Firefox")], lambda one: one.browser == "Firefox"),
    "experiment": ([("experiment.intro", "b")], lambda one: one.intro == "b"),
    "custom": ([("custom.plan", "pro")], lambda one: one.plan == "pro"),
    "unknown": ([("custom.plan", "")], lambda one: one.plan is None),
    "or": ([("experiment.intro", "a"), ("experiment.intro", "")], lambda one: one.intro != "b"),
    "odd key": ([(f"custom.{ODD_KEY}", "odd")], lambda one: one.number % 2 == 0),
    "all at once": (
        [("tag", TAG), ("experiment.intro", "a"), ("custom.plan", "pro"), ("browser", "Firefox")],
        lambda one: (one.video_id, one.intro, one.plan, one.browser) == (FILM, "a", "pro", "Firefox"),
    ),
}
MORE: list[Pairs] = [[("grain", "day")], [("by", "all")]]  # asked beside the whole of two filters


class Asked(NamedTuple):
    """A filter, the world of those whom it keeps, and what is asked of both beside it."""

    pairs: Pairs
    some: World
    questions: list[Pairs]


@pytest.fixture(scope="module")
def everyone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = world_of(tmp_path_factory.mktemp("everyone"))
    yield world
    world.close()


@pytest.fixture(scope="module", params=FILTERS)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A filter, and the world of those whom it keeps."""
    pairs, chosen = FILTERS[request.param]
    world = world_of(tmp_path_factory.mktemp("some"), chosen)
    yield Asked(pairs, world, [[], *MORE] if request.param in {"or", "all at once"} else [[]])
    world.close()


def answer(world: World, name: str, pairs: Pairs) -> tuple[list[dict[str, Any]], dict[str, Any]] | str:
    """Rows and quality, or the code of the refusal."""
    try:
        result = run(world.engine, name, parse_selection(pairs))
    except InvalidInput as error:
        return error.code
    return result.table.to_pylist(), result.quality


@pytest.mark.parametrize("name", metrics())
def test_a_filter_keeps_exactly_those_views(everyone: World, asked: Asked, name: str) -> None:
    for extra in asked.questions:
        if ("by", "all") not in extra or find_metric(name).is_scalar:
            assert same(answer(everyone, name, asked.pairs + extra), answer(asked.some, name, extra)), extra


@pytest.mark.parametrize(
    ("question", "views"),
    [
        # 72 people, 8 of whom return (0, 9, … 63), without the 6 who leave before the start (5, 17, … 65; none returns)
        ([], 74),
        ([("tag", TAG)], 68),  # 12 of the 72 watch the clip (5, 11, … 71), among them all who leave; none returns
        ([("browser", "Firefox")], 40),  # 36 people, of whom 0, 18, 36, 54 return
        ([("browser", "Firefox"), ("browser", "Chrome")], 74),
        ([("experiment.intro", "b")], 24),  # 24 people, number % 3 == 1: none of them leaves or returns
        ([("experiment.intro", "")], 18),  # 24 people, number % 3 == 2, 6 of whom leave before the start
        ([("custom.plan", "pro")], 34),  # 36 people: 6 leave (5, 17, … are 1 mod 4), 0, 9, 36, 45 return
        ([("custom.plan", "")], 20),  # 18 people: 27 and 63 return
        ([("custom.plan", "gold")], 0),
        # numbers 0, 12, 24, 36, 48, 60, of whom 0 and 36 return
        ([("tag", TAG), ("experiment.intro", "a"), ("custom.plan", "pro"), ("browser", "Firefox")], 8),
    ],
)
def test_the_number_of_views_is_what_a_person_counts(everyone: World, question: Pairs, views: int) -> None:
    (row,) = run(everyone.engine, "views", parse_selection([*question, ("by", "all")])).table.to_pylist()
    assert row["views"] == views


@pytest.mark.parametrize("dimension", ["experiment.intro", "custom.plan", f"custom.{ODD_KEY}"])
def test_rows_by_an_open_dimension_add_up_to_all(everyone: World, dimension: str) -> None:
    rows = run(everyone.engine, "views", parse_selection([("by", dimension)])).table.to_pylist()
    assert sum(row["views"] for row in rows) == 74
    for row in rows:
        (alone,) = run(
            everyone.engine, "views", parse_selection([(dimension, row[dimension] or ""), ("by", "all")])
        ).table.to_pylist()
        assert alone["views"] == row["views"]


def test_the_crowd_is_varied_enough_to_tell_filters_apart() -> None:
    kept = {name: tuple(one.number for one in PEOPLE if chosen(one)) for name, (_, chosen) in FILTERS.items()}
    assert all(0 < len(numbers) < len(PEOPLE) for numbers in kept.values())


def same(found: object, wanted: object) -> bool:
    """Equal; numbers within 1e-9, as sums run in another order."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in found)
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple):
        return len(found) == len(wanted) and all(same(*pair) for pair in zip(found, wanted, strict=True))
    if isinstance(found, float) and isinstance(wanted, float):
        return found == pytest.approx(wanted, abs=1e-9)
    return found == wanted
