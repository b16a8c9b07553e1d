"""`python -m tests.sources` writes docs/reference/sources.md."""

from tests.sources.table import PAGE, sources_markdown

PAGE.write_text(sources_markdown(), encoding="utf-8")
