"""/v1/uploads: tus 1.0. What it understands, and what it refuses before a byte beyond its bounds is taken."""

from __future__ import annotations

import pytest

from tests.tus_client import (
    CONTENT,
    PATCH,
    TUS,
    begun,
    metadata,
    offset,
    part_size,
    patch,
    shelf,
    stored,
    video_of,
)
from viewbox.catalog import Catalog
from viewbox.database import open_database


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
