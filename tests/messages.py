"""Messages and a house to send them to: what the tests of the door, the spool and the maintainer share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.ids import uuid7
from viewbox.intake import Intake
from viewbox.lake.layout import visible
from viewbox.maintainer import Maintainer
from viewbox.settings import Settings
from viewbox.spool import Spool

START_MS = 1_795_392_000_000  # 2026-11-23T00:00:00Z


def view_id(number: int = 0, *, at_ms: int = START_MS) -> str:
    return uuid7(at_ms, number.to_bytes(10, "big"))


def play(seq: int = 0, **fields: Any) -> dict[str, Any]:
    return {"seq": seq, "type": "play", "t_ms": 1000 * seq, "position_s": 0.0, **fields}


def interval(seq: int, **fields: Any) -> dict[str, Any]:
    stretch = {"from_s": 10.0 * seq, "to_s": 10.0 * seq + 10, "rate": 1.0, "wall_ms": 10_000}
    return {"seq": seq, "type": "interval", "t_ms": 1000 * seq, "position_s": stretch["to_s"], **stretch, **fields}


def message(*events: Any, number: int = 0, **fields: Any) -> dict[str, Any]:
    envelope = {
        "v": 1, "view_id": view_id(number), "video_id": "video-1", "viewer_id": f"viewer-{number}",
        "viewer_kind": "page", "session_id": "session-1", "started_at_ms": START_MS, "sent_at_ms": START_MS + 60_000,
    }  # fmt: skip
    return {**envelope, **fields, "events": list(events)}


def wire(*events: Any, number: int = 0, **fields: Any) -> bytes:
    return json.dumps(message(*events, number=number, **fields)).encode()


class NoRollups:
    """Where a test is about `events` and `dead_letters` alone."""

    def __init__(self, *_: object) -> None: ...

    def refresh(self, _touched: Sequence[str], *, now_ms: int) -> None: ...

    def full(self) -> None: ...

    def close(self) -> None: ...


def settings_in(folder: Path, **values: Any) -> Settings:
    return Settings(data_dir=folder, **values)


def catalog_of(settings: Settings) -> Catalog:
    return Catalog(open_database(settings.database))


@contextmanager
def door(settings: Settings, **options: Any) -> Iterator[Intake]:
    """An intake on a spool of its own."""
    with Spool(settings.spool_dir) as spool:
        yield Intake(settings, catalog_of(settings), spool, **options)


def drain(settings: Settings, **options: Any) -> None:
    """Everything that is spooled goes to the lake."""
    with Maintainer(settings, rollups=NoRollups, **options) as maintainer:
        maintainer.run_until_drained()


def rows(settings: Settings, name: str = "events") -> list[dict[str, Any]]:
    """A table's visible columns, sorted by what identifies a row."""
    table: pa.Table = DeltaTable(f"{settings.lake}/{name}").to_pyarrow_table(columns=visible(name))
    keys = ("view_id", "seq") if name == "events" else ("code", "payload")
    return sorted(table.to_pylist(), key=lambda row: tuple(str(row[key]).zfill(12) for key in keys))
