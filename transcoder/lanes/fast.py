"""A small rendition, quick to make, in short segments: it plays while the ladder is still far behind.

It is made from where a viewer is. When somebody jumps to a place that is not there, the process that works elsewhere
ends, and one begins where they wait.
"""

from __future__ import annotations

import dataclasses
import threading
import time

from transcoder.command import encode_command
from transcoder.ladder import Box, Plan, Rung, fit
from transcoder.lanes import front
from transcoder.lanes.harvest import Harvest
from transcoder.lanes.order import next_of, run_from
from transcoder.lanes.shelf import Row
from transcoder.lanes.timeline import uniform
from transcoder.lanes.work import Work, piece_of
from transcoder.runner import Cancelled, ProcessFailed, run

TRACK = "fast"
PRESET = "ultrafast"
BOX = Box(640, 360, 1_200_000)  # at this preset, bits replace the encoder's thinking
MOST_FPS = 30
WAIT_AHEAD = 6  # segments: what the running process makes within about two seconds anyway is not worth a new one
LOOK_S = 0.1  # how soon a viewer's wish is seen


def fast_plan(plan: Plan) -> Plan:
    """One small rung in segments of one group of pictures. Pure."""
    top = plan.rungs[0]
    width, height = fit((top.width, top.height), BOX)
    fps = plan.fps / 2 if plan.fps > MOST_FPS else plan.fps
    return dataclasses.replace(plan, rungs=(Rung(width, height, fps, BOX.cap_bps),), segment_gops=1)


def row(work: Work, quick: Plan) -> Row:
    """The track on the shelf, before it is made."""
    return work.shelf.row(TRACK, uniform(quick.segment_s, quick.duration_s))


def make(work: Work, quick: Plan, track: Row) -> None:
    """Fill the track, first where viewers wait. Where the source ends before its declared time, so does the track.

    Raises EncodeFailed, Cancelled, JobLost.
    """
    end = len(track.timeline)
    while missing := [number for number in track.missing if number < end]:
        first = next_of(missing, _wanted(work, track)) if work.can_seek else 0
        count = run_from(missing, first) if work.can_seek else end
        if work.can_seek and not work.front.is_over:
            if 0 in track.segments:
                work.front.wait(work.cancel)
                continue
            count = min(count, front.FAST)
        before = len(track.segments)
        try:
            moved = _run(work, quick, track, first, count)
        except ProcessFailed:
            if len(track.segments) == 0:
                raise
            moved = False
        if not moved and len(track.segments) == before:
            end = first  # nothing more to decode here


def _run(work: Work, quick: Plan, track: Row, first: int, count: int) -> bool:
    """Make segments from `first` on until `count` are made, or until a viewer waits elsewhere: then True."""
    stop, moved = threading.Event(), threading.Event()
    next_look = time.monotonic()
    folder = work.fresh(TRACK, quick.rungs[0].name)

    def look() -> None:
        nonlocal next_look
        if not work.can_seek or time.monotonic() < next_look:
            return
        next_look = time.monotonic() + LOOK_S
        wanted = _wanted(work, track)
        if wanted is None or wanted in track.segments:
            return
        reached = first
        while reached in track.segments:
            reached += 1
        if not reached <= wanted <= reached + WAIT_AHEAD or wanted >= first + count:
            moved.set()
            stop.set()

    piece = piece_of(quick, work.probed.video, track.timeline, first, count) if work.can_seek else None
    command = encode_command(work.tools.ffmpeg, quick, work.source, folder, only="pictures", piece=piece, preset=PRESET)
    watched = Harvest(
        work.shelf, folder, {quick.rungs[0].name: track}, stop, cancel=work.cancel, first=first,
        starts_at_s=track.timeline.starts[first], on_look=look,
    )  # fmt: skip
    with watched as harvest:
        try:
            run(command, limits=work.limits(quick=True), folder=folder, cancel=stop, on_progress=lambda _: None)
        except Cancelled:
            harvest.check()
            if work.cancel.is_set() or not moved.is_set():
                raise
            return True
        harvest.finish()
    return False


def _wanted(work: Work, track: Row) -> int | None:
    want = work.wanted()
    if want is None or want.track != TRACK or not 0 <= want.number < len(track.timeline):
        return None
    return want.number
