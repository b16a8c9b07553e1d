"""Fixtures of the browser suite: one browser, one file server and one house per process of pytest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import NAME
from tests.e2e.file_server import FileServer
from tests.e2e.host_page import build_pages
from tests.e2e.house import House, started
from tests.e2e.material import make_looped_clip, publish_clip, publish_folder
from tests.e2e.stage import Stage
from tests.e2e.stand import Stand
from tests.e2e.streams import FILM_S, make_film
from viewbox.testing import Audience, parse_effect
from viewbox.testing.clip import mp4_duration_s, sample_clip
from viewbox.testing.delivery import over_websocket


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    """Serves `clip.mp4`, a minute of real footage, and `short-clip.mp4`, half a minute."""
    folder = tmp_path_factory.mktemp("files")
    make_looped_clip(folder / "clip.mp4")
    make_looped_clip(folder / "short-clip.mp4", loops=6)
    with FileServer(folder).running() as server:
        yield server


@pytest.fixture(scope="session")
def house(files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Door, worker and dashboard on an empty data directory."""
    data_dir: Path = tmp_path_factory.mktemp("house")
    house = House(data_dir, {"VIEWBOX_FETCH_ALLOW": files.address})
    with started(house, "serve", "worker", "dashboard") as running:
        yield running


@pytest.fixture(scope="session")
def named(files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same under a name of its own: open to other machines, as far as it knows."""
    environment = {"VIEWBOX_FETCH_ALLOW": files.address}
    house = House(tmp_path_factory.mktemp("named"), environment, host=NAME, secret="a-name-wants-a-key-f3Gd0")
    with started(house, "serve", "worker", "dashboard") as running:
        yield running


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A site that wants a secret."""
    environment = {"VIEWBOX_AUTH": "token", "VIEWBOX_SECRET": "the-secret-of-the-browser-suite"}
    with started(House(tmp_path_factory.mktemp("guarded"), environment), "serve") as running:
        yield running


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A door of one's own, which a test may close and open."""
    with started(House(tmp_path_factory.mktemp("door")), "serve") as house:
        yield house


@pytest.fixture(scope="session")
def stand(files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Somebody else's site."""
    with Stand(tmp_path_factory.mktemp("stand"), files.folder / "clip.mp4").running() as running:
        yield running


@pytest.fixture(scope="session")
def watched(house: House) -> str:
    """The id of a video that forty people watched; thirty of them skipped the intro."""
    return _watched_in(house)


@pytest.fixture(scope="session")
def named_watched(named: House) -> str:
    """The same in the house with a name."""
    return _watched_in(named)


def _watched_in(house: House) -> str:
    video_id = publish_clip(house, "A watched video", sample_clip())
    effects = [parse_effect("skip=0.75,0,13"), parse_effect("replay=0.5,48,58")]
    now_ms = time.time_ns() // 1_000_000
    audience = Audience(5, video_id, mp4_duration_s(sample_clip()), 40, now_ms, 7, effects, synthetic=False)
    over_websocket(f"ws://127.0.0.1:{house.port}/v1/views", audience.views())
    house.viewbox("rollup")
    return video_id


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film that has everything a player can offer, and beside it a page that embeds the player."""
    folder: Path = tmp_path_factory.mktemp("film")
    build_pages(folder)
    make_film(folder / "film")
    return folder


@pytest.fixture(scope="session")
def film_id(house: House, film: Path) -> str:
    """The same film as a video of the site."""
    names = {"hls": "master.m3u8", "poster": "poster.jpg", "chapters": "chapters.vtt", "storyboard": "storyboard.vtt"}
    return publish_folder(house, "A film with everything", film / "film", names, duration_s=float(FILM_S))


@pytest.fixture(scope="session")
def stage(guarded: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house that states are shown in, and one whose catalog is broken."""
    root = tmp_path_factory.mktemp("stage")
    house, sick = House(root / "house"), House(root / "sick")
    sick.data_dir.mkdir()
    (sick.data_dir / "catalog.sqlite").write_text("this is no database " * 100, encoding="utf-8")
    with started(house, "serve", "dashboard"), started(sick, "dashboard"):
        yield Stage(house, sick, guarded, sample_clip())
