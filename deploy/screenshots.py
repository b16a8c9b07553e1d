"""The README's two pictures, taken of a fresh house with the sample: `.venv/bin/python deploy/screenshots.py`."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import bootstrap
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

IMAGES = bootstrap.ROOT / "docs" / "images"
PORT, DASHBOARD_PORT = 8790, 8791
SITE, DASHBOARD = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{DASHBOARD_PORT}"
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COLOURS = 256  # a palette keeps each picture near 150 KB


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ports = {"VIEWBOX_PORT": str(PORT), "VIEWBOX_DASHBOARD_PORT": str(DASHBOARD_PORT)}
        house = subprocess.Popen(
            [sys.executable, "-m", "viewbox", "up"],
            env={**os.environ, **ports, "VIEWBOX_DATA_DIR": folder},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert house.stderr is not None
            while not house.stderr.readline().strip().startswith("dashboard  http"):
                pass
            subprocess.run(
                [sys.executable, "-m", "viewbox", "worker", "--until-idle"],
                env={**os.environ, "VIEWBOX_DATA_DIR": folder},
                check=True,
            )
            take_all()
        finally:
            house.send_signal(signal.SIGINT)
            house.wait(30)


def take_all() -> None:
    executable = bootstrap.find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        with closing(browser):
            video_id = sample_id()
            take(browser, f"{SITE}/watch/{video_id}?t=50", "player", play=True)
            take(browser, f"{DASHBOARD}/video?video={video_id}", "dashboard", play=False)


def sample_id() -> str:
    with urllib.request.urlopen(f"{SITE}/v1/videos") as answer:
        items: list[dict[str, Any]] = json.load(answer)["items"]
    assert items[0]["playable"], "the sample is not encoded yet"
    return str(items[0]["id"])


def take(browser: Browser, url: str, name: str, *, play: bool) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800 if play else 1060})
    page.goto(url)
    page.locator("video").first.wait_for(timeout=30_000)
    if play:
        page.mouse.click(640, 300)
        page.wait_for_timeout(9_000)  # a picture in motion, not the poster, and of the rendition that fits
        page.mouse.move(640, 420)
        page.wait_for_timeout(400)  # the controls have come
    else:
        page.get_by_text("Retention").first.wait_for(timeout=30_000)
        page.wait_for_timeout(2_500)  # curves and poster are drawn
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    IMAGES.mkdir(parents=True, exist_ok=True)
    target: Path = IMAGES / f"{name}.png"
    picture.save(target, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
