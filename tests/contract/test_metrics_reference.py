"""The metric reference says what the files say."""

from __future__ import annotations

from pathlib import Path

from viewbox.metrics import reference_markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def test_the_committed_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_markdown(), "run: python deploy/generated.py"
