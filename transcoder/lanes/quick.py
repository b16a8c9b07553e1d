"""What plays first: the source's own pictures where they may be copied, else the small rendition.

Told once the first segments of picture and sound are there. Should copying fail, the small rendition takes over under
another master.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from transcoder.command import AUDIO_BPS
from transcoder.lanes import fast, front, remux
from transcoder.lanes.early import Promise, early_master, early_playlists
from transcoder.lanes.index import Index
from transcoder.lanes.shelf import Row
from transcoder.lanes.work import Work
from transcoder.package import write_texts
from transcoder.runner import Cancelled
from viewbox import logs
from viewbox.errors import EncodeFailed

POLL_S = 0.02
FIRST_S = 60.0  # a machine on which this takes longer has other troubles; the ladder goes on then
SOUND_BPS = AUDIO_BPS + 32_000  # what its segments take at most beside the samples
_log = logs.get("quick")


class Quick:
    """The first thing to play of one import. `make` fills it in a thread of its own."""

    def __init__(
        self, work: Work, index: Index | None, sounds: Sequence[Row], play: Callable[[Path, str, float], None]
    ) -> None:
        """`play` gets the folder of the playlists, the master, and the duration, when there is something to play."""
        self._work = work
        self._index = index
        self._sounds = sounds
        self._play = play
        self._playing = threading.Event()
        self._given_up = threading.Event()
        self._error: Exception | None = None
        self.row: Row | None = None

    def await_playing(self) -> None:
        """Until it plays, or never will, and a page had time to show it. Raises Cancelled."""
        deadline = FIRST_S / POLL_S
        while not self._playing.wait(POLL_S):
            deadline -= 1
            if self._work.cancel.is_set():
                raise Cancelled
            if deadline <= 0:
                self._work.front.open()
                break
        self._work.front.wait(self._work.cancel)

    def make(self) -> None:
        """Fill the track. Raises EncodeFailed, Cancelled, JobLost."""
        try:
            if self._index is None or not remux.may_remux(self._work, self._index) or not self._copy(self._index):
                self._encode()
        finally:
            self._playing.set()
            self._work.front.open()

    def _copy(self, index: Index) -> bool:
        """The source's own pictures; whether all of them are there."""
        video = self._work.probed.video
        row = remux.row(self._work, index)
        fps = video.average_fps or self._work.planned.fps
        promise = Promise(row, index.peak_bps, video.width, video.height, fps)
        try:
            self._fill(promise, lambda: remux.make(self._work, row))
        except EncodeFailed as error:
            _log.warning("copying_failed", error=error.message)
            return False
        return True

    def _encode(self) -> None:
        """The small rendition."""
        quick = fast.fast_plan(self._work.planned)
        (rung,) = quick.rungs
        row = fast.row(self._work, quick)
        promise = Promise(row, rung.maxrate_bps, rung.width, rung.height, rung.fps)
        self._fill(promise, lambda: fast.make(self._work, quick, row))

    def _fill(self, promise: Promise, make: Callable[[], None]) -> None:
        """Make the track, and tell as soon as it plays."""
        self.row = promise.row
        herald = threading.Thread(target=self._tell, args=(promise,), name="herald")
        self._given_up.clear()
        herald.start()
        try:
            make()
        except BaseException:
            self._given_up.set()
            raise
        finally:
            herald.join()
        if self._error is not None:
            raise self._error

    def _tell(self, promise: Promise) -> None:
        rows = [promise.row, *self._sounds]
        while not all(0 in row.segments for row in rows):
            if self._work.cancel.wait(POLL_S) or self._given_up.is_set():
                return
        try:
            sounds = [
                Promise(row, SOUND_BPS, language=audio.language, title=audio.title)
                for row, audio in zip(self._sounds, self._work.planned.audio, strict=True)
            ]
            folder = self._work.fresh("early", ".")
            write_texts(folder, early_playlists(promise, sounds))
            end_s = float(promise.row.timeline.end_s)
            self._play(folder, early_master(promise, sounds, self._work.shelf.folder.name), end_s)
            self._work.front.open(grace_s=front.GRACE_S)
        except Exception as error:  # noqa: BLE001  # raised again in the lane's own thread
            self._error = error
            self._work.cancel.set()
        finally:
            self._playing.set()
