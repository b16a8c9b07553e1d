"""A crowd straight into the lake: files made by all processes, one commit, every table anew."""

from __future__ import annotations

from collections.abc import Callable

from viewbox.catalog import Catalog
from viewbox.errors import Conflict, InvalidInput
from viewbox.executor import open_executor
from viewbox.lake.layout import PARTITION_BY, SCHEMAS
from viewbox.lake.table import LakeTable
from viewbox.maintainer import Maintainer, RoleTaken, settle
from viewbox.maintainer.bulk import BulkFile, IndexedView
from viewbox.settings import Settings
from viewbox.testing.crowd.chunk import make
from viewbox.testing.crowd.files import PartTask, write_part
from viewbox.testing.crowd.plan import Audience, parts

PILOT_VIEWS = 20_000  # from which the number of views for so many events is told


def views_for_events(audience: Audience, events: int) -> int:
    """How many views of this audience make about so many events."""
    pilot = Audience(
        audience.seed, audience.library, min(PILOT_VIEWS, events), audience.until_ms, audience.days, loss=audience.loss
    )
    per_view = [(piece.tape.count, piece.visits.count) for part in parts(pilot) for piece in map(make, part.chunks())]
    return max(1, round(events * sum(views for _events, views in per_view) / sum(count for count, _views in per_view)))


def load(
    settings: Settings,
    catalog: Catalog,
    audience: Audience,
    *,
    on_views: Callable[[int], None] = lambda _views: None,
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> int:
    """Bring an audience into the tables; returns how many events were stored.

    Raises InvalidInput for a lake that is no directory, Conflict when these views are there already, RoleTaken while a
    server runs.
    """
    lake = LakeTable(settings.lake, "events", SCHEMAS["events"], PARTITION_BY["events"])
    if lake.path is None:
        raise InvalidInput("--via lake writes to a directory only", hint="use --via ws for a lake in a bucket")
    for video_id in audience.library.ids:
        if not catalog.admit_external(video_id):
            raise InvalidInput("today's number of new external videos is used up", code="too_many_videos")
    work = parts(audience)
    files: list[BulkFile] = []
    index: list[IndexedView] = []
    with Maintainer(settings) as maintainer:
        if not maintainer.take_role():
            raise RoleTaken("a server has the lake", hint="stop it, or simulate --via ws")
        maintainer.step()
        folder = str(lake.path)
        with open_executor(settings, items=len(work)) as executor:
            for made in executor.map(write_part, [PartTask(part, folder) for part in work]):
                if made.file is not None:
                    files.append(made.file)
                index += made.index
                on_views(made.views)
        on_stage("committing")
        stored = maintainer.take_files(files, index)
        index.clear()
        on_stage("making the tables")
        settle(settings, maintainer, {})
        while maintainer.step().events:
            pass
    return stored


__all__ = ["Conflict", "load", "views_for_events"]
