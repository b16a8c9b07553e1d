"""What the analysts' views stand on: Delta snapshots, the catalog as it is now, and the data dictionary.

DuckDB reads the Parquet files of a local lake itself (`file_source`). Where it may not touch files or cannot reach
them, a Delta table is registered as an Arrow dataset, which takes filters and column choices down to the files too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
from deltalake import DeltaTable

from viewbox.catalog import Catalog, Rendition, Video
from viewbox.clock import to_datetime
from viewbox.engine.snapshot import Snapshot
from viewbox.lake.files import FOLDED_PREFIX
from viewbox.tables import arrow_schema, dictionary

if TYPE_CHECKING:
    import pyarrow.dataset as ds  # brings pandas: a quarter of a second for every process that starts

DATE_IN_PATH = re.compile(r"dt(?:=|%3D)(\d{4}-\d{2}-\d{2})")
LAKE_TABLES = ("events", "views", "intervals", "days", "seconds", "dead_letters")
_UNPARTITIONED = frozenset({"dead_letters"})


class Source(msgspec.Struct, frozen=True):
    """Files of a Delta table under the name by which the analysts' views know them."""

    name: str
    table: str
    files: tuple[str, ...]


def lake_sources(snapshot: Snapshot) -> list[Source]:
    """Every file of a snapshot. `views` and `intervals` come in two: days that `views` has whole and folded, where each
    view has one row, and days that were written to since.
    """
    touched = {_day(path) for path in snapshot.files.get("views", ()) if not _is_folded(path)}
    sources = []
    for table in LAKE_TABLES:
        files = snapshot.files.get(table, ())
        if table not in {"views", "intervals"}:
            sources.append(Source(f"lake_{table}", table, files))
            continue
        for name, is_touched in (("settled", False), ("touched", True)):
            chosen = tuple(path for path in files if (_day(path) in touched) is is_touched)
            sources.append(Source(f"{name}_{table}", table, chosen))
    return sources


def lake_dataset(root: str, source: Source, snapshot: Snapshot) -> ds.Dataset:
    """A source of a lake in a bucket, for `connection.register`."""
    table = DeltaTable(f"{root}/{source.table}", version=snapshot.versions[source.table])
    if source.name.startswith("lake_"):
        return table.to_pyarrow_dataset()
    days = sorted({str(_day(path)) for path in source.files})
    return table.to_pyarrow_dataset(partitions=[("dt", "in", days)])


def _is_folded(path: str) -> bool:
    return path.rsplit("/", 1)[-1].startswith(FOLDED_PREFIX)


def _day(path: str) -> str | None:
    found = DATE_IN_PATH.search(path)
    return found[1] if found else None


def file_source(name: str, files: tuple[str, ...]) -> str:
    """The SQL that reads a Delta table's files."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    if name in _UNPARTITIONED:
        return f"SELECT * FROM read_parquet([{listed}])"  # noqa: S608  # quoted above
    options = "hive_partitioning = true, hive_types = {'dt': DATE}"
    return f"SELECT * FROM read_parquet([{listed}], {options})"  # noqa: S608  # quoted above


def catalog_sources(catalog: Catalog) -> dict[str, pa.Table]:
    """Videos and encodes as they are now, and the dictionary."""
    renditions = catalog.renditions()
    by_revision: dict[tuple[str, int], list[Rendition]] = {}
    for rendition in renditions:
        by_revision.setdefault((rendition.video_id, rendition.revision), []).append(rendition)
    videos = [_video_row(video, by_revision.get((video.id, video.revision), [])) for video in catalog.everything()]
    encodes = [_encode_row(rendition) for rendition in renditions]
    return {
        "catalog_videos": pa.Table.from_pylist(videos, schema=arrow_schema("videos")),
        "catalog_encodes": pa.Table.from_pylist(encodes, schema=arrow_schema("encodes")),
        "dictionary_columns": dictionary(),
    }


def _video_row(video: Video, renditions: list[Rendition]) -> Mapping[str, object]:
    shown = [{"height": one.height, "bitrate_bps": one.bitrate_bps, "codec": one.codec} for one in renditions]
    return {
        "video_id": video.id,
        "external_id": video.external_id,
        "title": video.title,
        "tags": video.tags,
        "metadata": json.dumps(video.metadata, ensure_ascii=False),
        "duration_s": video.duration_s,
        "revision": video.revision,
        "source_url": video.source_url,
        "created_at": to_datetime(video.created_at_ms),
        "status": video.status,
        "renditions": json.dumps(shown),
    }


def _encode_row(rendition: Rendition) -> Mapping[str, object]:
    args = None if rendition.args is None else json.dumps(rendition.args)
    return {**msgspec.to_builtins(rendition), "args": args}
