"""Who may encode now: two at once, of which one long video, chunk by chunk in turn.

So a film never stands before a clip, and of two films each gets every second chunk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from transcoder.runner import Cancelled

ENCODES_AT_ONCE = 2
LONG_S = 300.0  # of media; a film and a clip share the machine
POLL_S = 0.2


@dataclass(frozen=True, eq=False)
class _Ticket:
    is_long: bool


class EncodeSlots:
    """Slots of one worker process. Whoever comes back for another chunk stands at the end of the line."""

    def __init__(self, at_once: int = ENCODES_AT_ONCE) -> None:
        self._free = at_once
        self._free_for_long = max(1, at_once - 1)
        self._line: list[_Ticket] = []
        self._changed = threading.Condition()

    @contextmanager
    def of(self, duration_s: float, cancel: threading.Event) -> Iterator[None]:
        """Hold a slot for a chunk of a video of that length. Raises Cancelled while waiting for one."""
        ticket = _Ticket(duration_s > LONG_S)
        with self._changed:
            self._line.append(ticket)
            try:
                while not self._is_next(ticket):
                    if cancel.is_set():
                        raise Cancelled
                    self._changed.wait(POLL_S)
                self._take(ticket, -1)
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._take(ticket, +1)
                self._changed.notify_all()

    def _is_next(self, ticket: _Ticket) -> bool:
        if not self._free or (ticket.is_long and not self._free_for_long):
            return False
        return next(other for other in self._line if not other.is_long or self._free_for_long) is ticket

    def _take(self, ticket: _Ticket, change: int) -> None:
        self._free += change
        if ticket.is_long:
            self._free_for_long += change
