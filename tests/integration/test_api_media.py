"""/media: what any player on any site reads, and nothing else of the disk."""

import gzip
import os
from pathlib import Path

import pytest

from tests.servers import Server

PLAYLIST = "#EXTM3U\n" + "#EXTINF:6,\nr1/v0/00000.m4s\n" * 50
SEGMENT = bytes(range(256)) * 40  # 10,240 bytes


@pytest.fixture(scope="module")
def published(live_api: Server) -> Server:
    media = live_api.data_dir / "media"
    revision = media / "abc" / "r1" / "v0"
    revision.mkdir(parents=True)
    (media / "abc" / "master.m3u8").write_text(PLAYLIST)
    (revision / "index.m3u8").write_text(PLAYLIST)
    (revision / "00000.m4s").write_bytes(SEGMENT)
    for name in ("init.mp4", "chapters.vtt", "poster.jpg"):
        (revision.parent / name).write_bytes(b"x" * 100)
    for hidden in (".building/job/secret.mp4", ".trash/old/secret.mp4", "abc/.master.m3u8.tmp"):
        (media / hidden).parent.mkdir(parents=True, exist_ok=True)
        (media / hidden).write_text("not for the public")
    (live_api.data_dir / "outside.txt").write_text("not for the public")
    (media / "abc" / "r1" / "link.mp4").symlink_to(live_api.data_dir / "outside.txt")
    return live_api


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("abc/master.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
        ("abc/r1/v0/index.m3u8", "application/vnd.apple.mpegurl", "immutable"),
        ("abc/r1/v0/00000.m4s", "video/iso.segment", "immutable"),
        ("abc/r1/init.mp4", "video/mp4", "immutable"),
        ("abc/r1/chapters.vtt", "text/vtt", "immutable"),
        ("abc/r1/poster.jpg", "image/jpeg", "immutable"),
    ],
)
def test_each_file_has_its_type_and_only_the_master_may_change(published, path, kind, cache):
    answer = published.get(f"/media/{path}")
    assert answer.status == 200
    assert answer.headers["content-type"].split(";")[0] == kind
    assert cache in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 10_240),
        ("bytes=-40", 10_200, 10_240),
        ("bytes=10000-99999", 10_000, 10_240),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(published, asked, start, end):
    answer = published.get("/media/abc/r1/v0/00000.m4s", headers={"Range": asked})
    assert answer.status == 206
    assert answer.body == SEGMENT[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    "asked", ["bytes=abc", "lines=1-2", "bytes=5", "bytes=9-1", "bytes=", "bytes=-", "bytes=-0", "bytes=0-1,5-6"]
)
def test_a_range_that_cannot_be_read_counts_as_none(published, asked):
    answer = published.get("/media/abc/r1/v0/00000.m4s", headers={"Range": asked})
    assert (answer.status, answer.body) == (200, SEGMENT)


def test_a_range_beyond_the_end_is_416(published):
    answer = published.get("/media/abc/r1/v0/00000.m4s", headers={"Range": "bytes=20000-"})
    assert answer.problem() == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == "bytes */10240"


def test_a_file_that_did_not_change_is_304(published):
    first = published.get("/media/abc/master.m3u8")
    for name, value in (
        ("If-None-Match", first.headers["etag"]),
        ("If-Modified-Since", first.headers["last-modified"]),
    ):
        again = published.get("/media/abc/master.m3u8", headers={name: value})
        assert (again.status, again.body) == (304, b"")
    other = published.get("/media/abc/master.m3u8", headers={"If-None-Match": '"other"'})
    assert other.status == 200


def test_a_resumed_range_of_a_changed_file_starts_anew(published):
    headers = {"Range": "bytes=0-9", "If-Range": '"of another revision"'}
    assert published.get("/media/abc/r1/v0/00000.m4s", headers=headers).status == 200


def test_playlists_are_gzipped_for_those_who_take_it(published):
    plain = published.get("/media/abc/r1/v0/index.m3u8")
    packed = published.get("/media/abc/r1/v0/index.m3u8", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == PLAYLIST.encode()
    assert len(packed.body) < len(plain.body) / 5
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    segment = published.get("/media/abc/r1/v0/00000.m4s", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in segment.headers


def test_head_is_get_without_the_body(published):
    head = published.request("HEAD", "/media/abc/r1/v0/00000.m4s")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "10240")


@pytest.mark.parametrize(
    "path",
    [
        "abc/../../outside.txt", "abc/%2e%2e/%2e%2e/outside.txt", "abc/..%2f..%2foutside.txt", "..%2foutside.txt",
        "../catalog.sqlite", "abc//etc/passwd", "/etc/passwd", "%2fetc%2fpasswd", "abc/r1/link.mp4",
        ".building/job/secret.mp4", ".trash/old/secret.mp4", "abc/.master.m3u8.tmp", "abc", "abc/", "abc/r1", "",
        "abc/r1/v0/00001.m4s", "abc/master.m3u8/x", "abc/master.m3u8%00.mp4", "abc\\..\\..\\outside.txt",
        "nobody/master.m3u8", "abc/" + "a" * 5000,
    ],
)  # fmt: skip
def test_everything_else_is_404(published, path):
    answer = published.get(f"/media/{path}")
    assert answer.status == 404
    assert b"public" not in answer.body
    assert answer.problem()[0] == 404


def test_the_fixture_really_hides_something(published):
    assert (Path(os.path.realpath(published.data_dir)) / "outside.txt").read_text() == "not for the public"
