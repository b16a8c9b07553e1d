"""Somebody else's site: a page with a bare `<video>`, the built tracker, and a stream whose segments can be held."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Page

from tests.e2e.material import run_ffmpeg

PLAYER = Path(__file__).resolve().parents[2] / "player"
SEGMENT_S = 2.0
LENGTH_S = 40
SEGMENT = re.compile(r"/stream/(\d+)\.m4s$")
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".m4s": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
}
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
Key = tuple[str, int]  # view_id, seq
LOGGED = "viewbox made "
HOST_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Somebody's page</title>
<video id="video" width="640" height="360" playsinline controls></video>
<script type="module">
  import { createTracker } from "/views/views.js";
  const asked = new URLSearchParams(location.search);
  const media = document.getElementById("video");
  const tracker = createTracker({ endpoint: asked.get("endpoint"), consent: asked.has("consent") });
  let hls;
  if (asked.has("hls")) {
    const { default: Hls } = await import("/hls.mjs");
    hls = new Hls({ maxBufferLength: 4, maxMaxBufferLength: 4, enableWorker: false });
    hls.loadSource("/stream/video.m3u8");
    hls.attachMedia(media);
  } else media.src = "/clip.mp4";
  window.views = tracker.attach(media, {
    videoId: asked.get("video"),
    hls,
    onEvent: (event, { view_id }) => console.debug("viewbox made " + JSON.stringify({ view_id, ...event })),
  });
</script>
</html>
"""


@dataclass
class Made:
    """What a page's tracker recorded, told by the page itself the moment it happened, over the debugger's line."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith(LOGGED):
            self.events.append(json.loads(message.text.removeprefix(LOGGED)))

    @property
    def keys(self) -> set[Key]:
        return {(event["view_id"], event["seq"]) for event in self.events}


class Gate:
    """Holds the stream's segments from a chosen one on."""

    def __init__(self) -> None:
        self._first_held: int | None = None
        self._opened = threading.Event()

    def hold_from(self, segment: int | None) -> None:
        """Let go what was held, and hold this segment and all after it. None: hold nothing."""
        before, self._opened = self._opened, threading.Event()
        self._first_held = segment
        before.set()

    def pass_through(self, segment: int) -> None:
        opened = self._opened
        if self._first_held is not None and segment >= self._first_held:
            opened.wait(30)


class Stand:
    """Serves the host page and all it needs on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, clip: Path) -> None:
        self.gate = Gate()
        self.pages = {"/": HOST_PAGE}
        self._missing: set[str] = set()
        self.folder = folder
        make_stream(clip, folder)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="stand", daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, endpoint: str, video: str, *, host: str = "127.0.0.1", **asked: str) -> str:
        return f"http://{host}:{self.port}/?{urlencode({'endpoint': endpoint, 'video': video, **asked})}"

    @contextmanager
    def running(self) -> Iterator[Stand]:
        self._thread.start()
        try:
            yield self
        finally:
            self.gate.hold_from(None)
            self._server.shutdown()
            self._server.server_close()

    @contextmanager
    def without(self, path: str) -> Iterator[None]:
        """Answer 404 for a file. A browser's own interception would hold back, and lose, a closed page's beacons."""
        self._missing.add(path)
        try:
            yield
        finally:
            self._missing.discard(path)

    def _read(self, path: str) -> bytes | None:
        if path in self._missing:
            return None
        if path == "/favicon.ico":
            return b""
        if path in self.pages:
            return self.pages[path].encode()
        if path == "/hls.mjs":
            return (PLAYER / "node_modules/hls.js/dist/hls.light.min.mjs").read_bytes()
        place = PLAYER / "dist" / path[1:] if path.startswith("/views/") else self.folder / path[1:]
        return place.read_bytes() if place.is_file() else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Tests speak for themselves."""

            def handle(self) -> None:
                with suppress(ConnectionResetError):  # the page went
                    super().handle()

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                segment = SEGMENT.search(path)
                if segment:
                    stand.gate.pass_through(int(segment[1]))
                content = stand._read(path)
                if content is None:
                    self._answer(404, "text/plain", b"not here")
                    return
                kind = MEDIA_TYPES.get(Path(path).suffix, MEDIA_TYPES[".html"])
                asked = _RANGE.match(self.headers.get("Range", ""))
                if asked:
                    first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
                    place = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
                    self._answer(206, kind, content[first : last + 1], place)
                else:
                    self._answer(200, kind, content, {"Accept-Ranges": "bytes"})

            def _answer(self, status: int, kind: str, content: bytes, extra: dict[str, str] | None = None) -> None:
                self.send_response(status)
                headers = {"Content-Type": kind, "Content-Length": str(len(content)), **(extra or {})}
                for header, value in headers.items():
                    self.send_header(header, value)
                self.end_headers()
                with suppress(BrokenPipeError):
                    self.wfile.write(content)

        return Handler


def make_stream(clip: Path, folder: Path) -> None:
    """`clip.mp4`, and the same as HLS with a segment every two seconds, counted from 0."""
    (folder / "stream").mkdir(parents=True)
    keyframes = f"expr:gte(t,n_forced*{SEGMENT_S:g})"
    run_ffmpeg(
        "-t", f"{LENGTH_S}", "-i", str(clip), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-force_key_frames", keyframes, "-c:a", "aac", "-ac", "2", "-movflags", "+faststart", str(folder / "clip.mp4"),
    )  # fmt: skip
    run_ffmpeg(
        "-i", str(folder / "clip.mp4"), "-c", "copy", "-f", "hls", "-hls_time", f"{SEGMENT_S:g}",
        "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_segment_filename",
        str(folder / "stream" / "%d.m4s"), str(folder / "stream" / "video.m3u8"),
    )  # fmt: skip
