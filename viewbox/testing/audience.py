"""A synthetic audience: views as a real player would report them, and the exact answers beside them.

Everything follows from the seed: the same seed, video, time and effects give the same bytes. Each view has its own
source of chance, so view 7 is the same in an audience of 10 and of 10,000.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from viewbox.events import MAX_EVENTS
from viewbox.ids import uuid7
from viewbox.testing.devices import DEVICES, HOMES, Device, Home
from viewbox.testing.player import SimulatedPlayer
from viewbox.testing.stories import Effect, Plan, Visit, decide
from viewbox.testing.truth import ViewTruth

DAY_MS = 86_400_000
RETURNING_SHARE = 0.25  # visits by somebody who was here before
PAGE_SHARE = 0.2  # viewers whose id lives as long as their page
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 10, 9, 8, 8, 9, 11, 13, 15, 16, 14, 9, 5)  # UTC, quiet nights
RENDITIONS = ((640, 360, 800_000), (1280, 720, 2_800_000))


@dataclass(frozen=True)
class SyntheticView:
    """One view: its envelope, its events in `seq` order, and what really happened."""

    view_id: str
    video_id: str
    viewer_id: str
    viewer_kind: str
    session_id: str
    started_at_ms: int
    context: dict[str, Any]
    device: Device
    home: Home
    events: list[dict[str, Any]]
    truth: ViewTruth

    @property
    def ended_at_ms(self) -> int:
        return self.started_at_ms + int(self.events[-1]["t_ms"])

    def messages(self, *, sent_at_ms: int | None = None, max_events: int = MAX_EVENTS) -> list[dict[str, Any]]:
        """The messages of events.md. `sent_at_ms` is the sender's clock now; None: each is sent as it fills."""
        return [
            {
                "v": 1, "view_id": self.view_id, "video_id": self.video_id, "viewer_id": self.viewer_id,
                "viewer_kind": self.viewer_kind, "session_id": self.session_id, "started_at_ms": self.started_at_ms,
                "sent_at_ms": self.started_at_ms + events[-1]["t_ms"] if sent_at_ms is None else sent_at_ms,
                # On every message: the server tells synthetic events by their own message's context.
                "context": self.context, "events": events,
            }
            for first in range(0, len(self.events), max_events)
            if (events := self.events[first : first + max_events])
        ]  # fmt: skip

    def lines(self, *, max_events: int = MAX_EVENTS) -> list[str]:
        """The messages as lines of a file for `viewbox ingest`, with the dimensions that a file may carry."""
        extra = {"user_agent": self.device.user_agent, "country": self.home.country}
        return [json.dumps({**message, **extra}) for message in self.messages(max_events=max_events)]


