"""Bad input: each kind ends as a failed video with a code and a hint, and the next good one still works."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests import media
from tests.importing import Importer
from tests.support import free_port
from transcoder import connection, room
from transcoder.fetch import fetch
from transcoder.runner import Cancelled
from viewbox.addresses import UrlRefused
from viewbox.errors import FetchFailed


class Faults(BaseHTTPRequestHandler):
    """One path, one kind of trouble. `clip` is what the good ones serve; `seen` is every path asked for."""

    protocol_version = "HTTP/1.1"
    clip: ClassVar[bytes] = b""
    seen: ClassVar[list[str]] = []
    done: ClassVar[threading.Event] = threading.Event()
    elsewhere: ClassVar[str] = ""

    def log_message(self, *_: object) -> None:
        """Tests speak for themselves."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        Faults.seen.append(self.path)
        match self.path.split("?")[0]:
            case "/good.mp4":
                self.answer(200, self.clip, Content_Type="video/mp4")
            case "/page":
                self.answer(200, b"<!DOCTYPE html><title>Watch</title>" + b" " * 2000, Content_Type="video/mp4")
            case "/list":
                self.answer(200, b"#EXTM3U\n#EXTINF:6,\nfile:///etc/passwd\n", Content_Type="video/mp4")
            case "/noise.mp4":
                self.answer(200, bytes(range(256)) * 40, Content_Type="video/mp4")
            case "/zero.mp4":
                self.answer(200, b"", Content_Type="video/mp4")
            case "/busy":
                self.answer(503)
            case "/secret":
                self.answer(403)
            case "/hang":
                Faults.done.wait(30)
            case "/drip":
                self.send_response(200)
                self.send_header("Content-Length", str(len(self.clip)))
                self.end_headers()
                self.wfile.write(self.clip[:2000])
                self.wfile.flush()
                Faults.done.wait(30)
            case "/to-file":
                self.answer(302, Location="file:///etc/passwd")
            case "/to-private":
                self.answer(302, Location=f"http://{Faults.elsewhere}/good.mp4")
            case "/to-metadata":
                self.answer(307, Location="http://169.254.169.254/latest/meta-data/")
            case "/circle":
                self.answer(301, Location="/circle")
            case "/hops":
                left = int(self.path.partition("?")[2])
                self.answer(301, Location=f"/hops?{left - 1}" if left > 1 else "/good.mp4")
            case "/breaks.mp4":
                self.resume()
            case _:
                self.answer(404)

    def resume(self) -> None:
        """A third of the file at a time, then the line breaks; ranges are honoured."""
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        part = self.clip[start : start + len(self.clip) // 3 + 1]
        headers = {"Content-Range": f"bytes {start}-{len(self.clip) - 1}/{len(self.clip)}"} if start else {}
        self.send_response(206 if start else 200)
        for name, value in {"ETag": '"one"', "Content-Length": str(len(self.clip) - start), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(part)
        self.close_connection = True


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what these tests are about."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`127.0.0.1:port` of the faulty server; a second one, not allowed, is `Faults.elsewhere`."""
    small = media.remade(media.BIKES, tmp_path_factory.mktemp("served") / "a.mp4", ["-vf", "scale=160:68"], seconds=1)
    Faults.clip = small.read_bytes()
    servers = [Quiet(("127.0.0.1", 0), Faults) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    Faults.elsewhere = f"127.0.0.1:{servers[1].server_port}"
    yield f"127.0.0.1:{servers[0].server_port}"
    Faults.done.set()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shop(tmp_path: Path, site: str) -> Importer:
    return Importer(tmp_path / "data", fetch_allow=(site,))


def got(url: str, folder: Path, allow: tuple[str, ...], **options: object) -> bytes:
    """Fetch without a worker; the file's content."""
    settings = {"proxy": None, "max_bytes": 10**9, "cancel": threading.Event(), "on_progress": lambda *_: None}
    source = fetch(url, folder, allow=allow, **{**settings, **options})  # type: ignore[arg-type]  # a test's shorthand
    return source.path.read_bytes()


def failure(url: str, folder: Path, allow: tuple[str, ...], **options: object) -> FetchFailed | UrlRefused:
    with pytest.raises((FetchFailed, UrlRefused)) as caught:
        got(url, folder, allow, **options)
    error = caught.value
    assert error.hint
    assert isinstance(error, FetchFailed | UrlRefused)
    return error


@pytest.mark.parametrize(
    ("path", "code", "retryable"),
    [
        ("missing.mp4", "not_found", False),
        ("secret", "http_error", False),
        ("page", "not_a_video_file", False),
        ("list", "manifest_not_supported", False),
        ("live/index.m3u8", "manifest_not_supported", False),
        ("zero.mp4", "empty_file", False),
        ("circle", "too_many_redirects", False),
        ("hops?6", "too_many_redirects", False),
        ("to-file", "url_refused", False),
        ("to-private", "url_refused", False),
        ("to-metadata", "url_refused", False),
    ],
)
def test_answers_without_a_video(site, tmp_path, path, code, retryable):
    began = time.monotonic()
    error = failure(f"http://{site}/{path}", tmp_path, (site,))
    assert (error.code, error.retryable) == (code, retryable)
    assert time.monotonic() - began < 3


def test_a_forbidden_place_is_never_asked(site, tmp_path):
    Faults.seen.clear()
    failure(f"http://{site}/to-private", tmp_path, (site,))
    assert Faults.seen == ["/to-private"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/a.mp4",
        "http://127.0.0.1/a.mp4",
        "http://localhost/a.mp4",
        "http://2130706433/a.mp4",
        "http://0x7f.1/a.mp4",
        "http://[::1]/a.mp4",
        "http://[::ffff:127.0.0.1]/a.mp4",
        "http://[64:ff9b::7f00:1]/a.mp4",
        "http://100.64.0.1/a.mp4",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/a.mp4",
        "http://user:pw@example.com/a.mp4",
    ],
)
def test_places_that_import_never_visits(tmp_path, url):
    assert failure(url, tmp_path, ()).code == "url_refused"


def test_a_name_that_resolves_to_a_private_address_is_refused(tmp_path, monkeypatch):
    answers = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.7", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    error = failure("http://rebinding.example.com/a.mp4", tmp_path, ())
    assert error.code == "url_refused"  # one bad address among several is enough
    assert "10.0.0.7" in str(error)


def test_a_name_is_looked_up_once_and_that_address_is_used(site, tmp_path, monkeypatch):
    port = int(site.partition(":")[2])
    looked_up = []

    def answer(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    real = socket.create_connection
    connected = []

    def connect(place: tuple[str, int], **options: Any) -> socket.socket:
        connected.append(place)
        return real(place, **options)

    monkeypatch.setattr(socket, "create_connection", connect)
    assert got(f"http://films.example.com:{port}/good.mp4", tmp_path, ("127.0.0.0/8",)) == Faults.clip
    assert looked_up[0] == "films.example.com"
    assert connected == [("127.0.0.1", port)]


def test_an_egress_proxy_is_asked_for_everything(site, tmp_path):
    Faults.seen.clear()
    url = "http://films.example.com/no-such.mp4"
    assert failure(url, tmp_path, (), proxy=f"http://{site}").code == "not_found"
    assert Faults.seen == [url]  # the proxy got the whole URL; no name was looked up here
    assert failure("http://10.0.0.1/a.mp4", tmp_path, (), proxy=f"http://{site}").code == "url_refused"


def test_five_redirects_are_followed(site, tmp_path):
    assert got(f"http://{site}/hops?5", tmp_path, (site,)) == Faults.clip


def test_a_broken_line_is_resumed_where_it_stopped(site, tmp_path):
    Faults.seen.clear()
    assert got(f"http://{site}/breaks.mp4", tmp_path, (site,)) == Faults.clip
    assert Faults.seen == ["/breaks.mp4"] * 3


def test_a_file_above_the_limit_is_not_taken(site, tmp_path):
    assert failure(f"http://{site}/good.mp4", tmp_path, (site,), max_bytes=1000).code == "too_large"


def test_a_closed_port_fails_within_seconds_and_may_be_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("transcoder.fetch.PAUSES_S", (0.01,) * 4)
    port = free_port()
    error = failure(f"http://127.0.0.1:{port}/a.mp4", tmp_path, (f"127.0.0.1:{port}",))
    assert (error.code, error.retryable) == ("host_unreachable", True)


def test_a_server_in_trouble_is_asked_again(site, tmp_path, monkeypatch):
    monkeypatch.setattr("transcoder.fetch.PAUSES_S", (0.01,) * 4)
    Faults.seen.clear()
    error = failure(f"http://{site}/busy", tmp_path, (site,))
    assert (error.code, error.retryable) == ("http_error", True)
    assert len(Faults.seen) == 4


def test_a_server_that_says_nothing_is_left(site, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "FIRST_BYTE_S", 0.5)
    monkeypatch.setattr("transcoder.fetch.PATIENCE_S", 0.2)
    error = failure(f"http://{site}/hang", tmp_path, (site,))
    assert (error.code, error.retryable) == ("stalled", True)


def test_a_body_that_stops_is_left(site, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "SILENCE_S", 0.5)
    monkeypatch.setattr("transcoder.fetch.BREAKS", 2)
    assert failure(f"http://{site}/drip", tmp_path, (site,)).code == "stalled"


def test_a_cancelled_job_leaves_a_silent_server_at_once(site, tmp_path):
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        got(f"http://{site}/hang", tmp_path, (site,), cancel=cancel)
    assert time.monotonic() - began < 2


def test_plain_http_on_a_tls_port_is_a_tls_error(site, tmp_path):
    assert failure(f"https://{site}/good.mp4", tmp_path, (site,)).code == "tls_error"


def test_bad_files_fail_with_a_hint_and_good_ones_go_on(shop, site, tmp_path):
    secret = media.remade(media.BIKES, tmp_path / "secret.mp4", ["-vf", "scale=160:68"], seconds=1)
    headless = tmp_path / "headless.mp4"
    media.ffmpeg("-i", secret, "-c", "copy", "-movflags", "+faststart", headless)
    matroska = tmp_path / "whole.mkv"
    media.ffmpeg("-i", media.BUNNY, "-vf", "scale=160:90", "-c:a", "copy", matroska)
    playlist = tmp_path / "playlist.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:{secret}\n#EXT-X-ENDLIST\n")
    empty, words = tmp_path / "empty.mp4", tmp_path / "words.mp4"
    empty.write_bytes(b"")
    words.write_text("these are words, not pictures\n" * 100)
    expected = {
        shop.queue(media.truncated(secret, tmp_path / "no-index.mp4")): "truncated_file",  # the moov was at its end
        shop.queue(media.truncated(headless, tmp_path / "half.mp4")): "truncated_file",
        shop.queue(media.truncated(matroska, tmp_path / "half.mkv")): "truncated_file",
        shop.queue(empty): "empty_file",
        shop.queue(words): "not_a_video_file",
        shop.queue(media.poisoned(tmp_path, secret)): "not_a_video_file",
        shop.queue(playlist): "manifest_not_supported",
        shop.queue(f"http://{site}/noise.mp4"): "not_a_video_file",
        shop.queue(f"http://{site}/missing.mp4"): "not_found",
        shop.queue("https://www.youtube.com/watch?v=dQw4w9WgXcQ"): "not_a_video_file",
        shop.queue("http://127.0.0.1:9/a.mp4"): "url_refused",
    }
    good = shop.queue(f"http://{site}/good.mp4")
    shop.work()
    for video_id, code in expected.items():
        video = shop.catalog.get(video_id)
        assert (video.status, video.error_code) == ("failed", code), video
        assert video.error_hint
        assert not video.playable
        assert not shop.media.folder(video_id).exists()
    assert shop.catalog.get(good).status == "ready"
    assert shop.jobs.depth() == {"done": 1, "failed": len(expected)}


def test_limits_on_length_and_size(tmp_path):
    shop = Importer(tmp_path, max_duration_s=3.0)
    video = shop.imported(media.BUNNY)
    assert (video.status, video.error_code) == ("failed", "too_long")
    assert "VIEWBOX_MAX_DURATION_S" in (video.error_hint or "")


def test_a_disk_without_room_is_told_before_anything_is_fetched_or_made(site, tmp_path, monkeypatch):
    shop = Importer(tmp_path / "data", fetch_allow=(site,))
    monkeypatch.setattr(room, "SPARE_BYTES", 1 << 62)
    before = len(Faults.seen)
    small = tmp_path / "small.mp4"
    small.write_bytes(Faults.clip)
    for source in (f"http://{site}/good.mp4", small):
        video = shop.imported(source)
        assert (video.status, video.error_code) == ("failed", "disk_full")
        assert "VIEWBOX_DATA_DIR" in (video.error_hint or "")
        assert not shop.media.folder(video.id).exists()
    assert Faults.seen[before:] == ["/good.mp4"], "asked once: waiting frees no space"
