"""Selections: what may be asked, and that nothing a caller writes becomes SQL."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from viewbox.errors import InvalidInput
from viewbox.metrics import Selection, compose, find_metric, literal_sql, metrics, parse_moment, parse_selection
from viewbox.metrics.compose import parameters_in
from viewbox.tables import TABLES, arrow_schema

NASTY = "x' OR '1'='1"


@pytest.fixture(scope="module")
def tables() -> duckdb.DuckDBPyConnection:
    """The contract's tables, empty but for two views."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in TABLES:
        connection.register("incoming", arrow_schema(name).empty_table())
        connection.execute(f"CREATE TABLE {name} AS FROM incoming")
        connection.unregister("incoming")
    for number, (browser, intro, moment) in enumerate(
        [("Firefox", "a", "2026-10-25 00:30:00Z"), (NASTY, "b", "2026-10-25 01:30:00Z")]
    ):
        connection.execute(
            "INSERT INTO views BY NAME SELECT $id AS view_id, 'v' AS video_id, $id AS viewer_id, true AS is_valid, "
            "false AS is_bot, 'player' AS source, $browser AS browser, $at::TIMESTAMPTZ AS started_at, "
            "$experiment AS experiment",
            {"id": str(number), "browser": browser, "at": moment, "experiment": f'{{"intro.x": "{intro}"}}'},
        )
    connection.execute(
        "CREATE TABLE revision_lengths (video_id VARCHAR, revision BIGINT, duration_s DOUBLE, slices BIGINT)"
    )
    connection.execute(
        "CREATE TABLE event_clocks (view_id VARCHAR, video_id VARCHAR, delay_ms BIGINT, clock_offset_ms BIGINT)"
    )
    return connection


def rows(tables: duckdb.DuckDBPyConnection, selection: Selection, name: str = "views") -> list[dict[str, object]]:
    statement = compose(find_metric(name), selection)
    found: list[dict[str, object]] = (
        tables.sql(statement.sql, params=dict(statement.values)).to_arrow_table().to_pylist()
    )
    assert tables.sql(literal_sql(statement)).to_arrow_table().to_pylist() == found
    return found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("20261025", "write 2026-10-25"),
        ("2026-W43-7", "write 2026-10-25"),
        ("20261025T080000", "write 2026-10-25T08:00:00Z for UTC, or a date alone"),
        ("2026-10-25 08:00", "write 2026-10-25T08:00:00Z for UTC, or a date alone"),
        ("20261340", "2026-11-23 or 2026-11-23T08:00:00Z"),
        ("yesterday", "2026-11-23 or 2026-11-23T08:00:00Z"),
    ],
)
def test_a_moment_in_another_form_is_answered_with_the_right_one(text: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_selection([("since", text)])
    assert caught.value.hint == hint


def test_values_are_bound_never_written(tables: duckdb.DuckDBPyConnection) -> None:
    selection = parse_selection([("browser", NASTY)])
    statement = compose(find_metric("views"), selection)
    assert NASTY not in statement.sql
    assert NASTY in statement.values.values()
    assert rows(tables, selection) == [{"video_id": "v", "views": 1, "n": 1}]


@pytest.mark.parametrize("name", ["browser; DROP TABLE views", "views.browser", "experiment.", "custom", "custom.a\0"])
def test_names_outside_the_whitelist_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_selection([(name, "x")])
    assert caught.value.code == "unknown_dimension"


@pytest.mark.parametrize("key", ["intro.x", "it's", "a b", "$", "*", "é", 'q"r', "a/b~c", "a\\b", "0"])
def test_a_key_of_experiment_is_taken_literally(tables: duckdb.DuckDBPyConnection, key: str) -> None:
    found = rows(tables, parse_selection([(f"experiment.{key}", "b")]))
    assert len(found) == (1 if key == "intro.x" else 0)


def test_a_repeated_dimension_means_or(tables: duckdb.DuckDBPyConnection) -> None:
    both = parse_selection([("browser", "Firefox"), ("browser", NASTY)])
    assert rows(tables, both)[0]["views"] == 2
    assert rows(tables, parse_selection([("browser", "")])) == []


def test_rows_by_a_dimension_carry_its_name(tables: duckdb.DuckDBPyConnection) -> None:
    found = rows(tables, parse_selection([("by", "experiment.intro.x")]))
    assert found == [{"experiment.intro.x": "a", "views": 1, "n": 1}, {"experiment.intro.x": "b", "views": 1, "n": 1}]
    assert rows(tables, parse_selection([("by", "all")])) == [{"views": 2, "n": 2}]


def test_a_video_without_views_has_the_declared_empty_value(tables: duckdb.DuckDBPyConnection) -> None:
    nobody = parse_selection([("video_id", "nobody")])
    assert rows(tables, nobody) == [{"video_id": "nobody", "views": 0, "n": 0}]
    assert rows(tables, nobody, "average_watch_time")[0]["average_watch_time"] is None
    assert rows(tables, nobody, "audience_retention") == []


def test_days_begin_at_midnight_of_the_time_zone(tables: duckdb.DuckDBPyConnection) -> None:
    """00:30 UTC is 20:30 of the day before in New York."""
    assert parse_moment("2026-11-23", "Europe/Berlin") == datetime(2026, 11, 22, 23, tzinfo=UTC)
    found = rows(tables, parse_selection([("grain", "day")], "America/New_York"))
    assert [(str(row["period"]), row["views"]) for row in found] == [("2026-10-24", 2)]


def test_the_hour_that_comes_twice_in_autumn_stays_two_hours(tables: duckdb.DuckDBPyConnection) -> None:
    """Berlin's clocks went back at 01:00 UTC: 02:30 came at 00:30 UTC and at 01:30 UTC."""
    found = rows(tables, parse_selection([("grain", "hour")], "Europe/Berlin"))
    assert [row["period"] for row in found] == [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1)]


