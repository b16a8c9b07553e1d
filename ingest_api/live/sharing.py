"""Who watches, over all processes of one `viewbox serve`: each leaves what it heard in a file, and reads the others'.

Files hold views, not counts: a player that reconnected is known to two processes, and is one viewer. Times are those of
the machine's monotonic clock, which all processes share. Nothing needs an fsync: what a crash loses is 15 s old soon.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections import Counter
from pathlib import Path

import msgspec

from ingest_api.live.presence import MAX_VIEWS, WINDOW_S, Presence, Seen, merged, present
from viewbox.clock import SYSTEM_CLOCK, Clock

PUBLISH_S = 1.0
MAX_FILE_BYTES = MAX_VIEWS * 256  # a view takes about 100
ABANDONED_S = 60.0  # a file that nobody wrote for so long belongs to a process that is gone
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Seen]).decode


class Sharing:
    """Blocking: for a thread. `counts` looks at the files at each call, `publish` writes one where there is news."""

    def __init__(self, presence: Presence, folder: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        self._presence = presence
        self._folder = folder
        self._clock = clock
        self._own = folder / f"{os.getpid()}-{secrets.token_hex(4)}.views"
        self._is_out = False

    def publish(self) -> None:
        """Leave what this process has heard; nothing is written while nobody watches."""
        views = self._presence.views()
        if not views:
            if self._is_out:
                self._own.unlink(missing_ok=True)
                self._is_out = False
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._own.with_suffix(".new")
        beside.write_bytes(_encode(views))
        beside.replace(self._own)
        self._is_out = True
        self._sweep()

    def counts(self) -> Counter[str]:
        """viewers_now of every video that has any, over all processes."""
        known = self._presence.views()
        for place in self._others():
            with contextlib.suppress(OSError, msgspec.DecodeError):  # gone meanwhile, or no file of ours
                if self._age_s(place) <= WINDOW_S and place.stat().st_size <= MAX_FILE_BYTES:
                    merged(known, _decode(place.read_bytes()))
        return present(known.values(), self._clock.monotonic())

    def close(self) -> None:
        self._own.unlink(missing_ok=True)

    def _others(self) -> list[Path]:
        return [place for place in self._folder.glob("*.views") if place != self._own]

    def _sweep(self) -> None:
        for place in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if self._age_s(place) > ABANDONED_S:
                    place.unlink()

    def _age_s(self, place: Path) -> float:
        """By the file system's clock, which a reboot does not set back: old files tell of another monotonic clock."""
        return time.time() - place.stat().st_mtime
