"""Uploads that break off and go on: what arrives is the file, byte for byte, and nothing is sent twice without need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.bad_line import BadLine
from tests.e2e.browser import visitor
from tests.e2e.house import House, started
from tests.support import free_port, until
from viewbox.database import open_database
from viewbox.jobs import Jobs
from viewbox.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

MB = 1_000_000
SIZE = 12 * MB
CONTENT = bytes(range(251)) * (SIZE // 251 + 1)


@pytest.fixture(scope="module")
def module_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, BadLine]]:
    """A house without a worker, reached through a bad line: what was uploaded stays to be looked at."""
    port = free_port()
    house = House(tmp_path_factory.mktemp("uploads"), {"VIEWBOX_PUBLIC_URL": f"http://127.0.0.1:{port}"})
    with started(house, "serve"), BadLine(house.port, port).running() as bad_line:
        yield house, bad_line


@pytest.fixture
def line(module_line: tuple[House, BadLine]) -> Iterator[tuple[House, BadLine]]:
    yield module_line
    module_line[1].release()  # whatever a failed test held


@pytest.fixture
def film(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    place = tmp_path / f"{request.node.name}.mp4"
    place.write_bytes(CONTENT[:SIZE])
    return place


def choose(page: Page, *films: Path) -> None:
    page.locator("form input[type=file]").set_input_files(list(films))


def offsets_of(page: Page) -> list[int]:
    """Where each PATCH of this page begins, from now on."""
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def stored(house: House, title: str) -> bytes:
    """The bytes that the import of the video with this title will read."""

    def video_id() -> str | None:
        videos = house.api("/v1/videos?limit=200")["items"]
        return next((video["id"] for video in videos if video["title"] == title), None)

    found = until(video_id, what=f"{title} is a video")
    assert found is not None
    job = Jobs(open_database(Settings(data_dir=house.data_dir).database)).latest(found)
    assert job is not None
    return Path(job["payload"]["upload"]).read_bytes()


def test_a_cut_connection_goes_on_by_itself(browser, line, film):
    house, bad_line = line
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        offsets = offsets_of(page)
        bad_line.cut_after(5 * MB)
        choose(page, film)
        expect(page.get_by_role("link", name=film.stem)).to_be_visible()
        assert bad_line.cuts == 1
        assert offsets[0] == 0
        assert offsets[-1] > 0, "it was not sent from the beginning"
    assert stored(house, film.stem) == film.read_bytes()


def test_after_a_reload_the_same_file_goes_on_where_it_was(browser, line, film):
    house, bad_line = line
    with visitor(browser) as (page, _):
        page.on("dialog", lambda dialog: dialog.accept())  # “leave the page?”
        page.goto(bad_line.site)
        bad_line.hold_after(8 * MB)
        choose(page, film)
        until(lambda: bad_line.stands, what="the line stands still")
        page.reload()
        bad_line.drop()
        card = page.get_by_role("listitem").filter(has_text="Choose the same file")
        expect(card.get_by_text(re.compile("Interrupted at [1-9]"))).to_be_visible()
        expect(card.get_by_text(film.name)).to_be_visible()
        offsets = offsets_of(page)
        choose(page, film)
        expect(page.get_by_role("link", name=film.stem)).to_be_visible()
        expect(card).to_have_count(0)
        assert offsets[0] > 0, "it was not sent from the beginning"
    assert stored(house, film.stem) == film.read_bytes()


def test_a_pause_holds_it_and_several_files_follow_each_other(browser, line, film, tmp_path):
    house, bad_line = line
    second = tmp_path / "another.mp4"
    second.write_bytes(film.read_bytes()[: 2 * MB])
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        bad_line.hold_after(4 * MB)
        choose(page, film, second)
        waiting = page.get_by_role("listitem").filter(has_text=second.name)
        expect(waiting.get_by_text("Waiting for its turn")).to_be_visible()
        until(lambda: bad_line.stands, what="the line stands still")
        page.get_by_role("button", name=f"Pause {film.name}").click()
        bad_line.release()
        expect(page.get_by_text(re.compile("Paused at"))).to_be_visible()
        expect(page.get_by_role("link", name=second.stem)).to_be_visible()  # the next one does not wait for it
        page.get_by_role("button", name=f"Go on with {film.name}").click()
        expect(page.get_by_role("link", name=film.stem)).to_be_visible()
    assert stored(house, film.stem) == film.read_bytes()
    assert stored(house, second.stem) == second.read_bytes()


def test_a_killed_server_is_waited_for(browser, line, film):
    house, bad_line = line
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        bad_line.hold_after(6 * MB)
        choose(page, film)
        until(lambda: bad_line.stands, what="the line stands still")
        house.kill("serve")
        bad_line.release()
        expect(page.get_by_text("The connection is lost. It goes on by itself.")).to_be_visible()
        house.start("serve")
        expect(page.get_by_role("link", name=film.stem)).to_be_visible(timeout=40_000)
    assert stored(house, film.stem) == film.read_bytes()


def test_a_full_disk_and_a_refused_file_say_what_to_do(browser, line, film):
    house, bad_line = line
    full = {"code": "disk_full", "title": "the disk is full", "hint": "free some space, then go on"}
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        page.route("**/v1/uploads/*", lambda route: route.fulfill(status=503, json=full))
        choose(page, film)
        expect(page.get_by_role("alert")).to_have_text("The disk is full: free some space, then go on.")
        page.unroute("**/v1/uploads/*")
        page.get_by_role("button", name=f"Go on with {film.name}").click()
        expect(page.get_by_role("link", name=film.stem)).to_be_visible()
        empty = film.with_name("empty.mp4")
        empty.touch()
        choose(page, empty)
        expect(page.get_by_role("alert")).to_have_text("The file is empty: choose a video file.")
        page.get_by_role("button", name="Give up empty.mp4").click()
        expect(page.get_by_text("empty.mp4")).to_have_count(0)
    assert stored(house, film.stem) == film.read_bytes()


def test_what_is_dropped_or_pasted_anywhere_is_taken(browser, line):
    house, bad_line = line
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        expect(page.get_by_label("Paste a video URL")).to_be_visible()
        page.evaluate(
            """() => {
              const data = new DataTransfer();
              data.items.add(new File(['dropped bytes'], 'dropped film.mp4', { type: 'video/mp4' }));
              for (const type of ['dragenter', 'dragover', 'drop'])
                document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true }));
              const links = new DataTransfer();
              links.setData('text/plain', 'https://example.com/one%20pasted.mp4\\nhttps://example.com/two.mp4');
              document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: links, bubbles: true }));
            }"""
        )
        for title in ("dropped film", "one pasted", "two"):
            expect(page.get_by_role("link", name=re.compile(title))).to_be_visible()
    assert stored(house, "dropped film") == b"dropped bytes"


def test_a_given_up_upload_is_gone_here_and_there(browser, line, film):
    house, bad_line = line
    with visitor(browser) as (page, _):
        page.goto(bad_line.site)
        bad_line.hold_after(4 * MB)
        choose(page, film)
        until(lambda: bad_line.stands, what="the line stands still")
        page.get_by_role("button", name=f"Give up {film.name}").click()
        bad_line.release()
        expect(page.get_by_text(film.name)).to_have_count(0)
        shelf = house.data_dir / "work" / "resumable"
        until(lambda: not list(shelf.glob("*.part")), what="the server has forgotten it")
        page.reload()
        expect(page.get_by_label("Paste a video URL")).to_be_visible()
        expect(page.get_by_text("Choose the same file")).to_have_count(0)
