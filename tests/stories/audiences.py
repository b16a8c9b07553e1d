"""Audiences in a lake, each of one video, and what the finder names of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from dashboard import queries
from dashboard.question import Question
from viewbox import stories
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.maintainer import Maintainer, settle
from viewbox.settings import Settings
from viewbox.stories import Finding
from viewbox.testing.crowd import Crowd, Stories, parse_story
from viewbox.testing.crowd.library import known_library
from viewbox.testing.crowd.load import load

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Told:
    """So many views of a video within so many days, and what is planted: `NAME=EFFECT`."""

    video_id: str
    seed: int
    stories: tuple[str, ...] = ()
    duration_s: float = 300.0
    views: int = 3000
    days: float = 14.0


def bring(folder: Path, told: Sequence[Told], *, until_ms: int | None = None) -> None:
    """All audiences into one lake, and its tables. `until_ms`: when the last of them came; now, if not said."""
    settings = Settings(data_dir=folder, executor="inline", sample=False, _env_file=None)
    catalog = Catalog(open_database(settings.database))
    until_ms = until_ms or SYSTEM_CLOCK.now_ms() // HOUR_MS * HOUR_MS
    for one in told:
        catalog.add(title=one.video_id, source_kind="upload", video_id=one.video_id)
        catalog.publish(one.video_id, revision=1, duration_s=one.duration_s, assets={}, ready=True)
        library = known_library(one.seed, one.video_id, one.duration_s)
        planted = Stories(tuple(map(parse_story, one.stories)))
        crowd = Crowd(one.seed, library, one.views, until_ms, one.days, planted)
        load(settings, catalog, crowd, tables=False)
    with Maintainer(settings) as maintainer:
        assert maintainer.take_role()
        settle(settings, maintainer, {})


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """The dashboard's loaders over a data directory."""
    with patch.dict("os.environ", {"VIEWBOX_DATA_DIR": str(folder)}):
        forget()
        try:
            yield
        finally:
            forget()


def named(video_id: str | None) -> tuple[Finding, ...]:
    """What the page of a video, or with None the overview, names."""
    question, stamp = Question(video_id=video_id), queries.moment().stamp
    about = queries.scope(question, stamp)
    return queries.findings(question, stamp, stories.asks(about), about)


def forget() -> None:
    """Answers and engines of another data directory."""
    for function in vars(queries).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
