"""/v1/videos/{id}/captions/{lang}: what is kept, replaced, removed, refused and told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from tests import subtitles
from tests.servers import Server
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.storage import MediaStore

MASTER = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.64001f",RESOLUTION=320x180,FRAME-RATE=25.000
r1/180p/video.m3u8
"""


@pytest.fixture
def queued(live_api: Server) -> str:
    answer = live_api.post("/v1/videos", json_body={"url": "https://example.com/a.mp4"})
    return str(answer.json()["id"])


@pytest.fixture
def published(live_api: Server, queued: str) -> str:
    """As an import leaves it, as far as captions care."""
    store = MediaStore(live_api.data_dir / "media")
    store.open_revision(queued, 1, keep=())
    store.point(queued, 1, MASTER)
    catalog_of(live_api).publish(
        queued, revision=1, duration_s=10.0, assets={"hls": f"{queued}/master.m3u8"}, ready=True
    )
    return queued


def catalog_of(server: Server) -> Catalog:
    return Catalog(open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}"))


def put(server: Server, video_id: str, language: str, body: bytes, **headers: str):
    return server.request("PUT", f"/v1/videos/{video_id}/captions/{language}", body=body, headers=headers)


def test_before_anything_plays_they_are_kept_and_listed(live_api, queued):
    body = subtitles.srt().encode("utf-16")
    answer = put(live_api, queued, "EN-us?label=With%20sounds&hearing_impaired=true", body)
    assert answer.status == 201, answer.text
    shown = {
        "language": "en-US", "label": "With sounds", "origin": "upload", "default": False, "forced": False,
        "hearing_impaired": True, "cues": 3, "note": "",
    }  # fmt: skip
    assert answer.json() == {**shown, "encoding": "utf-16-le", "left_out": {}, "replaced": False}
    assert live_api.get(f"/v1/videos/{queued}/captions").json() == {"items": [shown], "left_out": []}
    assert live_api.get(f"/v1/videos/{queued}").json()["urls"]["captions"] is None


def test_a_published_video_gets_a_new_master_and_its_text_is_served(live_api, published):
    version = catalog_of(live_api).get(published).master_version
    first = put(live_api, published, "de", subtitles.srt(((1.0, 2.0, "Grüße"),)).encode("windows-1252"))
    assert first.status == 201
    assert (first.json()["encoding"], "Windows-1252" in first.json()["note"]) == ("windows-1252", True)
    master = live_api.get(f"/media/{published}/master.m3u8")
    assert master.headers["cache-control"] == "no-cache"
    assert 'TYPE=SUBTITLES,GROUP-ID="captions",NAME="Deutsch",LANGUAGE="de"' in master.text
    assert 'FRAME-RATE=25.000,SUBTITLES="captions"' in master.text
    text = live_api.get(live_api.get(f"/v1/videos/{published}").json()["urls"]["captions"])
    assert text.headers["content-type"] == "text/vtt; charset=utf-8"
    assert text.text == (
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:00:01.000 --> 00:00:02.000\nGrüße\n"
    )
    assert catalog_of(live_api).get(published).master_version == version + 1

    second = put(live_api, published, "de", subtitles.vtt().encode())
    assert (second.status, second.json()["replaced"]) == (200, True)
    assert catalog_of(live_api).get(published).master_version == version + 2
    assert live_api.get(f"/media/{published}/master.m3u8").text.count("TYPE=SUBTITLES") == 1


def test_open_pages_hear_of_them(live_api, published):
    with live_api.websocket(f"/v1/live/{published}") as page:
        versions = [message["version"] for message in page_masters(page, 1)]
        put(live_api, published, "fr", subtitles.vtt().encode())
        versions += [message["version"] for message in page_masters(page, 1)]
    assert versions[1] == versions[0] + 1


def page_masters(page: ClientConnection, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = json.loads(page.recv(timeout=20))
        if message["type"] == "master":
            found.append(message)
    return found


def test_an_upload_can_be_taken_back_once(live_api, published):
    address = f"/v1/videos/{published}/captions/de"
    put(live_api, published, "de", subtitles.vtt().encode())
    version = catalog_of(live_api).get(published).master_version
    assert live_api.request("DELETE", address).status == 204
    assert live_api.get(f"/v1/videos/{published}/captions").json()["items"] == []
    assert live_api.get(f"/v1/videos/{published}").json()["urls"]["captions"] is None
    assert "SUBTITLES" not in live_api.get(f"/media/{published}/master.m3u8").text
    assert catalog_of(live_api).get(published).master_version == version + 1
    assert live_api.request("DELETE", address).problem() == (404, "captions_not_found")
    assert live_api.request("DELETE", "/v1/videos/nobody/captions/de").problem() == (404, "video_not_found")


def test_the_command_uploads_lists_and_removes(live_api, published, tmp_path):
    def viewbox(*words: str) -> str:
        command = [sys.executable, "-m", "viewbox", "captions", published, *words]
        return subprocess.run(command, env=live_api.environment, capture_output=True, text=True, check=True).stdout

    file = tmp_path / "captions.srt"
    file.write_text(subtitles.srt(), encoding="utf-8")
    assert viewbox("pt-BR", str(file)).split()[:3] == ["pt-BR", "upload", "3"]
    assert json.loads(viewbox("--json"))[0]["cues"] == 3
    assert viewbox("pt-BR", "--remove") == ""


@pytest.mark.parametrize(
    ("language", "body", "refused"),
    [
        ("english", b"", (422, "bad_language")),
        ("..%2f..", b"", (404, "not_found")),
        ("en", b"", (422, "not_captions")),
        ("en", b"\x00\x01 --> \x02", (422, "not_captions")),
        ("en", b"WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", (422, "no_cues")),
        ("en", b"x" * (2 * 1024 * 1024 + 1), (413, "too_large")),
        ("en?label=" + "x" * 101, b"", (422, "invalid_input")),
    ],
)  # fmt: skip
def test_what_cannot_be_captions_is_refused_and_counted(live_api, queued, language, body, refused):
    assert put(live_api, queued, language, body).problem() == refused
    if refused[0] != 404:
        assert f'reason="{refused[1]}"' in live_api.get("/metrics").text
    assert live_api.get(f"/v1/videos/{queued}/captions").json()["items"] == []


def test_a_form_is_told_to_come_as_a_file(live_api, queued):
    answer = put(live_api, queued, "en", b"--x\r\n", **{"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.problem() == (422, "not_captions")
    assert "--upload-file" in answer.json()["hint"]


def test_an_unknown_video_and_one_that_plays_elsewhere(live_api):
    assert put(live_api, "nobody", "en", subtitles.srt().encode()).problem() == (404, "video_not_found")
    assert catalog_of(live_api).admit_external("their-own-film")
    assert put(live_api, "their-own-film", "en", subtitles.srt().encode()).problem() == (409, "external_video")


def test_foreign_pages_cannot_hand_in_captions(live_api, queued):
    answer = put(live_api, queued, "en", subtitles.srt().encode(), Origin="https://evil.example")
    assert answer.problem() == (403, "foreign_origin")


def test_two_megabytes_are_read_in_time(live_api, queued):
    lines = [(second, second + 0.5, "word " * 15) for second in range(18_000)]
    answer = put(live_api, queued, "en", subtitles.vtt(lines).encode())
    assert answer.json()["cues"] == 18_000
