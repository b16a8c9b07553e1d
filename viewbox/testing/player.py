"""A player without a picture: it emits the events of a real one and keeps the true books beside them.

Every method is something that happens to a viewer; those that take time advance `t_ms`. Events come in the order
of the contract: an interval precedes what closed it, stall and seek precede the `playing` that follows them.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from viewbox.testing.truth import Jump, Stretch, ViewTruth

CUT_MS = 10_000  # an interval is closed at least this often, so that a crash loses no more
HEARTBEAT_MS = 10_000
FRAMES_PER_S = 25


class Phase(Enum):
    """What the playhead does. The watch clock runs in WAITING and PLAYING."""

    IDLE = "idle"  # before the first play
    WAITING = "waiting"  # play was asked for, no frame moves: start-up, stall or seek
    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"  # ended or failed; play starts again
    LEFT = "left"


class SimulatedPlayer:
    """One view. `events` holds what a tracker sends, `truth` what happened.

    `duration_s` bounds the playhead. Raises RuntimeError for a move that a real player cannot make.
    """

    def __init__(self, duration_s: float) -> None:
        self.events: list[dict[str, Any]] = []
        self.truth = ViewTruth(duration_s=duration_s)
        self.t_ms = 0
        self.position_s = 0.0
        self.rate = 1.0
        self._duration_s = duration_s
        self._phase = Phase.IDLE
        self._opened: tuple[float, int] | None = None  # position and time at which the open interval began
        self._first_play_ms: int | None = None
        self._paused_at_ms: int | None = None
        self._watched_since_heartbeat_ms = 0
        self._picture: dict[str, Any] = {}  # height and bitrate_bps of what is shown
        self._visible, self._muted, self._mode = True, False, "inline"
        self._dropped_frames = 0
        self._emit("view_start")

    @property
    def at_end(self) -> bool:
        return self.position_s >= self._duration_s

    # --- what a viewer does --------------------------------------------------------------------------------

    def block_autoplay(self, after_ms: int = 20) -> None:
        """The page asks to play and the browser refuses."""
        self._require(Phase.IDLE, Phase.PAUSED)
        self._emit("play")
        self.t_ms += after_ms
        self._emit("autoplay_blocked")

    def request_play(self) -> None:
        """Play is asked for; frames do not move yet."""
        self._require(Phase.IDLE, Phase.PAUSED, Phase.STOPPED)
        self._emit("play")
        if self._first_play_ms is None:
            self._first_play_ms = self.t_ms
        self.truth.attempted = True
        self._count_paused_time()
        self._phase = Phase.WAITING

    def play(self, startup_ms: int = 0) -> None:
        """Play is asked for, and the first frame moves `startup_ms` later."""
        self.request_play()
        self.wait(startup_ms)
        self._move()

    def start_moving(self) -> None:
        """The first frame moves after `request_play` and its wait."""
        self._require(Phase.WAITING)
        self._move()

    def wait(self, ms: int) -> None:
        """Time passes without a moving frame."""
        if self._phase is Phase.PLAYING:
            raise RuntimeError("a playing player does not wait: watch, stall or pause")
        self._pass_time(ms)

    def watch(self, ms: int) -> None:
        """Play on for `ms` of wall time, or to the end of the video."""
        self._require(Phase.PLAYING)
        target_s = round(self.position_s + ms / 1000 * self.rate, 6)
        if target_s > self._duration_s:
            self.watch_to(self._duration_s)
        else:
            self._play_on(target_s, ms)

    def watch_to(self, position_s: float) -> None:
        """Play on to a position ahead, at most the end of the video."""
        self._require(Phase.PLAYING)
        target_s = min(position_s, self._duration_s)
        if target_s > self.position_s:
            self._play_on(target_s, round((target_s - self.position_s) / self.rate * 1000))

    def pause(self) -> None:
        self._require(Phase.PLAYING)
        self._close_interval()
        self._phase = Phase.PAUSED
        self._paused_at_ms = self.t_ms
        self.truth.pauses += 1
        self._emit("pause")

    def seek(self, to_s: float, *, wait_ms: int = 0, cause: str | None = "user") -> None:
        """Jump; the playhead settles `wait_ms` later and plays on if it played before."""
        self._require(Phase.IDLE, Phase.PLAYING, Phase.PAUSED, Phase.STOPPED)
        was = self._phase
        self._close_interval()
        from_s = self.position_s
        if was is Phase.PLAYING:
            self._phase = Phase.WAITING
        self._pass_time(wait_ms)
        self.position_s = to_s
        self.truth.jumps.append(Jump(from_s, to_s, wait_ms, cause))
        self._emit("seek", from_s=from_s, to_s=to_s, wait_ms=wait_ms, cause=cause)
        if was is Phase.PLAYING:
            self._move()
        elif was is Phase.STOPPED:
            self._phase = Phase.PAUSED

    def stall(self, wait_ms: int, cause: str = "network") -> None:
        """Playing starves and moves on `wait_ms` later."""
        self._require(Phase.PLAYING)
        self._close_interval()
        self._phase = Phase.WAITING
        self._pass_time(wait_ms)
        self.truth.stalls += 1
        self.truth.stall_ms += wait_ms
        self._emit("stall", wait_ms=wait_ms, cause=cause)
        self._move()

    def set_rate(self, rate: float) -> None:
        self._require(Phase.IDLE, Phase.PLAYING, Phase.PAUSED)
        self._close_interval()
        self.rate = rate
        self.truth.rate_changes += self.truth.played
        self._emit("rate", rate=rate)
        self._resume_interval()

    def show_rendition(self, width: int, height: int, bitrate_bps: int, cause: str = "auto") -> None:
        """The shown rendition changes; the first one is no switch."""
        self._close_interval()
        before = self._picture.get("bitrate_bps")
        if before is not None:
            self.truth.switches_up += bitrate_bps > before
            self.truth.switches_down += bitrate_bps < before
        self._picture = {"height": height, "bitrate_bps": bitrate_bps}
        self.truth.max_height = max(height, self.truth.max_height or 0)
        self._emit("rendition", width=width, height=height, bitrate_bps=bitrate_bps, codec="avc1.64001f", cause=cause)
        self._resume_interval()

    def set_visible(self, visible: bool) -> None:
        """The page comes to the front or leaves it; the picture plays on."""
        self._close_interval()
        self._visible = visible
        self._resume_interval()

    def set_muted(self, muted: bool) -> None:
        self._close_interval()
        self._muted = muted
        self._emit("setting", name="mute", value=str(muted).lower())
        self._resume_interval()

    def drop_frames(self, frames: int) -> None:
        self._dropped_frames += frames

    def fail(self, code: str, message: str = "", *, fatal: bool = True) -> None:
        """An error; a fatal one stops playing for good."""
        self._require(Phase.IDLE, Phase.WAITING, Phase.PLAYING, Phase.PAUSED)
        if fatal:
            self._close_interval()
            self._phase = Phase.STOPPED
            if not self.truth.failed:
                self.truth.error_code = code
            self.truth.failed = True
            self.truth.startup_failed = self.truth.startup_failed or not self.truth.played
        self._emit("error", fatal=fatal, code=code, message=message or None)

    def end(self) -> None:
        """The end was reached. Browsers' own pause just before it is not sent."""
        self._require(Phase.PLAYING)
        self._close_interval()
        self._phase = Phase.STOPPED
        self.truth.reached_end = True
        self._emit("ended")

    def loop(self) -> None:
        """Back to the start without an end: what the `loop` attribute does."""
        self.seek(0.0, cause="loop")

    def leave(self, reason: str = "unload") -> None:
        """The view is over."""
        self._close_interval()
        self._count_paused_time()
        self._phase = Phase.LEFT
        self.truth.closed_by = "view_end"
        self._emit("view_end", reason=reason)

    def vanish(self) -> None:
        """The device dies: nothing more is sent, what was not yet reported is lost; a time-out closes the view."""
        if self._opened is not None:
            unreported_ms = self.t_ms - self._opened[1]
            self.truth.playing_ms -= unreported_ms
            self.truth.visible_ms -= unreported_ms * self._visible
            self.truth.muted_ms -= unreported_ms * self._muted
            self._opened = None
        if self._phase in {Phase.WAITING, Phase.PLAYING}:
            self.truth.watch_ms -= self.t_ms - self.events[-1]["t_ms"]
        elif self._paused_at_ms is not None:
            self.truth.paused_ms += self.events[-1]["t_ms"] - self._paused_at_ms
        self._paused_at_ms = None
        self._phase = Phase.LEFT
        self.truth.closed_by = "timeout"

    # --- inside --------------------------------------------------------------------------------------------

    def _require(self, *phases: Phase) -> None:
        if self._phase not in phases:
            wanted = ", ".join(phase.value for phase in phases)
            raise RuntimeError(f"a player that is {self._phase.value} cannot do this; it must be {wanted}")

    def _emit(self, kind: str, **fields: Any) -> None:
        event = {"seq": len(self.events), "type": kind, "t_ms": self.t_ms, "position_s": self.position_s, **fields}
        self.events.append({name: value for name, value in event.items() if value is not None})
        self.truth.events += 1
        self.truth.last_position_s = self.position_s

    def _move(self) -> None:
        """Frames move from here."""
        if not self.truth.played and self._first_play_ms is not None:
            self.truth.startup_ms = self.t_ms - self._first_play_ms
        self.truth.played = True
        self._phase = Phase.PLAYING
        self._emit("playing")
        self._opened = (self.position_s, self.t_ms)

    def _resume_interval(self) -> None:
        if self._phase is Phase.PLAYING:
            self._opened = (self.position_s, self.t_ms)

    def _play_on(self, target_s: float, ms: int) -> None:
        """Move to `target_s` over `ms`, cut at heartbeats and every 10 s."""
        started_s, started_ms, left_ms = self.position_s, self.t_ms, ms
        while left_ms > 0:
            assert self._opened is not None
            until_cut_ms = CUT_MS - (self.t_ms - self._opened[1])
            step_ms = min(left_ms, until_cut_ms, HEARTBEAT_MS - self._watched_since_heartbeat_ms)
            left_ms -= step_ms
            self.t_ms += step_ms
            done = (self.t_ms - started_ms) / ms
            self.position_s = target_s if left_ms == 0 else round(started_s + (target_s - started_s) * done, 6)
            self._count_watch_time(step_ms)
            if step_ms == until_cut_ms:
                self._close_interval()
                self._resume_interval()
            self._beat_when_due()
        self.position_s = target_s

    def _pass_time(self, ms: int) -> None:
        """Time without playing; heartbeats go on while the watch clock runs."""
        if self._phase is not Phase.WAITING:
            self.t_ms += ms
            return
        while ms > 0:
            step_ms = min(ms, HEARTBEAT_MS - self._watched_since_heartbeat_ms)
            ms -= step_ms
            self.t_ms += step_ms
            self._count_watch_time(step_ms)
            self._beat_when_due()

    def _count_watch_time(self, ms: int) -> None:
        self.truth.watch_ms += ms
        self._watched_since_heartbeat_ms += ms
        if self._phase is Phase.PLAYING:
            self.truth.playing_ms += ms
            self.truth.visible_ms += ms * self._visible
            self.truth.muted_ms += ms * self._muted

    def _count_paused_time(self) -> None:
        if self._paused_at_ms is not None:
            self.truth.paused_ms += self.t_ms - self._paused_at_ms
            self._paused_at_ms = None

    def _beat_when_due(self) -> None:
        if self._watched_since_heartbeat_ms < HEARTBEAT_MS:
            return
        self._watched_since_heartbeat_ms = 0
        total_frames = self.truth.playing_ms * FRAMES_PER_S // 1000
        self._emit("heartbeat", buffer_s=12.0, dropped_frames=self._dropped_frames, total_frames=total_frames)

    def _close_interval(self) -> None:
        if self._opened is None:
            return
        from_s, since_ms = self._opened
        self._opened = None
        wall_ms = self.t_ms - since_ms
        if wall_ms == 0 and self.position_s == from_s:
            return
        self.truth.stretches.append(Stretch(from_s, self.position_s, self.rate, wall_ms))
        self._emit(
            "interval", from_s=from_s, to_s=self.position_s, rate=self.rate, wall_ms=wall_ms,
            visible=self._visible, muted=self._muted, mode=self._mode, **self._picture,
        )  # fmt: skip
