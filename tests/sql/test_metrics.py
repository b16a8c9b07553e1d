"""Every golden case, through the real door, spool, lake and rollups, to the number that a person worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.sql.cases import Case, all_cases
from tests.sql.stories import T0_MS
from tests.sql.world import DAY_MS, World
from viewbox.metrics import MetricResult, metrics, parse_selection, run

CASES = all_cases()
BY_SECOND = [case for case in CASES if case.metric in {"audience_retention", "most_replayed", "skipped_sections"}]
BY_ID = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world in which all cases happen, each on videos of its own: that other videos exist must change nothing."""
    world = World(tmp_path_factory.mktemp("world"), now_ms=T0_MS + 30 * DAY_MS)
    for case in CASES:
        case.tell(world)
    world.settle()
    yield world
    world.close()


def answer(world: World, case: Case, metric: str) -> MetricResult:
    pairs = [("video_id", case.video_id()), *((name, str(value)) for name, value in case.told.get("ask", {}).items())]
    if metric == case.metric:
        pairs += [(f"param.{name}", case.named(str(value))) for name, value in case.told.get("params", {}).items()]
    return run(world.engine, metric, parse_selection(pairs, case.timezone))


def check_rows(table: pa.Table, expected: list[dict[str, Any]]) -> None:
    rows = table.to_pylist()
    assert len(rows) == len(expected), rows
    for row, wanted in zip(rows, expected, strict=True):
        for column, value in wanted.items():
            assert row[column] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), (column, row)


@pytest.mark.parametrize("metric", metrics())
def test_every_metric_has_golden_cases(metric: str) -> None:
    assert len({case.name for case in CASES if case.metric == metric}) >= 2


@BY_ID
def test_golden_case(world: World, case: Case) -> None:
    assert case.metric in metrics(), "a case lies in the folder of the metric it is about"
    if "expect" in case.told:
        check_rows(answer(world, case, case.metric).table, case.told["expect"])
    for metric, expected in case.told.get("also", {}).items():
        check_rows(answer(world, case, metric).table, expected)
    if "curve" in case.told:
        rows = answer(world, case, case.metric).table.to_pylist()
        for column, ranges in case.told["curve"].items():
            wanted = [value for begin, end, value in ranges for _ in range(begin, end)]
            assert [row[column] for row in rows] == pytest.approx(wanted, abs=1e-9), column
    for column, value in case.told.get("views", {}).items():
        found = world.rows(f"SELECT DISTINCT {column} FROM views WHERE video_id = $v", v=case.video_id())
        assert found == [(pytest.approx(value, abs=1e-9) if isinstance(value, float) else value,)], column


@pytest.mark.parametrize("case", {case.metric: case for case in CASES}.values(), ids=lambda case: case.metric)
def test_shown_sql_gives_the_same_rows(world: World, case: Case) -> None:
    result = answer(world, case, case.metric)
    assert world.engine.query(result.sql).to_pylist() == result.table.to_pylist()


@pytest.mark.parametrize("case", BY_SECOND, ids=[case.id for case in BY_SECOND])
def test_seconds_and_intervals_give_equal_curves(world: World, case: Case) -> None:
    """A filter that keeps every view sends the question from the table `seconds` to the intervals."""
    pairs = [("video_id", case.video_id())]
    pairs += [(f"param.{name}", str(value)) for name, value in case.told.get("params", {}).items()]
    by_days = run(world.engine, case.metric, parse_selection(pairs))
    kept = [("viewer_kind", kind) for kind in ("known", "stored", "page")]
    by_intervals = run(world.engine, case.metric, parse_selection(pairs + kept))
    assert (by_days.answered_by, by_intervals.answered_by) == ("seconds", "views")
    assert by_days.table.to_pylist() == by_intervals.table.to_pylist()


def test_the_interval_of_a_spike_is_that_of_its_viewers(world: World) -> None:
    """20 of 100 viewers replay; the step at 30 is half their share: 0.5 × (0.2 ± 1.645 × √(0.2 × 0.8 / 100))."""
    (case,) = (case for case in CASES if (case.metric, case.name) == ("key_moments", "replayed"))
    (spike,) = (row for row in answer(world, case, "key_moments").table.to_pylist() if row["moment"] == "spike")
    assert (spike["ci_low"], spike["ci_high"]) == pytest.approx((0.067, 0.133), abs=0.012)


@BY_ID
def test_days_and_views_give_equal_quality(world: World, case: Case) -> None:
    """A filter that keeps every view sends the question from the table `days` to the views."""
    pairs = [("video_id", case.video_id())]
    kept = [("viewer_kind", kind) for kind in ("known", "stored", "page")]
    assert (
        run(world.engine, "views", parse_selection(pairs)).quality
        == run(world.engine, "views", parse_selection(pairs + kept)).quality
    )
