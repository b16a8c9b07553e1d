"""Where a view's events are: in a spool, in the lake, in the tables, or among the dead letters, and since when.

The spools are read first: what a drain takes to the lake meanwhile is then found twice, never missed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from viewbox.clock import to_datetime
from viewbox.dead_letters import DeadLetter
from viewbox.engine import Engine
from viewbox.errors import InvalidInput, NotFound
from viewbox.ids import view_date
from viewbox.intake import SpooledMessage
from viewbox.maintainer.counters import spool_files, spool_states
from viewbox.maintainer.index import SpoolState
from viewbox.settings import Settings

Place = Literal["spool", "duplicate", "lake", "tables", "dead_letter"]
_VIEW_FIELDS = (
    "video_id", "source", "started_at", "ended_at", "closed_by", "played", "is_valid", "is_bot", "playing_ms", "events",
    "gaps",
)  # fmt: skip
_VIEW_SQL = f"SELECT {', '.join(_VIEW_FIELDS)}, dt FROM views WHERE view_id = $view_id"  # noqa: S608  # our own names
_DEAD_SQL = "SELECT received_at, code, hint, payload FROM dead_letters WHERE view_id = $view_id"
_message = msgspec.msgpack.Decoder(SpooledMessage).decode
_letters = msgspec.msgpack.Decoder(list[DeadLetter]).decode


class Leg(msgspec.Struct, frozen=True):
    """Events that came in one message and are at one place.

    `since`: when they got there, as far as files tell: for lake and tables the time of the file that holds them,
    which a later merge of small files makes younger; null in a spool, where the receipt is the time. `code`, `hint`:
    of a dead letter. `seqs` is empty for a message that could not be read.
    """

    received_at: datetime
    place: Place
    seqs: list[int]
    since: datetime | None = None
    code: str | None = None
    hint: str | None = None


class Trace(msgspec.Struct, frozen=True):
    """All that is known of a view. `row`: its row of the table `views`; null until it has one.

    `error`: why it has none and will not get one.
    """

    view_id: str
    legs: list[Leg]
    row: dict[str, Any] | None
    error: str | None


class _Stored(msgspec.Struct, frozen=True):
    """An event in the lake."""

    seq: int
    received_at: datetime
    committed_at: datetime


def trace(settings: Settings, engine: Engine, view_id: str) -> Trace:
    """Follow a view. Raises InvalidInput for what is no view id, NotFound when nothing of it ever came."""
    try:
        day = view_date(view_id)
    except ValueError as error:
        raise InvalidInput(f"{view_id!r} is no view id", hint="a UUIDv7, as the player made it") from error
    spooled, spooled_letters = _spooled(settings, view_id)
    with engine.reading() as reading:
        versions = reading.snapshot.versions
        rows = reading.query(_VIEW_SQL, {"view_id": view_id}).to_pylist()
        letters = reading.query(_DEAD_SQL, {"view_id": view_id}).to_pylist()
    stored = _stored(settings.lake, versions.get("events"), view_id, day)
    row = rows[0] if rows else None
    rolled_up_at = _row_time(settings.lake, versions["views"], view_id, row.pop("dt")) if row else None
    legs = [
        *_lake_legs(stored, row["events"] if row else 0, rolled_up_at),
        *_spool_legs(spooled, stored),
        *_dead_legs(letters, spooled_letters),
    ]
    if not legs:
        raise NotFound(
            f"nothing of view {view_id} has come here", code="view_not_found",
            hint="only what was acknowledged is kept; look at the player's connection and at viewbox_refusals_total",
        )  # fmt: skip
    legs.sort(key=lambda leg: (leg.received_at, leg.seqs, leg.place))
    return Trace(view_id, legs, row, _derivation_error(settings, view_id))


def _spooled(settings: Settings, view_id: str) -> tuple[list[SpooledMessage], list[DeadLetter]]:
    """What waits in the spools."""
    states = spool_states(settings)
    messages: list[SpooledMessage] = []
    letters: list[DeadLetter] = []
    for path in spool_files(settings):
        position = states.get(path.stem, SpoolState()).position
        for kind, payload in _spool_rows(str(path), position):
            if kind == "events":
                message = _message(payload)
                messages += [message] if message.view_id == view_id else []
            else:
                letters += [letter for letter in _letters(payload) if letter.view_id == view_id]
    return sorted(messages, key=lambda message: message.received_at_ms), letters


def _spool_rows(path: str, position: int) -> Iterator[tuple[str, bytes]]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
            yield from database.execute("SELECT kind, payload FROM rows WHERE id > ? ORDER BY id", (position,))
    except sqlite3.OperationalError:
        return  # drained and removed meanwhile: the lake has it


def _stored(lake: str, version: int | None, view_id: str, day: date) -> list[_Stored]:
    """The view's events in the lake, in the order in which they got there."""
    if version is None:
        return []
    condition = (pc.field("dt") == pa.scalar(day)) & (pc.field("view_id") == view_id)
    found, times = _with_times(lake, "events", version, ["seq", "received_at"], condition)
    events = [_Stored(row["seq"], row["received_at"], times[_base(row["__filename"])]) for row in found.to_pylist()]
    return sorted(events, key=lambda event: (event.committed_at, event.received_at, event.seq))


