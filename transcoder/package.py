"""From FFmpeg's folders to a publishable revision: every segment read and checked, playlists from what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from transcoder.boxes import Fragment, Init, corrupt, read_fragment, read_init
from transcoder.command import sound_name
from transcoder.ladder import Plan
from transcoder.lint import gate
from transcoder.playlists import (
    Segment,
    Track,
    master_playlist,
    media_playlists,
    peak_bps,
    target_duration,
)

INIT = "init.mp4"
ONE_TICK = 1


@dataclass(frozen=True)
class Package:
    """A folder ready to publish, and its master playlist."""

    videos: tuple[Track, ...]
    sounds: tuple[Track, ...]
    master: str
    duration_s: float
    bandwidth_bps: dict[str, int]  # by rendition name: peak, picture alone


def package(folder: Path, plan: Plan, revision: int) -> Package:
    """Check all that FFmpeg wrote below `folder` and write the media playlists.

    Raises EncodeFailed: `bad_segment`; `not_conformant` when the playlists break a MUST of HLS, before any is written.
    """
    videos = tuple(_video_track(folder, plan, i) for i in range(len(plan.rungs)))
    length = len(videos[0].segments)
    if any(len(video.segments) != length for video in videos):
        raise corrupt("renditions differ in their number of segments")
    sounds = tuple(_sound_track(folder, plan, i, length) for i in range(len(plan.audio)))
    for sound in sounds:
        (folder / sound.name / "video.m3u8").unlink(missing_ok=True)  # FFmpeg's own
    target_s = target_duration([*videos, *sounds])
    base = f"r{revision}"
    master, playlists = master_playlist(videos, sounds, base), media_playlists(videos, sounds, target_s)
    gate.check(master, {f"{base}/{path}": text for path, text in playlists.items()}, [*videos, *sounds])
    for path, text in playlists.items():
        (folder / path).write_text(text, encoding="utf-8")
    return Package(
        videos=videos,
        sounds=sounds,
        master=master,
        duration_s=float(videos[0].duration_s),
        bandwidth_bps={video.name: peak_bps(video.segments, target_s) for video in videos},
    )


def _video_track(folder: Path, plan: Plan, index: int) -> Track:
    rung = plan.rungs[index]
    init, segments = _measure(folder / rung.name)
    if (init.width, init.height) != (rung.width, rung.height):
        raise corrupt(f"{rung.name} is {init.width}×{init.height}, planned {rung.width}×{rung.height}")
    return Track(rung.name, init.codec, segments, rung.width, rung.height, rung.fps)


def _sound_track(folder: Path, plan: Plan, index: int, length: int) -> Track:
    """Sound with as many segments as the picture (Apple 8.3).

    What goes beyond is an encoder's tail of a few samples, or the silence that was added to a picture that ended
    before its declared time.
    """
    audio = plan.audio[index]
    name = sound_name(index)
    init, segments = _measure(folder / name)
    for extra in segments[length:]:
        (folder / name / extra.name).unlink()
    return Track(
        name, init.codec, segments[:length], channels=init.channels, language=audio.language, title=audio.title
    )


def _measure(folder: Path) -> tuple[Init, tuple[Segment, ...]]:
    """Read every segment of one track: whole, starting with a keyframe, and following the one before exactly."""
    written = next(folder.glob("init*.mp4"), None)
    if written is None:
        raise corrupt(f"{folder.name} has no initialisation segment")
    written.rename(folder / INIT)
    init = read_init((folder / INIT).read_bytes())
    segments: list[Segment] = []
    expected = 0
    for path in sorted(folder.glob("*.m4s")):
        fragment = read_fragment(path.read_bytes())
        _follows(fragment, expected, f"{folder.name}/{path.name}")
        expected = fragment.decode_time + fragment.duration
        segments.append(
            Segment(
                path.name,
                Fraction(fragment.duration, init.timescale),
                fragment.size_bytes,
                fragment.first_sample_end,
            )
        )
    if not segments:
        raise corrupt(f"{folder.name} has no segments")
    return init, tuple(segments)


def _follows(fragment: Fragment, expected: int, name: str) -> None:
    if not fragment.starts_with_sync:
        raise corrupt(f"{name} does not start with a keyframe")
    if abs(fragment.decode_time - expected) > ONE_TICK:
        raise corrupt(f"{name} starts at tick {fragment.decode_time}, expected {expected}")
