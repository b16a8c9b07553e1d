"""Golden cases: `tests/sql/<metric>/<case>.yaml` tells what viewers did and which numbers a person worked out.

    claim: what holds, in words
    videos: {v: 60}                      # duration in seconds; null: unknown to the catalog
    heartbeats: both                     # both (default), with, without
    stories:
      - does: [play, watch 30, stall 10, watch 30, pause 30, leave]
        viewers: 20                      # so many, each in a view of their own; or
        viewer: ann                      # a viewer who has other views in this case
        day: 1                           # days after the first
        context: {synthetic: true}
    params: {per: viewer}                # of the metric
    ask: {source: synthetic}             # further query parameters
    expect: [{views: 1}]                 # columns of the rows, in their order; or, for rows by second:
    curve: {absolute: [[0, 15, 1.0], [15, 60, 0.5]]}   # half-open ranges and their value
    also: {rebuffer_ratio: [{rebuffer_ratio: 0.5}]}    # rows of other metrics
    views: {watch_ms: 70000}             # what every view's row holds

A step is a method of Story: `seek to=50 wait=1 cause=resume`, `watch 30`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World

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

    def tell(self, world: World) -> None:
        for video, duration_s in self.told["videos"].items():
            if duration_s is not None:
                world.video(self.video_id(video), duration_s)
        world.tell(*self._stories())

    def _stories(self) -> Iterator[Story]:
        for number, told in enumerate(self.told["stories"]):
            for one in range(told.get("viewers", 1)):
                name = f"{self.id}-{number}-{one}"
                viewer = told.get("viewer", f"{number}-{one}")
                story = Story(
                    name,
                    video_id=self.video_id(told.get("video", "v")),
                    viewer_id=f"{self.video_id()[:50]}.{viewer}",
                    viewer_kind=told.get("viewer_kind", "stored"),
                    began_ms=T0_MS + told.get("day", 0) * DAY_MS,
                    heartbeats=self.heartbeats,
                    context=told.get("context"),
                )
                for step in told["does"]:
                    _take(story, step)
                yield story


def all_cases() -> list[Case]:
    cases = []
    for path in sorted(path for path in FOLDER.glob("*/*.yaml") if path.parent.name != "tables"):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        beats = {"both": (True, False), "with": (True,), "without": (False,)}[told.get("heartbeats", "both")]
        cases += [Case(path.parent.name, path.stem, beat, told) for beat in beats]
    return cases


def _take(story: Story, step: str) -> None:
    method, *words = step.split()
    positional = [_value(word) for word in words if "=" not in word]
    named = {key: _value(value) for key, value in (word.split("=", 1) for word in words if "=" in word)}
    getattr(story, method)(*positional, **named)


def _value(word: str) -> Any:
    return yaml.safe_load(word)
