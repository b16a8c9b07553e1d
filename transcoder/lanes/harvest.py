"""Takes segments to the shelf while FFmpeg still writes the next ones: what is played is seconds old."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

from transcoder.lanes.shelf import Row, Shelf

POLL_S = 0.03
AT_ONCE = 8  # segments: a copy makes hundreds a second, and others wait for the video's lock
NUMBER = re.compile(r"(\d{5,})\.m4s")


class Harvest:
    """Watches the folder of one FFmpeg run; a context manager around the run.

    FFmpeg gives a segment its name when it is whole. When FFmpeg is told to stop, it names the one that it broke off
    too, so nothing is taken after `stop` is set. An error ends the run by setting `stop`; `check` raises it.
    """

    def __init__(
        self,
        shelf: Shelf,
        folder: Path,
        rows: Mapping[str, Row],
        stop: threading.Event,
        *,
        cancel: threading.Event,
        first: int = 0,
        count: int | None = None,
        starts_at_s: Fraction = Fraction(0),
        on_look: Callable[[], None] = lambda: None,
    ) -> None:
        """`rows` by FFmpeg's folder; its segments count from 0, which is `first` on the shelf.

        No more than `count` are taken: the last segment of a run that is cut off is not what was announced.
        `stop` ends this run, and is set when `cancel` is. `on_look` is called at each look, in the watching thread.
        """
        self._shelf = shelf
        self._folder = folder
        self._rows = rows
        self._stop = stop
        self._cancel = cancel
        self._first = first
        self._end = None if count is None else first + count
        self._starts_at_s = starts_at_s
        self._on_look = on_look
        self._done = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._watch, name=f"harvest {folder.name}")

    def __enter__(self) -> Harvest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def finish(self) -> None:
        """The run ended well: take the rest. Raises what taking them raised."""
        self._done.set()
        self._thread.join()
        self.check()
        self._collect()

    def check(self) -> None:
        """Raise what went wrong while watching."""
        if self._error is not None:
            raise self._error

    def _watch(self) -> None:
        try:
            while not self._done.wait(POLL_S):
                if self._cancel.is_set():
                    self._stop.set()
                    return
                self._collect()
                self._on_look()
        except Exception as error:  # noqa: BLE001  # raised again by `check`, in the thread that runs FFmpeg
            self._error = error
            self._stop.set()

    def _collect(self) -> None:
        for name, row in self._rows.items():
            folder = self._folder / name
            whole = sorted((int(match[1]), path) for path in folder.iterdir() if (match := NUMBER.fullmatch(path.name)))
            if not whole or self._stop.is_set():
                continue
            init = next(folder.glob("init*.mp4"))
            pieces = [(self._first + number, path) for number, path in whole]
            end = len(row.timeline) if self._end is None else min(self._end, len(row.timeline))  # a tail is left
            announced = [piece for piece in pieces if piece[0] < end]
            for at in range(0, len(announced), AT_ONCE):
                self._shelf.put(row, init, announced[at : at + AT_ONCE], starts_at_s=self._starts_at_s)
            for _, path in whole:
                path.unlink()
