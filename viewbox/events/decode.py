"""Bytes from a stranger → a `Message`: the events that hold, and a `Rejection` for each that does not.

Two ways lead there. The fast one lets msgspec decode and check the whole message at once; nearly all messages
hold, and it ends there. Anything else takes the slow one, which looks at each event by itself, so that one bad
event never costs its neighbours, and every refusal names its field.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from viewbox.events.refusal import refusal
from viewbox.events.schema import (
    EVENT_CLASSES,
    MAX_EVENTS,
    MAX_MESSAGE_BYTES,
    MAX_PAIRS,
    SCHEMA_VERSION,
    AnyEvent,
    Context,
    Envelope,
    ErrorEvent,
    Id,
    Interval,
    Scalar,
    Seek,
    Setting,
    WireMessage,
)
from viewbox.ids import view_epoch_ms

MAX_TEXT = 256
_MESSAGE = msgspec.json.Decoder(WireMessage)
_STORED_AS_SENT = frozenset(EVENT_CLASSES) - {Interval, Seek, ErrorEvent, Setting}  # `_place` has nothing to say
# Browsers read `\` in an address as `/`, and any number of them after the scheme.
_CREDENTIALS = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*:[/\\]+|[/\\]{2,})?[^/\\]*@", re.IGNORECASE)


class MessageError(Exception):
    """The whole message could not be read: one dead letter, answered as `{"error": {code, hint}}`."""

    def __init__(self, code: str, hint: str, *, view_id: str | None = None) -> None:
        super().__init__(f"{code}: {hint}")
        self.code = code
        self.hint = hint
        self.view_id = view_id


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """One event that was refused. `seq` is null when it could not be read; `payload` is the event as it came."""

    seq: int | None
    code: str
    hint: str
    payload: str


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message that could be read: its envelope, the events that hold, those that do not."""

    envelope: Envelope
    view_ms: int  # the time inside view_id
    events: list[AnyEvent]
    rejected: list[Rejection]
    highest_seq: int | None  # over all events, refused ones included


def decode_message(raw: bytes) -> Message:
    """Decode and check one message. Raises MessageError when nothing of it can be used."""
    if len(raw) > MAX_MESSAGE_BYTES:
        raise MessageError("message_too_big", f"a message holds at most {MAX_MESSAGE_BYTES} bytes")
    try:
        wire = _MESSAGE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return _decode_slowly(raw)
        except RecursionError:
            raise MessageError("bad_message", "the message is nested too deeply") from None
    return _placed(wire)


def decode_sound(raw: bytes) -> Message | None:
    """`decode_message` where msgspec alone can tell that all is well; None where a closer look is needed.

    Its time is bound by the size of the message: an event loop may wait for it.
    """
    if len(raw) > MAX_MESSAGE_BYTES:
        return None
    try:
        return _placed(_MESSAGE.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, MessageError):
        return None


def _placed(wire: WireMessage) -> Message:
    good: list[AnyEvent] = []
    rejected: list[Rejection] = []
    for event in wire.events:
        if type(event) in _STORED_AS_SENT:
            good.append(event)
        else:
            _place(event, good, rejected)
    return _message(wire, good, rejected, max([event.seq for event in wire.events]))


def _place(event: AnyEvent, good: list[AnyEvent], rejected: list[Rejection]) -> None:
    """Put an event that msgspec found sound where it belongs, in its stored form."""
    match event:
        case Interval() if event.to_s < event.from_s:
            hint = f"to_s {event.to_s} lies before from_s {event.from_s}"
            payload = msgspec.json.encode(event).decode()
            rejected.append(Rejection(event.seq, "interval_reversed", hint, payload))
        case Seek() if event.wait_ms is None:
            good.append(msgspec.structs.replace(event, wait_ms=0))
        case ErrorEvent() if event.code is not None and not isinstance(event.code, str):
            good.append(msgspec.structs.replace(event, code=scalar_text(event.code)))
        case Setting() if event.value is not None and not isinstance(event.value, str):
            good.append(msgspec.structs.replace(event, value=scalar_text(event.value)))
        case _:
            good.append(event)


def _message(envelope: Envelope, good: list[AnyEvent], rejected: list[Rejection], highest: int | None) -> Message:
    try:
        view_ms = view_epoch_ms(envelope.view_id)
    except ValueError:
        raise MessageError(
            "bad_view_id", "view_id must be a UUIDv7 in canonical lower-case form", view_id=envelope.view_id
        ) from None
    if envelope.context is not None:
        try:
            envelope = msgspec.structs.replace(envelope, context=_clean_context(envelope.context))
        except MessageError as error:
            error.view_id = envelope.view_id
            raise
    return Message(envelope, view_ms, good, rejected, highest)


# --- one event at a time -------------------------------------------------------------------------------------


