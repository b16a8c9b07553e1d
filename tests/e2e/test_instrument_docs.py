"""docs/how-to/instrument-your-player.md is true: its pages are served as they stand there, and their events arrive."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import visitor
from tests.e2e.house import House
from tests.e2e.stand import LENGTH_S, PLAYER, Stand
from tests.e2e.viewer import wait_until_at
from tests.support import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-stand")]

GUIDE = (PLAYER.parent / "docs/how-to/instrument-your-player.md").read_text(encoding="utf-8")
ENDPOINT = "http://127.0.0.1:8000"
REACT_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<div id="root"></div>
<script type="module" src="/react/page.js"></script>
</html>
"""
REACT_ENTRY = """import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { Intro } from "./Intro";
createRoot(document.getElementById("root")).render(createElement(Intro));
"""

# Entries of the package that the guide imports, and what they are made from.
SOURCES = {"tracker": "src/dom/index.ts", "use-tracker": "src/react/useViewBoxTracker.ts"}


def snippet(language: str, door: House) -> str:
    """The guide's first snippet of a language, with the test's server in the place of the example's."""
    found = re.search(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert ENDPOINT in found[1]
    return found[1].replace(ENDPOINT, door.site)


def build_react_page(source: str, folder: Path) -> None:
    """As a bundler of the reader's would: the package by its names, React from the page's own dependencies."""
    work = folder / "react-source"
    work.mkdir()
    (work / "Intro.tsx").write_text(source, encoding="utf-8")
    (work / "page.ts").write_text(REACT_ENTRY, encoding="utf-8")
    exports = json.loads((PLAYER / "package.json").read_text(encoding="utf-8"))["exports"]
    assert {f"./{name}" for name in SOURCES} <= set(exports)
    alias = {f"@viewbox/player/{name}": str(PLAYER / place) for name, place in SOURCES.items()}
    alias |= {name: str(PLAYER / "node_modules" / name) for name in ("react", "react-dom")}
    config = {
        "root": str(work), "logLevel": "error", "resolve": {"alias": alias},
        "oxc": {"jsx": {"runtime": "automatic"}}, "define": {"process.env.NODE_ENV": '"production"'},
        "build": {
            "outDir": str(folder / "react"), "emptyOutDir": True,
            "lib": {"entry": "page.ts", "formats": ["es"]},
            "rolldownOptions": {"output": {"entryFileNames": "page.js"}},
        },
    }  # fmt: skip
    (work / "vite.config.mjs").write_text(f"export default {json.dumps(config)}", encoding="utf-8")
    vite = [shutil.which("node") or "node", str(PLAYER / "node_modules/vite/bin/vite.js")]
    subprocess.run([*vite, "build", "--config", str(work / "vite.config.mjs")], check=True, timeout=60, cwd=work)


@pytest.mark.parametrize("language", ["html", "tsx"])
def test_the_guides_page_reports_what_was_watched(language: str, browser: Browser, stand: Stand, door: House):
    videos = stand.folder / "videos"
    videos.mkdir(exist_ok=True)
    shutil.copy(stand.folder / "clip.mp4", videos / "intro.mp4")
    source = snippet(language, door)
    if language == "tsx":
        build_react_page(source, stand.folder)
        video_id, stand.pages["/guide.html"] = "intro-react", REACT_PAGE
    else:
        video_id, stand.pages["/guide.html"] = "intro", source
    with visitor(browser) as (page, witness):
        page.goto(f"http://127.0.0.1:{stand.port}/guide.html")
        page.locator("video").evaluate("(video) => video.play()")
        wait_until_at(page, 1.5)
        page.locator("video").evaluate("(video) => video.pause()")
        page.goto("about:blank")
        assert not witness.errors
    sql = f"SELECT coverage, closed_by, playing_ms, gaps FROM views WHERE video_id = '{video_id}'"
    rows = until(lambda: ended(door, sql), what="the view is in the tables")
    ((coverage, _, playing_ms, gaps),) = rows
    assert coverage == pytest.approx(1.5 / LENGTH_S, abs=0.02)
    assert playing_ms == pytest.approx(1500, abs=500)
    assert gaps == 0


def ended(door: House, sql: str) -> list[list[object]]:
    rows: list[list[object]] = door.api("/v1/sql", method="POST", body={"sql": sql})["rows"]
    return [row for row in rows if row[1] == "view_end"]
