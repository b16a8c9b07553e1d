"""DuckDB's error messages as the author of a statement can use them."""

from __future__ import annotations

import re

LINES_IN_FRONT = 1  # of the statement, in what runs: `SELECT * FROM (` and a line end
_PLACE = re.compile(r"\s*\nLINE (?P<line>\d+):(?P<text> [^\n]*)(?P<caret>\n *\^+)?\s*\Z")
# Settings are locked here, so advice to change one leads nowhere: a sentence, a list item, or "…, or SET …".
_SETTING_ADVICE = re.compile(
    r"(?:,? or |(?:(?<=\. )|^)(?:\* |Or set |[Uu]se )?\"?)(?:SET|PRAGMA) \w+.*?(?:\.(?=\s|\Z)|$)"
)


def for_author(words: str, statement: str) -> str:
    """The message with the line counted in the author's statement, and without advice that is refused here."""
    place = _PLACE.search(words)
    said = words[: place.start()] if place else words
    advised = ((line, _SETTING_ADVICE.sub("", line).rstrip()) for line in said.splitlines())
    kept = "\n".join(rest for line, rest in advised if rest or not line)
    return kept.rstrip() + (_own_place(place, statement) if place else "")


def _own_place(place: re.Match[str], statement: str) -> str:
    """Where it is, in the author's lines; nothing when it is outside them."""
    line = int(place["line"]) - LINES_IN_FRONT
    if not 1 <= line <= statement.count("\n") + 1:
        return ""
    label = f"LINE {line}:".ljust(len(f"LINE {place['line']}:"))  # as wide as before: the caret stays in its column
    return f"\n\n{label}{place['text']}{place['caret'] or ''}"
