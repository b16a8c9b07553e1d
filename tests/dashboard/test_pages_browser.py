"""Pages in a real Chromium over a real API: by deep link, with axe, a file that DuckDB opens, a sheet of paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.dashboard.conftest import roll_up
from tests.e2e.axe import axe_findings
from tests.e2e.browser import visitor
from tests.e2e.house import House, started
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.jobs import Jobs
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import through_intake

pytestmark = pytest.mark.e2e
PATIENCE_MS = 60_000  # a cold dashboard on two busy cores
VIDEO = "film"
LINKS = {
    "overview": "/?period=All+time",
    "compare": f"/compare?a.video={VIDEO}&b.video={VIDEO}&a.period=All+time&b.period=All+time&b.device_type=desktop",
    "quality": f"/quality?video={VIDEO}&period=All+time&split=browser",
    "library": "/library?q=film",
    "report": f"/report?video={VIDEO}&period=All+time",
}
STREAMLITS_OWN = 'aria-label="Clear all"'  # a cross within a filled multiselect, 2 px too small for WCAG 2.2
SETTLED = {
    "overview": "A video with two tags counts for both.", "compare": "Retention of both", "quality": "Clock offset",
    "library": "1 video", "report": "data quality",
}  # fmt: skip
# Streamlit looks for its server beside a deep link first and goes on at the root: two requests it knows to fail.
OWN_KNOCKS = ("_stcore/health", "_stcore/host-config")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """API and dashboard over a film of 40 views, and an import that no worker takes."""
    folder: Path = tmp_path_factory.mktemp("house")
    settings = Settings(data_dir=folder, _env_file=None)
    database = open_database(settings.database)
    catalog = Catalog(database)
    catalog.add(title="A film", source_kind="upload", video_id=VIDEO, tags=["cinema"])
    catalog.publish(VIDEO, revision=1, duration_s=60.0, assets={}, ready=True)
    waiting = catalog.add(title="Waiting", source_kind="url", source_url="http://127.0.0.1:9/x.mp4")
    Jobs(database).enqueue("import", video_id=waiting.id, revision=1, payload={"url": "http://127.0.0.1:9/x.mp4"})
    effect = parse_effect("skip=0.5,0,13")
    crowd = Audience(4, VIDEO, 60.0, 40, SYSTEM_CLOCK.now_ms(), 5.0, [effect], synthetic=False)
    through_intake(settings, catalog, crowd.views())
    roll_up(settings)
    with started(House(folder), "serve", "dashboard") as running:
        yield running


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", LINKS)
def test_a_deep_link_opens_its_page_without_findings(house, browser, name, width):
    with visitor(browser, width=width) as (page, witness):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(house.dashboard + LINKS[name])
        page.locator("h1").wait_for()
        page.get_by_text(SETTLED[name]).last.wait_for()
        page.wait_for_load_state("networkidle")
        assert not [html for _, found in axe_findings(page) for html in found if STREAMLITS_OWN not in html]
        assert not [error for error in witness.errors if not any(knock in error for knock in OWN_KNOCKS)]


def test_a_comparison_leaves_as_a_file_that_duckdb_reads(house, browser, tmp_path):
    with visitor(browser) as (page, _):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(house.dashboard + LINKS["compare"])
        with page.expect_download() as download:
            page.get_by_role("button", name="Parquet").first.click()
        target = tmp_path / "compare.parquet"
        download.value.save_as(target)
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT n_a FROM '{target}' WHERE metric = 'views'").fetchall()
        assert found == [(40,)]


def test_a_report_is_one_sheet(house, browser):
    with visitor(browser) as (page, _):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(house.dashboard + LINKS["report"])
        page.get_by_text("data quality").wait_for()
        page.get_by_role("button", name="Print").wait_for()
        page.wait_for_load_state("networkidle")
        page.emulate_media(media="print")
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_an_import_is_cancelled_and_says_how_to_go_on(house, browser):
    with visitor(browser) as (page, _):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{house.dashboard}/library?q=Waiting")
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("retry begins the import anew").wait_for()
        page.get_by_role("button", name="Retry").click()
        page.get_by_text("“Waiting” is imported again.").wait_for()
        page.get_by_role("button", name="Cancel").wait_for()


def test_a_file_is_uploaded_and_then_named_and_tagged(house, browser, tmp_path):
    source = tmp_path / "raw footage.mp4"
    source.write_bytes(b"no film, but a worker would find that out" * 1000)
    with visitor(browser) as (page, _):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{house.dashboard}/library")
        page.get_by_text("Upload a file, title, tags").click()
        page.locator("input[type=file]").set_input_files(source)
        page.get_by_text("raw footage.mp4").wait_for()
        page.get_by_role("button", name="Import").click()
        page.get_by_text("“raw footage.mp4” is being imported.").wait_for()
        page.get_by_role("link", name="raw footage").first.wait_for()
        page.goto(f"{house.dashboard}/library?q=raw+footage")
        page.get_by_role("button", name="Edit").click()
        page.get_by_role("textbox", name="Title").last.fill("The harbour")
        page.get_by_role("textbox", name="Tags").last.fill("sea, boats")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
    assert house.api("/v1/videos?q=harbour")["items"][0]["tags"] == ["sea", "boats"]
