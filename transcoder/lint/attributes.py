"""Attribute lists (section 4.2): read strictly, kept where they can be understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from transcoder.lint.playlist import Problem, Value
from transcoder.lint.tags import PATTERNS, Attr, Kind

PAIR = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",\s]*)(,|$)')
EXTENSION = "X-"


def read_attributes(text: str, line: int, problems: list[Problem]) -> dict[str, Value]:
    """The pairs of a list; what breaks its syntax is noted, and reading goes on behind the next comma."""
    found: dict[str, Value] = {}
    position = 0
    while position < len(text):
        if text[position].isspace():
            problems.append(Problem("attribute-syntax", line, f"a blank before {text[position:].lstrip()[:40]!r}"))
            position = len(text) - len(text[position:].lstrip())
            continue
        pair = PAIR.match(text, position)
        if pair is None:
            stop = text.find(",", position)
            stop = len(text) if stop < 0 else stop + 1
            problems.append(Problem("attribute-syntax", line, f"{text[position:stop][:80]!r} is no NAME=value"))
            position = stop
            continue
        name, value, end = pair.groups()
        if name in found:
            problems.append(Problem("attribute-repeated", line, f"{name} stands twice"))
        else:
            quoted = value.startswith('"')
            found[name] = Value(value[1:-1] if quoted else value, quoted)
        position = pair.end()
        if end and position == len(text):
            problems.append(Problem("attribute-syntax", line, "the list ends with a comma"))
    return found


def check_attributes(
    tag: str, given: dict[str, Value], known: dict[str, Attr], line: int, problems: list[Problem]
) -> None:
    """Note attributes that are missing, of another type than defined, or outside the defined words."""
    for name, wanted in known.items():
        if wanted.required and name not in given:
            problems.append(Problem("attribute-missing", line, f"{tag[1:]} has no {name}"))
    for name, value in given.items():
        attr = known.get(name)
        if attr is None:
            continue  # of a later version, or an author's own: readers ignore it
        if not _is_of(attr, value):
            shown = f'"{value.text}"' if value.quoted else value.text
            kind = attr.kind.value + ("" if attr.may_be_empty or value.text else " that is not empty")
            problems.append(Problem("attribute-type", line, f"{name}={shown[:80]} is not {kind}"))
        elif attr.words and not value.quoted and value.text not in attr.words:
            words = ", ".join(sorted(attr.words))
            problems.append(Problem("attribute-value", line, f"{name}={value.text[:80]} is none of {words}"))


def substituted(
    given: dict[str, Value], replace: Callable[[str], str], problems_at: Callable[[], None]
) -> Iterator[tuple[str, Value]]:
    """Attributes with variables replaced in quoted strings and hexadecimal sequences (section 4.3)."""
    for name, value in given.items():
        if "{$" in value.text and (value.quoted or value.text.startswith(("0x", "0X"))):
            problems_at()
            yield name, Value(replace(value.text), value.quoted)
        else:
            yield name, value


def _is_of(attr: Attr, value: Value) -> bool:
    if attr.kind is Kind.ANY:
        return True
    if value.quoted:
        return attr.kind in {Kind.QUOTED, Kind.QUOTED_OR_ENUM} and (bool(value.text) or attr.may_be_empty)
    if attr.kind is Kind.QUOTED:
        return False
    pattern = PATTERNS[Kind.ENUM if attr.kind is Kind.QUOTED_OR_ENUM else attr.kind]
    return pattern.fullmatch(value.text) is not None
