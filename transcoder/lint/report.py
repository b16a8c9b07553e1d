"""A report as people read it, and as JSON."""

from __future__ import annotations

from transcoder.lint.findings import Finding, Report, Severity

SCHEMA = 1  # of the JSON; grows when a field changes its meaning


def as_text(report: Report) -> str:
    """Findings grouped by rule, MUST first; each with its places, and what to change."""
    lines: list[str] = []
    for severity in Severity:
        for rule_id, found in _by_rule(report, severity).items():
            rule = found[0].rule
            lines += [f"{severity.value}  {rule_id}  ({', '.join(rule.clauses)})", f"  {rule.says}"]
            lines += [f"    {_place(finding)}: {finding.spot.found}" for finding in found]
            files = dict.fromkeys(finding.spot.file for finding in found)
            more = sum(report.more.get((rule_id, file), 0) for file in files)
            lines += [f"    and {more} more"] if more else []
            lines += [f"  To change: {rule.fix}", ""]
    for note in report.unread:
        lines.append(f"not read: {note}")
    lines.append(verdict(report))
    return "\n".join(map(_harmless, lines)) + "\n"


def _harmless(line: str) -> str:
    """Text of strangers without what a terminal would obey."""
    return "".join(character if character.isprintable() else "�" for character in line)


def verdict(report: Report) -> str:
    """One line: how much was looked at, and how much was found."""
    must, should = report.count(Severity.MUST), report.count(Severity.SHOULD)
    found = "nothing found" if not must + should else f"{must} × MUST, {should} × SHOULD"
    playlists = f"{report.playlists} playlist{'s' if report.playlists != 1 else ''}"
    return f"{report.source}: {playlists}, {report.segments} segments read; {found}"


def as_json(report: Report) -> dict[str, object]:
    """The report as one object. `conforms` is the exit code's ground: no MUST is broken."""
    return {
        "schema": SCHEMA,
        "source": report.source,
        "conforms": report.conforms,
        "must": report.count(Severity.MUST),
        "should": report.count(Severity.SHOULD),
        "playlists": report.playlists,
        "segments": report.segments,
        "findings": [finding.as_dict() for severity in Severity for finding in _of(report, severity)],
        "more": [{"rule": rule, "file": file, "count": count} for (rule, file), count in sorted(report.more.items())],
        "unread": report.unread,
    }


def _of(report: Report, severity: Severity) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule.severity is severity]


def _by_rule(report: Report, severity: Severity) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in _of(report, severity):
        found.setdefault(finding.rule.id, []).append(finding)
    return found


def _place(finding: Finding) -> str:
    spot = finding.spot
    place = spot.file + (f":{spot.line}" if spot.line else "")
    return f"{place} [{spot.segment[:80]}]" if spot.segment else place
