"""Golden cases of the tables: stories told through the real door, numbers worked out by hand.

Every case runs twice: with a tracker that cuts at heartbeats, and with one interval per stretch and no heartbeats.
All cases share one data directory; each has a video of its own, `$video`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World

FORMS = ("heartbeats", "stretches")
CASES: list[dict[str, Any]] = [
    case
    for path in sorted((Path(__file__).parent / "tables").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]


def video_id(number: int, form: str) -> str:
    return f"case-{number}-{form}"


def told(number: int, form: str) -> Iterator[Story]:
    """The stories of a case."""
    for place, view in enumerate(CASES[number]["views"]):
        for copy in range(view.get("times", 1)):
            name = f"{number}-{form}-{place}-{copy}"
            story = Story(
                name,
                video_id=video_id(number, form),
                viewer_id=f"{view['viewer']}-{form}" if "viewer" in view else None,
                began_ms=T0_MS + DAY_MS * view.get("days_later", 0),
                heartbeats=form == "heartbeats",
                context=view.get("context"),
            )
            for line in view["story"]:
                tell(story, line)
            yield story


def tell(story: Story, line: str | dict[str, Any]) -> None:
    """`play`, `{watch: 30}`, `{rendition: [720, 3000000]}`, `{seek: {to: 10, cause: loop}}`."""
    word, told_with = (line, []) if isinstance(line, str) else next(iter(line.items()))
    method = getattr(story, word)
    if isinstance(told_with, dict):
        method(**told_with)
    else:
        method(*(told_with if isinstance(told_with, list) else [told_with]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("golden"), now_ms=T0_MS + 3 * DAY_MS)
    for number, case in enumerate(CASES):
        for form in FORMS:
            world.video(video_id(number, form), case["duration_s"])
    world.ingest(story for number in range(len(CASES)) for form in FORMS for story in told(number, form))
    world.settle()
    yield world
    world.close()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["case"] for case in CASES])
def test_golden_case(world: World, number: int, form: str) -> None:
    for expectation in CASES[number]["expect"]:
        rows = world.rows(expectation["sql"], video=video_id(number, form))
        assert [list(map(plain, row)) for row in rows] == [
            [pytest.approx(value, abs=1e-9) if isinstance(value, float) else value for value in row]
            for row in expectation["rows"]
        ], expectation["sql"]


def plain(value: object) -> object:
    """Sums of BIGINT come as Decimal."""
    return int(value) if type(value).__name__ == "Decimal" else value  # type: ignore[call-overload]
