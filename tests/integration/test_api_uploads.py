"""/v1/uploads: tus 1.0. Nothing that was told as arrived is lost, nothing beyond its bounds is taken."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest_api import resumable, tus
from tests.servers import Answer, Server, start_server
from tests.support import until
from viewbox.catalog import Catalog
from viewbox.clock import SystemClock
from viewbox.database import open_database
from viewbox.errors import ViewBoxError
from viewbox.jobs import Jobs

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}
CONTENT = bytes(range(256)) * 12_000  # 3 MB: three blocks and every byte value


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def begin(server: Server, length: int = len(CONTENT), **told: str) -> Answer:
    headers = TUS | {"Upload-Length": str(length)}
    if told:
        headers["Upload-Metadata"] = metadata(**told)
    return server.post("/v1/uploads", headers=headers)


def begun(server: Server, length: int = len(CONTENT), **told: str) -> str:
    answer = begin(server, length, **told)
    assert answer.status == 201, answer.text
    return answer.headers["location"]


def patch(server: Server, place: str, body: bytes, offset: int, **headers: str) -> Answer:
    return server.request("PATCH", place, body=body, headers=PATCH | {"Upload-Offset": str(offset)} | headers)


def offset(server: Server, place: str) -> int:
    answer = server.request("HEAD", place, headers=TUS)
    assert answer.status == 200
    return int(answer.headers["upload-offset"])


def shelf(server: Server) -> Path:
    return server.data_dir / "work" / "resumable"


def video_of(server: Server, answer: Answer) -> dict[str, Any]:
    video: dict[str, Any] = server.get(f"/v1/videos/{answer.headers['viewbox-video-id']}").json()
    return video


def stored(server: Server, video_id: str) -> bytes:
    job = Jobs(open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}")).latest(video_id)
    assert job is not None
    return Path(job["payload"]["upload"]).read_bytes()


def half_sent(server: Server, place: str, body: bytes, announced: int) -> socket.socket:
    """An open connection whose PATCH has sent only a part of what it announced."""
    line = socket.create_connection(("127.0.0.1", server.port))
    head = f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {announced}\r\nUpload-Offset: 0\r\n"
    line.sendall((head + "".join(f"{name}: {value}\r\n" for name, value in PATCH.items()) + "\r\n").encode() + body)
    return line


def test_an_upload_in_pieces_becomes_one_video_with_its_bytes(live_api):
    place = begun(
        live_api, filename="../My clip.MOV", tags='["a", "b,c"]', metadata='{"k": [1]}', external_id="e-9", name="x"
    )
    assert len(place.removeprefix("/v1/uploads/")) == 20  # 100 random bits
    assert offset(live_api, place) == 0
    for at in range(0, len(CONTENT), 700_000):
        piece = CONTENT[at : at + 700_000]
        answer = patch(live_api, place, piece, at)
        assert (answer.status, answer.headers["tus-resumable"]) == (204, "1.0.0")
        assert answer.headers["upload-offset"] == str(at + len(piece))
        assert ("viewbox-video-id" in answer.headers) == (at + len(piece) == len(CONTENT))
    video = video_of(live_api, answer)
    assert (video["title"], video["tags"], video["metadata"]) == ("My clip", ["a", "b,c"], {"k": [1]})
    assert (video["external_id"], video["status"]) == ("e-9", "queued")
    assert stored(live_api, video["id"]) == CONTENT


def test_head_tells_all_and_the_video_even_after_the_answer_was_lost(live_api):
    place = begun(live_api, 3, filename="a.mp4")
    head = live_api.request("HEAD", place, headers=TUS)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("0", "3")
    assert head.headers["upload-metadata"] == metadata(filename="a.mp4")
    assert head.headers["cache-control"] == "no-store"
    assert head.headers["upload-expires"].endswith("GMT")
    done = patch(live_api, place, b"abc", 0)
    for _ in range(2):
        again = live_api.request("HEAD", place, headers=TUS)
        assert again.headers["viewbox-video-id"] == done.headers["viewbox-video-id"]
    empty = patch(live_api, place, b"", 3)
    assert empty.headers["viewbox-video-id"] == done.headers["viewbox-video-id"]
    catalog = Catalog(open_database(f"sqlite:///{live_api.data_dir / 'catalog.sqlite'}"))
    assert len([video for video in catalog.everything() if video.title == "a"]) == 1


def test_options_tell_what_is_understood(live_api):
    answer = live_api.request("OPTIONS", "/v1/uploads")
    assert (answer.status, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-extension"] == "creation,expiration,termination"
    assert answer.headers["tus-max-size"] == str(64 * 1024**3)


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", ""])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_is_412_and_nothing_happens(live_api, method, version):
    place = "/v1/uploads" if method == "POST" else begun(live_api, 3)
    headers = {**PATCH, "Upload-Length": "3", "Upload-Offset": "0"}
    del headers["Tus-Resumable"]
    if version is not None:
        headers["Tus-Resumable"] = version
    before = len(list(shelf(live_api).iterdir()))
    answer = live_api.request(method, place, body=b"abc" if method == "PATCH" else None, headers=headers)
    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0")
    assert len(list(shelf(live_api).iterdir())) == before
    if method != "POST":
        assert offset(live_api, place) == 0


@pytest.mark.parametrize("at", [0, 1, 4, 10**17])
def test_another_offset_is_409(live_api, at):
    place = begun(live_api, 9)
    assert patch(live_api, place, b"abc", 0).status == 204
    answer = patch(live_api, place, b"def", at)
    assert answer.problem() == (409, "offset_mismatch")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset(live_api, place) == 3


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Upload-Offset": "-1"}, (400, "bad_header")),
        ({"Upload-Offset": "0x0"}, (400, "bad_header")),
        ({"Upload-Offset": "9" * 19}, (400, "bad_header")),
        ({"Upload-Offset": "²"}, (400, "bad_header")),
        ({"Content-Type": "application/octet-stream"}, (415, "unsupported_media_type")),
    ],
)
def test_a_patch_that_cannot_be_meant_is_refused(live_api, headers, problem):
    place = begun(live_api, 3)
    sent = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    answer = live_api.request("PATCH", place, body=b"abc", headers=PATCH | {"Upload-Offset": "0"} | sent)
    assert answer.problem() == problem
    assert offset(live_api, place) == 0


def test_more_than_was_announced_is_not_taken(live_api):
    place = begun(live_api, 3)
    assert patch(live_api, place, b"abcd", 0).problem() == (413, "too_large")
    assert offset(live_api, place) == 0
    chunked = live_api.request("PATCH", place, body=iter([b"ab", b"cd"]), headers=PATCH | {"Upload-Offset": "0"})
    assert chunked.problem() == (413, "too_large")  # without a Content-Length it shows as they come
    assert offset(live_api, place) == part_size(live_api, place) <= 2


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, (400, "bad_header")),
        ({"Upload-Defer-Length": "1"}, (400, "bad_header")),
        ({"Upload-Length": "-1"}, (400, "bad_header")),
        ({"Upload-Length": "1e9"}, (400, "bad_header")),
        ({"Upload-Length": "0"}, (422, "empty_file")),
        ({"Upload-Length": str(64 * 1024**3 + 1)}, (413, "source_too_large")),
        ({"Upload-Length": "3", "Upload-Metadata": "title !!!"}, (400, "bad_header")),
        ({"Upload-Length": "3", "Upload-Metadata": "title /w=="}, (400, "bad_header")),
        ({"Upload-Length": "3", "Upload-Metadata": "a YQ==,a YQ=="}, (400, "bad_header")),
        ({"Upload-Length": "3", "Upload-Metadata": ",".join(f"k{n} YQ==" for n in range(33))}, (400, "bad_header")),
        ({"Upload-Length": "3", "Upload-Metadata": "k " + "YWFh" * 9_000}, (413, "too_large")),
        ({"Upload-Length": "3", "Upload-Metadata": metadata(title="x" * 257)}, (422, "invalid_input")),
        ({"Upload-Length": "3", "Upload-Metadata": metadata(tags="[1]")}, (422, "invalid_input")),
        ({"Upload-Length": "3", "Upload-Metadata": metadata(tags="[")}, (422, "invalid_input")),
        ({"Upload-Length": "3", "Upload-Metadata": metadata(metadata="7")}, (422, "invalid_input")),
        ({"Upload-Length": "3", "Upload-Metadata": metadata(priority="high")}, (422, "invalid_input")),
    ],
)
def test_what_cannot_become_a_video_is_refused_before_a_byte_is_sent(live_api, headers, problem):
    before = len(list(shelf(live_api).iterdir()))
    assert live_api.post("/v1/uploads", headers=TUS | headers).problem() == problem
    assert len(list(shelf(live_api).iterdir())) == before


def test_another_site_learns_nothing_and_changes_nothing(live_api):
    place = begun(live_api, 3)
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = PATCH | {"Upload-Offset": "0", "Origin": "https://evil.example"}
        answer = live_api.request(method, place, body=b"abc" if method == "PATCH" else None, headers=headers)
        assert (answer.status, answer.headers.get("upload-length")) == (403, None)
        foreign_host = live_api.request(method, place, headers=PATCH | {"Host": "evil.example"})
        assert foreign_host.status == 403
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
        assert live_api.request("OPTIONS", place, headers=asked).status == 403
    assert offset(live_api, place) == 0


@pytest.mark.parametrize("name", ["x", "a" * 20, "..%2f..%2fcatalog", "A" * 20])
@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_unknown_upload_is_404(live_api, method, name):
    answer = live_api.request(method, f"/v1/uploads/{name}", headers=PATCH | {"Upload-Offset": "0"})
    assert answer.status == 404


def test_a_given_up_upload_leaves_nothing(live_api):
    place = begun(live_api, 9)
    patch(live_api, place, b"abc", 0)
    name = place.rsplit("/", 1)[1]
    assert list(shelf(live_api).glob(f"{name}*"))
    assert live_api.request("DELETE", place, headers=TUS).status == 204
    assert not list(shelf(live_api).glob(f"{name}*"))
    assert live_api.request("HEAD", place, headers=TUS).status == 404


def test_giving_up_a_finished_upload_keeps_its_video(live_api):
    place = begun(live_api, 3)
    video_id = patch(live_api, place, b"abc", 0).headers["viewbox-video-id"]
    assert live_api.request("DELETE", place, headers=TUS).status == 204
    assert live_api.get(f"/v1/videos/{video_id}").status == 200
    assert stored(live_api, video_id) == b"abc"


def test_a_client_that_can_only_post_overrides_the_method(live_api):
    place = begun(live_api, 6)
    sent = live_api.post(place, body=b"abc", headers=PATCH | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"})
    assert (sent.status, sent.headers["upload-offset"]) == (204, "3")
    assert live_api.post(place, headers=TUS).problem() == (400, "bad_header")
    assert live_api.post(place, headers=TUS | {"X-HTTP-Method-Override": "DELETE"}).status == 204
    assert live_api.request("HEAD", place, headers=TUS).status == 404


def test_a_cut_connection_loses_none_of_the_bytes_that_came(live_api):
    place = begun(live_api)
    with closing(half_sent(live_api, place, CONTENT[:1_500_000], len(CONTENT))):
        until(lambda: part_size(live_api, place) >= 1_048_576, what="the first block is written")
        assert "\nviewbox_uploads_running 1\n" in live_api.get("/metrics").text
    until(lambda: offset(live_api, place) == 1_500_000, what="all that came is kept")
    done = patch(live_api, place, CONTENT[1_500_000:], 1_500_000)
    assert stored(live_api, done.headers["viewbox-video-id"]) == CONTENT
    assert "\nviewbox_uploads_running 0\n" in live_api.get("/metrics").text


def part_size(server: Server, place: str) -> int:
    return (shelf(server) / f"{place.rsplit('/', 1)[1]}.part").stat().st_size


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_a_newer_request_ends_one_whose_client_is_gone_unnoticed(live_api, method):
    """The old connection is still open: a phone that changed its network does not close it."""
    place = begun(live_api)
    with closing(half_sent(live_api, place, CONTENT[:1_200_000], len(CONTENT))) as line:
        until(lambda: part_size(live_api, place) >= 1_048_576, what="the first block is written")
        if method == "HEAD":
            assert offset(live_api, place) == 1_200_000
        elif method == "DELETE":
            assert live_api.request("DELETE", place, headers=TUS).status == 204
        else:
            assert patch(live_api, place, b"", 7).problem() == (409, "offset_mismatch")
            assert patch(live_api, place, CONTENT[1_200_000:], 1_200_000).status == 204
        line.settimeout(10)
        assert line.recv(12) == b"HTTP/1.1 204"  # the old request has had its answer too


def test_of_many_writers_at_once_the_file_is_one(live_api):
    place = begun(live_api, len(CONTENT))

    def send(_number: int) -> int:
        try:
            return patch(live_api, place, CONTENT, 0).status
        except (OSError, http.client.HTTPException):
            return 0  # answered before it had sent everything

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(send, range(8)))
    assert set(statuses) <= {0, 204, 409, 423, 503}
    at = offset(live_api, place)
    if at < len(CONTENT):
        assert patch(live_api, place, CONTENT[at:], at).status == 204
    head = live_api.request("HEAD", place, headers=TUS)
    assert stored(live_api, head.headers["viewbox-video-id"]) == CONTENT


def test_a_killed_server_goes_on_where_the_disk_is(tmp_path):
    server = start_server(tmp_path / "box")
    place = begun(server)
    assert patch(server, place, CONTENT[:1_000_000], 0).status == 204
    line = half_sent(server, place, b"", 10)
    server.kill()
    line.close()
    with (shelf(server) / f"{place.rsplit('/', 1)[1]}.part").open("ab") as part:
        part.write(b"never synced, never told")
    again = start_server(tmp_path / "box")
    try:
        assert offset(again, place) == 1_000_000
        done = patch(again, place, CONTENT[1_000_000:], 1_000_000)
        assert stored(again, done.headers["viewbox-video-id"]) == CONTENT
    finally:
        again.stop()


def test_a_crash_between_the_last_byte_and_the_video_makes_one_video(tmp_path):
    """Each step of the end is undone in turn, as a crash before it would have left things."""
    server = start_server(tmp_path / "box")
    place = begun(server, 3, filename="once.mp4")
    note = shelf(server) / f"{place.rsplit('/', 1)[1]}.json"
    video_id = patch(server, place, b"abc", 0).headers["viewbox-video-id"]
    engine = open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}")
    try:
        known = json.loads(note.read_text())
        for undo_video in (False, True):
            if undo_video:
                Catalog(engine).remove(video_id)
            note.write_text(json.dumps(known | {"finished": False}))
            head = server.request("HEAD", place, headers=TUS)
            assert head.headers["viewbox-video-id"] == video_id
            assert [video.id for video in Catalog(engine).everything()] == [video_id]
            assert stored(server, video_id) == b"abc"
    finally:
        server.stop()


# --- bounds of the store, with a clock and a disk of our own --------------------------------------------------


class Hand(SystemClock):
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def now_ms(self) -> int:
        return self.ms


@pytest.fixture
def store(tmp_path):
    clock = Hand()
    return resumable.UploadStore(tmp_path, clock), clock


def test_an_upload_that_nobody_continues_expires_and_goes(store, tmp_path):
    shelf, clock = store
    kept = shelf.create(9, "a", {}, "")
    clock.ms += resumable.KEPT_MS - 1
    assert shelf.read(kept.id) == kept
    clock.ms += 1
    with pytest.raises(resumable.UploadGone):
        shelf.read(kept.id)
    young = shelf.create(9, "b", {}, "")
    assert {file.stem for file in tmp_path.iterdir()} == {young.id}


def test_so_many_uploads_may_be_unfinished(store, monkeypatch):
    monkeypatch.setattr(resumable, "MAX_UNFINISHED", 3)
    shelf, clock = store
    for _ in range(3):
        shelf.create(9, "a", {}, "")
    with pytest.raises(ViewBoxError, match="3 uploads are unfinished"):
        shelf.create(9, "a", {}, "")
    clock.ms += resumable.KEPT_MS
    shelf.create(9, "a", {}, "")


def test_a_full_disk_refuses_at_once_and_keeps_what_has_come(store, monkeypatch):
    shelf, _ = store
    progress = shelf.create(30, "a", {}, "")
    part = resumable.Part(shelf, progress)
    part.add(b"0123456789")
    monkeypatch.setattr(resumable, "room_bytes", lambda _folder: 4)
    with pytest.raises(resumable.DiskFull):
        part.add(b"abcde")
    part.close()
    assert shelf.read(progress.id).offset == 10
    with pytest.raises(resumable.DiskFull):
        shelf.create(5, "a", {}, "")
    monkeypatch.setattr(resumable, "room_bytes", lambda _folder: 100)
    part = resumable.Part(shelf, shelf.read(progress.id))
    part.add(b"abcde")
    part.close()
    assert shelf.part(progress.id).read_bytes() == b"0123456789abcde"


def test_bytes_are_told_as_arrived_only_once_they_are_synced(store, monkeypatch):
    monkeypatch.setattr(resumable, "SYNC_BYTES", 10)
    shelf, _ = store
    progress = shelf.create(100, "a", {}, "")
    part = resumable.Part(shelf, progress)
    part.add(b"123456789")
    assert (part.written, shelf.read(progress.id).offset) == (9, 0)
    part.add(b"0")
    assert shelf.read(progress.id).offset == 10
    part.close()


def test_metadata_is_read_as_it_was_meant():
    assert tus.metadata("") == {}
    assert tus.metadata(" filename Y2F0Lm1wNA== , draft ") == {"filename": "cat.mp4", "draft": ""}
    assert tus.metadata("title " + base64.b64encode("Ünïcode".encode()).decode()) == {"title": "Ünïcode"}
