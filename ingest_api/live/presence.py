"""Who watches right now, told from events as they pass the door: no table is asked, nothing is stored.

A view counts while it is open and its newest `interval` or `heartbeat` happened at most 15 s ago. When an event
happened is what events.md says, on one clock of ours: its age at sending is `sent_at_ms - started_at_ms - t_ms`,
and the way here is not counted. So a backlog that a player resends after an hour offline makes nobody present.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable

import msgspec

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.events import Message
from viewbox.events.schema import Heartbeat, Interval, ViewEnd

WINDOW_S = 15.0  # trackers speak every 10 s while the watch clock runs; half as long again forgives a slow line
MAX_VIEWS = 50_000  # about 10 MB; beyond, the view that was silent for longest is forgotten, and counted


class Heard(msgspec.Struct, frozen=True):
    """One message's word about its view. `age_ms`: of its newest interval or heartbeat; None when it has none."""

    view_id: str
    video_id: str
    age_ms: int | None
    top_seq: int
    ends: bool  # its event of the highest seq is a `view_end`


class Seen(msgspec.Struct, array_like=True):
    """What is known of a view. Times are seconds of the monotonic clock."""

    video_id: str
    signal_at: float | None
    top_seq: int
    is_ended: bool
    heard_at: float


def heard_of(message: Message) -> Heard | None:
    """None when no event of the message was taken."""
    if not message.events:
        return None
    envelope = message.envelope
    sent_ms = envelope.sent_at_ms - envelope.started_at_ms
    signals = [event.t_ms for event in message.events if isinstance(event, Interval | Heartbeat)]
    last = max(message.events, key=lambda event: event.seq)
    return Heard(
        view_id=envelope.view_id,
        video_id=envelope.video_id,
        age_ms=max(0, sent_ms - max(signals)) if signals else None,  # a clock set back makes no event of the future
        top_seq=last.seq,
        ends=isinstance(last, ViewEnd),
    )


def present(views: Iterable[Seen], now: float) -> Counter[str]:
    """How many of the views count, by video."""
    return Counter(
        seen.video_id
        for seen in views
        if not seen.is_ended and seen.signal_at is not None and 0 <= now - seen.signal_at <= WINDOW_S
    )


def merged(known: dict[str, Seen], others: dict[str, Seen]) -> None:
    """Add to `known` what others heard, also of the same views: a player may have changed its connection."""
    for view_id, other in others.items():
        seen = known.setdefault(view_id, other)
        if seen is not other:
            _update(seen, other.signal_at, other.top_seq, other.is_ended)


def _update(seen: Seen, signal_at: float | None, top_seq: int, is_ended: bool) -> None:
    if top_seq >= seen.top_seq:  # a view_end below the highest seq closes nothing, whenever it arrives
        seen.top_seq, seen.is_ended = top_seq, is_ended
    if signal_at is not None and (seen.signal_at is None or signal_at > seen.signal_at):
        seen.signal_at = signal_at


class Presence:
    """Views heard of lately by this process. Thread-safe; bounded."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK, most: int = MAX_VIEWS) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._views: OrderedDict[str, Seen] = OrderedDict()  # the one heard of last is last
        self.forgotten = 0  # views that had to make room

    def hear(self, messages: Iterable[Message]) -> None:
        """Messages that are on disk now."""
        words = [word for word in map(heard_of, messages) if word is not None]
        now = self._clock.monotonic()
        with self._lock:
            for word in words:
                self._note(word, now)
            self._drop_silent(now)
            while len(self._views) > self._most:
                self._views.popitem(last=False)
                self.forgotten += 1

    def counts(self) -> Counter[str]:
        """viewers_now of every video that has any."""
        now = self._clock.monotonic()
        with self._lock:
            self._drop_silent(now)
            return present(self._views.values(), now)

    def views(self) -> dict[str, Seen]:
        """What is known of each view, as it is now."""
        with self._lock:
            self._drop_silent(self._clock.monotonic())
            return {view_id: msgspec.structs.replace(seen) for view_id, seen in self._views.items()}

    def __len__(self) -> int:
        with self._lock:
            return len(self._views)

    def _note(self, word: Heard, now: float) -> None:
        signal_at = None if word.age_ms is None else now - word.age_ms / 1000
        known = self._views.get(word.view_id)
        if known is None:
            self._views[word.view_id] = Seen(word.video_id, signal_at, word.top_seq, word.ends, now)
            return
        _update(known, signal_at, word.top_seq, word.ends)
        known.heard_at = now
        self._views.move_to_end(word.view_id)

    def _drop_silent(self, now: float) -> None:
        """Nothing heard for a whole window means no signal within it either."""
        while self._views:
            view_id, seen = next(iter(self._views.items()))
            if now - seen.heard_at <= WINDOW_S:
                return
            del self._views[view_id]
