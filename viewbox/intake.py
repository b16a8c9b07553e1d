"""The door's last room: messages in, answers out, and in between everything is on disk.

A message that is `taken` is decoded, its video admitted, and what the server knows is added (revision, source, device,
country): rows for the spool, and the answer that may be given once they are on disk. `Intake.accept` does all of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from viewbox.catalog import Catalog
from viewbox.client import ClientFacts, Device, country_of, parse_user_agent
from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.dead_letters import DeadLetter, readable
from viewbox.events import Context, Envelope, Message, MessageError, decode_message, decode_sound
from viewbox.events.schema import VIEW_ID_AHEAD_MS, VIEW_ID_BEHIND_MS
from viewbox.settings import Settings
from viewbox.spool import Row, Spool

__all__ = [
    "Ack", "Acked", "Answer", "ClientFacts", "ErrorBody", "Intake", "MessageRefused", "RejectedEvent", "Taken",
]  # fmt: skip

VIDEO_CACHE_S = 1.0  # how long a raised revision may go unnoticed
MAX_CACHED_VIDEOS = 20_000
MAX_USER_AGENT = 1024  # longer ones are cut before they are looked at

NO_FACTS = ClientFacts()

_encode = msgspec.msgpack.Encoder().encode
_context_json = msgspec.json.Encoder(order="sorted").encode


class Ack(msgspec.Struct, frozen=True, gc=False):
    view_id: str
    seq: int | None
    server_ms: int


class RejectedEvent(msgspec.Struct, frozen=True, gc=False):
    view_id: str
    seq: int | None
    code: str
    hint: str


class Acked(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Every event of the message is on disk; those in `rejected` as dead letters."""

    ack: Ack
    rejected: list[RejectedEvent] = []


class ErrorBody(msgspec.Struct, frozen=True, gc=False):
    code: str
    hint: str


class MessageRefused(msgspec.Struct, frozen=True, gc=False):
    """The whole message could not be read; it is one dead letter."""

    error: ErrorBody


Answer = Acked | MessageRefused  # msgspec.json.encode(answer) is what goes over the wire


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A message on its way to the disk. `message`: its events that pass, for whoever wants to hear; None without."""

    rows: list[Row]
    answer: Answer  # may be given once the rows are on disk
    message: Message | None


class SpooledMessage(msgspec.Struct, frozen=True, array_like=True):
    """A message in the spool: all that the lake will say about its events, decided at receipt.

    `events` stays msgpack here; the maintainer reads it into rows.
    """

    view_id: str
    video_id: str
    revision: int
    viewer_id: str
    viewer_kind: str
    session_id: str
    source: str
    browser: str | None
    os: str | None
    device_type: str | None
    country: str | None
    is_bot: bool
    received_at_ms: int
    sent_at_ms: int
    started_at_ms: int
    context: str | None
    events: msgspec.Raw


class Intake:
    """Accepts messages for one process. Thread-safe: its state is a cache."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        spool: Spool,
        *,
        source: Literal["player", "file"] = "player",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._external_videos = settings.external_videos
        self._videos = VideoCache(catalog)
        self._spool = spool
        self._from_file = source == "file"
        self._clock = clock

    def accept(
        self, messages: Sequence[bytes], *, received_at_ms: int | None = None, facts: ClientFacts = NO_FACTS
    ) -> list[Answer]:
        """One answer per message, in order, given when every message is on disk.

        `received_at_ms` defaults to now. From files each line's own time, User-Agent and country count, and
        `sent_at_ms` where it names no time. Raises Overloaded: nothing was stored.
        """
        now_ms = self._clock.now_ms() if received_at_ms is None else received_at_ms
        taken = [self.take(raw, facts, now_ms) for raw in messages]
        self._spool.append([row for each in taken for row in each.rows])
        return [each.answer for each in taken]

    def take(self, raw: bytes, facts: ClientFacts, now_ms: int | None = None) -> Taken:
        """Decide on one message; the catalog may be asked, and wait for its disk."""
        received_at_ms = self._clock.now_ms() if now_ms is None else now_ms
        try:
            message = decode_message(raw)
        except MessageError as error:
            letter = DeadLetter(received_at_ms, error.code, error.hint, error.view_id, readable(raw))
            return Taken([_dead_row([letter])], MessageRefused(ErrorBody(error.code, error.hint)), None)
        return self._decided(message, facts, received_at_ms)

    def take_at_once(self, raw: bytes, facts: ClientFacts) -> Taken | None:
        """`take` for what needs neither a closer look nor the catalog, as nearly all does; None for the rest.

        Its time is bound by the size of the message: an event loop may wait for it.
        """
        message = decode_sound(raw)
        video = self._videos.known(message.envelope.video_id) if message is not None else None
        if message is None or video is None:
            return None
        return self._decided(message, facts, self._clock.now_ms(), video)

    def take_unreadable(self, raw: bytes, code: str, hint: str) -> Taken:
        """What is no message at all (a binary frame): one dead letter."""
        letter = DeadLetter(self._clock.now_ms(), code, hint, None, readable(raw))
        return Taken([_dead_row([letter])], MessageRefused(ErrorBody(code, hint)), None)

    def _decided(self, message: Message, facts: ClientFacts, now_ms: int, video: KnownVideo | None = None) -> Taken:
        envelope = message.envelope
        rows: list[Row] = []
        if self._from_file:
            now_ms = envelope.sent_at_ms if envelope.received_at_ms is None else envelope.received_at_ms
            facts = ClientFacts(envelope.user_agent, envelope.country)
        refused = [(rejection.seq, rejection.code, rejection.hint, rejection.payload) for rejection in message.rejected]
        barrier, video = self._barrier(message, now_ms, video)
        passes = barrier is None and bool(message.events)
        if barrier is not None:
            refused += [(event.seq, *barrier, msgspec.json.encode(event).decode()) for event in message.events]
        if passes:
            rows.append(_events_row(message, video, facts, now_ms, from_file=self._from_file))
        if refused:
            rows.append(
                _dead_row(
                    [
                        DeadLetter(now_ms, code, hint, envelope.view_id, resendable(envelope, now_ms, payload))
                        for _seq, code, hint, payload in refused
                    ]
                )
            )
        answer = Acked(
            Ack(envelope.view_id, message.highest_seq, self._clock.now_ms()),
            [RejectedEvent(envelope.view_id, seq, code, hint) for seq, code, hint, _payload in refused],
        )
        return Taken(rows, answer, message if passes else None)

    def _barrier(
        self, message: Message, received_at_ms: int, video: KnownVideo | None
    ) -> tuple[tuple[str, str] | None, KnownVideo]:
        """Why no event of a readable message may pass (code, hint), or None; and its video."""
        ahead_ms = message.view_ms - received_at_ms
        if not -VIEW_ID_BEHIND_MS <= ahead_ms <= VIEW_ID_AHEAD_MS:
            days = round(ahead_ms / 86_400_000, 1)
            hint = f"the time inside view_id is {days:+} days from receipt; make ids from the ack's server_ms"
            return ("view_id_out_of_range", hint), NO_VIDEO
        if video is not None:
            return None, video
        return self._videos.admit(message.envelope.video_id, external_allowed=self._external_videos)


