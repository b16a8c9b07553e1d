"""From FFmpeg's folders to a publishable revision: every segment read and checked, playlists from what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from transcoder.boxes import Fragment, Init, corrupt, read_fragment, read_init
from transcoder.command import sound_name
from transcoder.ladder import Plan
from transcoder.playlists import (
    Segment,
    Track,
    master_playlist,
    media_playlists,
    peak_bps,
    target_duration,
)
from transcoder.trim import trimmed

INIT = "init.mp4"
ONE_TICK = 1
SAME_END_S = Fraction(1, 10)  # sound may outlast the picture by a few frames


@dataclass(frozen=True)
class Package:
    """A folder ready to publish, and its master playlist."""

    videos: tuple[Track, ...]
    sounds: tuple[Track, ...]
    master: str
    duration_s: float
    bandwidth_bps: dict[str, int]  # by rendition name: peak, picture alone
    texts: dict[str, str] = field(default_factory=dict)  # media playlists by path below the folder


def package(folder: Path, plan: Plan, revision: int) -> Package:
    """Check all that FFmpeg wrote below `folder` and write the media playlists. Raises EncodeFailed `bad_segment`."""
    videos = tuple(_video_track(folder, plan, i) for i in range(len(plan.rungs)))
    length = len(videos[0].segments)
    if any(len(video.segments) != length for video in videos):
        raise corrupt("renditions differ in their number of segments")
    sounds = tuple(_sound_track(folder, plan, i, videos[0]) for i in range(len(plan.audio)))
    for sound in sounds:
        (folder / sound.name / "video.m3u8").unlink(missing_ok=True)  # FFmpeg's own
    target_s = target_duration([*videos, *sounds])
    texts = media_playlists(videos, sounds, target_s)
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    return Package(
        videos=videos,
        sounds=sounds,
        master=master_playlist(videos, sounds, f"r{revision}"),
        texts=texts,
        duration_s=float(videos[0].duration_s),
        bandwidth_bps={video.name: peak_bps(video.segments, target_s) for video in videos},
    )


def _video_track(folder: Path, plan: Plan, index: int) -> Track:
    rung = plan.rungs[index]
    init, segments = _measure(folder / rung.name)
    if (init.width, init.height) != (rung.width, rung.height):
        raise corrupt(f"{rung.name} is {init.width}×{init.height}, planned {rung.width}×{rung.height}")
    return Track(rung.name, init.codec, segments, rung.width, rung.height, rung.fps)


def _sound_track(folder: Path, plan: Plan, index: int, picture: Track) -> Track:
    """Sound as long as the picture, in as many segments (Apple 8.3).

    What goes beyond is an encoder's tail of a few samples, or the silence that was added to a picture that ended
    before its declared time.
    """
    audio = plan.audio[index]
    name = sound_name(index)
    init, segments = _measure(folder / name)
    for extra in segments[len(picture.segments) :]:
        (folder / name / extra.name).unlink()
    segments = segments[: len(picture.segments)]
    excess_s = sum((segment.duration_s for segment in segments), Fraction(0)) - picture.duration_s
    if excess_s > SAME_END_S:
        segments = (*segments[:-1], _shortened(folder / name, segments[-1], init.timescale, excess_s))
    return Track(name, init.codec, segments, channels=init.channels, language=audio.language, title=audio.title)


def _shortened(folder: Path, last: Segment, timescale: int, excess_s: Fraction) -> Segment:
    """The last segment without what goes beyond the picture."""
    path = folder / last.name
    path.write_bytes(trimmed(path.read_bytes(), int((last.duration_s - excess_s) * timescale)))
    fragment = read_fragment(path.read_bytes())
    return Segment(last.name, Fraction(fragment.duration, timescale), fragment.size_bytes, fragment.first_sample_end)


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
