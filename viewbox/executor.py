"""Where independent partitions of work run: in this process, or in a pool of processes of this machine.

`map` takes a function that can be pickled (module level) and yields its answers in the order of the items.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

from viewbox.errors import SetupError
from viewbox.settings import Settings

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MAX_PROCESSES = 8  # each holds a DuckDB with memory of its own


class Executor(Protocol):
    @property
    def cores(self) -> int | None:
        """How many cores the work on one item has for itself; null: those of this process, shared with all it does."""
        ...

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """Answers in the order of the items. The first exception of an item is raised here."""
        ...


class Inline:
    """One after the other, in this process."""

    cores = None

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        return map(function, items)


class ProcessPool:
    """A process per core. Spawned, never forked: the parent holds threads, sockets and databases."""

    def __init__(self, pool: ProcessPoolExecutor, cores: int) -> None:
        self._pool = pool
        self.cores = cores

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        return self._pool.map(function, items)


@contextmanager
def open_executor(settings: Settings, *, items: int) -> Iterator[Executor]:
    """The executor that VIEWBOX_EXECUTOR names, sized for so many items. Raises SetupError for an unknown name."""
    if settings.executor not in {"inline", "process"}:
        raise SetupError(f"VIEWBOX_EXECUTOR={settings.executor} is not available here", hint="choose inline or process")
    processes = min(items, os.cpu_count() or 1, MAX_PROCESSES)
    if settings.executor == "inline" or processes < 2:
        yield Inline()
        return
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield ProcessPool(pool, cores=max(1, (os.cpu_count() or 1) // processes))
