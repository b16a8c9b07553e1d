"""Days of VIEWBOX_TIMEZONE in metrics that compare days: the same two views, an hour apart, in three zones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.sql.stories import Story
from tests.sql.world import World
from viewbox.metrics import parse_selection, run

EVENING = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # 23:30 in Berlin; 04:15 of the 23rd in Kathmandu
AN_HOUR_LATER = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 00:30 of the 23rd in Berlin


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("zones"))
    world.video("v", 20.0)
    for number, moment in enumerate((EVENING, AN_HOUR_LATER)):
        began_ms = int(moment.timestamp() * 1000)
        world.tell(Story(f"ann-{number}", viewer_id="ann", began_ms=began_ms).play().watch(10).leave())
    world.settle()
    yield world
    world.close()


@pytest.mark.parametrize(
    ("zone", "returning", "days"),
    [
        ("UTC", 0, {date(2026, 11, 22): 2}),
        ("Europe/Berlin", 1, {date(2026, 11, 22): 1, date(2026, 11, 23): 1}),
        ("Asia/Kathmandu", 0, {date(2026, 11, 23): 2}),
        ("America/New_York", 0, {date(2026, 11, 22): 2}),
    ],
)
def test_who_returns_on_another_day_depends_on_where_midnight_is(
    world: World, zone: str, returning: int, days: dict[date, int]
) -> None:
    (row,) = run(world.engine, "returning_viewers", parse_selection([], zone)).table.to_pylist()
    assert row["returning_viewers"] == returning
    rows = run(world.engine, "views", parse_selection([("grain", "day")], zone)).table.to_pylist()
    assert {row["period"]: row["views"] for row in rows} == days
    for day, views in days.items():
        of_day = [("since", day.isoformat()), ("until", day.replace(day=day.day + 1).isoformat()), ("by", "all")]
        assert run(world.engine, "views", parse_selection(of_day, zone)).table["views"].to_pylist() == [views]
