"""Views told as stories: `Story("a").play().watch(30).stall(10).watch(30).leave()` → the events a tracker would send.

Times are seconds of wall clock, positions seconds of the video. With `heartbeats` the tracker cuts intervals every
10 s and sends heartbeats, as ours does; without, each stretch is one interval, as other players may send it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Self

from viewbox.ids import uuid7

T0_MS = 1_795_413_600_000  # 2026-11-23 06:00 UTC
BEAT_S = 10.0
EVENTS_PER_MESSAGE = 200


def view_id_of(name: str, began_ms: int = T0_MS) -> str:
    """The same id for the same name and time."""
    return uuid7(began_ms, hashlib.sha256(name.encode()).digest()[:10])


class Story:
    """One view. Every method tells what happened next and returns the story."""

    def __init__(
        self,
        name: str,
        *,
        video_id: str = "v",
        viewer_id: str | None = None,
        viewer_kind: str = "stored",
        began_ms: int = T0_MS,
        heartbeats: bool = True,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self.view_id = view_id_of(name, began_ms)
        self.video_id = video_id
        self.viewer_id = viewer_id or f"viewer-{name}"
        self.viewer_kind = viewer_kind
        self.began_ms = began_ms
        self.context = dict(context or {})
        self.heartbeats = heartbeats
        self.events: list[dict[str, Any]] = []
        self.now_s = 0.0
        self.position_s = 0.0
        self.running_rate = 1.0
        self._next_beat_s = BEAT_S
        self._moving = False
        self.emit("view_start")

    # --- what happened -----------------------------------------------------------------------------------

    def ask(self) -> Self:
        """Playing is requested."""
        return self.emit("play")

    def frames(self) -> Self:
        """The picture moves."""
        self._moving = True
        return self.emit("playing")

    def play(self, startup: float = 0.0) -> Self:
        return self.ask().wait(startup).frames()

    def blocked(self) -> Self:
        return self.emit("autoplay_blocked")

    def wait(self, seconds: float, *, beats: bool = True) -> Self:
        """Time passes without a picture."""
        self._pass(seconds, beats=beats)
        return self

    def idle(self, seconds: float) -> Self:
        """Time passes while the watch clock stands still."""
        return self.wait(seconds, beats=False)

    def watch(self, media: float, rate: float | None = None, **fields: Any) -> Self:
        """`media` seconds of the video play; intervals carry `fields`."""
        rate = self.running_rate if rate is None else rate
        left = media
        while left > 1e-9:
            piece = left
            if self.heartbeats:
                piece = min(left, (self._next_beat_s - self.now_s) * rate)
            began_s = self.position_s
            self.now_s = round(self.now_s + piece / rate, 6)
            self.position_s = round(began_s + piece, 6)
            wall_ms = round(piece / rate * 1000)
            self.emit("interval", from_s=began_s, to_s=self.position_s, rate=rate, wall_ms=wall_ms, **fields)
            if self.heartbeats and self.now_s >= self._next_beat_s - 1e-9:
                self._beat()
            left -= piece
        return self

    def pause(self, seconds: float = 0.0) -> Self:
        self._moving = False
        return self.emit("pause").idle(seconds)

    def seek(self, to: float, *, wait: float = 0.0, cause: str | None = "user") -> Self:
        began_s = self.position_s
        self._pass(wait)
        self.position_s = to
        self.emit("seek", from_s=began_s, to_s=to, wait_ms=round(wait * 1000), cause=cause)
        return self.frames() if self._moving else self

    def stall(self, seconds: float, cause: str = "network") -> Self:
        self._pass(seconds)
        return self.emit("stall", wait_ms=round(seconds * 1000), cause=cause).frames()

    def speed(self, rate: float) -> Self:
        self.running_rate = rate
        return self.emit("rate", rate=rate)

    def rendition(self, height: int, bitrate_bps: int | None = None, cause: str = "auto") -> Self:
        return self.emit("rendition", height=height, bitrate_bps=bitrate_bps, cause=cause)

    def fail(self, code: str | None = "decode", *, fatal: bool = True) -> Self:
        return self.emit("error", fatal=fatal, code=code)

    def ended(self) -> Self:
        self._moving = False
        return self.emit("ended")

    def leave(self, reason: str = "unload") -> Self:
        return self.emit("view_end", reason=reason)

    def emit(self, kind: str, **fields: Any) -> Self:
        """Any event, now and here."""
        event = {"seq": len(self.events), "type": kind, "t_ms": round(self.now_s * 1000), "position_s": self.position_s}
        self.events.append(event | fields)
        return self

    # --- what is sent ------------------------------------------------------------------------------------

    def message(self, first: int = 0, last: int | None = None, *, sent_after_ms: int | None = None) -> dict[str, Any]:
        """Events `[first, last)` in one message, sent when the last of them happened, or later."""
        events = self.events[first:last]
        sent_after_ms = max(event["t_ms"] for event in events) if sent_after_ms is None else sent_after_ms
        message = {
            "v": 1, "view_id": self.view_id, "video_id": self.video_id, "viewer_id": self.viewer_id,
            "viewer_kind": self.viewer_kind, "session_id": f"session-{self.viewer_id}",
            "started_at_ms": self.began_ms, "sent_at_ms": self.began_ms + sent_after_ms, "events": events,
        }  # fmt: skip
        return message | ({"context": self.context} if self.context and first == 0 else {})

    def messages(self, size: int = EVENTS_PER_MESSAGE) -> list[dict[str, Any]]:
        """The whole view, `size` events a message."""
        return [self.message(start, start + size) for start in range(0, len(self.events), size)]

    def _pass(self, seconds: float, *, beats: bool = True) -> None:
        until_s = round(self.now_s + seconds, 6)
        while self.heartbeats and beats and self._next_beat_s <= until_s - 1e-9:
            self.now_s = self._next_beat_s
            self._beat()
        self.now_s = until_s
        if not beats:
            self._next_beat_s = until_s + BEAT_S

    def _beat(self) -> None:
        self.emit("heartbeat", buffer_s=10.0)
        self._next_beat_s = round(self.now_s + BEAT_S, 6)
