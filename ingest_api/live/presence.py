"""Who watches right now, told from events as they pass the door: no table is asked, nothing is stored.

A view counts while it is open and its newest `interval` or `heartbeat` happened at most 15 s ago. When an event
happened is what events.md says, on one clock of ours: its age at sending is `sent_at_ms - started_at_ms - t_ms`,
and the way here is not counted. So a backlog that a player resends after an hour offline makes nobody present.

Some devices stop the player's monotonic clock while they sleep; from then on every event looks as old as the sleep was
long. What is late by the same time over and over is not late: a backlog catches up, a stopped clock does not.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable

import msgspec

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.events import Message
from viewbox.events.schema import Heartbeat, Interval, ViewEnd

KEPT_S = 120.0  # a view stays known for so long after its last word, so that words that come again are recognised
WINDOW_S = 15.0  # trackers speak every 10 s while the watch clock runs; half as long again forgives a slow line
STEADY_S = 5.0  # signals that far apart, equally late, come from a clock that stood still
STEADY_TOLERANCE_S = 2.0
MAX_VIEWS = 50_000  # about 10 MB; beyond, the view that was silent for longest is forgotten, and counted


class Heard(msgspec.Struct, frozen=True):
    """One message's word about its view. `age_ms`: of its newest interval or heartbeat; None when it has none."""

    view_id: str
    video_id: str
    age_ms: int | None
    signal_seq: int  # of that interval or heartbeat; -1 when there is none
    top_seq: int
    ends: bool  # its event of the highest seq is a `view_end`


class Seen(msgspec.Struct, array_like=True):
    """What is known of a view. Times are seconds of the monotonic clock."""

    video_id: str
    signal_at: float | None
    top_seq: int
    is_ended: bool
    heard_at: float
    signal_seq: int = -1  # the highest of an interval or heartbeat: what comes again is no new sign of life
    late_s: float = 0.0  # how late signals are since `late_since`, give or take STEADY_TOLERANCE_S
    late_since: float = 0.0


def heard_of(message: Message) -> Heard | None:
    """None when no event of the message was taken."""
    if not message.events:
        return None
    envelope = message.envelope
    sent_ms = envelope.sent_at_ms - envelope.started_at_ms
    signals = [event for event in message.events if isinstance(event, Interval | Heartbeat)]
    last = max(message.events, key=lambda event: event.seq)
    return Heard(
        view_id=envelope.view_id,
        video_id=envelope.video_id,
        # A clock set back makes no event of the future.
        age_ms=max(0, sent_ms - max(event.t_ms for event in signals)) if signals else None,
        signal_seq=max((event.seq for event in signals), default=-1),
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


def _happened_at(seen: Seen, late_s: float, now: float) -> float:
    """When a signal that is `late_s` old happened, with the view's own clock taken for what it is."""
    if abs(late_s - seen.late_s) > STEADY_TOLERANCE_S or seen.late_since == 0.0:
        seen.late_s, seen.late_since = late_s, now
    return now if now - seen.late_since >= STEADY_S else now - late_s


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
        """What is known of each view that was heard of within the window, as it is now."""
        now = self._clock.monotonic()
        with self._lock:
            self._drop_silent(now)
            return {
                view_id: msgspec.structs.replace(seen)
                for view_id, seen in self._views.items()
                if now - seen.heard_at <= WINDOW_S
            }

    def __len__(self) -> int:
        with self._lock:
            return len(self._views)

    def _note(self, word: Heard, now: float) -> None:
        known = self._views.get(word.view_id)
        if known is None:
            known = self._views[word.view_id] = Seen(word.video_id, None, word.top_seq, word.ends, now)
        signal_at = None
        if word.age_ms is not None and word.signal_seq > known.signal_seq:
            known.signal_seq = word.signal_seq
            signal_at = _happened_at(known, word.age_ms / 1000, now)
        _update(known, signal_at, word.top_seq, word.ends)
        known.heard_at = now
        self._views.move_to_end(word.view_id)

    def _drop_silent(self, now: float) -> None:
        while self._views:
            view_id, seen = next(iter(self._views.items()))
            if now - seen.heard_at <= KEPT_S:
                return
            del self._views[view_id]
