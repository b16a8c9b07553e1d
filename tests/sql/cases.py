"""Golden cases: `tests/sql/<metric>/<case>.yaml` tells what viewers did and which numbers a person worked out.

    claim: what holds, in words
    videos: {v: 60}                      # duration in seconds; null: unknown to the catalog
    heartbeats: both                     # both (default), with, without
    stories:
      - does: [play, watch 30, stall 10, watch 30, pause 30, leave]
        viewers: 20                      # so many, each in a view of their own; or
        viewer: ann                      # a viewer who has other views in this case
        day: 1                           # days after the first; or
        at: 2026-10-25T00:30:00Z         # when it began
        context: {synthetic: true}
        user_agent: Googlebot/2.1        # what its browser says it is
        late_s: 600                      # its messages leave so long after their last event
        clock_ahead_s: 10800             # its clock is so far ahead of ours
        lost: [3]                        # seq of events that never arrive
        file: true                       # told by a file long after, not by a player
    replaced: {v: 90}                    # new durations: these sources are replaced, and then
    then: []                             # further stories are told
    timezone: Europe/Berlin              # of days; UTC
    params: {per: viewer}                # of the metric; {w} stands for the id of the video w
    ask: {source: synthetic}             # further query parameters
    expect: [{views: 1}]                 # columns of the rows, in their order; or, for rows by second:
    curve: {absolute: [[0, 15, 1.0], [15, 60, 0.5]]}   # half-open ranges and their value
    also: {rebuffer_ratio: [{rebuffer_ratio: 0.5}]}    # rows of other metrics
    views: {watch_ms: 70000}             # what every view's row holds

A step is a method of Story: `seek to=50 wait=1 cause=resume`, `watch 30`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World
from viewbox.client import ClientFacts

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One file, told with or without heartbeats; its videos have ids of its own in the world that all cases share."""

    metric: str
    name: str
    heartbeats: bool
    told: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        return f"{self.metric}/{self.name}{'' if self.heartbeats else ' without heartbeats'}"

    def video_id(self, video: str = "v") -> str:
        return f"{self.name[:40]}.{'h' if self.heartbeats else 'n'}.{self.metric[:12]}.{video}"

    def named(self, text: str) -> str:
        """`text` with the ids of the case's videos for their names in braces."""
        for video in self.told["videos"]:
            text = text.replace(f"{{{video}}}", self.video_id(video))
        return text

    def tell(self, world: World) -> None:
        for video, duration_s in self.told["videos"].items():
            if duration_s is not None:
                world.video(self.video_id(video), duration_s)
        self._send(world, "stories")
        for video, duration_s in self.told.get("replaced", {}).items():
            world.video(self.video_id(video), duration_s, revision=2)
        self._send(world, "then")

    @property
    def timezone(self) -> str:
        return str(self.told.get("timezone", "UTC"))

    def _send(self, world: World, key: str) -> None:
        for number, told in enumerate(self.told.get(key, [])):
            late_ms = round(1000 * told.get("late_s", 0))
            ahead_ms = round(1000 * told.get("clock_ahead_s", 0))
            for one in range(told.get("viewers", 1)):
                story = self._story(told, f"{key[0]}{number}-{one}")
                lost = frozenset(told.get("lost", ()))
                messages = [_as_sent(message, late_ms, ahead_ms, lost) for message in story.messages()]
                if told.get("file"):
                    world.ingest([story])
                    continue
                facts = ClientFacts(user_agent=told.get("user_agent"))
                # What a clock shows plays no part in when a message arrives.
                world.send(messages, late_ms=-ahead_ms, facts=facts)

    def _story(self, told: dict[str, Any], name: str) -> Story:
        began_ms = round(told["at"].timestamp() * 1000) if "at" in told else T0_MS + told.get("day", 0) * DAY_MS
        story = Story(
            f"{self.id}-{name}",
            video_id=self.video_id(told.get("video", "v")),
            viewer_id=f"{self.video_id()[:50]}.{told.get('viewer', name)}",
            viewer_kind=told.get("viewer_kind", "stored"),
            began_ms=began_ms,
            heartbeats=self.heartbeats,
            context=told.get("context"),
        )
        for step in told["does"]:
            _take(story, step)
        return story


def all_cases() -> list[Case]:
    cases = []
    for path in sorted(path for path in FOLDER.glob("*/*.yaml") if path.parent.name != "tables"):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        beats = {"both": (True, False), "with": (True,), "without": (False,)}[told.get("heartbeats", "both")]
        cases += [Case(path.parent.name, path.stem, beat, told) for beat in beats]
    return cases


def _as_sent(message: dict[str, Any], late_ms: int, ahead_ms: int, lost: frozenset[int]) -> dict[str, Any]:
    """A message as the viewer's machine sends it: later than its last event, by a clock that may be wrong."""
    return message | {
        "started_at_ms": message["started_at_ms"] + ahead_ms,
        "sent_at_ms": message["sent_at_ms"] + ahead_ms + late_ms,
        "events": [event for event in message["events"] if event["seq"] not in lost],
    }


def _take(story: Story, step: str) -> None:
    method, *words = step.split()
    positional = [_value(word) for word in words if "=" not in word]
    named = {key: _value(value) for key, value in (word.split("=", 1) for word in words if "=" in word)}
    getattr(story, method)(*positional, **named)


def _value(word: str) -> Any:
    return yaml.safe_load(word)
