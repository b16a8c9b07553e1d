"""A web server for source files: what a video URL leads to."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class FileServer:
    """Serves the files of `folder` by name, with ranges."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="file-server", daemon=True)

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, as VIEWBOX_FETCH_ALLOW takes it."""
        return f"127.0.0.1:{self._server.server_port}"

    def url(self, name: str) -> str:
        return f"http://{self.address}/{name}"

    @contextmanager
    def running(self) -> Iterator[FileServer]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        files = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Tests speak for themselves."""

            def do_GET(self) -> None:
                name = self.path.lstrip("/")
                place = files.folder / name
                if not place.is_file():
                    self._answer(404, "text/plain", b"not here", {})
                    return
                content = place.read_bytes()
                asked = _RANGE.match(self.headers.get("Range", ""))
                if asked:
                    first, last = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
                    extra = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
                    self._answer(206, "video/mp4", content[first : last + 1], extra)
                else:
                    self._answer(200, "video/mp4", content, {"ETag": f'"{len(content)}"', "Accept-Ranges": "bytes"})

            def do_HEAD(self) -> None:
                self.do_GET()

            def _answer(self, status: int, kind: str, content: bytes, extra: dict[str, str]) -> None:
                self.send_response(status)
                for header, value in {"Content-Type": kind, "Content-Length": str(len(content)), **extra}.items():
                    self.send_header(header, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        return Handler
