"""One progress bar for long work: on stderr, when a person sits there, and only once the wait is worth a word."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_S = 0.5  # work that ends before this shows no bar


@contextmanager
def progress(label: str) -> Iterator[Callable[..., None]]:
    """A bar for the length of a block, which calls what it is given: `show(0.4)`, or `show(None)` for "at work".

    `show(0.4, "writing")` changes the words. Without a terminal at stderr nothing is shown.
    """
    if not sys.stderr.isatty():
        yield lambda share, words=label: None  # noqa: ARG005
        return
    from rich.console import Console  # noqa: PLC0415  # a statement that is quick pays for none of it
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bars.add_task(label, total=None)
    is_shown = False

    def show(share: float | None, words: str = label) -> None:
        nonlocal is_shown
        if not is_shown and time.monotonic() - began > PATIENCE_S:
            bars.start()
            is_shown = True
        if is_shown:
            done: dict[str, Any] = {"total": None} if share is None else {"total": 1.0, "completed": share}
            bars.update(task, description=words, **done)

    try:
        yield show
    finally:
        if is_shown:
            bars.stop()
