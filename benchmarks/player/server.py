"""The one host of the benchmark: built pages, the stream, and doors for what trackers send, by POST and by socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.player.socket_frames import accepting, frame_of, texts_of

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/mp4", ".mp4": "video/mp4", ".svg": "image/svg+xml",
}  # fmt: skip
LARGEST_BODY_BYTES = 1 << 20


@dataclass(frozen=True)
class Delivery:
    """A body that a page has sent."""

    path: str
    body: str


@dataclass
class Host:
    """Serves `folder` on a free port of 127.0.0.1. Segments whose path is in `held` wait until they are let go."""

    folder: Path
    deliveries: list[Delivery] = field(default_factory=list)
    is_down: bool = False  # whoever sends something gets no answer, and nothing is kept
    _held: dict[str, threading.Event] = field(default_factory=dict)
    _waiting: dict[str, threading.Event] = field(default_factory=dict)
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def takes(self) -> bool:
        """Whether what is sent now is kept and answered."""
        return not self.is_down

    def hold(self, path: str) -> None:
        self._held[path], self._waiting[path] = threading.Event(), threading.Event()

    def wait_until_asked(self, path: str, timeout_s: float) -> bool:
        """Whether somebody asked for a held path in time."""
        return self._waiting[path].wait(timeout_s)

    def let_go(self, path: str) -> None:
        self._held[path].set()

    def let_all_go(self) -> None:
        for gate in self._held.values():
            gate.set()
        self._held, self._waiting = {}, {}

    @contextmanager
    def running(self) -> Iterator[Host]:
        server = _Server(("127.0.0.1", 0), _handler(self))
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, name="benchmark-host", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.let_all_go()
            server.shutdown()
            server.server_close()
            thread.join()

    def pass_gate(self, path: str) -> None:
        gate = self._held.get(path)
        if gate is not None:
            self._waiting[path].set()
            gate.wait(60)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A page that was closed asks no more."""


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else headers and body wait for each other's acknowledgement

        def log_message(self, *_: object) -> None:
            """The table speaks."""

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self._talk(path)
                return
            host.pass_gate(path)
            place = host.folder / path.lstrip("/")
            if place.is_file():
                self._answer(200, TYPES.get(place.suffix, "application/octet-stream"), place.read_bytes())
            else:
                self._answer(404, "text/plain", b"not here")

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), LARGEST_BODY_BYTES))
            path = urlsplit(self.path).path
            if host.is_down:
                self.close_connection = True
                return
            host.deliveries.append(Delivery(path, body.decode("utf-8", "replace")))
            answer = _acknowledgement(body) if path == "/v1/views" else b"{}"
            self._answer(200, "application/json", answer)

        def _talk(self, path: str) -> None:
            """The socket on /v1/views, as a ViewBox server has it: each message is acknowledged."""
            self.close_connection = True
            if path != "/v1/views" or host.is_down:
                return
            self.send_response(101)
            key = self.headers["Sec-WebSocket-Key"]
            for name, value in {"Upgrade": "websocket", "Connection": "Upgrade", **accepting(key)}.items():
                self.send_header(name, value)
            self.end_headers()
            for text in texts_of(self.rfile):
                if not host.takes():
                    return
                host.deliveries.append(Delivery(path, text))
                self.wfile.write(frame_of(json.dumps({"ack": _acks(text)[0]})))

        def do_OPTIONS(self) -> None:
            self._answer(204, "text/plain", b"")

        def _answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            headers = {
                "Content-Type": kind, "Content-Length": str(len(content)), "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Headers": "*", "Cache-Control": "max-age=3600",
            }  # fmt: skip
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return Handler


def messages_of(body: str) -> list[dict[str, Any]]:
    """The messages of a POST to /v1/views: bare, in lines, or in `messages`."""
    read = [json.loads(line) for line in body.splitlines() if line.strip()]
    return [message for each in read for message in each.get("messages", [each])]


def _acknowledgement(body: bytes) -> bytes:
    """What ViewBox's door answers to messages that it has stored."""
    return json.dumps({"acks": _acks(body.decode()), "rejected": [], "errors": []}).encode()


def _acks(body: str) -> list[dict[str, Any]]:
    server_ms = int(time.time() * 1000)
    return [
        {"view_id": each["view_id"], "seq": max(event["seq"] for event in each["events"]), "server_ms": server_ms}
        for each in messages_of(body)
    ]