class KnownVideo(msgspec.Struct, frozen=True):
    """What the door needs to know of a video."""

    revision: int
    external: bool
    looked_up_at: float


NO_VIDEO = KnownVideo(1, external=True, looked_up_at=0.0)


class VideoCache:
    """Videos by id, each looked up once a second at most."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, KnownVideo] = {}

    def known(self, video_id: str) -> KnownVideo | None:
        """A video that was looked up within the second."""
        known = self._known.get(video_id)
        return known if known is not None and time.monotonic() - known.looked_up_at < VIDEO_CACHE_S else None

    def admit(self, video_id: str, *, external_allowed: bool) -> tuple[tuple[str, str] | None, KnownVideo]:
        """The video, admitted as external when unknown; or (code, hint) of the refusal."""
        known = self.known(video_id)
        if known is not None:
            return None, known
        video = self._catalog.find(video_id)
        if video is None:
            if not external_allowed:
                return ("unknown_video", "this server takes events of its own videos only"), NO_VIDEO
            if not self._catalog.admit_external(video_id):
                return ("too_many_videos", "today's number of new external videos is used up"), NO_VIDEO
            video = self._catalog.get(video_id)
        if len(self._known) >= MAX_CACHED_VIDEOS:
            self._known.clear()
        known = KnownVideo(video.revision, video.source_kind == "external", time.monotonic())
        self._known[video_id] = known
        return None, known


def resendable(envelope: Envelope, received_at_ms: int, event_json: str) -> str:
    """A message of one event, as text that `viewbox ingest` takes once the cause is mended."""
    head = {
        "v": 1, "view_id": envelope.view_id, "video_id": envelope.video_id, "viewer_id": envelope.viewer_id,
        "viewer_kind": envelope.viewer_kind, "session_id": envelope.session_id,
        "started_at_ms": envelope.started_at_ms, "sent_at_ms": envelope.sent_at_ms, "received_at_ms": received_at_ms,
    }  # fmt: skip
    return f'{msgspec.json.encode(head).decode()[:-1]},"events":[{event_json}]}}'


def _dead_row(letters: list[DeadLetter]) -> Row:
    return Row("dead", len(letters), _encode(letters))


def _events_row(message: Message, video: KnownVideo, facts: ClientFacts, now_ms: int, *, from_file: bool) -> Row:
    envelope = message.envelope
    context = envelope.context
    device = parse_user_agent(facts.user_agent[:MAX_USER_AGENT]) if facts.user_agent else Device()
    spooled: dict[str, Any] | list[Any] = [
        envelope.view_id, envelope.video_id, video.revision, envelope.viewer_id, envelope.viewer_kind,
        envelope.session_id, _source(context, video, from_file=from_file), device.browser, device.os,
        device.device_type, country_of(facts.country, context.timezone if context else None), device.is_bot,
        now_ms, envelope.sent_at_ms, envelope.started_at_ms, _context_text(context), message.events,
    ]  # fmt: skip
    return Row("events", len(message.events), _encode(spooled))


def _source(context: Context | None, video: KnownVideo, *, from_file: bool) -> str:
    """First match, as the contract says."""
    if context is not None and context.synthetic:
        return "synthetic"
    if from_file:
        return "file"
    return "external" if video.external else "player"


def _context_text(context: Context | None) -> str | None:
    """Context as canonical JSON; null when it says nothing."""
    if context is None:
        return None
    text = _context_json(context).decode()
    return text if text != "{}" else None
