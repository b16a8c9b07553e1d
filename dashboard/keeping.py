"""Answers that are kept: asked for once however many pages ask at the same time, and seldom where asking takes long."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

SHARE_OF_TIME = 0.05  # of a server's time that a rationed look-up may take, however large the lake is

Asked = ParamSpec("Asked")
Kept = TypeVar("Kept")


class _Slot(Generic[Kept]):
    """One answer's place: whoever comes first fills it, the others wait."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: list[Kept] = []  # one, or none yet


def kept(maxsize: int) -> Callable[[Callable[Asked, Kept]], Callable[Asked, Kept]]:
    """As `functools.lru_cache`, but that threads which ask the same at the same time cost as much as one of them.

    An error is everybody's own: the next one asks again. `__wrapped__` is the function itself.
    """

    def around(look: Callable[Asked, Kept]) -> Callable[Asked, Kept]:
        @functools.lru_cache(maxsize)
        def slot(*_args: object, **_named: object) -> _Slot[Kept]:
            return _Slot()

        @functools.wraps(look)
        def ask(*args: Asked.args, **named: Asked.kwargs) -> Kept:
            mine = slot(*args, **named)  # type: ignore[arg-type]  # hashable, as for lru_cache
            with mine.lock:
                if not mine.answers:
                    mine.answers.append(look(*args, **named))
            return mine.answers[0]

        ask.cache_clear = slot.cache_clear  # type: ignore[attr-defined]
        return ask

    return around


class Rationed(Generic[Kept]):
    """A look-up kept until the data change, and longer where it is slow: `rationed(stamp)`. Thread-safe.

    Of options: a new value is offered as soon as it may be looked up again; filters typed into the URL never wait for
    that.
    """

    def __init__(self, look: Callable[[], Kept], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._stamp: object = None
        self._next_s = 0.0

    def __call__(self, stamp: object) -> Kept:
        with self._lock:
            if self._kept is None or (stamp != self._stamp and self._clock() >= self._next_s):
                began_s = self._clock()
                self._kept, self._stamp = self._look(), stamp
                ended_s = self._clock()
                self._next_s = ended_s + (ended_s - began_s) / SHARE_OF_TIME
            return self._kept

    def cache_clear(self) -> None:
        """Forget what was looked up."""
        self._kept, self._stamp, self._next_s = None, None, 0.0
