"""Where independent partitions of work run: in this process, or in a pool of processes of this machine.

`map` takes a function that can be pickled (module level) and yields its answers in the order of the items. Nothing may
assume that both sides share memory: items and answers are small, and name larger data by path.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.errors import SetupError
from viewbox.settings import Settings

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MAX_PROCESSES = 8  # each holds a DuckDB with memory of its own
IDLE_S = 60.0  # how long a pool outlives its last work: a backlog comes in many steps, and a start costs a second


class Executor(Protocol):
    @property
    def cores(self) -> int | None:
        """How many cores the work on one item has for itself; null: those of this process, shared with all it does."""
        ...

    @property
    def at_once(self) -> int:
        """How many items are worked on at a time: into so many it pays to cut work."""
        ...

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """Answers in the order of the items. The first exception of an item is raised here."""
        ...


class Inline:
    """One after the other, in this process."""

    cores = None
    at_once = 1

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        return map(function, items)


class ProcessPool:
    """A process per core. Spawned, never forked: the parent holds threads, sockets and databases."""

    def __init__(self, processes: int) -> None:
        self._pool = ProcessPoolExecutor(
            processes, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
        )
        self.cores = max(1, (os.cpu_count() or 1) // processes)
        self.at_once = processes

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        return self._pool.map(function, items)

    def close(self) -> None:
        """End the processes; what they have begun is finished first."""
        self._pool.shutdown()


class Workforce:
    """Whoever has work now and then: inline for a little, a pool for much, which stays for a while in case there is
    more. Raises SetupError for an executor that is not there.
    """

    def __init__(self, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
        self._processes = _processes(settings)
        self._clock = clock
        self._pool: ProcessPool | None = None
        self._last_used = 0.0

    @contextmanager
    def executor(self, *, worth_a_pool: bool) -> Iterator[Executor]:
        """For one set of items. `worth_a_pool`: the work takes much longer than the start of a pool."""
        if not worth_a_pool or self._processes < 2:
            if self._pool is not None and self._clock.monotonic() - self._last_used > IDLE_S:
                self.close()
            yield Inline()
            return
        if self._pool is None:
            self._pool = ProcessPool(self._processes)
        try:
            yield self._pool
        except BrokenExecutor:  # a process of it was killed: it will never work again
            self.close()
            raise
        self._last_used = self._clock.monotonic()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None


@contextmanager
def open_executor(settings: Settings, *, items: int) -> Iterator[Executor]:
    """The executor that VIEWBOX_EXECUTOR names, sized for so many items. Raises SetupError for an unknown name."""
    processes = min(items, _processes(settings))
    if processes < 2:
        yield Inline()
        return
    pool = ProcessPool(processes)
    try:
        yield pool
    finally:
        pool.close()


def _processes(settings: Settings) -> int:
    if settings.executor not in {"inline", "process"}:
        raise SetupError(f"VIEWBOX_EXECUTOR={settings.executor} is not available here", hint="choose inline or process")
    return 1 if settings.executor == "inline" else min(os.cpu_count() or 1, MAX_PROCESSES)


def _end_with_parent() -> None:
    """A pool's processes wait for work for ever; one whose parent was killed would never learn of it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
