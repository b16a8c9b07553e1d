"""The index, made anew from the lake: after it was deleted, or on a machine that the lake was copied to."""

from __future__ import annotations

import msgspec

from viewbox import logs
from viewbox.lake.reader import stored_keys
from viewbox.lake.table import LakeTable
from viewbox.maintainer.index import GONE, Counts, Index, KnownView, SpoolState
from viewbox.maintainer.ranges import Ranges


def rebuild(index: Index, events: LakeTable, dead_letters: LakeTable, *, duplicates: int) -> None:
    """Which seqs of which views the lake holds, and what has been counted.

    Positions need no rebuilding: the tables' app transactions hold them. Every view counts as touched, since the
    rollups' own state lived in the same file. Duplicates since the last commit are forgotten, as received and as
    duplicate.
    """
    views = _views(events)
    stored = events.count()
    dead = dead_letters.count()
    counts = Counts(stored + duplicates + dead, stored, duplicates, dead)
    facts = {"steps": 0, "rebuilt": 1, **{f"{table.name}_version": table.version for table in (events, dead_letters)}}
    index.commit_step(views=views, spools={GONE: SpoolState(0, counts)}, facts=facts)
    logs.get("maintainer").warning("index_rebuilt", views=len(views), **msgspec.structs.asdict(counts))


def _views(events: LakeTable) -> dict[str, KnownView]:
    owners: dict[str, tuple[str, str]] = {}
    seqs: dict[str, list[int]] = {}
    for batch in stored_keys(events):
        columns = [batch.column(name).to_pylist() for name in ("view_id", "seq", "video_id", "viewer_id")]
        for view_id, seq, video_id, viewer_id in zip(*columns, strict=True):
            if view_id not in owners:
                owners[view_id] = (video_id, viewer_id)
                seqs[view_id] = []
            seqs[view_id].append(seq)
    return {view_id: KnownView(*owner, Ranges.of(seqs[view_id])) for view_id, owner in owners.items()}
