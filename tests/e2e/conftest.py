"""Fixtures of the browser suite: one browser, one file server and one house per process of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import chromium
from tests.e2e.file_server import FileServer
from tests.e2e.house import House, started
from tests.e2e.material import make_looped_clip
from tests.e2e.stage import Stage
from viewbox.testing.clip import sample_clip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    """Serves `clip.mp4`, a minute of real footage."""
    folder = tmp_path_factory.mktemp("files")
    make_looped_clip(folder / "clip.mp4")
    with FileServer(folder).running() as server:
        yield server


@pytest.fixture(scope="session")
def house(files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Door, worker and dashboard on an empty data directory."""
    data_dir: Path = tmp_path_factory.mktemp("house")
    running = started(House(data_dir, {"VIEWBOX_FETCH_ALLOW": files.address}), ["serve", "worker", "dashboard"])
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A house that states are shown in, one with a broken catalog, one that wants a secret."""
    root = tmp_path_factory.mktemp("stage")
    house, sick = House(root / "house"), House(root / "sick")
    guarded = House(root / "guarded", {"VIEWBOX_AUTH": "token", "VIEWBOX_SECRET": "the-secret-of-the-browser-suite"})
    sick.data_dir.mkdir()
    (sick.data_dir / "catalog.sqlite").write_text("this is no database " * 100, encoding="utf-8")
    with ExitStack() as running:
        for each, services in ((house, ["serve", "dashboard"]), (sick, ["dashboard"]), (guarded, ["serve"])):
            running.callback(each.stop)
            each.launch(*services)
        for each in (house, sick, guarded):
            each.wait()
        yield Stage(house, sick, guarded, sample_clip())
