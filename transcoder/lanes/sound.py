"""All sound tracks, from the first sample to the last in one process: every start of the encoder would add silence."""

from __future__ import annotations

import threading
from fractions import Fraction

from transcoder.command import AUDIO_RATE_HZ, copy_command, encode_command, sound_name
from transcoder.ladder import Plan
from transcoder.lanes import front
from transcoder.lanes.harvest import Harvest
from transcoder.lanes.index import Index
from transcoder.lanes.shelf import Row
from transcoder.lanes.timeline import aac
from transcoder.lanes.work import Work
from transcoder.playlists import Track
from transcoder.probe import AudioStream
from transcoder.runner import Cancelled, run

COPIED_RATES_HZ = frozenset({44_100, 48_000})
COPIED_BPS = 256_000  # above, people on phones pay for what they do not hear
SAME_START_S = 0.03  # copied sound starts with its picture: half of what a viewer would notice
SAME_END_S = 0.1


def may_copy(work: Work, index: Index | None) -> bool:
    """Whether every track is AAC as we would make it, without a gap, and as long as the picture."""
    return index is not None and index.even_sound and all(is_fit(audio, work.planned) for audio in work.planned.audio)


def is_fit(audio: AudioStream, planned: Plan) -> bool:
    """Whether one track may be published as it is. Pure."""
    return (
        audio.codec == "aac"
        and audio.profile == "LC"
        and audio.channels <= 2
        and audio.rate_hz in COPIED_RATES_HZ
        and 0 < (audio.bitrate_bps or 0) <= COPIED_BPS
        and abs(audio.start_s) <= SAME_START_S
        and audio.duration_s is not None
        and abs(audio.duration_s - planned.duration_s) <= SAME_END_S
        and audio.duration_s - SAME_END_S > _last_start_s(audio.rate_hz, planned)
    )


def _last_start_s(rate_hz: int, planned: Plan) -> float:
    """Where the last segment would begin. Sound that ends about there may not have it, and it was announced."""
    starts = aac(planned.segment_s, planned.duration_s, rate_hz).starts
    return float(starts[-1]) if len(starts) > 1 else -SAME_END_S


def rows(work: Work, *, copied: bool) -> list[Row]:
    """The tracks on the shelf, before they are made."""
    planned = work.planned
    return [
        work.shelf.row(
            sound_name(number),
            aac(planned.segment_s, planned.duration_s, audio.rate_hz if copied else AUDIO_RATE_HZ),
        )
        for number, audio in enumerate(planned.audio)
    ]


def make(work: Work, tracks: list[Row], *, copied: bool) -> None:
    """Fill the tracks, their beginning first. Raises EncodeFailed, Cancelled, JobLost."""
    whole = max((len(track.timeline) for track in tracks), default=0)
    beginning = whole if work.front.is_over else min(whole, front.COPIED if copied else front.SOUND)
    if any(0 in track.missing for track in tracks):
        _make(work, tracks, beginning, copied=copied)
    if any(track.missing for track in tracks) and beginning < whole:
        if all(0 in track.segments for track in tracks):
            work.front.wait(work.cancel)
        _make(work, tracks, whole, copied=copied)


def _make(work: Work, tracks: list[Row], count: int, *, copied: bool) -> None:
    """The first `count` segments of each."""
    stop = threading.Event()
    rows = {track.name: track for track in tracks}
    folder = work.fresh("sound", *rows)
    until_s = front.end_of(tracks[0].timeline, count)
    given = (work.tools.ffmpeg, work.planned, work.source, folder)
    command = (
        copy_command(*given, until_s=until_s) if copied else encode_command(*given, only="sounds", until_s=until_s)
    )
    with Harvest(work.shelf, folder, rows, stop, cancel=work.cancel, count=count) as harvest:
        try:
            run(command, limits=work.limits(quick=True), folder=folder, cancel=stop, on_progress=lambda _: None)
        except Cancelled:
            harvest.check()
            raise
        harvest.finish()


def tracks_of(work: Work, made: list[Row], picture: Track) -> tuple[Track, ...]:
    """As published: as long as the picture, in as many segments (Apple 8.3).

    What goes beyond is an encoder's tail of a few samples, or the silence that was added to a picture that ended
    before its declared time.
    """
    found = []
    for row, audio in zip(made, work.planned.audio, strict=True):
        assert row.init is not None
        segments = [row.segments[number] for number in sorted(row.segments)[: len(picture.segments)]]
        excess_s = sum((segment.duration_s for segment in segments), Fraction(0)) - picture.duration_s
        if excess_s > SAME_END_S:
            segments[-1] = work.shelf.shorten(row, segments[-1], segments[-1].duration_s - excess_s)
        found.append(
            Track(
                row.name, row.init.codec, tuple(segments), channels=row.init.channels, language=audio.language,
                title=audio.title,
            )
        )  # fmt: skip
    return tuple(found)
