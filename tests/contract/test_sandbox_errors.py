"""An error in a statement speaks of the author's own lines, and advises nothing that the sandbox refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewbox.sandbox import run_sql
from viewbox.sandbox.parent import SqlError
from viewbox.sandbox.wording import for_author
from viewbox.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, executor="inline", sample=False)


def error_of(settings: Settings, sql: str) -> str:
    with pytest.raises(SqlError) as caught:
        run_sql(settings, sql)
    return str(caught.value)


def test_the_line_is_the_authors_and_the_caret_points_at_the_value(settings: Settings) -> None:
    *_, line, caret = error_of(settings, "SELECT to_timestamp('x')").splitlines()
    assert line == "LINE 1: SELECT to_timestamp('x')"
    assert line[caret.index("^") :] == "'x')"

    *_, line, caret = error_of(settings, "SELECT 1," + "\n" * 8 + "  to_timestamp('x')").splitlines()
    assert line == "LINE 9:    to_timestamp('x')"
    assert line[caret.index("^") :] == "'x')"


def test_advice_to_change_a_setting_is_left_out(settings: Settings) -> None:
    words = error_of(settings, "SELECT list_transform([1], x -> x + 1)")
    assert "transition to the new lambda syntax" in words
    assert "SET " not in words

    words = error_of(settings, "SELECT i // 0 FROM range(3) AS t (i)")
    assert "Division by zero" in words
    assert "SET " not in words


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Broken.\nUse SET a_b='C' to revert to the old way.\nSee the docs.", "Broken.\nSee the docs."),
        ("Limit of 3 exceeded. Use SET pivot_limit=X to increase the limit.", "Limit of 3 exceeded."),
        ("Division by zero. Use TRY(...), or SET by_zero=false to return NULL.", "Division by zero. Use TRY(...)"),
        ("Not an integer.\n* SET allow=true to allow this behavior.", "Not an integer."),
        ("Could not convert string 'a SET b' to INT32", "Could not convert string 'a SET b' to INT32"),
        ("Candidates:\n\tf(a)\n\tf(b)\n", "Candidates:\n\tf(a)\n\tf(b)"),
        ("Wrong.\n\nLINE 3: ) AS q LIMIT 11\n        ^", "Wrong."),
    ],
)
def test_wording(said: str, shown: str) -> None:
    assert for_author(said, "SELECT 1") == shown
