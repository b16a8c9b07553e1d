"""A share of a step's work, done in any process: names of files and small tables in, parcels of rows out."""

from __future__ import annotations

from datetime import date

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from viewbox.rollups.batch import Batch
from viewbox.rollups.derive import Models, work_alone_on
from viewbox.rollups.ledger import Length, Revision
from viewbox.rollups.parcels import Parcel, pack, unpack
from viewbox.rollups.stored import Stored, before
from viewbox.tables import arrow_schema


class Place(msgspec.Struct, frozen=True):
    """Where work is done, and for which step. `cores`, `scratch`: null in the process that asks for it."""

    step: int
    now_ms: int
    cores: int | None
    scratch: str | None


class SomeViews(msgspec.Struct, frozen=True):
    """Views to draft, and the files of `events` that may hold theirs."""

    place: Place
    files: tuple[str, ...]
    view_ids: tuple[str, ...]
    standing: Parcel | None  # their rows of `views`, where the step has committed these already


class Drafted(msgspec.Struct, frozen=True):
    """`facts` for the ledger; `poison`: view_id -> why it could not be drafted."""

    facts: pa.Table
    drafts: tuple[Parcel, ...]
    intervals: Parcel
    poison: dict[str, str]


class SomeVideos(msgspec.Struct, frozen=True):
    """Videos of whose views to make rows and sums: no sum spans two videos.

    The views come as drafts, or as rows of `views` that stand already; both may hold other videos too.
    """

    place: Place
    videos: tuple[str, ...] | None  # null: all
    drafts: tuple[Parcel, ...]
    standing: Parcel | None
    lengths: dict[Revision, Length]
    published: Stored  # `views`, with what was counted before this step
    days: tuple[date, ...]  # partitions of it that hold rows of these views


class Counted(msgspec.Struct, frozen=True):
    """Rows of three tables; `days` and `seconds` are what the views count now, less what they counted before."""

    views: Parcel
    days: Parcel
    seconds: Parcel


def draft_share(task: SomeViews) -> Drafted:
    """Events → drafts of views, facts and intervals."""
    place = task.place
    if place.cores:
        work_alone_on(place.cores)
    standing = None if task.standing is None else _of(unpack(task.standing), "view_id", task.view_ids)
    with Batch(task.files, place.now_ms) as batch:
        batch.add(task.view_ids)
        return Drafted(
            batch.facts,
            tuple(pack(drafts, place.scratch) for drafts in batch.drafts()),
            pack(batch.intervals(standing, step=place.step), place.scratch),
            batch.poison,
        )


def count_share(task: SomeVideos) -> Counted:
    """Drafts → rows of `views`, and what they change in `days` and `seconds`."""
    place = task.place
    if place.cores:
        work_alone_on(place.cores)
    with Models() as models:
        if task.standing is not None:
            views = _of(unpack(task.standing), "video_id", task.videos)
        elif task.drafts:
            models.hold_drafts(pa.concat_tables(_of(unpack(one), "video_id", task.videos) for one in task.drafts))
            views = models.views(task.lengths, now_ms=place.now_ms, step=place.step)
        else:
            views = arrow_schema("views").empty_table()
        changed = _signed(views, before(task.published, place.step, views["view_id"].to_pylist(), task.days))
        days, seconds = models.counts(changed)
        return Counted(pack(views, place.scratch), pack(days, place.scratch), pack(seconds, place.scratch))


def _of(rows: pa.Table, column: str, keys: tuple[str, ...] | None) -> pa.Table:
    return rows if keys is None else rows.filter(pc.is_in(rows[column], pa.array(keys, pa.string())))


def _signed(now: pa.Table, earlier: pa.Table) -> pa.Table:
    """What is counts +1, what was counts -1."""
    rows = pa.concat_tables([now, earlier])
    return rows.append_column("sign", pa.array([1] * now.num_rows + [-1] * earlier.num_rows, pa.int64()))
