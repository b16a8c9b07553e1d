"""HLS playlists as text, written from measured segments. Pure.

Clauses are of Apple's HLS Authoring Specification; FFmpeg's own master playlist breaks several of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from viewbox.languages import LANGUAGE_NAMES, language_tag

MASTER_VERSION = 6  # as its media playlists
MEDIA_VERSION = 6  # EXT-X-MAP; a higher one would lock older players out for nothing
IFRAMES_VERSION = 5  # EXT-X-MAP beside EXT-X-I-FRAMES-ONLY
TARGET_S = 6


@dataclass(frozen=True)
class Segment:
    """One media segment. `keyframe_end` is the byte after its first frame: what an I-frame playlist points at."""

    name: str
    duration_s: Fraction
    size_bytes: int
    keyframe_end: int


@dataclass(frozen=True)
class Track:
    """One rendition or sound track as measured, in a folder of its own."""

    name: str
    codec: str
    segments: tuple[Segment, ...]
    width: int = 0
    height: int = 0
    fps: Fraction = Fraction(0)
    channels: int = 0
    language: str = "und"
    title: str = ""

    @property
    def duration_s(self) -> Fraction:
        return sum((segment.duration_s for segment in self.segments), Fraction(0))

    @property
    def size_bytes(self) -> int:
        return sum(segment.size_bytes for segment in self.segments)

    @property
    def average_bps(self) -> int:
        return round(self.size_bytes * 8 / self.duration_s)


def target_duration(tracks: Sequence[Track]) -> int:
    """One value for every playlist (8.2): no EXTINF, rounded, is longer."""
    return max([TARGET_S, *(round(segment.duration_s) for track in tracks for segment in track.segments)])


def peak_bps(segments: Sequence[Segment], target_s: int) -> int:
    """BANDWIDTH of draft-pantos-hls-rfc8216bis: the largest bit rate of any run of segments that lasts from 0.5 target
    durations to 1.5 and half a second.

    A video shorter than half a target duration is one run.
    """
    shortest, longest = Fraction(target_s, 2), Fraction(target_s * 3 + 1, 2)
    peak = Fraction(0)
    for start in range(len(segments)):
        bits, duration_s = 0, Fraction(0)
        for segment in segments[start:]:
            bits += segment.size_bytes * 8
            duration_s += segment.duration_s
            if duration_s > longest:
                break
            if duration_s >= shortest:
                peak = max(peak, bits / duration_s)
    if not peak:
        bits = sum(segment.size_bytes for segment in segments) * 8
        peak = bits / sum((segment.duration_s for segment in segments), Fraction(0))
    return -(-peak.numerator // peak.denominator)  # rounded up: a peak is never understated


def media_playlist(track: Track, target_s: int) -> str:
    """The playlist of one track, next to its segments."""
    lines = [*_head(target_s, MEDIA_VERSION), '#EXT-X-MAP:URI="init.mp4"']
    for segment in track.segments:
        lines += [f"#EXTINF:{float(segment.duration_s):.6f},", segment.name]
    return _text([*lines, "#EXT-X-ENDLIST"])


def iframe_playlist(track: Track, target_s: int) -> str:
    """One picture per segment for scrubbing: byte ranges that hold the moof and its first frame (6.8, 6.10)."""
    lines = [*_head(target_s, IFRAMES_VERSION), "#EXT-X-I-FRAMES-ONLY", '#EXT-X-MAP:URI="init.mp4"']
    for segment in track.segments:
        lines += [
            f"#EXTINF:{float(segment.duration_s):.6f},",
            f"#EXT-X-BYTERANGE:{segment.keyframe_end}@0",
            segment.name,
        ]
    return _text([*lines, "#EXT-X-ENDLIST"])


def media_playlists(videos: Sequence[Track], sounds: Sequence[Track], target_s: int) -> dict[str, str]:
    """All media playlists of a revision, by path below its folder."""
    found = {}
    for video in videos:
        found[f"{video.name}/video.m3u8"] = media_playlist(video, target_s)
        found[f"{video.name}/iframes.m3u8"] = iframe_playlist(video, target_s)
    return found | {f"{sound.name}/audio.m3u8": media_playlist(sound, target_s) for sound in sounds}


def master_playlist(videos: Sequence[Track], sounds: Sequence[Track], base: str) -> str:
    """The entry point; `base` is the revision's folder as seen from it. `videos` come tallest first.

    The first variant is what a player starts with: the one closest to 2 Mbit/s (1.32). BANDWIDTH is the worst sum
    of picture and sound (9.13), AVERAGE-BANDWIDTH likewise (9.14).
    """
    target_s = target_duration([*videos, *sounds])
    sound_peak = max((peak_bps(sound.segments, target_s) for sound in sounds), default=0)
    sound_average = max((sound.average_bps for sound in sounds), default=0)
    sound_codecs = sorted({sound.codec for sound in sounds})
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{MASTER_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += audio_lines(sounds, [f"{base}/{sound.name}/audio.m3u8" for sound in sounds])
    first = min(videos, key=lambda video: abs(video.average_bps + sound_average - 2_000_000))
    for video in (first, *(video for video in videos if video is not first)):
        attributes = [
            f"BANDWIDTH={peak_bps(video.segments, target_s) + sound_peak}",
            f"AVERAGE-BANDWIDTH={video.average_bps + sound_average}",
            f'CODECS="{",".join([video.codec, *sound_codecs])}"',
            f"RESOLUTION={video.width}x{video.height}",
            f"FRAME-RATE={float(video.fps):.3f}",
        ]
        if sounds:
            attributes.append('AUDIO="audio"')
        lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", f"{base}/{video.name}/video.m3u8"]
    for video in videos:
        stills = [Segment(s.name, s.duration_s, s.keyframe_end, s.keyframe_end) for s in video.segments]
        average = round(sum(still.size_bytes for still in stills) * 8 / video.duration_s)
        lines.append(
            f"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={peak_bps(stills, target_s)},AVERAGE-BANDWIDTH={average},"
            f'CODECS="{video.codec}",RESOLUTION={video.width}x{video.height},URI="{base}/{video.name}/iframes.m3u8"'
        )
    return _text(lines)


def _names(sounds: Sequence[Track]) -> list[str]:
    """What people choose from: the title, else the language. Names in a group differ, and are normalised (4.1)."""
    names: list[str] = []
    for i, sound in enumerate(sounds, start=1):
        tag = language_tag(sound.language)
        name = sound.title or LANGUAGE_NAMES.get(tag, "Audio" if tag == "und" else tag)
        name = unicodedata.normalize("NFC", "".join(c for c in name if c.isprintable() and c != '"')) or "Audio"
        while name in names:
            name = f"{name} ({i})"
        names.append(name)
    return names


def audio_lines(sounds: Sequence[Track], uris: Sequence[str]) -> list[str]:
    """EXT-X-MEDIA of each sound track; the first is what a player begins with."""
    return [
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="{name}",LANGUAGE="{language_tag(sound.language)}",'
        f'DEFAULT={"NO" if index else "YES"},AUTOSELECT=YES,CHANNELS="{sound.channels}",URI="{uri}"'
        for index, (sound, name, uri) in enumerate(zip(sounds, _names(sounds), uris, strict=True))
    ]


def _head(target_s: int, version: int) -> list[str]:
    return [
        "#EXTM3U",
        f"#EXT-X-VERSION:{version}",
        f"#EXT-X-TARGETDURATION:{target_s}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
