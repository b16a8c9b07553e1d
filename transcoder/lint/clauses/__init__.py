"""What became of every MUST of both documents: checked by which rules, not to be known from files, or not yet.

The tables are `apple.txt` and `rfc.txt`, in our own words: `number | what it asks | = rules (what is left out)`,
`x why files do not tell`, `? what is missing`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

LINE = re.compile(r"([^|]+) \| ([^|]+) \| (?:= ([a-z0-9 -]+?)(?: \((.+)\))?|([x?]) (.+))")


class State(Enum):
    CHECKED = "checked"
    UNKNOWABLE = "not checkable from files"
    OPEN = "not yet"


@dataclass(frozen=True, slots=True)
class Clause:
    """One MUST. `note` says what is left out, or why there is no rule."""

    document: str
    number: str
    says: str
    state: State
    rules: tuple[str, ...] = ()
    note: str = ""


@cache
def clauses(document: str) -> tuple[Clause, ...]:
    """The table of a document: `Apple` or `RFC`. Raises ValueError for a line that is none."""
    text = files(__package__).joinpath(f"{document.lower()}.txt").read_text(encoding="utf-8")
    return tuple(_clause(document, line) for line in text.splitlines())


def _clause(document: str, line: str) -> Clause:
    match = LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"no clause: {line}")
    number, says, rules, left_out, mark, why = match.groups()
    if rules is not None:
        return Clause(document, number, says, State.CHECKED, tuple(rules.split()), left_out or "")
    return Clause(document, number, says, State.UNKNOWABLE if mark == "x" else State.OPEN, (), why)
