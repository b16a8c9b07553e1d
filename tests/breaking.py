"""Breaking a sound stream in one small way, and looking for the rule that says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests import streams
from tests.streams import Files
from transcoder.lint import Memory, Report, Severity, lint, load

Edit = Callable[[Files], None]
VIDEO, SMALL, SOUND, SOUND_2 = streams.LISTS
IFRAMES = streams.IFRAMES[0]
MASTER = streams.MASTER


@dataclass(frozen=True)
class Break:
    """`rule` is what the edit of `base` breaks; `also` are those that it may break with it, and no others."""

    rule: str
    edit: Edit
    base: Callable[[], Files] = streams.own
    also: frozenset[str] = frozenset()


def broken(rule: str, edit: Edit, base: Callable[[], Files] = streams.own, *also: str) -> Break:
    return Break(rule, edit, base, frozenset(also))


def put(path: str, old: str, new: str, count: int = 1) -> Edit:
    """Replace text in a file; `count` 0 replaces all."""

    def edit(files: Files) -> None:
        before = files[path]
        files[path] = before.replace(old.encode(), new.encode(), count or -1)
        assert files[path] != before, f"{old!r} is not in {path}"

    return edit


def each(paths: tuple[str, ...], old: str, new: str, count: int = 1) -> Edit:
    return both(*(put(path, old, new, count) for path in paths))


def match(path: str, pattern: str, new: str) -> Edit:
    """Replace the first match of a regular expression that spans whole lines."""

    def edit(files: Files) -> None:
        text, changed = re.subn(pattern, new, files[path].decode(), count=1, flags=re.MULTILINE)
        assert changed, f"{pattern!r} is not in {path}"
        files[path] = text.encode()

    return edit


def drop(path: str) -> Edit:
    def edit(files: Files) -> None:
        del files[path]

    return edit


def data(path: str, change: Callable[[bytes], bytes]) -> Edit:
    def edit(files: Files) -> None:
        files[path] = change(files[path])

    return edit


def copy(source: str, target: str) -> Edit:
    def edit(files: Files) -> None:
        files[target] = files[source]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(files: Files) -> None:
        for one in edits:
            one(files)

    return edit


def report(files: Files, start: str = MASTER) -> Report:
    return lint(load(Memory(files, start)))


def rules(found: Report, severity: Severity) -> set[str]:
    return {finding.rule.id for finding in found.findings if finding.rule.severity is severity}


@cache
def usual(base: Callable[[], Files]) -> frozenset[str]:
    """What is advised on a base as it is; nothing that it must."""
    found = report(base())
    assert not rules(found, Severity.MUST)
    return frozenset(rules(found, Severity.SHOULD))


def check(case: Break) -> Report:
    """Assert that the broken stream shows the rule, and no MUST beside those expected."""
    files = case.base()
    case.edit(files)
    found = report(files)
    must, should = rules(found, Severity.MUST), rules(found, Severity.SHOULD) - usual(case.base)
    assert case.rule in must | should, (must, should)
    assert must <= {case.rule, *case.also}, [finding for finding in found.findings if finding.rule.id in must]
    assert all(finding.spot.found and finding.rule.fix for finding in found.findings)
    return found
