"""One page of Chromium that plays stream after stream, and says what is on its screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.browser import visitor
from tests.sources.card import CORNERS, PATCHES, Colour, patch_place

HLS = Path(__file__).parents[2] / "player/node_modules/hls.js/dist/hls.min.js"
PAGE = """<!DOCTYPE html><title>Cinema</title><script src="/hls.js"></script><video muted></video>
<script>
const video = document.querySelector('video'), canvas = document.createElement('canvas');
let hls = null;
const once = (target, type) => new Promise((heard) => target.addEventListener(type, heard, { once: true }));
window.show = async (url, level, at_s, places) => {
  hls?.destroy();
  hls = new Hls({ startPosition: 0, enableWorker: false });
  const failed = new Promise((_, fail) => hls.on(Hls.Events.ERROR, (_, told) => told.fatal && fail(told.error)));
  const shown = (async () => {
    hls.attachMedia(video);
    hls.loadSource(url);
    await new Promise((parsed) => hls.once(Hls.Events.MANIFEST_PARSED, parsed));
    const heights = hls.levels.map((each) => each.height);
    hls.loadLevel = hls.startLevel = heights.indexOf(level === 'top' ? Math.max(...heights) : Math.min(...heights));
    await new Promise((added) => hls.once(Hls.Events.FRAG_BUFFERED, added));
    if (video.readyState < 2) await once(video, 'loadeddata');
    video.currentTime = at_s;
    await once(video, 'seeked');
    const begun_s = video.currentTime;
    const painted = new Promise((seen) => {
      const look = (_, { mediaTime }) => mediaTime > at_s - 0.15 ? seen() : video.requestVideoFrameCallback(look);
      video.requestVideoFrameCallback(look);
    });
    await video.play();
    await painted;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const ink = canvas.getContext('2d', { willReadFrequently: true });
    ink.drawImage(video, 0, 0);
    const colours = places.map(([x, y]) =>
      Array.from(ink.getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)));
    while (!video.ended && video.currentTime < begun_s + 0.2) await once(video, 'timeupdate');
    video.pause();
    return { width: video.videoWidth, height: video.videoHeight, duration_s: video.duration, colours,
             languages: hls.audioTracks.map((each) => each.lang ?? '') };
  })();
  return Promise.race([shown, failed]);
};
</script>"""


@dataclass(frozen=True)
class Shown:
    """What Chromium said of one rendition. Colours by name, of the card's corners and patches."""

    width: int
    height: int
    duration_s: float
    corners: dict[str, Colour]
    patches: dict[str, Colour]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Cinema:
    page: Page
    address: str

    def show(self, master: str, *, level: str = "top", at_s: float) -> Shown:
        """Play a stream (a path below the media folder) in its `top` or `bottom` rendition. Raises its errors."""
        places = [*CORNERS.values(), *(patch_place(number) for number in range(len(PATCHES)))]
        given: list[Any] = [f"{self.address}/{master}", level, at_s, places]
        told = self.page.evaluate("([url, level, at_s, places]) => show(url, level, at_s, places)", given)
        seen: list[Colour] = [tuple(colour) for colour in told["colours"]]
        return Shown(
            told["width"], told["height"], told["duration_s"],
            dict(zip(CORNERS, seen, strict=False)), dict(zip(PATCHES, seen[len(CORNERS) :], strict=True)),
            tuple(told["languages"]),
        )  # fmt: skip


@contextmanager
def cinema(browser: Browser, media: Path) -> Iterator[Cinema]:
    """The page, with all that lies in the media folder."""
    with _served(media) as address, visitor(browser) as (page, _):
        page.goto(f"{address}/cinema.html")
        yield Cinema(page, address)


@contextmanager
def _served(media: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Tests speak for themselves."""

        def do_GET(self) -> None:
            given = {"/cinema.html": ("text/html", PAGE.encode()), "/hls.js": ("text/javascript", HLS.read_bytes())}
            if self.path not in given:
                super().do_GET()
                return
            kind, content = given[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(media)))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="cinema")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
