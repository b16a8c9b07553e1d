"""The pages that the server writes itself, in real Chromium: they work, complain of nothing, ask nobody else."""

import pytest

from tests.e2e.browser import visitor
from tests.servers import running_server

SECRET = "7k2-Qm4vT9xZ-b8RwL"
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("guarded"), auth="token", secret=SECRET) as server:
        yield server


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_leads_to_the_page_that_was_asked_for(browser, guarded, scheme):
    with visitor(browser, scheme=scheme) as (page, witness):
        page.goto(f"{guarded.url}/docs")
        assert page.url == f"{guarded.url}/login?next=/docs"
        page.get_by_label("Secret").fill("not the secret at all")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        assert len(witness.errors) == 1  # Chromium's own note of the 401
        page.get_by_label("Secret").fill(SECRET)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{guarded.url}/docs")
        page.get_by_text("Import a video by URL").click()
        page.get_by_role("button", name="Try it out").wait_for()
        assert witness.hosts == {f"127.0.0.1:{guarded.port}"}
        assert len(witness.errors) == 1


def test_another_site_can_neither_frame_nor_read_the_pages(browser, guarded, tmp_path):
    (tmp_path / "evil.html").write_text(f'<iframe src="{guarded.url}/login"></iframe>')
    with visitor(browser) as (page, witness):
        page.goto(f"file://{tmp_path}/evil.html")
        read = page.evaluate("url => fetch(url).then(() => 'read', () => 'refused')", f"{guarded.url}/v1/videos/x")
        assert read == "refused"
        assert any("frame-ancestors" in error or "X-Frame-Options" in error for error in witness.errors)
