"""Captions as people meet them: embedded ones after a real import, uploaded ones while the page is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import subtitles
from tests.e2e.browser import visitor
from tests.e2e.file_server import FileServer
from tests.e2e.house import House
from tests.e2e.viewer import wait_until_at

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-main")]

LINES = ((1.0, 3.0, "One"), (5.0, 6.5, "Two"), (29.0, 30.0, "Last"))
NEAR_S = 0.04  # one of 25 frames a second
SHOWN = "[...video.textTracks].filter((track) => track.mode === 'showing').map((track) => track.language)"
CUES = """() => {
  const track = [...document.querySelector('video').textTracks].find(({ mode }) => mode === 'showing');
  return [...(track?.cues ?? [])].map(({ startTime, endTime, text }) => [startTime, endTime, text]);
}"""


@pytest.fixture(scope="module")
def subtitled(house: House, files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video whose source holds English captions, which begin by themselves, and German ones."""
    folder: Path = tmp_path_factory.mktemp("subtitled")
    (folder / "en.srt").write_text(subtitles.srt(LINES), encoding="utf-8")
    (folder / "de.ass").write_text(subtitles.ass(LINES, prefix="de "), encoding="utf-8")
    source = subtitles.muxed(
        files.folder / "short-clip.mp4", folder / "film.mkv",
        [(folder / "en.srt", "eng", "", "default"), (folder / "de.ass", "ger", "", "0")],
    )  # fmt: skip
    return house.viewbox("add", str(source), "--wait").strip()


@contextmanager
def watching(browser: Any, house: House, video_id: str) -> Iterator[Page]:
    with visitor(browser) as (page, witness):
        page.goto(f"{house.site}/watch/{video_id}")
        page.locator("video").click(position={"x": 40, "y": 40})
        wait_until_at(page, 0.2)
        yield page
        assert not witness.errors


def wait_for(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {{ const video = document.querySelector('video'); return {condition}; }}")


def cues(page: Page, word: str) -> list[tuple[float, float, str]]:
    """Of the captions that are shown, once they begin with this word."""
    page.wait_for_function(f"(word) => ({CUES})()[0]?.[2].includes(word)", arg=word)
    return [(start_s, end_s, text) for start_s, end_s, text in page.evaluate(CUES)]


def assert_times(found: list[tuple[float, float, str]]) -> None:
    assert len(found) == len(LINES)
    for (start_s, end_s, _), (wanted_start_s, wanted_end_s, _) in zip(found, LINES, strict=True):
        assert start_s == pytest.approx(wanted_start_s, abs=NEAR_S)
        assert end_s == pytest.approx(wanted_end_s, abs=NEAR_S)


def test_embedded_captions_begin_by_their_flag_and_are_chosen_by_language(browser, house, subtitled):
    with watching(browser, house, subtitled) as page:
        wait_for(page, f"{SHOWN}.join() === 'en'")
        assert_times(cues(page, "One"))
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("menuitem", name="Captions").click()
        page.get_by_role("menuitemradio", name="Deutsch").click()
        wait_for(page, f"{SHOWN}.join() === 'de'")
        assert_times(cues(page, "de One"))
        page.get_by_role("button", name="Captions", exact=True).click()
        wait_for(page, f"{SHOWN}.length === 0")
        page.reload()
        wait_for(page, "(video?.textTracks.length ?? 0) >= 2")
        page.locator("video").click(position={"x": 40, "y": 40})
        wait_until_at(page, 1.5)
        assert page.evaluate(f"() => {{ const video = document.querySelector('video'); return {SHOWN}; }}") == []


def test_uploaded_captions_come_to_an_open_page_and_the_picture_goes_on(browser, house, subtitled, tmp_path):
    file = tmp_path / "en.vtt"
    file.write_text(subtitles.vtt(LINES, prefix="better "), encoding="utf-8")
    with watching(browser, house, subtitled) as page:
        assert_times(cues(page, "One"))
        wait_for(page, "video.buffered.length > 0 && video.buffered.end(0) > video.duration - 0.2")
        page.evaluate(
            "document.querySelector('video').addEventListener('emptied', () => { window.begunAnew_ = true; })"
        )
        page.get_by_role("button", name="Add captions").click()
        page.get_by_label("Language of the captions").fill("en")
        page.get_by_label("SRT or WebVTT file").set_input_files(file)
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.get_by_text("Added: 3 cues")).to_be_visible()
        assert_times(cues(page, "better One"))
        before_s = page.evaluate("document.querySelector('video').currentTime")
        wait_until_at(page, before_s + 1)
        assert page.evaluate("window.begunAnew_") is None
        wait_for(page, "[...video.textTracks].map((track) => track.language).sort().join() === 'de,en'")


def test_what_cannot_be_captions_is_told_beside_the_file(browser, house, subtitled, tmp_path):
    file = tmp_path / "letter.srt"
    file.write_text("Dear all,\nno times in here\n", encoding="utf-8")
    with visitor(browser) as (page, _):  # the browser itself reports an answer of 422
        page.goto(f"{house.site}/watch/{subtitled}")
        page.get_by_role("button", name="Add captions").click()
        page.get_by_label("SRT or WebVTT file").set_input_files(file)
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.get_by_text("Send an SRT or WebVTT file")).to_be_visible()
