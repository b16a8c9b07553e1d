"""The tables of clauses and the rule book tell the same, and every rule has a broken stream that shows it."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from tests.breaking import Break
from tests.unit import test_lint_made, test_lint_media, test_lint_multivariant, test_lint_site, test_lint_text
from transcoder.lint import RULES, Severity
from transcoder.lint.clauses import State, clauses

TABLES = [*clauses("Apple"), *clauses("RFC")]
CASES: list[Break] = [
    *test_lint_text.CASES,
    *test_lint_multivariant.VARIANTS, *test_lint_multivariant.GROUPS, *test_lint_multivariant.BANDWIDTHS,
    *test_lint_multivariant.COMMON,
    *test_lint_media.PLAYLISTS, *test_lint_media.LIVE, *test_lint_media.RANGES, *test_lint_media.KEYS,
    *test_lint_media.FRAGMENTS, *test_lint_media.TRANSPORT, *test_lint_media.SUBTITLES,
]  # fmt: skip


def test_every_rule_has_a_broken_stream():
    shown = {case.rule for case in CASES} | test_lint_made.RULES_SHOWN
    shown |= test_lint_site.RULES_SHOWN | test_lint_multivariant.RULES_SHOWN
    assert RULES.keys() - shown == set()
    assert len(CASES) >= 150


def test_clauses_name_rules_that_exist():
    named = set(chain.from_iterable(clause.rules for clause in TABLES))
    assert named - RULES.keys() == set()


def test_every_must_rule_answers_a_clause():
    named = set(chain.from_iterable(clause.rules for clause in TABLES))
    assert {rule.id for rule in RULES.values() if rule.severity is Severity.MUST} - named == set()


@pytest.mark.parametrize("document", ["Apple", "RFC"])
def test_a_must_rule_names_the_clauses_that_name_it(document):
    """A rule's own list and the table agree, so neither can lag."""
    for clause in clauses(document):
        for rule in clause.rules:
            numbers = re.split(", ", clause.number)
            related = [given.split(" ")[1] for given in RULES[rule].clauses if given.startswith(f"{document} ")]
            assert any(_related(number, one) for number in numbers for one in related), (clause.number, rule)


def _related(number: str, other: str) -> bool:
    """The same clause, or one inside the other: 4.4 and 4.4.4.1."""
    return number == other or number.startswith(f"{other}.") or other.startswith(f"{number}.")


def test_what_is_not_checked_says_why():
    assert all(clause.note for clause in TABLES if clause.state is not State.CHECKED)
