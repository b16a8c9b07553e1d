"""One Chromium per process of pytest: Playwright's synchronous API runs once in a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """For tests marked `e2e` only: while it is open, `asyncio.run` refuses to work in the same thread."""
    with chromium() as running:
        yield running
