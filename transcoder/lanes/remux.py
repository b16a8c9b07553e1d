"""The source's own pictures in new segments: where they are what we would make, nothing is quicker."""

from __future__ import annotations

import threading

from transcoder.command import copy_command
from transcoder.lanes import front
from transcoder.lanes.harvest import Harvest
from transcoder.lanes.index import Index
from transcoder.lanes.shelf import Row
from transcoder.lanes.timeline import cuts
from transcoder.lanes.work import Work
from transcoder.playlists import TARGET_S
from transcoder.runner import Cancelled, run

TRACK = "source"
PEAK_BPS = 12_000_000  # over 2 s: beyond, home lines stall
LONGEST_SIDE = 1920  # beyond, phones drop frames
MOST_FPS = 61
LONGEST_GROUP_S = TARGET_S
SAME_START_S = 0.02  # a picture that starts later would be shown too early
SAME_END_S = 0.5  # between what the container declares and what its tables hold


def may_remux(work: Work, index: Index | None) -> bool:
    """H.264 with 8-bit 4:2:0 pictures as they are shown, closed groups no longer than a segment, at a bearable rate."""
    video = work.probed.video
    return (
        index is not None
        and video.codec == "h264"
        and video.pixel_format == "yuv420p"
        and video.sample_aspect == 1
        and video.rotation == 0
        and not video.interlaced
        and not work.planned.tonemap
        and not work.planned.hold_last_frame_s
        and max(video.width, video.height) <= LONGEST_SIDE
        and 0 < (video.average_fps or 0) <= MOST_FPS
        and video.start_s <= SAME_START_S
        and abs(float(index.end_s) - work.planned.duration_s) <= SAME_END_S
        and index.closed
        and index.longest_group_s <= LONGEST_GROUP_S
        and index.peak_bps <= PEAK_BPS
    )


def row(work: Work, index: Index) -> Row:
    """The track on the shelf, before it is made."""
    return work.shelf.row(TRACK, cuts(work.planned.segment_s, index.keyframes_s, index.end_s))


def make(work: Work, track: Row) -> None:
    """Fill the track, its beginning first. Raises EncodeFailed, Cancelled, JobLost."""
    whole = len(track.timeline)
    beginning = min(front.COPIED, whole)
    if 0 in track.missing:
        _copy(work, track, beginning)
    if track.missing and beginning < whole:
        if 0 in track.segments:
            work.front.wait(work.cancel)
        _copy(work, track, whole)


def _copy(work: Work, track: Row, count: int) -> None:
    """The first `count` segments."""
    stop = threading.Event()
    folder = work.fresh(TRACK, TRACK)
    until_s = front.end_of(track.timeline, count)
    with Harvest(work.shelf, folder, {TRACK: track}, stop, cancel=work.cancel, count=count) as harvest:
        try:
            command = copy_command(work.tools.ffmpeg, work.planned, work.source, folder, picture=TRACK, until_s=until_s)
            run(command, limits=work.limits(quick=True), folder=folder, cancel=stop, on_progress=lambda _: None)
        except Cancelled:
            harvest.check()
            raise
        harvest.finish()
