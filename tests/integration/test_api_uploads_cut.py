"""/v1/uploads when lines are cut, writers meet and servers die: nothing that was told as arrived is lost."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.servers import start_server
from tests.support import until
from tests.tus_client import (
    CONTENT,
    TUS,
    begun,
    half_sent,
    offset,
    part_size,
    patch,
    shelf,
    stored,
)
from viewbox.catalog import Catalog
from viewbox.database import open_database


def test_a_cut_connection_loses_none_of_the_bytes_that_came(live_api):
    place = begun(live_api)
    with closing(half_sent(live_api, place, CONTENT[:1_500_000], len(CONTENT))):
        until(lambda: part_size(live_api, place) >= 1_048_576, what="the first block is written")
        assert "\nviewbox_uploads_running 1\n" in live_api.get("/metrics").text
    until(lambda: offset(live_api, place) == 1_500_000, what="all that came is kept")
    done = patch(live_api, place, CONTENT[1_500_000:], 1_500_000)
    assert stored(live_api, done.headers["viewbox-video-id"]) == CONTENT
    assert "\nviewbox_uploads_running 0\n" in live_api.get("/metrics").text


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
