"""Playlists of what will be there: over the whole duration at once, while its segments are still made. Pure.

They stand beside the ones that are written from measured segments, under names of their own: a player that began with
these goes on with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from transcoder.lanes.shelf import Row, segment_name
from transcoder.playlists import MASTER_VERSION, Segment, Track, audio_lines, media_playlist, target_duration

PLAYLIST = "early.m3u8"


@dataclass(frozen=True)
class Promise:
    """One track of an early master. `peak_bps` bounds what its segments will take."""

    row: Row
    peak_bps: int
    width: int = 0
    height: int = 0
    fps: Fraction = Fraction(0)
    language: str = "und"
    title: str = ""

    def track(self) -> Track:
        """As planned; of its segments only the durations are known. The header must be there."""
        assert self.row.init is not None
        timeline = self.row.timeline
        segments = tuple(
            Segment(segment_name(number), timeline.duration_s(number), 0, 0) for number in range(len(timeline))
        )
        return Track(
            self.row.name, self.row.init.codec, segments, self.width, self.height, self.fps,
            self.row.init.channels, self.language, self.title,
        )  # fmt: skip


def early_master(picture: Promise, sounds: Sequence[Promise], base: str) -> str:
    """The entry point with one variant. BANDWIDTH is a bound, since nothing can be measured yet."""
    track = picture.track()
    heard = [promise.track() for promise in sounds]
    codecs = ",".join([track.codec, *sorted({sound.codec for sound in heard})])
    bandwidth = picture.peak_bps + max((promise.peak_bps for promise in sounds), default=0)
    attributes = [
        f"BANDWIDTH={bandwidth}", f'CODECS="{codecs}"', f"RESOLUTION={track.width}x{track.height}",
        f"FRAME-RATE={float(track.fps):.3f}", *(['AUDIO="audio"'] if heard else []),
    ]  # fmt: skip
    lines = [
        "#EXTM3U", f"#EXT-X-VERSION:{MASTER_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS",
        *audio_lines(heard, [f"{base}/{sound.name}/{PLAYLIST}" for sound in heard]),
        f"#EXT-X-STREAM-INF:{','.join(attributes)}", f"{base}/{track.name}/{PLAYLIST}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def early_playlists(picture: Promise, sounds: Sequence[Promise]) -> dict[str, str]:
    """Path below the revision → text of each media playlist."""
    tracks = [promise.track() for promise in (picture, *sounds)]
    target_s = target_duration(tracks)
    return {f"{track.name}/{PLAYLIST}": media_playlist(track, target_s) for track in tracks}
