"""The reference page: every rule, and what became of every MUST of both documents. Made by deploy/generated.py."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint import RULES
from transcoder.lint.clauses import Clause, State, clauses
from transcoder.lint.findings import Rule, Severity

HEAD = """# HLS conformance: `viewbox lint`

`viewbox lint URL|FOLDER|PLAYLIST [--json]` reads an HLS stream, from its first playlist to its last segment, and says
where it breaks Apple's HLS Authoring Specification for Apple Devices or draft-pantos-hls-rfc8216bis (here: RFC).
Exit code 0: no MUST is broken as far as files show; 1: one is; 2: there is nothing to read. Import asks the same
rules before it publishes a stream, and publishes none that breaks a MUST.

Understood are fragmented MP4, MPEG-2 transport streams, packed audio, WebVTT, byte ranges, encrypted segments (their
playlists and sizes, and samples that lie in the clear), live and low-latency playlists. Folders are read without a
network; URLs under the address rules of import. What is not read is listed in the report.

**What the tables rest on.** The RFC's text is version 22 of the draft (1 May 2026, protocol version 13), from a
public copy. Of Apple's specification it is the edition whose revision history ends on 8 May 2025; there may be a
later one, and its appendixes were not read. Both are told in our own words; the numbers are theirs. Where a clause
gives no tolerance, ours stands beside it. Rules for single platforms are listed last and not judged. What other
packagers' streams show is told in [How lint judges other packagers](../explanation/lint-packagers.md).
"""


def reference_markdown() -> str:
    """docs/reference/lint.md"""
    parts = [HEAD, _counts(), "## Rules\n", _rules_table(Severity.MUST), _rules_table(Severity.SHOULD)]
    for document, title in (
        ("Apple", "Apple's HLS Authoring Specification"),
        ("RFC", "draft-pantos-hls-rfc8216bis-22"),
    ):
        parts.append(f"## Every MUST of {title}\n\n| clause | it asks | here |\n|---|---|---|")
        parts += [f"| {clause.number} | {clause.says} | {_here(clause)} |" for clause in clauses(document)]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _counts() -> str:
    lines = ["| | checked | not checkable from files | not yet |", "|---|---|---|---|"]
    for document in ("Apple", "RFC"):
        states = [clause.state for clause in clauses(document)]
        numbers = " | ".join(str(states.count(state)) for state in State)
        lines.append(f"| requirements of {document} | {numbers} |")
    return "\n".join(lines) + "\n"


def _rules_table(severity: Severity) -> str:
    rows = [f"### {severity.value}\n", "| rule | clauses | it says | what to change |", "|---|---|---|---|"]
    rows += [f"| `{rule.id}` | {', '.join(rule.clauses)} | {rule.says} | {_cell(rule.fix)} |" for rule in _of(severity)]
    return "\n".join(rows) + "\n"


def _of(severity: Severity) -> Iterator[Rule]:
    return (rule for rule in RULES.values() if rule.severity is severity)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _here(clause: Clause) -> str:
    if clause.state is State.CHECKED:
        shown = ", ".join(f"`{rule}`" for rule in clause.rules)
        return f"{shown} ({clause.note})" if clause.note else shown
    return f"{clause.state.value}: {clause.note}"
