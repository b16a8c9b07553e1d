"""The long form: ten hours, from the first flash to the last. Run by `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.importing import Importer
from tests.sources import judge
from tests.sources.cinema import cinema
from tests.sources.judge import Published
from tests.sources.row import Row, make
from tests.sources.rows import LONG

pytestmark = pytest.mark.e2e

PARTS = (slice(0, 2), slice(2999, 3001), slice(-2, None))  # of 6,000 segments of 6 s


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("row", LONG, ids=[row.name for row in LONG])
def test_a_long_source(row: Row, browser: Browser, tmp_path: Path):
    shop = Importer(tmp_path / "shop", max_duration_s=row.length_s + 60)
    video = shop.imported(make(row, tmp_path))
    assert (video.status, video.error_code) == ("ready", None)
    assert video.duration_s is not None
    published = Published(row, shop.folder(video), video.duration_s)
    judge.check_rules(published)
    judge.check_lengths(published)
    for which in PARTS:
        judge.check_times(published, tmp_path, which)
    with cinema(browser, shop.media.root) as screen:
        judge.check_screen(published, screen)
