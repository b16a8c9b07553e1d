"""axe-core on a page, with the rules of WCAG 2.0 to 2.2, A and AA, and its best practices."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_SOURCE = Path(__file__).parents[2] / "player" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return _SOURCE.read_text(encoding="utf-8")


def axe_findings(page: Page) -> list[tuple[str, list[str]]]:
    """Each broken rule with the elements that break it. Raises AssertionError when axe looked at nothing."""
    page.evaluate(_axe())
    found = page.evaluate("(values) => axe.run(document, { runOnly: { type: 'tag', values } })", RULES)
    assert found["passes"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
