"""Events of the crowd as rows of `lake/events`, exactly as they would have come through the door."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pyarrow as pa

from viewbox.events import Context
from viewbox.lake.layout import EVENTS, TIMESTAMP
from viewbox.testing.crowd.arrays import AnyArray, Bools, Ints, Words
from viewbox.testing.crowd.habits import Plans
from viewbox.testing.crowd.plan import Chunk
from viewbox.testing.crowd.tape import NONE, TEXTS, TYPES, Tape
from viewbox.testing.crowd.transit import Messages
from viewbox.testing.crowd.visits import KINDS, MACHINES, Visits
from viewbox.testing.devices import HOMES

_context_json = msgspec.json.Encoder(order="sorted").encode
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
SECONDS = {"from_s": "from_ms", "to_s": "to_ms", "buffer_s": "buffer_ms"}
FLAGS = ("visible", "muted", "fatal")
_HUNDREDTHS = "rate"


def event_rows(chunk: Chunk, visits: Visits, plans: Plans, tape: Tape, messages: Messages) -> pa.Table:
    """The events that arrived, by view_id and seq; without `dt`, which is the partition. Strings are dictionaries."""
    library = chunk.part.crowd.library
    rows = np.flatnonzero(~messages.lost[messages.owner])
    view, message = tape.view[rows], messages.owner[rows]
    start = visits.start_ms[view]
    received = start + messages.received_ms[message]
    occurred = received - messages.sent_ms[message] + tape.t_ms[rows]
    offset = messages.received_ms - messages.sent_ms + visits.skew_ms[messages.view]
    columns: dict[str, pa.Array] = {
        "view_id": _worded(view, view_ids(visits)),
        "seq": pa.array(tape.seq[rows]),
        "video_id": _worded(visits.video[view], pa.array(library.ids)),
        "revision": pa.array(np.full(len(rows), library.revision, np.int64)),
        "viewer_id": _worded(view, viewer_ids(visits)),
        "viewer_kind": _worded(visits.kind[view], pa.array(KINDS)),
        "session_id": _worded(view, session_ids(visits)),
        "source": _worded(np.zeros(len(rows), np.int64), pa.array(["synthetic"])),
        "browser": _named(visits.device[view], [device.browser for device in MACHINES]),
        "os": _named(visits.device[view], [device.os for device in MACHINES]),
        "device_type": _named(visits.device[view], [device.device_type for device in MACHINES]),
        "country": _named(visits.home[view], [home.country for home in HOMES]),
        "is_bot": pa.array(visits.robot[view]),
        "type": _worded(tape.type[rows], pa.array(TYPES)),
        "t_ms": pa.array(tape.t_ms[rows]),
        "occurred_at": _timestamps(occurred),
        "received_at": _timestamps(received),
        "position_s": pa.array(tape.position_ms[rows] / 1000.0),
        "context": _contexts(chunk, visits, plans, view, messages.number[message] == 0),
        "clock_offset_ms": pa.array(offset[message]),
    }
    for name in EVENTS.names:
        if name not in columns and name != "dt":
            columns[name] = _field(name, tape, rows)
    names = [name for name in EVENTS.names if name != "dt"]
    return pa.table([columns[name] for name in names], names=names)


def view_ids(visits: Visits) -> pa.Array:
    """UUIDv7 of each view's start and chance."""
    high, low = visits.random
    top = (visits.start_ms.astype(np.uint64) << np.uint64(16)) | np.uint64(0x7000) | high  # version 7
    bottom = np.uint64(1 << 63) | low  # the variant
    digits = np.concatenate([_hex(top), _hex(bottom)], axis=1)
    dash = np.full((len(digits), 1), ord("-"), np.uint8)
    return _texts(
        np.concatenate(
            [
                digits[:, :8],
                dash,
                digits[:, 8:12],
                dash,
                digits[:, 12:16],
                dash,
                digits[:, 16:20],
                dash,
                digits[:, 20:],
            ],
            axis=1,
        )
    )


def viewer_ids(visits: Visits) -> pa.Array:
    """120 bits in hexadecimal, as the tracker makes them; the same viewer has the same."""
    return _texts(_hex_id(visits.viewer_id))


def session_ids(visits: Visits) -> pa.Array:
    return _texts(_hex_id(visits.session))


