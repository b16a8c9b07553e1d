"""What all lanes of one import share, and how a stretch of its pictures is cut out."""

from __future__ import annotations

import math
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from transcoder.command import Piece
from transcoder.ladder import Plan
from transcoder.lanes.front import Front
from transcoder.lanes.shelf import Shelf
from transcoder.lanes.timeline import Timeline
from transcoder.probe import Probe, VideoStream
from transcoder.runner import Limits
from transcoder.tools import Tools
from viewbox.segments import Want

SEEKABLE = frozenset({"mov", "matroska"})  # with an index: others are decoded from their beginning
LEAD_S = 1.0  # decoded before a stretch: deinterlacing looks back, and a picture lasts until the next one
LEAD_VARIABLE_S = 10.0  # where pictures come as they like: screen recordings stand still for seconds
QUICK_NICE = 4  # before the ladder (10), after the door and the browser
WALL_S_PER_MEDIA_S = 60.0  # slower than this, nobody waits for it
WALL_FLOOR_S = 600.0


@dataclass(frozen=True)
class Work:
    """One import after its plan was made. `folder` is private to this attempt; `wanted` tells what a viewer waits for.

    `cancel` ends every lane.
    """

    tools: Tools
    source: Path
    probed: Probe
    planned: Plan
    shelf: Shelf
    folder: Path
    cancel: threading.Event
    wanted: Callable[[], Want | None]
    front: Front

    @property
    def can_seek(self) -> bool:
        return self.probed.duration_is_declared and bool(SEEKABLE & set(self.probed.format.split(",")))

    def limits(self, *, quick: bool) -> Limits:
        wall_s = WALL_FLOOR_S + WALL_S_PER_MEDIA_S * self.planned.duration_s
        return Limits(wall_s=wall_s, nice=QUICK_NICE) if quick else Limits(wall_s=wall_s)

    def fresh(self, name: str, *tracks: str) -> Path:
        """An empty folder for one FFmpeg run, with one below it for each track."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        for track in tracks:
            (place / track).mkdir(parents=True)
        return place


def piece_of(plan: Plan, video: VideoStream, timeline: Timeline, first: int, count: int) -> Piece:
    """The segments [first, first + count) as a stretch to encode. Pure."""
    start_s = timeline.starts[first]
    last = first + count - 1
    duration_s = timeline.starts[last] + timeline.duration_s(last) - start_s
    picture_end_s = plan.duration_s - plan.hold_last_frame_s
    begin_s = min(float(start_s) - lead_s(video), picture_end_s - LEAD_S)
    begin_frame = max(0, math.floor(begin_s * plan.fps))
    return Piece(begin_frame / plan.fps, round(start_s * plan.fps) - begin_frame, duration_s)


def lead_s(video: VideoStream) -> float:
    """How long before a stretch decoding begins, so that what is shown at its first moment is known."""
    average = video.average_fps
    if average is None or video.base_fps is None or abs(video.base_fps - average) / average > Fraction(1, 500):
        return LEAD_VARIABLE_S
    return max(LEAD_S, 3 / float(average))
