"""Streams read by URL: how they are delivered, and what the reader refuses. And the command line."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from tests import streams
from tests.breaking import MASTER, VIDEO, put, rules
from tests.streams import Files
from transcoder import cli
from transcoder.lint import Report, Severity, Unreadable, lint, load, open_folder
from transcoder.lint.site import open_site
from viewbox.errors import UsageError

RULES_SHOWN = {"not-gzipped", "redirected", "media-type", "not-secure"}
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mp4": "video/mp4", ".ts": "video/mp2t",
}  # fmt: skip


class Server(BaseHTTPRequestHandler):
    """Delivers `files` as Apple asks; each switch does one thing wrong."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[Files] = {}
    zipped: ClassVar[bool] = True
    typed: ClassVar[bool] = True
    moved: ClassVar[str] = ""  # a path that redirects
    asked: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        """Tests speak for themselves."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0].removeprefix("/")
        Server.asked.append(path)
        if path == self.moved:
            self.answer(302, b"", Location=f"/again/{path}")
            return
        body = self.files.get(path.removeprefix("again/"))
        if body is None:
            self.answer(404, b"")
            return
        suffix = Path(path).suffix
        headers = {"Content-Type": TYPES[suffix] if self.typed else "text/plain"}
        if suffix == ".m3u8" and self.zipped:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        if wanted := self.headers.get("Range"):
            start, _, end = wanted.removeprefix("bytes=").partition("-")
            self.answer(206, body[int(start) : int(end) + 1], **headers)
            return
        self.answer(200, body, **headers)

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server's `host:port`; its switches are back in place afterwards."""
    for name, value in (("files", streams.own()), ("zipped", True), ("typed", True), ("moved", ""), ("asked", [])):
        monkeypatch.setattr(Server, name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def read(site: str, path: str = MASTER) -> Report:
    return lint(load(open_site(f"http://{site}/{path}", allow=(site,), proxy=None, own="127.0.0.1:1")))


def test_a_sound_stream_by_url_wants_tls_only(site):
    found = read(site)
    assert rules(found, Severity.MUST) == set()
    assert rules(found, Severity.SHOULD) == {"iframes-sparse", "not-secure"}
    assert (found.playlists, found.segments) == (7, 42)


def test_playlists_without_gzip_are_found(site, monkeypatch):
    monkeypatch.setattr(Server, "zipped", False)
    assert rules(read(site), Severity.MUST) == {"not-gzipped"}


def test_wrong_media_types_are_advised_against(site, monkeypatch):
    monkeypatch.setattr(Server, "typed", False)
    assert "media-type" in rules(read(site), Severity.SHOULD)


def test_a_redirected_segment_is_found(site, monkeypatch):
    monkeypatch.setattr(Server, "moved", "r1/90p/00001.m4s")
    found = read(site)
    assert rules(found, Severity.MUST) == {"redirected"}
    assert {finding.spot.file for finding in found.findings if finding.rule.id == "redirected"} == {"/r1/90p/00001.m4s"}


def test_a_missing_segment_is_found_with_the_servers_answer(site):
    del Server.files["r1/90p/00001.m4s"]
    found = read(site)
    missing = [finding.spot for finding in found.findings if finding.rule.id == "file-missing"]
    assert {(spot.file, spot.segment) for spot in missing} == {
        ("/r1/90p/video.m3u8", "00001.m4s"), ("/r1/90p/iframes.m3u8", "00001.m4s"),
    }  # fmt: skip
    assert all("404" in spot.found for spot in missing)


def test_a_playlist_that_leads_inside_is_not_followed(site):
    put(MASTER, "r1/44p/video.m3u8", "http://169.254.169.254/latest/video.m3u8")(Server.files)
    found = read(site)
    assert [note for note in found.unread if "169.254.169.254" in note and "not a public address" in note]


def test_our_own_server_may_be_asked_and_no_other_of_this_machine(site):
    ours = open_site(f"http://{site}/{MASTER}", allow=(), proxy=None, own=site)
    assert lint(load(ours)).conforms
    with pytest.raises(Unreadable, match="not a public address"):
        load(open_site(f"http://{site}/{MASTER}", allow=(), proxy=None, own="127.0.0.1:1"))


def test_what_is_no_stream_is_unreadable(site):
    with pytest.raises(Unreadable, match="404"):
        read(site, "gone.m3u8")
    with pytest.raises(Unreadable, match="no playlist"):
        read(site, "r1/90p/init.mp4")


def write(folder: Path, files: Files) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(cli.lint_command)
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout


def test_the_command_says_what_to_change_and_exits_with_1(tmp_path):
    files = streams.own()
    put(VIDEO, "TARGETDURATION:6", "TARGETDURATION:5")(files)
    code, text = run(str(write(tmp_path, files)))
    assert code == 1
    assert "MUST  target-exceeded  (RFC 4.4.3.1, RFC 6.2.1, Apple 7.7)" in text
    assert "r1/90p/video.m3u8:8 [00000.m4s]: 6 s, the target duration is 5 s" in text
    assert "To change: Raise EXT-X-TARGETDURATION" in text


def test_the_command_exits_with_0_on_a_sound_stream_as_json(tmp_path):
    code, text = run(str(write(tmp_path, streams.own())), "--json")
    answer = json.loads(text)
    assert (code, answer["conforms"], answer["must"], answer["segments"]) == (0, True, 0, 42)
    assert {finding["rule"] for finding in answer["findings"]} == {"iframes-sparse"}
    assert answer["findings"][0]["clauses"] == ["Apple 6.2"]


@pytest.mark.parametrize("place", ["nowhere", "empty", "ftp://example.com/a.m3u8"])
def test_what_cannot_be_read_is_a_usage_error(tmp_path, place):
    (tmp_path / "empty").mkdir()
    target = place if "://" in place else str(tmp_path / place)
    with pytest.raises(UsageError) as refused:
        cli.lint_command(target)
    assert refused.value.http_status == 422  # exit code 2 of the command
    assert refused.value.hint


def test_a_folder_is_never_left(tmp_path):
    write(tmp_path / "stream", streams.own())
    secret = tmp_path / "secret.m3u8"
    secret.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:6\n")
    (tmp_path / "stream" / "link.m3u8").symlink_to(secret)
    master = tmp_path / "stream" / MASTER
    master.write_text(master.read_text().replace("r1/44p/video", "../secret").replace("r1/90p/iframes", "link"))
    found = lint(load(open_folder(tmp_path / "stream")))
    assert {note.split(": ")[1] for note in found.unread} == {
        "it lies outside the folder; lint the folder above", "it is a link to outside the folder",
    }  # fmt: skip


def test_terminals_are_not_commanded_by_strangers(tmp_path):
    files = streams.own()
    put(MASTER, "r1/44p/video.m3u8", "r1/\x1b[2Jgone.m3u8")(files)
    _, text = run(str(write(tmp_path, files)))
    assert "\x1b" not in text
    assert "gone.m3u8" in text


def test_reading_stops_at_its_bound(tmp_path):
    write(tmp_path, streams.own())
    found = lint(load(open_folder(tmp_path), max_media_bytes=100_000))
    assert found.segments < 42
    assert any("were read before it" in note for note in found.unread)
    assert found.conforms  # what was not read proves nothing