@pytest.mark.parametrize(
    "pairs",
    [
        [("since", "yesterday")], [("until", "2026-11-23T00:00:00")], [("grain", "year")], [("by", "colour")],
        [("video_id", "a"), ("video_id", "b")],
        [("since", "0001-01-01T00:00:00+14:00")], [("until", "9999-12-31T23:59:59-14:00")],
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInput):
        parse_selection(pairs)


def test_a_parameter_of_another_metric_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        compose(find_metric("views"), parse_selection([("param.points", "3")]))
    assert caught.value.code == "unknown_param"


def test_parameters_in_strings_and_comments_are_none() -> None:
    assert list(parameters_in("SELECT $a, '$b', \"$c\" -- $d\n/* $e */ + $f")) == ["a", "f"]


@pytest.mark.parametrize("name", [name for name in metrics() if name != "compare"])
def test_every_metric_answers_over_empty_tables(tables: duckdb.DuckDBPyConnection, name: str) -> None:
    """Whatever is asked, an answer comes: no rows or the empty value, never an error."""
    for pairs in ([("video_id", "nobody")], [("video_id", "nobody"), ("grain", "day")], [("tag", "none")]):
        found = rows(tables, parse_selection(pairs), name)
        assert len(found) == (1 if find_metric(name).is_scalar and pairs == [("video_id", "nobody")] else 0)


@pytest.mark.parametrize("name", [name for name, metric in metrics().items() if metric.is_scalar])
def test_every_metric_with_a_row_per_video_compares_two_empty_cohorts(
    tables: duckdb.DuckDBPyConnection, name: str
) -> None:
    pairs = [("param.metric", name), ("param.a", "video_id=nobody"), ("param.b", "tag=none")]
    (found,) = rows(tables, parse_selection(pairs), "compare")
    empty = metrics()[name].empty_sql
    value = None if empty is None else float(empty)
    assert (found["a"], found["b"], found["n"]) == (value, value, 0)
    assert (found["ci_low"], found["ci_high"]) == (None, None)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, metric in metrics().items()
        if not metric.is_scalar and metric.unit not in {"text", "as the metric"}
    ],
)
def test_every_other_metric_compares_two_empty_cohorts(tables: duckdb.DuckDBPyConnection, name: str) -> None:
    pairs = [("param.metric", name), ("param.a", "video_id=nobody"), ("param.b", "video_id=none")]
    assert rows(tables, parse_selection(pairs), "compare") == []