def _row_time(lake: str, version: int, view_id: str, day: date) -> datetime | None:
    """When the newest version of the view's row was written."""
    condition = (pc.field("dt") == pa.scalar(day)) & (pc.field("view_id") == view_id)
    found, times = _with_times(lake, "views", version, ["version"], condition)
    newest = pc.max(found["version"]).as_py()
    files = [row["__filename"] for row in found.to_pylist() if row["version"] == newest]
    return min((times[_base(path)] for path in files), default=None)


def _with_times(
    lake: str, name: str, version: int, columns: list[str], condition: pc.Expression
) -> tuple[pa.Table, dict[str, datetime]]:
    """Rows with the file that holds each, and when each file of the table was committed."""
    table = DeltaTable(f"{lake.rstrip('/')}/{name}", version=version)
    actions = table.get_add_actions(flatten=True)
    paths = actions["path"].to_pylist()
    times = dict(zip(map(_base, paths), actions["modification_time"].to_pylist(), strict=True))
    found = table.to_pyarrow_dataset().to_table(columns=[*columns, "__filename"], filter=condition)
    return found, {path: to_datetime(epoch_ms) for path, epoch_ms in times.items()}


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _lake_legs(stored: list[_Stored], in_tables: int, rolled_up_at: datetime | None) -> Iterator[Leg]:
    """Messages in the lake. The tables hold the first `in_tables` events that came there."""
    for place, events, since in (
        ("tables", stored[:in_tables], rolled_up_at),
        ("lake", stored[in_tables:], None),
    ):
        messages: dict[datetime, list[_Stored]] = {}
        for event in events:
            messages.setdefault(event.received_at, []).append(event)
        for received_at, together in messages.items():
            seqs = sorted(event.seq for event in together)
            committed_at = max(event.committed_at for event in together)
            yield Leg(received_at, "tables" if place == "tables" else "lake", seqs, since or committed_at)


def _spool_legs(spooled: Iterable[SpooledMessage], stored: list[_Stored]) -> Iterator[Leg]:
    moved = {(event.received_at, event.seq) for event in stored}
    known = {event.seq for event in stored}
    for message in spooled:
        received_at = to_datetime(message.received_at_ms)
        seqs = [event["seq"] for event in msgspec.msgpack.decode(message.events)]
        waiting = [seq for seq in seqs if (received_at, seq) not in moved]
        for place, chosen in (
            ("spool", [seq for seq in waiting if seq not in known]),
            ("duplicate", [seq for seq in waiting if seq in known]),
        ):
            if chosen:
                yield Leg(received_at, "spool" if place == "spool" else "duplicate", sorted(chosen))
        known.update(seqs)


def _dead_legs(letters: Iterable[dict[str, Any]], spooled: Iterable[DeadLetter]) -> Iterator[Leg]:
    found = {(letter["received_at"], letter["code"], letter["hint"], letter["payload"]) for letter in letters}
    found |= {(to_datetime(one.received_at_ms), one.code, one.hint, one.payload) for one in spooled}
    for received_at, code, hint, payload in found:
        yield Leg(received_at, "dead_letter", _seqs_of(payload), code=code, hint=hint)


def _seqs_of(payload: str) -> list[int]:
    """The seqs in a dead letter's payload, as far as it can be read."""
    try:
        events = msgspec.json.decode(payload)["events"]
        return sorted(event["seq"] for event in events if isinstance(event["seq"], int))
    except (msgspec.DecodeError, TypeError, KeyError):
        return []


def _derivation_error(settings: Settings, view_id: str) -> str | None:
    """Why the roll-up set the view aside, if it did."""
    path = settings.data_dir.absolute() / "index.sqlite"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
            row = database.execute("SELECT error FROM rollup_poison WHERE view_id = ?", (view_id,)).fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])
