"""What the benchmark `analytics` compares: ViewBox's answers and those from the raw events are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks.analytics import world
from benchmarks.analytics.duckdb_raw import DuckDB
from benchmarks.analytics.equality import by_key, check_equal
from benchmarks.analytics.ours import ViewBox
from benchmarks.analytics.pandas_raw import Pandas
from benchmarks.analytics.questions import SHOWN, Question, World, query_set
from benchmarks.process import BenchmarkFailed
from tests.benchmark_world import LONG, TOP, make_lake
from viewbox.engine import Engine, open_engine
from viewbox.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_lake(tmp_path_factory.mktemp("benchmark"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    with closing(open_engine(settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(engine: Engine) -> World:
    return world.look(engine)


@pytest.mark.timeout(600)  # two engines over a 10 h video, on whatever machine
@pytest.mark.parametrize("peer", [DuckDB, pytest.param(Pandas, id="pandas")])
def test_every_question_is_answered_alike(
    peer: type[DuckDB] | type[Pandas], settings: Settings, engine: Engine, found: World, tmp_path: Path
) -> None:
    ours = ViewBox(engine)
    glob = str(settings.data_dir / "lake" / "events" / "dt=*" / "*.parquet")
    with closing(peer(glob, world.durations(engine), 2, tmp_path)) as theirs:
        compared = {
            question.name: check_equal(question, ours.answer(question), theirs.answer(question), peer.name)
            for question in query_set(found)
        }
    assert len(compared) == len(query_set(found))
    assert min(compared.values()) >= 1


def test_the_set_asks_every_metric_that_it_knows_of_this_world(found: World) -> None:
    asked = query_set(found)

    assert {question.metric for question in asked} == set(SHOWN)
    assert len({question.name for question in asked}) == len(asked)
    assert (found.top_video, found.long_video) == (TOP, LONG)
    assert found.dimension[0] == "custom.plan"
    assert (found.until - found.since).days == 30
    assert found.week_since.isoformat().endswith("T00:00:00+05:30")


def test_the_answers_are_not_empty(engine: Engine, found: World) -> None:
    """Each question finds something, or its equality would say nothing."""
    ours = ViewBox(engine)
    answers = {question.name: by_key(question, ours.answer(question)) for question in query_set(found)}

    assert [name for name, rows in answers.items() if not rows] == []
    top = {name.removeprefix("overview: "): dict(next(iter(rows.values()))) for name, rows in answers.items()}
    assert top["playback_failures"]["failures"] > 0
    assert top["exits_before_start"]["exits"] > 0
    assert top["local week: returning_viewers"]["returning_viewers"] > 0
    assert top["video: skipped_sections"]["share"] > 0.2


def test_a_difference_stops_the_benchmark(engine: Engine, found: World) -> None:
    question = next(one for one in query_set(found) if one.name == "top videos: views")
    answer = ViewBox(engine).answer(question)
    place = answer.column_names.index("views")
    changed = answer.set_column(place, "views", pa.array([n + 1 for n in answer["views"].to_pylist()]))

    with pytest.raises(BenchmarkFailed, match=r"views of .* in ViewBox and .* in another"):
        check_equal(question, answer, changed, "another")
    with pytest.raises(BenchmarkFailed, match="rows"):
        check_equal(question, answer, answer.slice(1), "another")


@pytest.mark.parametrize(("theirs", "same"), [(0.5000004, True), (0.500002, False), (None, False)])
def test_fractions_may_differ_by_a_millionth(theirs: float | None, same: bool, found: World) -> None:
    question = Question(name="x", metric="average_percentage_viewed", selection=query_set(found)[0].selection)
    mine, other = (pa.table({"average_percentage_viewed": [value], "n": [3]}) for value in (0.5, theirs))

    if same:
        assert check_equal(question, mine, other, "another") == 2
    else:
        with pytest.raises(BenchmarkFailed):
            check_equal(question, mine, other, "another")


def test_an_empty_lake_cannot_be_asked(tmp_path: Path) -> None:
    with (
        closing(open_engine(Settings(_env_file=None, data_dir=tmp_path))) as empty,
        pytest.raises(BenchmarkFailed, match="no valid view"),
    ):
        world.look(empty)
