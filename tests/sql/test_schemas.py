"""What a metric's JSON Schema promises, its answers keep: every metric, many questions, empty answers too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from ingest_api.routes.metrics import answer
from tests.sql.crowd import FILM, ODD_KEY, world_of
from tests.sql.world import World
from viewbox.errors import InvalidInput
from viewbox.metrics import (
    AnswerColumn,
    Metric,
    answer_columns,
    find_metric,
    json_schema,
    metrics,
    parse_selection,
    run,
)
from viewbox.metrics.files import parse_metric
from viewbox.metrics.schema import param_schema

QUESTIONS: tuple[list[tuple[str, str]], ...] = (
    [], [("grain", "day")], [("grain", "hour"), ("video_id", FILM)], [("by", "all")], [("by", "browser")],
    [("by", f"custom.{ODD_KEY}")], [("by", "revision")], [("video_id", "nobody")], [("browser", "Lynx")],
    [("browser", "Lynx"), ("by", "all")],
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = world_of(tmp_path_factory.mktemp("crowd"))
    yield world
    world.close()


class Told(NamedTuple):
    """A metric, what is said of its answers, and the JSON answers to all questions that it takes."""

    metric: Metric
    schema: dict[str, Any]
    columns: tuple[AnswerColumn, ...]
    documents: list[dict[str, Any]]


@pytest.fixture(scope="module", params=metrics())
def told(world: World, request: pytest.FixtureRequest) -> Told:
    metric = find_metric(request.param)
    documents = []
    for question in QUESTIONS:
        try:
            result = run(world.engine, metric.name, parse_selection(question))
        except InvalidInput:  # rows by second are by video only; some metrics need parameters
            continue
        documents.append(json.loads(bytes(answer(result).body)))
    return Told(
        metric, json_schema(world.engine, metric), answer_columns(world.engine, metric), documents
    )  # fmt: skip


def test_answers_are_what_the_schema_says(told: Told) -> None:
    Draft202012Validator.check_schema(told.schema)
    validator = Draft202012Validator(told.schema)
    for document in told.documents:
        assert [error.message for error in validator.iter_errors(document)] == []


def test_the_schema_refuses_what_no_answer_is(told: Told) -> None:
    """Else the test above could not fail."""
    validator = Draft202012Validator(told.schema)
    for document in told.documents[:1]:
        assert not validator.is_valid(document | {"unit": "furlongs"})
        assert not validator.is_valid(document | {"rows": [{"video_id": FILM, "n": "many"}]})
        assert not validator.is_valid({key: value for key, value in document.items() if key != "quality"})
        for row in document["rows"][:1]:
            assert not validator.is_valid(document | {"rows": [row | {"colour": "red"}]})
            assert not validator.is_valid(document | {"rows": [row | {"n": None}]})


def test_every_column_of_an_answer_has_words(told: Told) -> None:
    """A unit may be empty (a name, a revision), a meaning may not."""
    assert told.metric.name in [column.name for column in told.columns]
    assert [column.name for column in told.columns if not column.meaning] == []


def test_types_told_before_are_the_types_that_come(told: Told) -> None:
    promised = [(column.name, column.type, column.unit) for column in told.columns]
    for document in told.documents[:1]:
        came = [(column["name"], column["type"], column["unit"]) for column in document["columns"]]
        assert [column for column in came if column[0] not in {"video_id", "period"}] == promised


def test_the_table_that_answered_is_told_where_it_is_known(world: World) -> None:
    result = run(world.engine, "views", parse_selection([]))
    validator = Draft202012Validator(json_schema(world.engine, find_metric("views")))
    for answered_by, told in ((None, {}), ("seconds", {"answered_by": "seconds"})):
        document = json.loads(bytes(answer(replace(result, answered_by=answered_by)).body))
        assert {name: document[name] for name in ("answered_by",) if name in document} == told
        assert validator.is_valid(document)


def test_parameters_bring_their_bounds() -> None:
    text = """\
-- title: T
-- unit: ratio   grain: video_id   empty: 0   version: 1
-- rule: R
-- source: S
-- param: per view|viewer view: of what
-- param: at float<=1 0.9: least share
-- param: which int<=9 null: which one
SELECT 1"""
    schemas = {name: param_schema(param) for name, param in parse_metric("m", text).params.items()}
    assert schemas == {
        "per": {"enum": ["view", "viewer"], "default": "view", "description": "of what"},
        "at": {"type": "number", "minimum": 0, "maximum": 1.0, "default": 0.9, "description": "least share"},
        "which": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "default": None, "description": "which one"},
    }
