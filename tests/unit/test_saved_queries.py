"""Statements under a name: kept, replaced, bounded, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from viewbox.database import open_database
from viewbox.errors import InvalidInput
from viewbox.saved_queries import MAX_NAME, MAX_QUERIES, MAX_SQL, SavedQueries
from viewbox.testing import FakeClock


@pytest.fixture
def database(tmp_path) -> str:
    return f"sqlite:///{Path(tmp_path) / 'catalog.sqlite'}"


@pytest.fixture
def saved(database) -> Iterator[SavedQueries]:
    engine = open_database(database)
    yield SavedQueries(engine, FakeClock())
    engine.dispose()


def test_what_is_saved_is_there_for_the_next_process_by_name(saved, database):
    saved.save("weeks", "SELECT 1")
    saved.save("Days", " SELECT 2 \n")
    other = open_database(database)
    assert [(one.name, one.sql) for one in SavedQueries(other).everything()] == [
        ("Days", "SELECT 2"), ("weeks", "SELECT 1")
    ]  # fmt: skip
    other.dispose()


def test_a_name_holds_one_statement(saved):
    saved.save("days", "SELECT 1")
    saved.save(" days ", "SELECT 2")
    assert [one.sql for one in saved.everything()] == ["SELECT 2"]


def test_what_is_removed_is_gone_and_may_be_removed_again(saved):
    saved.save("days", "SELECT 1")
    for _ in range(2):
        saved.remove("days")
    assert saved.everything() == []


@pytest.mark.parametrize(
    ("name", "sql"),
    [("", "SELECT 1"), ("  ", "SELECT 1"), ("a" * (MAX_NAME + 1), "SELECT 1"), ("a\nb", "SELECT 1"), ("a", " \n"),
     ("a", "S" * (MAX_SQL + 1))],
)  # fmt: skip
def test_bounds_are_kept(saved, name, sql):
    with pytest.raises(InvalidInput) as refusal:
        saved.save(name, sql)
    assert refusal.value.hint
    assert saved.everything() == []


def test_the_list_is_bounded_and_a_name_in_it_may_still_be_replaced(saved):
    for number in range(MAX_QUERIES):
        saved.save(f"n {number}", "SELECT 1")
    with pytest.raises(InvalidInput) as refusal:
        saved.save("one more", "SELECT 1")
    assert refusal.value.code == "too_many_saved"
    saved.save("n 7", "SELECT 7")
    assert len(saved.everything()) == MAX_QUERIES
