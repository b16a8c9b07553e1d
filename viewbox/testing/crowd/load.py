"""A crowd straight into the lake: files made by all processes, one commit, every table anew."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import replace

from viewbox.catalog import Catalog
from viewbox.errors import Conflict, InvalidInput
from viewbox.executor import open_executor
from viewbox.lake.layout import PARTITION_BY, SCHEMAS
from viewbox.lake.table import LakeTable
from viewbox.maintainer import Maintainer, RoleTaken, settle
from viewbox.settings import Settings
from viewbox.testing.crowd.chunk import make
from viewbox.testing.crowd.files import PartMade, PartTask, indexed, part_glob, write_part
from viewbox.testing.crowd.library import Library
from viewbox.testing.crowd.plan import Crowd, Part, parts
from viewbox.testing.crowd.rows import view_ids
from viewbox.testing.crowd.truth import Truth, nothing
from viewbox.testing.crowd.visits import visits

CHECKED_VIEWS = 1000  # of which one is enough to know a crowd again
PILOT_VIEWS = 20_000  # from which the number of views for so many events is told


def views_for_events(crowd: Crowd, events: int) -> int:
    """How many views of this audience make about so many events."""
    pilot = replace(crowd, views=min(PILOT_VIEWS, events))
    happened = views = 0
    for part in parts(pilot):
        for piece in map(make, part.chunks()):
            happened += piece.tape.count
            views += piece.visits.count
    return max(1, round(events * views / happened * crowd_share(pilot)))


def crowd_share(crowd: Crowd) -> float:
    """People's views among all."""
    return 1 / (1 + crowd.stories["bot-spike"])


def admit(catalog: Catalog, library: Library) -> None:
    """List invented videos as external ones, as their events would. Raises InvalidInput for too many."""
    for video_id in library.ids:
        if not catalog.admit_external(video_id):
            raise InvalidInput("today's number of new external videos is used up", code="too_many_videos")


def load(
    settings: Settings,
    catalog: Catalog,
    crowd: Crowd,
    *,
    tables: bool = True,
    on_views: Callable[[int], None] = lambda _views: None,
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> tuple[int, Truth]:
    """Bring an audience into the tables; returns how many events were stored, and what really happened.

    Raises InvalidInput for a lake that is no directory, Conflict when these views are there already, RoleTaken while a
    server runs.
    """
    lake = LakeTable(settings.lake, "events", SCHEMAS["events"], PARTITION_BY["events"])
    if lake.path is None:
        raise InvalidInput("--via lake writes to a directory only", hint="use --via ws for a lake in a bucket")
    admit(catalog, crowd.library)
    work = parts(crowd)
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    with (
        Maintainer(settings) as maintainer,
        tempfile.TemporaryDirectory(dir=settings.work_dir, prefix="simulate-") as scratch,
    ):
        if not maintainer.take_role():
            raise RoleTaken("a server has the lake", hint="stop it, or simulate --via ws")
        maintainer.step()
        if maintainer.known_views(_some_view_ids(work)):
            raise Conflict("this crowd is in the lake already", hint="another --seed gives another crowd")
        token = secrets.token_hex(8)
        made: list[PartMade] = []
        truth = nothing(crowd.library)
        try:
            with open_executor(settings, items=len(work)) as executor:
                tasks = [PartTask(part, token, str(lake.path), scratch) for part in work]
                for part, found in executor.map(write_part, tasks):
                    made.append(part)
                    truth.add(found)
                    on_views(part.views)
        except BaseException:  # nothing of it is committed
            for path in lake.path.glob(part_glob(token)):
                path.unlink(missing_ok=True)
            raise
        on_stage("committing")
        stored = maintainer.take_files([part.file for part in made if part.file is not None], indexed(made))
        if tables:
            on_stage("making the tables")
            settle(settings, maintainer, {})
    return stored, truth


def _some_view_ids(work: list[Part]) -> list[str]:
    """Views that every crowd with this seed, size and end has."""
    chunk = work[0].chunks()[0]
    ids: list[str] = view_ids(visits(chunk, chunk.chance())).slice(0, CHECKED_VIEWS).to_pylist()
    return ids
