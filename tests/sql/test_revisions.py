"""A replaced source: every view is measured against the revision it watched, not against the newest one.

`v` is 60 s long, then 90 s. Revision 1: ann watches it all; bob its first half, later its second half.
Revision 2: ann watches the first 45 s, cid all of it.
`w` is 60 s long, then 45 s. Revision 1: ten viewers watch [0, 10), jump to 20, watch to 50, jump back to 40 and watch
to the end. Revision 2: one viewer watches it all.
`u` is 60 s long, then 45 s. Revision 1: 29 viewers watch it all, one leaves at 50.5. Revision 2: one watches it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.metrics import MetricResult, compose, find_metric, parse_selection, run
from viewbox.sandbox import Limits, SqlResult, run_sql
from viewbox.tables import TABLES


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    world.video("v", 60.0)
    world.video("w", 60.0)
    world.video("u", 60.0)
    world.tell(
        Story("ann", viewer_id="ann").play().watch(60).ended().leave(),
        Story("bob", viewer_id="bob").play().watch(30).leave(),
        Story("bob-again", viewer_id="bob").play().seek(30).watch(30).ended().leave(),
        *(
            Story(f"w{one}", video_id="w").play().watch(10).seek(20).watch(30).seek(40).watch(20).ended().leave()
            for one in range(10)
        ),
        *(Story(f"u{one}", video_id="u").play().watch(60).ended().leave() for one in range(29)),
        Story("u-left", video_id="u").play().watch(50.5).leave(),
    )
    world.video("v", 90.0, revision=2)
    world.video("w", 45.0, revision=2)
    world.video("u", 45.0, revision=2)
    world.tell(
        Story("ann-new", viewer_id="ann").play().watch(45).leave(),
        Story("cid-new", viewer_id="cid").play().watch(90).ended().leave(),
        Story("w-new", video_id="w").play().watch(45).ended().leave(),
        Story("u-new", video_id="u").play().watch(45).ended().leave(),
    )
    world.settle()
    yield world
    world.close()


def answer(world: World, metric: str, **asked: object) -> MetricResult:
    pairs = [(name.replace("param_", "param."), str(value)) for name, value in asked.items()]
    return run(world.engine, metric, parse_selection(pairs))


def rows(world: World, metric: str, **asked: object) -> list[dict[str, Any]]:
    """The answer, which the shown SQL gives in the sandbox too."""
    result = answer(world, metric, **asked)
    found: list[dict[str, Any]] = result.table.to_pylist()
    shown: SqlResult = run_sql(world.settings, result.sql, Limits.of_owner(world.settings))
    assert shown.table.to_pylist() == found
    return found


def test_each_view_is_measured_against_its_own_revision(world: World) -> None:
    """Coverages 1, 0.5, 0.5 of 60 s; 0.5, 1 of 90 s."""
    (shares,) = rows(world, "average_percentage_viewed", video_id="v")
    assert shares["average_percentage_viewed"] == pytest.approx(0.7)
    (completion,) = rows(world, "completion_rate", video_id="v")
    assert (completion["completed"], completion["n"]) == (2, 5)


def test_two_halves_of_an_older_revision_complete_it(world: World) -> None:
    """On revision 1 ann and bob saw all of it; on revision 2 cid did, and ann half."""
    (row,) = rows(world, "viewer_completion_rate", video_id="v")
    assert (row["viewer_completion_rate"], row["completed"], row["n"]) == (0.75, 3, 4)
    in_table = world.rows("SELECT count(*) FILTER (completed), count(*) FROM viewer_videos WHERE video_id = 'v'")
    assert in_table == [(3, 4)]


def test_what_was_skipped_is_a_share_of_the_revision_it_was_skipped_in(world: World) -> None:
    """80 for each whole view, 35 for each half, 25 + 10 × (1 - 30/60) = 30 for the half after a jump: mean 52."""
    (row,) = rows(world, "engagement_score", video_id="v")
    assert row["engagement_score"] == pytest.approx(52.0)
    (only_first,) = rows(world, "engagement_score", video_id="v", revision=1)
    assert only_first["engagement_score"] == pytest.approx((80 + 35 + 30) / 3)


@pytest.mark.parametrize("filters", [{}, {"viewer_kind": "stored"}], ids=["from days", "from intervals"])
def test_a_curve_has_the_slices_of_its_revision(world: World, filters: dict[str, str]) -> None:
    older = rows(world, "audience_retention", video_id="v", param_revision=1, **filters)
    assert [row["second"] for row in older] == list(range(60))
    assert [row["absolute"] for row in older] == pytest.approx([2 / 3] * 60)
    assert older[-1]["to_s"] == 60.0
    newest = rows(world, "audience_retention", video_id="v", **filters)
    assert [row["absolute"] for row in newest] == pytest.approx([1.0] * 45 + [0.5] * 45)


def test_resampling_divides_the_revision_that_is_shown(world: World) -> None:
    found = rows(world, "audience_retention", video_id="v", param_revision=1, param_points=10)
    assert [(row["from_s"], row["to_s"]) for row in found] == [(6.0 * at, 6.0 * at + 6) for at in range(10)]


def test_sections_beyond_the_end_of_the_newest_revision_are_whole(world: World) -> None:
    """Replayed [40, 50) and skipped [10, 20) of revision 1; revision 2 ends at 45."""
    replayed = rows(world, "most_replayed", video_id="w", param_revision=1)
    assert [row["extra"] for row in replayed] == pytest.approx([0.0] * 40 + [1.0] * 10 + [0.0] * 10)
    sections = {(row["section_from_s"], row["section_to_s"]) for row in replayed if row["section"] is not None}
    assert sections == {(40, 50)}
    (skipped,) = rows(world, "skipped_sections", video_id="w", param_revision=1)
    assert (skipped["from_s"], skipped["to_s"], skipped["share"], skipped["landed"]) == (10, 20, 1.0, 20)


def test_exits_are_counted_where_the_older_revision_was_left(world: World) -> None:
    exits = {row["second"]: row["exits"] for row in rows(world, "drop_offs", video_id="u", param_revision=1)}
    assert len(exits) == 60
    assert {second: count for second, count in exits.items() if count} == {50: 1}
    assert rows(world, "drop_offs", video_id="u") == [], "one view of the newest revision is too few"


def test_the_lengths_of_revisions_are_on_no_list(world: World) -> None:
    assert "revision_lengths" not in TABLES
    listed = world.rows("SELECT DISTINCT table_name FROM columns")
    assert ("revision_lengths",) not in listed


def test_a_reading_that_holds_a_video_in_memory_answers_the_same(world: World) -> None:
    statement = compose(find_metric("engagement_score"), parse_selection([("video_id", "v")]))
    with world.engine.reading() as reading:
        from_files = reading.query(statement.sql, statement.values).to_pylist()
        reading.hold(("views", "intervals", "seeks"), "v")
        assert reading.query(statement.sql, statement.values).to_pylist() == from_files
