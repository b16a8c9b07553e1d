"""Hostile addresses and servers: nothing unchecked is connected to, and nothing is waited for without end."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from transcoder import connection
from transcoder.fetch import fetch
from viewbox.addresses import UrlRefused, literal_address
from viewbox.errors import FetchFailed

PUBLIC = "93.184.215.14"
INSIDE = [
    "127.0.0.1", "10.0.0.7", "172.31.255.254", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:a00:7", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1%eth0",
    "fec0::1", "fd00::1", "2002:7f00:1::", "2001:0:7f00:1::1", "2001:db8::1", "100::1", "ff02::1",
]  # fmt: skip
Answer = list[tuple[object, ...]]


class Hostile(BaseHTTPRequestHandler):
    """One path, one malice."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Tests speak for themselves."""

    def do_GET(self) -> None:
        with contextlib.suppress(OSError):  # the client is to hang up
            match self.path.partition("?")[0]:
                case "/to":
                    self.send_response(302)
                    self.send_header("Location", self.path.partition("?")[2])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case "/endless":
                    self.send_response(200)
                    self.end_headers()
                    while True:
                        self.wfile.write(b"\0\0\0\x18ftypisom" + bytes(65_536))
                case "/endless-head":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while True:
                        self.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")
                case "/lying-length":
                    self.send_response(200)
                    self.send_header("Content-Length", "99999999999999999999")
                    self.end_headers()
                    self.wfile.write(b"\0\0\0\x18ftypisom")
        self.close_connection = True


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what these tests are about."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with Quiet(("127.0.0.1", 0), Hostile) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that anything connects to, noted before the connection; all but loopback are then refused."""
    asked: list[Any] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        asked.append(address)
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError(111, "the test lets nobody out")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr("transcoder.fetch.PAUSES_S", (0.01,) * 4)
    return asked


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver of the test's own: each look-up gets the next answer, the last one again and again."""
    asked: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> Answer:
        if literal_address(host):
            addresses = [host]  # not looked up
        else:
            asked.append(host)
            addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def refused(url: str, folder: Path, allow: tuple[str, ...] = (), max_bytes: int = 10**9) -> str:
    """The code with which a fetch ends."""
    with pytest.raises((FetchFailed, UrlRefused)) as caught:
        fetch(
            url, folder, allow=allow, proxy=None, max_bytes=max_bytes, cancel=threading.Event(),
            on_progress=lambda *_: None,
        )  # fmt: skip
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_before_a_socket_opens(tmp_path, monkeypatch, sockets, address):
    asked = resolver(monkeypatch, [address])
    assert refused("http://films.example.com/a.mp4", tmp_path) == "url_refused"
    assert asked == ["films.example.com"]
    assert sockets == []


def test_one_address_inside_among_public_ones_is_enough(tmp_path, monkeypatch, sockets):
    resolver(monkeypatch, [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:10.0.0.7"])
    assert refused("https://films.example.com/a.mp4", tmp_path) == "url_refused"
    assert sockets == []


def test_a_name_that_changes_its_mind_gets_nowhere(tmp_path, monkeypatch, sockets):
    """Rebinding: public when it is checked, inside a moment later. The checked address is used, and checked again."""
    asked = resolver(monkeypatch, [PUBLIC], ["127.0.0.1"])
    assert refused("http://rebinding.example.com:8000/a.mp4", tmp_path) == "url_refused"
    assert len(asked) == 2
    assert sockets == [(PUBLIC, 8000)]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[::1]/a.mp4", "http://[::ffff:127.0.0.1]/", "//10.0.0.1/x",
        "http://2130706433/", "http://0x7f.1/", "http://127.1/", "file:///etc/passwd", "ftp://example.com/a.mp4",
        "gopher://example.com/", "data:video/mp4;base64,AAAA", "http://user@example.com/", "http://inside.example.com/",
        "http://localhost/", "https://[fd00::1]:8443/a.mp4", "http://127。0。0。1/",
    ],
)  # fmt: skip
def test_a_redirect_inside_is_refused_before_a_second_socket_opens(tmp_path, monkeypatch, sockets, site, target):
    host, _, port = site.partition(":")
    resolver(monkeypatch, ["10.0.0.7"])
    coded = target.encode("ascii", "replace").decode() if not target.isascii() else target
    assert refused(f"http://{site}/to?{coded}", tmp_path, (site,)) in {"url_refused", "host_unreachable"}
    assert sockets == [(host, int(port))]


@pytest.mark.parametrize(
    "url",
    [
        "concat:a.mp4|b.mp4", "subfile,,start,0,end,0,,:/etc/passwd", "crypto:/etc/passwd", "data:video/mp4,x",
        "pipe:0", "unix:/run/x.sock", "tcp://127.0.0.1:80", "rtmp://example.com/x", "cache:http://example.com/",
        "http:/etc/passwd", "HTTP://[::ffff:7f00:1]/", "http://example.com:99999/",
        "http://example.com\r\nX-Evil: 1/",
    ],
)  # fmt: skip
def test_what_is_no_public_web_address_opens_no_socket(tmp_path, sockets, url):
    assert refused(url, tmp_path) == "url_refused"
    assert sockets == []


def test_an_endless_body_ends_at_the_bound(tmp_path, sockets, site):
    assert refused(f"http://{site}/endless", tmp_path, (site,), max_bytes=2_000_000) == "too_large"
    assert (tmp_path / "source").stat().st_size <= 2_000_000 + 1_000_000


@pytest.mark.parametrize("path", ["endless-head", "lying-length"])
def test_an_answer_that_lies_ends_soon(tmp_path, monkeypatch, sockets, site, path):
    monkeypatch.setattr(connection, "FIRST_BYTE_S", 2.0)
    assert refused(f"http://{site}/{path}", tmp_path, (site,)) in {
        "http_error", "host_unreachable", "too_large", "stalled", "disk_full",
    }  # fmt: skip


def test_a_body_slower_than_the_bound_is_left(tmp_path, monkeypatch, sockets, site):
    monkeypatch.setattr(connection, "SLOW_WINDOW_S", 0.0)
    monkeypatch.setattr(connection, "SLOW_BYTES", 10**12)
    assert refused(f"http://{site}/endless", tmp_path, (site,)) == "stalled"
