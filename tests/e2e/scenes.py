"""How each cell of the matrix is brought about: a scene opens a page and returns when the state is there to see."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.e2e.stage import CLIP_TITLE, Stage

Scene: TypeAlias = Callable[[Stage, Page], None]
STREAM = re.compile(r"/_stcore/stream")
NO_SUCH_VIDEO = "2222222222222222222z"
SCENES: dict[tuple[str, str], Scene] = {}
LEVELS = {"empty": 0, "loading": 2, "one view": 1, "10 h video": 2, "failed": 2, "offline": 2, "no result": 2}
NO_MATCH = "device_type=mobile&os=Windows"  # both exist, together nobody has them


def scene(page_name: str, state: str) -> Callable[[Scene], Scene]:
    def enter(function: Scene) -> Scene:
        SCENES[page_name, state] = function
        return function

    return enter


# --- the site ----------------------------------------------------------------------------------------------


@scene("library", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.site)
    expect(page.get_by_text("Paste a video URL to begin.")).to_be_visible()


@scene("library", "loading")
def _(stage: Stage, page: Page) -> None:
    page.route("**/v1/videos*", _never_answer)
    page.goto(stage.house.site)
    expect(page.locator(".card-blank").first).to_be_visible()


@scene("library", "one view")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.site)
    expect(page.get_by_role("main").get_by_role("link", name=CLIP_TITLE)).to_be_visible()
    expect(page.get_by_text("this week")).to_have_count(1)
    _all_pictures(page)


@scene("library", "10 h video")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.site)
    expect(page.get_by_text("10:00:00")).to_be_visible()
    expect(page.get_by_text("this week")).to_have_count(2)
    _all_pictures(page)


@scene("library", "failed")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.site)
    expect(page.get_by_text("The address leads to a web page")).to_be_visible()
    page.get_by_text("The address leads to a web page").scroll_into_view_if_needed()


@scene("library", "offline")
def _(stage: Stage, page: Page) -> None:
    page.route("**/v1/**", _no_server)
    page.goto(stage.house.site)
    expect(page.get_by_text("ViewBox does not answer.")).to_be_visible()


@scene("library", "no result")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.site)
    page.get_by_role("searchbox").fill("a film nobody made")
    expect(page.get_by_text("Nothing is called")).to_be_visible()


def _watch_scenes(page_name: str) -> None:
    """Watch page and embedded player: the same states of the same player."""

    @scene(page_name, "empty")
    def _(stage: Stage, page: Page) -> None:
        page.goto(f"{stage.house.site}/{page_name}/{NO_SUCH_VIDEO}")
        expect(page.get_by_text(re.compile("no such video|not here any more"))).to_be_visible()

    @scene(page_name, "loading")
    def _(stage: Stage, page: Page) -> None:
        page.route("**/*.m3u8", _never_answer)
        page.goto(f"{stage.house.site}/{page_name}/{stage.ids['clip']}?notrack=1")
        page.get_by_role("button", name="Play", exact=True).first.click()
        expect(page.get_by_role("status", name="Loading")).to_be_visible()

    @scene(page_name, "one view")
    def _(stage: Stage, page: Page) -> None:
        _play(page, f"{stage.house.site}/{page_name}/{stage.ids['clip']}?notrack=1", until_s=2)

    @scene(page_name, "10 h video")
    def _(stage: Stage, page: Page) -> None:
        _play(page, f"{stage.house.site}/{page_name}/{stage.ids['ten hours']}?notrack=1&t=18000", until_s=18_001)

    @scene(page_name, "failed")
    def _(stage: Stage, page: Page) -> None:
        page.goto(f"{stage.house.site}/{page_name}/{stage.ids['failed']}")
        expect(page.get_by_text(re.compile("could not be prepared|Failed")).first).to_be_visible()

    @scene(page_name, "offline")
    def _(stage: Stage, page: Page) -> None:
        page.route("**/v1/**", _no_server)
        page.goto(f"{stage.house.site}/{page_name}/{stage.ids['clip']}")
        expect(page.get_by_text(re.compile("does not answer")).first).to_be_visible()


_watch_scenes("watch")
_watch_scenes("embed")


@scene("login", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.guarded.site}/")
    page.wait_for_url(re.compile("/login"))
    expect(page.get_by_label("Secret")).to_be_visible()


@scene("login", "failed")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.guarded.site}/login")
    page.get_by_label("Secret").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That is not the secret.")).to_be_visible()


@scene("docs", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.site}/docs")
    expect(page.get_by_role("heading", name=re.compile("ViewBox"))).to_be_visible()
    expect(page.locator(".opblock").first).to_be_visible()


@scene("docs", "loading")
def _(stage: Stage, page: Page) -> None:
    page.route("**/openapi.json", _never_answer)
    page.goto(f"{stage.house.site}/docs")
    expect(page.locator(".loading-container").first).to_be_visible()


@scene("docs", "offline")
def _(stage: Stage, page: Page) -> None:
    page.route("**/openapi.json", _no_server)
    page.goto(f"{stage.house.site}/docs")
    expect(page.get_by_text("Failed to load API definition.")).to_be_visible()


# --- the dashboard -----------------------------------------------------------------------------------------


@scene("overview", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.dashboard)
    expect(page.get_by_role("heading", name="No video yet")).to_be_visible()


@scene("video", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/video")
    expect(page.get_by_role("heading", name="No video yet")).to_be_visible()


@scene("metrics", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/metrics?metric=completion_rate")
    expect(page.get_by_role("heading", name="No video yet")).to_be_visible()


@scene("sql", "empty")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/sql")
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    _settle(page)


@scene("overview", "loading")
def _(stage: Stage, page: Page) -> None:
    _mute_server(page)
    page.goto(stage.house.dashboard)
    expect(page.get_by_test_id("stAppSkeleton")).to_be_visible()


@scene("video", "loading")
def _(stage: Stage, page: Page) -> None:
    _mute_server(page)
    page.goto(f"{stage.house.dashboard}/video?video={stage.ids['clip']}")
    expect(page.get_by_test_id("stAppSkeleton")).to_be_visible()


@scene("metrics", "loading")
def _(stage: Stage, page: Page) -> None:
    _mute_server(page)
    page.goto(f"{stage.house.dashboard}/metrics")
    expect(page.get_by_test_id("stAppSkeleton")).to_be_visible()


@scene("sql", "loading")
def _(stage: Stage, page: Page) -> None:
    _mute_server(page)
    page.goto(f"{stage.house.dashboard}/sql")
    expect(page.get_by_test_id("stAppSkeleton")).to_be_visible()


@scene("overview", "one view")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.house.dashboard)
    expect(page.get_by_test_id("stMetricValue").nth(1)).to_have_text("1")  # the first says who watches now
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    _settle(page)


@scene("overview", "10 h video")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/?source=synthetic")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    _settle(page)


@scene("overview", "failed")
def _(stage: Stage, page: Page) -> None:
    page.goto(stage.sick.dashboard)
    expect(page.get_by_text("The data cannot be read")).to_be_visible()


@scene("overview", "no result")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/?{NO_MATCH}")
    expect(page.get_by_text("No views match")).to_be_visible()


@scene("video", "one view")
def _(stage: Stage, page: Page) -> None:
    _open_panel(page, f"{stage.house.dashboard}/video?video={stage.ids['clip']}")


@scene("video", "10 h video")
def _(stage: Stage, page: Page) -> None:
    _open_panel(page, f"{stage.house.dashboard}/video?video={stage.ids['ten hours']}")


@scene("video", "failed")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/video?video={stage.ids['failed']}")
    expect(page.get_by_text(re.compile("web page", re.IGNORECASE)).first).to_be_visible()
    _settle(page)


@scene("video", "offline")
def _(stage: Stage, page: Page) -> None:
    page.route(f"{stage.house.site}/**", _no_server)
    page.goto(f"{stage.house.dashboard}/video?video={stage.ids['clip']}")
    expect(page.get_by_text("Player and curves are offline")).to_be_visible()
    _settle(page)


@scene("video", "no result")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/video?video={stage.ids['clip']}&{NO_MATCH}")
    expect(page.get_by_text("No views match").first).to_be_visible()
    _settle(page)


@scene("metrics", "one view")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/metrics?metric=completion_rate&video={stage.ids['clip']}")
    expect(page.get_by_text("fewer than 10 views")).to_be_visible()
    _settle(page)


@scene("metrics", "10 h video")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/metrics?metric=audience_retention&video={stage.ids['ten hours']}")
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible()
    _settle(page)


@scene("metrics", "failed")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.sick.dashboard}/metrics?metric=views")
    expect(page.get_by_text("The data cannot be read")).to_be_visible()


@scene("metrics", "no result")
def _(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.house.dashboard}/metrics?metric=views&{NO_MATCH}")
    expect(page.get_by_text("No views match")).to_be_visible()
    _settle(page)


@scene("sql", "one view")
def _(stage: Stage, page: Page) -> None:
    statement = "SELECT view_id, watch_ms, playing_ms, coverage, skipped_s, browser FROM views WHERE source = 'player'"
    _run_sql(stage, page, statement)
    expect(page.get_by_text(re.compile("^1 row"))).to_be_visible()
    expect(page.get_by_role("button", name="Parquet")).to_be_visible()


@scene("sql", "10 h video")
def _(stage: Stage, page: Page) -> None:
    _run_sql(stage, page, "SELECT second, sum(plays) AS plays FROM seconds GROUP BY second ORDER BY second")
    expect(page.get_by_text(re.compile("rows ·"))).to_be_visible()
    expect(page.get_by_role("button", name="Parquet")).to_be_visible()


@scene("sql", "failed")
def _(stage: Stage, page: Page) -> None:
    _run_sql(stage, page, "SELECT watch_time FROM view")
    expect(page.get_by_test_id("stAlert")).to_be_visible()


@scene("sql", "no result")
def _(stage: Stage, page: Page) -> None:
    _run_sql(stage, page, "SELECT * FROM views WHERE browser = 'Netscape'")
    expect(page.get_by_text("found no rows")).to_be_visible()


def _lose_server(page_name: str, path: str) -> None:
    @scene(page_name, "offline")
    def _(stage: Stage, page: Page) -> None:
        lines: list[WebSocketRoute] = []

        def pass_on(line: WebSocketRoute) -> None:
            line.connect_to_server()
            lines.append(line)

        page.route_web_socket(STREAM, pass_on)
        page.goto(f"{stage.house.dashboard}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        _settle(page)
        page.route("**/*", _no_server)
        page.route_web_socket(STREAM, lambda line: line.close())
        for line in lines:
            line.close()
        expect(page.get_by_role("heading", name="Connection error")).to_be_visible()


_lose_server("overview", "/")
_lose_server("metrics", "/metrics")
_lose_server("sql", "/sql")


# --- means -------------------------------------------------------------------------------------------------


def _never_answer(_route: Route) -> None:
    """Held until the page is closed."""


def _no_server(route: Route) -> None:
    route.abort("connectionrefused")


def _mute_server(page: Page) -> None:
    """The dashboard's server hears the page and says nothing."""
    page.route_web_socket(STREAM, lambda line: line.connect_to_server().on_message(lambda _message: None))


def _all_pictures(page: Page) -> None:
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")


def _play(page: Page, url: str, *, until_s: float) -> None:
    """Play on to a position, then pause there, so that all pictures show the same."""
    page.goto(url)
    page.get_by_role("button", name="Play", exact=True).first.click()
    page.wait_for_function("(goal) => document.querySelector('video').currentTime >= goal", arg=until_s)
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').paused")


def _settle(page: Page) -> None:
    """Until the dashboard's script has run to its end."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def _open_panel(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("slider", name=re.compile("^Timeline"))).to_be_visible()
    page.locator("video").wait_for()
    _settle(page)


def _run_sql(stage: Stage, page: Page, statement: str) -> None:
    page.goto(f"{stage.house.dashboard}/sql")
    page.get_by_role("textbox", name="SELECT …").fill(statement)
    page.get_by_role("button", name="Run").click()
