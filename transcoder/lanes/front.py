"""What the first picture needs goes before all else: a few segments from every lane, then everybody gives way to it.

Without that, a long source is slower than a short one: its copies fill the disk and its encoders the cores while a page
waits for six seconds of video.
"""

from __future__ import annotations

import threading
import time

from transcoder.lanes.timeline import Timeline
from transcoder.runner import Cancelled

COPIED = 2  # segments: twelve seconds, read and written in a few hundredths
SOUND = 1
FAST = 3  # of two seconds
AFTER_S = 0.5  # read beyond them: a segment is whole when the next one has begun
GRACE_S = 1.0  # from the moment it plays until a page has its first picture, a cold browser included
POLL_S = 0.05


def end_of(timeline: Timeline, count: int) -> float | None:
    """How far to read for the first `count` segments; None: to the end. Pure."""
    return float(timeline.starts[count]) + AFTER_S if count < len(timeline) else None


class Front:
    """Of one import. Made open when there is no first picture to wait for."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._over_at = 0.0

    @property
    def is_over(self) -> bool:
        return self._begun.is_set() and time.monotonic() >= self._over_at

    def open(self, *, grace_s: float = 0.0) -> None:
        """Nobody has to wait any more, once `grace_s` have passed; the first call counts."""
        if not self._begun.is_set():
            self._over_at = time.monotonic() + grace_s
            self._begun.set()

    def wait(self, cancel: threading.Event) -> None:
        """Until it is over. Raises Cancelled."""
        while not self.is_over:
            if cancel.wait(POLL_S):
                raise Cancelled
