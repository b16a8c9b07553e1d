"""What a linter says: rules, the clauses they come from, and findings with their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

SHOWN_PER_FILE = 20  # findings of one rule in one file that are kept; the rest is counted


class Severity(StrEnum):
    """RFC 2119: SHALL counts as MUST, RECOMMENDED as SHOULD."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked. `clauses` name document and number, as `RFC 4.4.3.1` or `Apple 7.7`."""

    id: str
    severity: Severity
    clauses: tuple[str, ...]
    says: str
    fix: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule is broken and what was found there; `line` counts from 1, 0 when the whole file is meant."""

    file: str
    found: str
    line: int = 0
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    spot: Spot

    def as_dict(self) -> dict[str, object]:
        """One entry of the JSON report."""
        return {
            "rule": self.rule.id,
            "severity": self.rule.severity.value,
            "clauses": list(self.rule.clauses),
            "file": self.spot.file,
            "line": self.spot.line or None,
            "segment": self.spot.segment or None,
            "found": self.spot.found,
            "says": self.rule.says,
            "fix": self.rule.fix,
        }


@dataclass
class Report:
    """All findings on one stream. `unread` says what was not looked at, and why: silence there proves nothing."""

    source: str
    findings: list[Finding] = field(default_factory=list)
    more: dict[tuple[str, str], int] = field(default_factory=dict)  # (rule, file): findings beyond those kept
    playlists: int = 0
    segments: int = 0
    unread: list[str] = field(default_factory=list)

    def add(self, found: Iterable[Finding]) -> None:
        """Keep findings, at most SHOWN_PER_FILE of a rule in a file."""
        kept: dict[tuple[str, str], int] = {}
        for finding in found:
            key = (finding.rule.id, finding.spot.file)
            kept[key] = kept.get(key, 0) + 1
            if kept[key] <= SHOWN_PER_FILE:
                self.findings.append(finding)
            else:
                self.more[key] = self.more.get(key, 0) + 1

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are, those beyond the kept ones included."""
        hidden = {(f.rule.id, f.spot.file) for f in self.findings if f.rule.severity is severity} & self.more.keys()
        shown = sum(finding.rule.severity is severity for finding in self.findings)
        return shown + sum(self.more[key] for key in hidden)

    @property
    def conforms(self) -> bool:
        """No MUST is broken, as far as files show."""
        return self.count(Severity.MUST) == 0
