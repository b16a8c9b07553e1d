"""Who may encode now: two at once, of which one long video, so that a film never stands before a clip."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from transcoder.runner import Cancelled

ENCODES_AT_ONCE = 2
LONG_S = 300.0  # of media; a film and a clip share the machine, two films wait for each other
POLL_S = 0.2


class EncodeSlots:
    """Slots of one worker process; jobs beyond them wait here, fetched and probed."""

    def __init__(self, at_once: int = ENCODES_AT_ONCE) -> None:
        self._all = threading.Semaphore(at_once)
        self._long = threading.Semaphore(max(1, at_once - 1))

    @contextmanager
    def of(self, duration_s: float, cancel: threading.Event) -> Iterator[None]:
        """Hold a slot. Raises Cancelled while waiting for one."""
        needed = [self._long, self._all] if duration_s > LONG_S else [self._all]
        held: list[threading.Semaphore] = []
        try:
            for semaphore in needed:
                while not semaphore.acquire(timeout=POLL_S):
                    if cancel.is_set():
                        raise Cancelled
                held.append(semaphore)
            yield
        finally:
            for semaphore in held:
                semaphore.release()