def _decode_slowly(raw: bytes) -> Message:
    fields = _parse_json(raw)
    view_id = _readable_view_id(fields)
    if fields.get("v", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise MessageError("unsupported_version", f"this server reads version {SCHEMA_VERSION}", view_id=view_id)
    raw_events = fields.pop("events", None)
    if raw_events is None:
        raise MessageError("no_events", "a message carries 1 to 200 events", view_id=view_id)
    if not isinstance(raw_events, list):
        raise MessageError("bad_message", "events must be a list", view_id=view_id)
    if not raw_events:
        raise MessageError("no_events", "a message carries 1 to 200 events", view_id=view_id)
    if len(raw_events) > MAX_EVENTS:
        raise MessageError(
            "too_many_events", f"{len(raw_events)} events; a message holds at most {MAX_EVENTS}", view_id=view_id
        )
    envelope = _envelope(fields, view_id)
    good: list[AnyEvent] = []
    rejected: list[Rejection] = []
    for raw_event in raw_events:
        try:
            event = _event(raw_event)
        except msgspec.ValidationError as error:
            code, hint = refusal(str(error))
            rejected.append(Rejection(_readable_seq(raw_event), code, hint, json.dumps(raw_event)))
        else:
            _place(event, good, rejected)
    seqs = [seq for seq in map(_readable_seq, raw_events) if seq is not None]
    return _message(envelope, good, rejected, max(seqs, default=None))


def _parse_json(raw: bytes) -> dict[str, Any]:
    """The message as plain objects; NaN and infinities are let in here, to be refused where they stand."""
    try:
        value = json.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise MessageError("not_json", f"the message is not JSON: {error}"[:MAX_TEXT]) from error
    if not isinstance(value, dict):
        raise MessageError("bad_message", "a message is a JSON object")
    return value


def _envelope(fields: dict[str, Any], view_id: str | None) -> Envelope:
    try:
        _refuse_unstorable(fields)
        return msgspec.convert(_whole_numbers(fields), Envelope)
    except msgspec.ValidationError as error:
        code, hint = refusal(str(error))
        raise MessageError(code, hint, view_id=view_id) from error


def _event(value: object) -> AnyEvent:
    _refuse_unstorable(value)
    event: AnyEvent = msgspec.convert(_whole_numbers(value), AnyEvent)
    return event


def _refuse_unstorable(value: object, path: str = "$") -> None:
    """NaN, infinities and half surrogate pairs: Python's parser takes them, no table may hold them."""
    if isinstance(value, float) and not math.isfinite(value):
        _refuse("Number not finite", path)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            _refuse("Text not storable: half of a surrogate pair", path)
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_unstorable(member, f"{path}.{name}")
            _refuse_unstorable(name, f"{path} key")
    if isinstance(value, list):
        for member in value:
            _refuse_unstorable(member, f"{path}[...]")


def _refuse(what: str, path: str) -> NoReturn:
    raise msgspec.ValidationError(f"{what} - at `{path.encode('ascii', 'replace').decode()}`")


def _whole_numbers(value: object) -> object:
    """JSON has one number type: 3.0 is the integer 3, wherever an integer is expected."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(member) for member in value]
    return value


def _readable_view_id(fields: dict[str, Any]) -> str | None:
    """What a dead letter may carry as its view: an id by the rules of ids, be it a view's or not."""
    try:
        return msgspec.convert(fields.get("view_id"), Id)
    except msgspec.ValidationError:
        return None


def _readable_seq(value: object) -> int | None:
    seq = _whole_numbers(value.get("seq")) if isinstance(value, dict) else None
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**53 else None


# --- stored forms --------------------------------------------------------------------------------------------


def scalar_text(value: Scalar) -> str:
    """A number or boolean as text, as JSON writes it: true, 3, 1.5; 3.0 is 3."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _clean_context(context: Context) -> Context:
    """Context in its stored form: addresses cut to what may be kept, values as text. Raises MessageError."""
    page_url = _page(context.page_url) if context.page_url is not None else None
    referrer = _domain(context.referrer) if context.referrer is not None else None
    for name, text in (("page_url", page_url), ("referrer", referrer)):
        if text is not None and len(text) > MAX_TEXT:
            raise MessageError("text_too_long", f"context.{name} holds at most {MAX_TEXT} characters")
    return msgspec.structs.replace(
        context,
        page_url=page_url or None,
        referrer=referrer or None,
        experiment=_pairs("experiment", context.experiment),
        custom=_pairs("custom", context.custom),
    )


def _pairs(name: str, pairs: dict[str, Scalar | None] | None) -> dict[str, Scalar | None] | None:
    if pairs is None:
        return None
    if len(pairs) > MAX_PAIRS:
        raise MessageError("too_many_entries", f"context.{name} has {len(pairs)} entries; at most {MAX_PAIRS}")
    return {key: scalar_text(value) for key, value in sorted(pairs.items()) if value is not None} or None


def _page(address: str) -> str:
    """An address without what may name or admit a person: `user:password@`, query and fragment."""
    page = re.split(r"[?#]", address, maxsplit=1)[0]
    return _CREDENTIALS.sub(r"\g<scheme>", page)


def _domain(referrer: str) -> str | None:
    """Host of an address, or the text itself when it is one already; None when there is none to find."""
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname
    except ValueError:  # such as a broken IPv6 address
        return None
    return host.lower() if host else None