@dataclass(frozen=True)
class Audience:
    """`count` views of one video that began in the `days` before `until_ms`, latest end before `until_ms`."""

    seed: int
    video_id: str
    duration_s: float
    count: int
    until_ms: int
    days: float = 28.0
    effects: Sequence[Effect] = field(default=())
    synthetic: bool = True

    def views(self) -> Iterator[SyntheticView]:
        for index in range(self.count):
            yield self.view(index)

    def view(self, index: int) -> SyntheticView:
        draw = self._chance("view", index)
        viewer = self._viewer(index)
        habits = self._chance("viewer", viewer)
        device = habits.choices(DEVICES, [device.weight for device in DEVICES])[0]
        home = habits.choices(HOMES, [home.weight for home in HOMES])[0]
        viewer_kind = "page" if habits.random() < PAGE_SHARE else "stored"
        started_at_ms = self._start(draw)
        days_ago = self.until_ms // DAY_MS - started_at_ms // DAY_MS
        plan = decide(self.effects, Visit(Plan(self.duration_s), draw, days_ago, device.name))
        player = perform(plan)
        return SyntheticView(
            view_id=uuid7(started_at_ms, draw.randbytes(10)),
            video_id=self.video_id,
            viewer_id=f"synthetic-{self.seed}-{viewer}",
            viewer_kind=viewer_kind,
            session_id=f"session-{self.seed}-{index}",
            started_at_ms=started_at_ms,
            context=self._context(device, home, plan),
            device=device,
            home=home,
            events=player.events,
            truth=player.truth,
        )

    def _context(self, device: Device, home: Home, plan: Plan) -> dict[str, Any]:
        context = {
            "player_name": "viewbox", "player_version": "1.0.0", "language": home.language,
            "timezone": home.timezone, "screen_w": device.screen_w, "screen_h": device.screen_h,
            "player_w": device.player_w, "player_h": device.player_w * 9 // 16, "duration_s": self.duration_s,
            "autoplay": plan.blocked_ms is not None,
        }  # fmt: skip
        if plan.experiment:
            context["experiment"] = plan.experiment
        if self.synthetic:
            context["synthetic"] = True
        return context

    def _viewer(self, index: int) -> int:
        """The number of the visit on which this viewer came first."""
        draw = self._chance("return", index)
        while index > 0 and draw.random() < RETURNING_SHARE:
            index = draw.randrange(index)
            draw = self._chance("return", index)
        return index

    def _start(self, draw: Random) -> int:
        """A start in the range, by the hours at which people watch."""
        longest_ms = 30 * 60_000 + round(self.duration_s * 4000)
        earliest_ms = self.until_ms - round(self.days * DAY_MS) + 1000
        latest_ms = max(earliest_ms, self.until_ms - longest_ms)
        while True:
            start_ms = draw.randint(earliest_ms, latest_ms)
            hour = datetime.fromtimestamp(start_ms / 1000, tz=UTC).hour
            if draw.random() * max(HOUR_WEIGHTS) < HOUR_WEIGHTS[hour] or latest_ms - earliest_ms < DAY_MS:
                return start_ms

    def _chance(self, of: str, number: int) -> Random:
        return Random(f"{self.seed}:{self.video_id}:{of}:{number}")  # noqa: S311  # repeatable by design, protects nothing


def perform(plan: Plan) -> SimulatedPlayer:
    """Let a player live through a plan."""
    player = SimulatedPlayer(plan.duration_s)
    if plan.blocked_ms is not None:
        player.block_autoplay()
        player.wait(plan.blocked_ms)
    if plan.resume_s is not None:
        player.seek(plan.resume_s, cause="resume")
    if plan.rate != 1.0:
        player.set_rate(plan.rate)
    player.request_play()
    if plan.gives_up_ms is not None:
        player.wait(plan.gives_up_ms)
        player.leave()
        return player
    player.wait(plan.startup_ms)
    if plan.fatal is not None and plan.fatal[0] <= 0:
        player.fail(plan.fatal[1])
        player.leave()
        return player
    player.show_rendition(*RENDITIONS[0])
    player.start_moving()
    _watch(player, plan)
    player.leave()
    return player


def _watch(player: SimulatedPlayer, plan: Plan) -> None:
    """From the first frame on: go from mark to mark. What lies behind the playhead after a jump never happens."""
    marks = sorted(_marks(plan), key=lambda mark: mark[0])
    for at_s, kind, value in marks:
        if at_s < player.position_s and kind != "sharpen":
            continue
        player.watch_to(at_s)
        if player.at_end:
            break
        match kind:
            case "skip":
                player.seek(value, wait_ms=180)
            case "replay":
                player.seek(value, wait_ms=120)
            case "pause":
                player.pause()
                player.wait(int(value))
                player.play(40)
            case "stall":
                player.stall(int(value))
                player.show_rendition(*RENDITIONS[0])
            case "sharpen":
                player.show_rendition(*RENDITIONS[1])
            case "leave":
                return
            case "fail":
                assert plan.fatal is not None
                player.fail(plan.fatal[1])
                return
    player.watch_to(plan.duration_s)
    player.end()


def _marks(plan: Plan) -> Iterator[tuple[float, str, float]]:
    start_s = plan.resume_s or 0.0
    yield start_s + 5.0, "sharpen", 0.0
    for from_s, to_s in plan.skips:
        yield from_s, "skip", to_s
    for from_s, to_s in plan.replays:
        yield to_s, "replay", from_s
    for at_s, ms in plan.pauses:
        yield at_s, "pause", ms
    for at_s, ms in plan.stalls:
        yield at_s, "stall", ms
        yield at_s + 8.0, "sharpen", 0.0
    if plan.leave_s is not None:
        yield plan.leave_s, "leave", 0.0
    if plan.fatal is not None:
        yield plan.fatal[0], "fail", 0.0
