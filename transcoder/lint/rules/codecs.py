"""CODECS, RESOLUTION and FRAME-RATE against the media; which codecs, profiles and containers are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.media.facts import Container
from transcoder.lint.playlist import Variant
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Media, Role, Stream

VIDEO = ("avc1", "avc3", "hvc1", "hev1", "dvh1", "dvhe", "dvav", "dva1", "av01")
STEREO_AAC = ("mp4a.40.2", "mp4a.40.5", "mp4a.40.29")
ONLY_MP4 = ("hvc1", "hev1", "dvh1", "dvhe", "av01", "mp4a.40.42", "alac", "fLaC", "apac")
IN_SAMPLES = ("avc3", "hev1", "dvhe")
H264_LEVEL, HEVC_LEVEL, AV1_LEVEL = 0x34, 153, 18  # 5.2, 5.1, 6.2
H264_PROFILES = {66, 77, 88, 100}
FPS_NEAR = 0.01
PIXELS_NEAR = 2


def _played(stream: Stream) -> list[Media]:
    return stream.of(Role.VARIANT, Role.AUDIO, Role.VIDEO, Role.ALONE)


@rule(
    "codecs-incomplete", MUST, "RFC 6.2.4", "RFC 4.4.6.1.1", "RFC 4.4.6.2",
    says="CODECS names every format in any rendition of the variant.",
    fix="Add the codec named.",
)  # fmt: skip
def codecs_incomplete(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        if not variant.codecs or stream.root is None:
            continue
        for media in stream.renditions(variant):
            for codec in sorted(_codecs(media)):
                if codec != "wvtt" and not any(_covers(declared, codec) for declared in variant.codecs):
                    found = f"{media.name} holds {codec}, CODECS says {','.join(variant.codecs)}"
                    yield Spot(stream.root.name, found, variant.tag.line)


def _codecs(media: Media) -> set[str]:
    return {track.codec for _, facts in media.pairs() for track in facts.tracks if track.codec}


def _covers(declared: str, real: str) -> bool:
    """Whether a declared codec string is true of real media: the same format and profile, a level no lower."""
    ours, theirs = declared.lower(), real.lower()
    if ours == theirs or (theirs in {"avc1", "hvc1", "mp4a"} and ours.startswith(theirs[:3])):
        return True
    if theirs == "mp4a.40.2" and ours in STEREO_AAC:
        return True  # HE-AAC looks like AAC-LC where it is signalled in the stream alone
    if ours[:4] in {"avc1", "avc3"} and ours[:4] == theirs[:4]:
        return ours[5:7] == theirs[5:7] and ours[9:11] >= theirs[9:11]
    return ours.split(".")[:2] == theirs.split(".")[:2] and ours[:4] in {"hvc1", "hev1", "av01", "dvh1", "stpp"}


@rule(
    "codecs-idle", SHOULD, "RFC 4.4.6.2",
    says="CODECS names no format that is in none of the renditions.",
    fix="Remove the codec named.",
)  # fmt: skip
def codecs_idle(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        renditions = stream.renditions(variant)
        if stream.root is None or not renditions or not all(_known(media) for media in renditions):
            continue
        real = {codec for media in renditions for codec in _codecs(media)}
        for declared in variant.codecs:
            if not any(_covers(declared, codec) for codec in real) and declared != "wvtt":
                yield Spot(stream.root.name, f"{variant.uri} holds no {declared}", variant.tag.line)


def _known(media: Media) -> bool:
    return bool(media.facts) and all(facts is not None and facts.tracks for facts in media.facts)


@rule(
    "codec-unsupported", MUST, "Apple 1.1",
    says="Video is H.264, HEVC, Dolby Vision or AV1.",
    fix="Encode with one of them.",
)  # fmt: skip
def codec_unsupported(stream: Stream) -> Iterator[Spot]:
    for media in _played(stream):
        track = media.track("video")
        if track and track.codec and not track.codec.startswith(VIDEO):
            yield Spot(media.name, f"video is {track.codec}")


@rule(
    "codec-container", MUST, "Apple 1.2", "Apple 1.5", "Apple 2.25", "RFC 3.1",
    says="HEVC, AV1, xHE-AAC, Apple Lossless and FLAC come in fragmented MP4.",
    fix="Package as fragmented MP4.",
)  # fmt: skip
def codec_container(stream: Stream) -> Iterator[Spot]:
    for media in _played(stream):
        for segment, facts in media.pairs():
            wrong = [track.codec for track in facts.tracks if track.codec.startswith(ONLY_MP4)]
            if wrong and facts.container is not Container.MP4:
                yield Spot(media.name, f"{wrong[0]} in {facts.container.value}", segment.line, segment.uri)
                break


@rule(
    "codec-level", MUST, "Apple 1.3b", "Apple 1.6b", "Apple 1.37",
    says="H.264 up to High profile, level 5.2; HEVC up to Main 10, level 5.1; AV1 up to level 6.2.",
    fix="Encode with a lower profile or level.",
)  # fmt: skip
def codec_level(stream: Stream) -> Iterator[Spot]:
    for media in _played(stream):
        track = media.track("video")
        if track and _beyond(track.codec):
            yield Spot(media.name, f"video is {track.codec}")


def _beyond(codec: str) -> bool:
    if match := re.fullmatch(r"avc[13]\.([0-9a-f]{2})[0-9a-f]{2}([0-9a-f]{2})", codec.lower()):
        return int(match[1], 16) not in H264_PROFILES or int(match[2], 16) > H264_LEVEL
    if match := re.match(r"h(?:vc|ev)1\.[abc]?(\d+)\.[0-9a-f]+\.[lh](\d+)", codec.lower()):
        return int(match[1]) > 2 or int(match[2]) > HEVC_LEVEL
    if match := re.match(r"av01\.\d\.(\d\d)", codec):
        return int(match[1]) > AV1_LEVEL
    return False


@rule(
    "parameters-in-samples", SHOULD, "Apple 1.10",
    says="Parameter sets lie in the sample description: avc1, hvc1, dvh1.",
    fix="Package as avc1 or hvc1 (FFmpeg: -tag:v hvc1).",
)  # fmt: skip
def parameters_in_samples(stream: Stream) -> Iterator[Spot]:
    for media in _played(stream):
        track = media.track("video")
        if track and track.codec.startswith(IN_SAMPLES):
            yield Spot(media.name, f"video is {track.codec}")


@rule(
    "interlaced", MUST, "Apple 1.14",
    says="Interlaced pictures are deinterlaced.",
    fix="Deinterlace, 30i to 60p (FFmpeg: bwdif).",
)  # fmt: skip
def interlaced(stream: Stream) -> Iterator[Spot]:
    for media in _played(stream):
        track = media.track("video")
        if track and track.interlaced:
            yield Spot(media.name, "its parameter set allows fields")


@rule(
    "stereo-missing", MUST, "Apple 2.3",
    says="Where there is sound, there is stereo in AAC or HE-AAC.",
    fix="Add a stereo AAC rendition.",
)  # fmt: skip
def stereo_missing(stream: Stream) -> Iterator[Spot]:
    sounds = [track for media in _played(stream) if (track := media.track("audio"))]
    if stream.root and sounds and not any(
        track.codec in {*STEREO_AAC, "mp4a"} and track.channels <= 2 for track in sounds
    ):  # fmt: skip
        shown = sorted({f"{track.codec} with {track.channels} channels" for track in sounds})
        yield Spot(stream.root.name, f"sound is {'; '.join(shown)}")


@rule(
    "sound-in-picture", MUST, "Apple 9.6", "Apple 9.7", "Apple 8.9",
    says="Multichannel sound, and sound in several languages, come in streams of their own.",
    fix="Package audio separately and declare it with EXT-X-MEDIA.",
)  # fmt: skip
def sound_in_picture(stream: Stream) -> Iterator[Spot]:
    several = stream.root is not None and sum(tag.get("TYPE") == "AUDIO" for tag in stream.root.all("EXT-X-MEDIA")) > 1
    for media in stream.of(Role.VARIANT, Role.ALONE):
        track = media.track("audio")
        if track and media.has_video and (track.channels > 2 or several):
            found = f"{track.channels} channels" if track.channels > 2 else "sound of one of several renditions"
            yield Spot(media.name, f"its segments hold the picture and {found}")


@rule(
    "resolution-differs", SHOULD, "RFC 4.4.6.2",
    says="RESOLUTION is the size of the picture.",
    fix="Correct RESOLUTION.",
)  # fmt: skip
def resolution_differs(stream: Stream) -> Iterator[Spot]:
    for variant, media in _with_media(stream):
        track, size = media.track("video"), variant.resolution
        if not track or not track.width or not size or stream.root is None:
            continue
        shape = abs(size[0] / max(1, size[1]) - track.width / max(1, track.height)) > 0.05  # pixels that are not square
        if max(abs(size[0] - track.width), abs(size[1] - track.height)) > PIXELS_NEAR and not (
            shape and min(abs(size[0] - track.width), abs(size[1] - track.height)) <= PIXELS_NEAR
        ):
            found = f"{variant.uri} is {track.width}x{track.height}, RESOLUTION={size[0]}x{size[1]}"
            yield Spot(stream.root.name, found, variant.tag.line)


@rule(
    "frame-rate-differs", SHOULD, "RFC 4.4.6.2",
    says="FRAME-RATE is the highest frame rate of the picture.",
    fix="Correct FRAME-RATE.",
)  # fmt: skip
def frame_rate_differs(stream: Stream) -> Iterator[Spot]:
    for variant, media in _with_media(stream):
        declared, track = variant.tag.number("FRAME-RATE"), media.track("video")
        if not declared or not track or not track.fps or track.samples < 2 or stream.root is None:
            continue
        if abs(declared - track.fps) > track.fps * FPS_NEAR:
            found = f"{variant.uri} has {track.fps:.3f}, FRAME-RATE={declared:g}"
            yield Spot(stream.root.name, found, variant.tag.line)


def _with_media(stream: Stream) -> Iterator[tuple[Variant, Media]]:
    for variant in stream.variants():
        if media := stream.by_uri.get(variant.uri):
            yield variant, media
