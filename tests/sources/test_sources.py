"""Each row of docs/reference/sources.md, as it is seen and heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.importing import Importer
from tests.sources import judge
from tests.sources.cinema import Cinema, cinema
from tests.sources.judge import Published
from tests.sources.row import Row, make
from tests.sources.rows import ROWS
from tests.sources.table import PAGE, sources_markdown
from viewbox.catalog import Video

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("sources")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Importer:
    return Importer(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def videos(shop: Importer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Video]:
    """A clip of every kind, imported by one worker; by the name of the row."""
    clips = tmp_path_factory.mktemp("clips")
    queued = {row.name: shop.queue(make(row, clips)) for row in ROWS}
    shop.work()
    return {name: shop.catalog.get(video_id) for name, video_id in queued.items()}


@pytest.fixture(scope="module")
def screen(browser: Browser, shop: Importer) -> Iterator[Cinema]:
    with cinema(browser, shop.media.root) as opened:
        yield opened


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_kind_of_source(row: Row, videos: dict[str, Video], shop: Importer, screen: Cinema, tmp_path: Path):
    video = videos[row.name]
    assert (video.status, video.error_code, video.error_hint) == ("ready", None, None)
    assert set(video.assets) >= {"hls", "poster", "storyboard"}
    assert ("chapters" in video.assets) == bool(row.chapters)
    assert video.duration_s is not None
    published = Published(row, shop.folder(video), video.duration_s)
    judge.check_rules(published)
    judge.check_lengths(published)
    judge.check_times(published, tmp_path)
    judge.check_screen(published, screen)
    if row.chapters:
        judge.check_chapters(published)


def test_the_table_is_made_of_these_rows():
    assert PAGE.read_text(encoding="utf-8") == sources_markdown(), "python -m tests.sources writes it"