def _hex(words: Words) -> AnyArray:
    """(n, 16) ASCII digits."""
    shifts = np.arange(60, -4, -4, dtype=np.uint64)
    return _DIGITS[((words[:, None] >> shifts) & np.uint64(15)).astype(np.int64)]


def _hex_id(words: tuple[Words, Words]) -> AnyArray:
    return np.concatenate([_hex(words[0]), _hex(words[1])], axis=1)[:, :30]


def _texts(letters: AnyArray) -> pa.Array:
    """Rows of ASCII as strings."""
    count, width = letters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(letters)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def _worded(codes: Ints, words: pa.Array, null: Bools | None = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=null), words)


def _named(codes: Ints, names: list[str]) -> pa.DictionaryArray:
    """Like `_worded`, where several codes may have one name."""
    distinct = sorted(set(names))
    places = np.array([distinct.index(name) for name in names], np.int64)
    return _worded(places[codes], pa.array(distinct))


def _timestamps(epoch_ms: Ints) -> pa.Array:
    return pa.array(epoch_ms * 1000).cast(TIMESTAMP)


def _field(name: str, tape: Tape, rows: Ints) -> pa.Array:
    kind = EVENTS.field(name).type
    if name not in tape.fields and name not in SECONDS:
        return pa.nulls(len(rows), kind)
    column = tape.fields[SECONDS.get(name, name)][rows]
    null = column == NONE
    if name in TEXTS:
        return _worded(np.where(null, 0, column), pa.array(TEXTS[name]), null)
    if name in SECONDS:
        return pa.array(column / 1000.0, mask=null)
    if name == _HUNDREDTHS:
        return pa.array(column / 100.0, mask=null)
    if name in FLAGS:
        return pa.array(column == 1, mask=null)
    return pa.array(column, mask=null)


def _contexts(chunk: Chunk, visits: Visits, plans: Plans, view: Ints, first: Bools) -> pa.DictionaryArray:
    """The whole context on the events of a view's first message, what must be on those of later ones."""
    library = chunk.part.crowd.library
    key = (((visits.video * len(MACHINES) + visits.device) * len(HOMES) + visits.home) * 2 + plans.autoplay) * 3
    _distinct, first_view, which = np.unique(key + plans.variant, return_index=True, return_inverse=True)
    facts = np.stack(
        [visits.device, visits.home, library.duration_ms[visits.video], plans.autoplay, plans.variant], axis=1
    )[first_view]
    texts = [context_text(later_context(home)) for home in range(len(HOMES))]
    texts += [context_text(first_context(*row)) for row in facts.tolist()]
    return _worded(np.where(first, which[view] + len(HOMES), visits.home[view]), pa.array(texts))


def first_context(device: int, home: int, duration_ms: int, autoplay: int, variant: int) -> Context:
    """What a view's first message says of player and page."""
    machine, place = MACHINES[device], HOMES[home]
    return Context(
        player_name="viewbox", player_version="1.0.0", language=place.language, timezone=place.timezone,
        screen_w=machine.screen_w, screen_h=machine.screen_h, player_w=machine.player_w,
        player_h=machine.player_w * 9 // 16, duration_s=duration_ms / 1000, autoplay=bool(autoplay),
        experiment={"intro": "abc"[variant]}, synthetic=True,
    )  # fmt: skip


def later_context(home: int) -> Context:
    """What later messages say: the server knows country and source of each message by its own context."""
    return Context(timezone=HOMES[home].timezone, synthetic=True)


def context_text(context: Context) -> str:
    """As the door stores it."""
    return _context_json(context).decode()


def seq_ranges(view: Ints, seq: Ints) -> list[str]:
    """Of events by view and seq: first, last, first, last, … of each view's seqs, as JSON."""
    edge = np.ones(len(view), np.bool_)
    edge[1:] = (view[1:] != view[:-1]) | (seq[1:] != seq[:-1] + 1)
    low = np.flatnonzero(edge)
    high = np.append(low[1:], len(view)) - 1
    owners = view[low]
    bounds = np.stack([seq[low], seq[high]], axis=1)
    starts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    if len(starts) == len(owners):
        return [f"[{first}, {last}]" for first, last in bounds.tolist()]
    return [json.dumps(piece.ravel().tolist()) for piece in np.split(bounds, starts[1:])]
