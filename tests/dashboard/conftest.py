"""Real lakes for the pages: a synthetic audience with known answers, sent through the door and rolled up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import queries
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.maintainer import Maintainer
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import through_intake

APP = Path(queries.__file__).with_name("streamlit_app.py")
DURATION_S = 60.0
OpenApp = Callable[..., AppTest]


@pytest.fixture(scope="session")
def told_lake(tmp_path_factory) -> Path:
    """Two videos: `told` has 40 synthetic views, 16 of which jump 0 → 13; `seen-once` one real view; `broken` none."""
    folder: Path = tmp_path_factory.mktemp("told")
    settings = Settings(data_dir=folder, _env_file=None)
    catalog = Catalog(open_database(settings.database))
    for video_id, title in (("told", "Told story"), ("seen-once", "Seen once")):
        catalog.add(title=title, source_kind="upload", video_id=video_id, tags=["story"])
        catalog.publish(video_id, revision=1, duration_s=DURATION_S, assets={}, ready=True)
    catalog.add(title="Broken upload", source_kind="upload", video_id="broken")
    catalog.report_failure("broken", code="not_a_video_file", hint="Choose another file.", retryable=False)
    now_ms = SYSTEM_CLOCK.now_ms()
    jumpers = Audience(1, "told", DURATION_S, 16, now_ms, 5.0, [parse_effect("skip=1,0,13")])
    watchers = Audience(2, "told", DURATION_S, 24, now_ms, 5.0)
    lone = Audience(3, "seen-once", DURATION_S, 1, now_ms, 1.0, synthetic=False)
    through_intake(settings, catalog, [*jumpers.views(), *watchers.views(), *lone.views()])
    roll_up(settings)
    return folder


@pytest.fixture
def open_app(monkeypatch) -> Iterator[OpenApp]:
    """`open_app(data_dir, page="video", **query)` runs the dashboard over a data directory."""

    def run(data_dir: Path, page: str = "overview", **query: str | list[str]) -> AppTest:
        monkeypatch.setenv("VIEWBOX_DATA_DIR", str(data_dir))
        forget()
        app = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        if page != "overview":
            app.switch_page(f"app_pages/{page}.py")  # before anything ran: as when a link is opened
        return app.run()

    yield run
    forget()


def roll_up(settings: Settings) -> None:
    """Everything that is spooled, into the tables."""
    with Maintainer(settings) as maintainer:
        assert maintainer.take_role()
        maintainer.run_until_drained()


def forget() -> None:
    """Answers and engines of another data directory."""
    for function in vars(queries).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
