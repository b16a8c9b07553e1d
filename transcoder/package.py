"""The playlists of a revision, from what was measured of its segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transcoder.playlists import (
    Track,
    master_playlist,
    media_playlists,
    peak_bps,
    target_duration,
)


@dataclass(frozen=True)
class Package:
    """A folder ready to publish, and its master playlist."""

    videos: tuple[Track, ...]
    sounds: tuple[Track, ...]
    master: str
    duration_s: float
    bandwidth_bps: dict[str, int]  # by rendition name: peak, picture alone
    texts: dict[str, str] = field(default_factory=dict)  # media playlists by path below the folder


def package(folder: Path, videos: Sequence[Track], sounds: Sequence[Track], revision: int) -> Package:
    """Write the media playlists of measured tracks into `folder`/<track>/, and say what the master holds."""
    target_s = target_duration([*videos, *sounds])
    texts = media_playlists(videos, sounds, target_s)
    write_texts(folder, texts)
    return Package(
        videos=tuple(videos),
        sounds=tuple(sounds),
        master=master_playlist(videos, sounds, f"r{revision}"),
        texts=texts,
        duration_s=float(videos[0].duration_s),
        bandwidth_bps={video.name: peak_bps(video.segments, target_s) for video in videos},
    )


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Path below `folder` → content."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
