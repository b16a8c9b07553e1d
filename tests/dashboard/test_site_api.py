"""The dashboard's uploads: by tus, taken up where they broke, refused in the site's own words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest

from dashboard.site_api import SiteApi
from tests.servers import Server, running_server
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.errors import ViewBoxError
from viewbox.settings import Settings

SIZE = 3_000_000
SECRET = "a-secret-for-the-uploads-7Hq2"


class Breaks(io.BytesIO):
    """A file that cannot be read on, once, as a connection that breaks off."""

    def __init__(self, whole: bytes, at: int) -> None:
        super().__init__(whole)
        self._at: int | None = at

    def read(self, size: int | None = -1) -> bytes:
        if self._at is not None and self.tell() >= self._at:
            self._at = None
            raise ConnectionResetError("the line broke")
        return super().read(size)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("uploads"), auth="token", secret=SECRET) as running:
        yield running


@pytest.fixture
def api(server) -> SiteApi:
    return SiteApi(Settings(_env_file=None, port=server.port, secret=SECRET, auth="token"))


def video(server: Server, video_id: str) -> Any:
    found = Catalog(open_database(Settings(data_dir=server.data_dir, _env_file=None).database)).find(video_id)
    assert found is not None
    return found


@pytest.mark.parametrize("file", [io.BytesIO(b"x" * SIZE), Breaks(b"x" * SIZE, 2_000_000)], ids=["whole", "broken"])
def test_an_upload_becomes_a_video_with_what_was_said_of_it(server, api, file: BinaryIO):
    video_id = api.upload(file, "sea side.mp4", SIZE, title="Möwen", tags=["sea", "b, c"])
    found = video(server, video_id)
    assert (found.title, found.tags, found.source_kind) == ("Möwen", ["sea", "b, c"], "upload")


def test_without_a_title_the_file_names_it(server, api):
    assert video(server, api.upload(io.BytesIO(b"x" * 10), "sea side.mp4", 10)).title == "sea side"


def test_a_refusal_is_the_sites_own(api):
    with pytest.raises(ViewBoxError) as refusal:
        api.upload(io.BytesIO(b""), "nothing.mp4", 0)
    assert (refusal.value.code, refusal.value.hint) == ("empty_file", "choose a video file")


def test_without_a_site_it_says_so_and_ends():
    nowhere = SiteApi(Settings(_env_file=None, port=1))
    with pytest.raises(ViewBoxError) as refusal:
        nowhere.upload(io.BytesIO(b"x"), "x.mp4", 1)
    assert refusal.value.code == "unreachable"
