"""The registry: a rule is declared beside the function that checks it, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from transcoder.lint.findings import Finding, Rule, Severity, Spot
from transcoder.lint.stream import Stream

Check = Callable[[Stream], Iterable[Spot]]
MUST, SHOULD = Severity.MUST, Severity.SHOULD

RULES: dict[str, Rule] = {}
CHECKS: list[tuple[Rule, Check]] = []


def declare(rule_id: str, severity: Severity, *clauses: str, says: str, fix: str) -> Rule:
    """Enter a rule whose breaches the readers of playlists and media note themselves, under its id."""
    if rule_id in RULES:
        raise ValueError(f"the rule {rule_id} is declared twice")
    RULES[rule_id] = Rule(rule_id, severity, clauses, says, fix)
    return RULES[rule_id]


def rule(rule_id: str, severity: Severity, *clauses: str, says: str, fix: str) -> Callable[[Check], Check]:
    """Enter a rule with the function that yields each spot where it is broken."""
    declared = declare(rule_id, severity, *clauses, says=says, fix=fix)

    def enter(check: Check) -> Check:
        CHECKS.append((declared, check))
        return check

    return enter


def findings(stream: Stream) -> Iterator[Finding]:
    """Everything that is wrong with a stream, in the order of the rule book."""
    for playlist in stream.playlists():
        for problem in playlist.problems:
            yield Finding(RULES[problem.rule], Spot(playlist.name, problem.found, problem.line, problem.segment))
    for declared, check in CHECKS:
        for spot in check(stream):
            yield Finding(declared, spot)
