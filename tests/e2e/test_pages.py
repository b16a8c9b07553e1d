"""What holds for every page: it asks nobody else for anything, it has no errors, and it hears no foreign host."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import visitor
from tests.e2e.manners import MANNERS, sign_in
from tests.support import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

# Below a page of its own Streamlit's client first asks for the server there, and is told 404: no fault of the page.
STREAMLIT_GUESS = re.compile(r"/(video|metrics|sql)/_stcore/(health|host-config)$")


def open_site(page: Page, house, video_id: str) -> None:
    page.goto(house.site)
    expect(page.get_by_role("main").get_by_role("link", name="A watched video").first).to_be_visible()


def open_watch(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.site}/watch/{video_id}?notrack=1")
    page.get_by_role("button", name="Play", exact=True).first.click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")


def open_embed(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.site}/embed/{video_id}")
    expect(page.get_by_role("button", name="Play", exact=True).first).to_be_visible()


def open_docs(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.site}/docs")
    expect(page.locator(".opblock").first).to_be_visible()


def open_overview(page: Page, house, video_id: str) -> None:
    page.goto(house.dashboard)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_be_visible()


def open_video(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.dashboard}/video?video={video_id}")
    expect(page.get_by_role("slider", name=re.compile("^Timeline"))).to_be_visible()


def open_metric(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.dashboard}/metrics?metric=views&grain=day&video={video_id}")
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible()
    expect(page.get_by_role("button", name="Arrow")).to_be_visible()


def open_sql(page: Page, house, video_id: str) -> None:
    page.goto(f"{house.dashboard}/sql")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("button", name="Parquet")).to_be_visible()


@pytest.mark.parametrize(
    "open_page", [open_site, open_watch, open_embed, open_docs, open_overview, open_video, open_metric, open_sql]
)
@pytest.mark.parametrize("manner", MANNERS)
def test_a_page_asks_no_other_host_and_reports_no_error(manner, open_page, browser, request):
    come = MANNERS[manner]
    house = request.getfixturevalue(come.house)
    watched = request.getfixturevalue("named_watched" if come.house == "named" else "watched")
    with visitor(browser, **come.device) as (page, witness):
        sign_in(page, house)
        open_page(page, house, watched)
        assert witness.hosts <= {urlsplit(house.site).netloc, urlsplit(house.dashboard).netloc}
        assert [error for error in witness.errors if not STREAMLIT_GUESS.search(error)] == []


def test_the_sign_in_asks_no_other_host(browser, guarded):
    with visitor(browser) as (page, witness):
        page.goto(guarded.site)
        page.get_by_label("Secret").fill("the-secret-of-the-browser-suite")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Paste a video URL to begin.")).to_be_visible()
        assert witness.hosts == {urlsplit(guarded.site).netloc}
        assert witness.errors == []


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/videos", "/docs", "/assets/panel.js", "/watch/x"])
def test_the_door_answers_403_to_a_foreign_host(house, path):
    assert status(house.port, path, host="viewbox.example:80") == 403
    assert status(house.port, path, host=f"127.0.0.1:{house.port}") != 403


@pytest.mark.parametrize("path", ["/", "/video", "/_stcore/health", "/static/nothing.js"])
def test_the_dashboard_answers_403_to_a_foreign_host(house, path):
    assert status(house.dashboard_port, path, host="viewbox.example:80") == 403
    assert status(house.dashboard_port, path, host=f"127.0.0.1:{house.dashboard_port}") != 403


def status(port: int, path: str, *, host: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def test_those_who_opt_out_and_the_panel_leave_no_view(browser, house, watched):
    sockets: list[str] = []
    with visitor(browser) as (page, _):
        page.on("websocket", lambda socket: sockets.append(socket.url))
        open_watch(page, house, watched)
        open_video(page, house, watched)
        page.get_by_role("region", name="Video: A watched video").get_by_role("button", name="Play").first.click()
        until(lambda: page.locator("video").evaluate("(video) => video.currentTime") > 0.5, what="the panel plays")
    assert sockets, "the dashboard has one of its own"
    assert not [url for url in sockets if "/v1/views" in url]
