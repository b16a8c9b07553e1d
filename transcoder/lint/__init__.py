"""`viewbox lint`: an HLS stream against Apple's HLS Authoring Specification and draft-pantos-hls-rfc8216bis.

`load` reads a stream, `lint` judges it. Rules live in `rules/`, one room per topic; what each clause of both
documents became stands in `clauses/`.
"""

from __future__ import annotations

from transcoder.lint import rules
from transcoder.lint.findings import Finding, Report, Rule, Severity, Spot
from transcoder.lint.load import load
from transcoder.lint.rulebook import RULES, findings
from transcoder.lint.source import Folder, Memory, Source, Unreadable, open_folder
from transcoder.lint.stream import Stream

__all__ = [
    "RULES", "Finding", "Folder", "Memory", "Report", "Rule", "Severity", "Source", "Spot", "Stream", "Unreadable",
    "lint", "load", "open_folder", "rules",
]  # fmt: skip


def lint(stream: Stream) -> Report:
    """Judge a loaded stream by every rule."""
    report = Report(stream.source)
    report.add(findings(stream))
    report.playlists = sum(1 for _ in stream.playlists())
    report.segments = sum(facts is not None for media in stream.media for facts in media.facts)
    report.unread = list(stream.unread)
    return report
