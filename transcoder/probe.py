"""What a source file is: ffprobe's answer as types, and the refusals that it alone justifies."""

from __future__ import annotations

import contextlib
import struct
import threading
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from transcoder.runner import PROBE_LIMITS, ProcessFailed, run
from transcoder.tools import Tools
from viewbox.errors import ProbeFailed

# Whitelists, because FFmpeg has 374 demuxers, some of which open other files (concat, hls, dash, image2 …).
FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,mxf,wav,mp3,flac,aac"
DEMUXERS = frozenset(FORMATS.split(","))
CODECS = (
    "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,mpeg4,msmpeg4v3,msmpeg4,mpeg2video,mpeg1video,mjpeg,prores,dnxhd,"
    "h263,flv,wmv1,wmv2,wmv3,vc1,theora,aac,aac_fixed,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,libvorbis,ac3,eac3,"
    "flac,alac,dca,wmav1,wmav2,wmapro,amrnb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_mulaw,"
    "pcm_alaw,adpcm_ms,adpcm_ima_qt,dvvideo,png,"
    # One subtitle stream that it may not open, and FFmpeg opens nothing of the file: those of pictures too.
    "srt,subrip,ass,ssa,mov_text,webvtt,text,pgssub,dvdsub,dvbsub,xsub,cc_dec,libzvbi_teletextdec"
)
MAX_PIXELS = 8192 * 8192  # a decoder allocates a dozen frames of that size; beyond 8K nobody shoots video
GUARDS = {
    "protocol_whitelist": "file",  # nothing else is opened, whatever the file refers to
    "format_whitelist": FORMATS,
    "codec_whitelist": CODECS,
    "max_streams": "64",
    "max_pixels": str(MAX_PIXELS),  # also for frames that grow in the middle of the file
}  # on every input of every FFmpeg and ffprobe run

MAX_TEXTS = 40  # subtitle streams; more are not looked at
MAX_AUDIO_TRACKS = 4  # more languages are dropped: each costs an encoder
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
UNDECLARED = frozenset({"mpegts", "mpeg", "mp3", "aac"})  # without a duration: FFmpeg estimates one
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
NOT_A_VIDEO_HINT = "this file is not a video that FFmpeg can read; try another copy, or convert it to MP4"
TRUNCATED_HINT = "the file ends too early: upload or download it again, whole"


class NoPicture(ProbeFailed):
    """There is sound, and a picture can be drawn of it. `duration_s` as the file says, 0 where it does not."""

    def __init__(self, duration_s: float) -> None:
        super().__init__("the file has sound but no picture", code="no_video", hint="add a picture track")
        self.duration_s = duration_s


@dataclass(frozen=True)
class VideoStream:
    """The picture. Width and height are as stored: before rotation and before the pixel shape is applied."""

    index: int
    codec: str
    width: int
    height: int
    sample_aspect: Fraction
    rotation: int  # degrees, 0 90 180 270
    average_fps: Fraction | None
    base_fps: Fraction | None  # r_frame_rate: equal to the average when the rate is constant
    pixel_format: str
    transfer: str
    interlaced: bool
    start_s: float  # after the start of the file's clock
    duration_s: float | None
    bitrate_bps: int | None
    matrix: str = ""  # how red, green and blue became luma and chroma, in FFmpeg's words; empty: it is not told
    primaries: str = ""


@dataclass(frozen=True)
class AudioStream:
    index: int
    codec: str
    channels: int
    language: str  # ISO 639, "und" when the source does not say
    title: str
    duration_s: float | None
    profile: str = ""  # of AAC: LC is the one that every device plays
    rate_hz: int = 0
    bitrate_bps: int | None = None
    start_s: float = 0.0  # after the start of the file's clock


@dataclass(frozen=True)
class TextStream:
    """Subtitles inside the source, texts as well as pictures of texts."""

    index: int
    codec: str
    language: str  # ISO 639, "und" when the source does not say
    title: str
    is_default: bool
    is_forced: bool
    hearing_impaired: bool


@dataclass(frozen=True)
class Chapter:
    start_s: float
    end_s: float
    title: str


@dataclass(frozen=True)
class Probe:
    """A source that can be encoded: one picture, any number of sound tracks."""

    format: str
    duration_s: float
    duration_is_declared: bool  # by the container; else estimated, and no ground to call a file truncated
    size_bytes: int
    video: VideoStream
    audio: tuple[AudioStream, ...]
    chapters: tuple[Chapter, ...]
    texts: tuple[TextStream, ...] = ()


def probe_arguments(ffprobe: Path, source: Path) -> list[str]:
    """The argument list of ffprobe. `file:` keeps a name that begins with - or names a protocol from being one."""
    guards = [word for name, value in GUARDS.items() for word in (f"-{name}", value)]
    return [
        str(ffprobe), "-hide_banner", "-v", "error", *guards,
        "-probesize", "20000000", "-analyzeduration", "20000000",  # bytes and µs read before ffprobe answers
        "-show_format", "-show_streams", "-show_chapters", "-of", "json", f"file:{source.absolute()}",
    ]  # fmt: skip


def probe(tools: Tools, source: Path, *, max_duration_s: float, cancel: threading.Event | None = None) -> Probe:
    """Look at a fetched file. Raises NoPicture, or ProbeFailed: empty_file, not_a_video_file, truncated_file, too_long,
    too_many_pixels.
    """
    size_bytes = source.stat().st_size
    if size_bytes == 0:
        raise ProbeFailed("the file is empty", code="empty_file", hint="the file has 0 bytes; upload it again")
    check_iso_boxes(source, size_bytes)
    try:
        finished = run(probe_arguments(tools.ffprobe, source), limits=PROBE_LIMITS, folder=source.parent, cancel=cancel)
        answer = msgspec.json.decode(finished.stdout)
        if not _seconds(answer.get("format", {}).get("duration")):
            answer["measured_s"] = _measure(tools.ffprobe, source, cancel)
    except (ProcessFailed, msgspec.DecodeError) as error:
        raise ProbeFailed("ffprobe cannot read the file", hint=NOT_A_VIDEO_HINT) from error
    return understand(answer, size_bytes=size_bytes, max_duration_s=max_duration_s)


def _measure(ffprobe: Path, source: Path, cancel: threading.Event | None) -> float | None:
    """The end of the last picture, for files without a duration: browsers record such WebM. Reads every packet."""
    *options, name = probe_arguments(ffprobe, source)
    shown = options.index("-show_format")
    command = [
        *options[:shown],
        "-select_streams",
        "V:0",
        "-show_entries",
        "packet=pts_time,duration_time",
        "-of",
        "csv=p=0",
        name,
    ]
    printed = run(command, limits=PROBE_LIMITS, folder=source.parent, cancel=cancel).stdout
    ends = [[_seconds(word) or 0.0 for word in line.split(",")[:2]] for line in printed.splitlines()]
    return max(map(sum, ends), default=None)


def understand(answer: dict[str, Any], *, size_bytes: int, max_duration_s: float) -> Probe:
    """From the JSON of ffprobe to a Probe. Pure. Raises ProbeFailed, NoPicture."""
    form = answer.get("format", {})
    streams = answer.get("streams", [])
    pictures = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
    ]
    sounds = [stream for stream in streams if stream.get("codec_type") == "audio" and stream.get("channels")]
    if not pictures:
        if sounds:
            raise NoPicture(_seconds(form.get("duration")) or 0.0)
        raise ProbeFailed("the file holds neither picture nor sound", hint=NOT_A_VIDEO_HINT)
    clock_start_s = _seconds(form.get("start_time")) or 0.0
    video = _video_stream(pictures[0], clock_start_s=clock_start_s)
    if video.width <= 0 or video.height <= 0:
        raise ProbeFailed("the picture has no size", hint=NOT_A_VIDEO_HINT)
    if video.width * video.height > MAX_PIXELS:
        raise ProbeFailed(
            f"{video.width}×{video.height} is more than {MAX_PIXELS} pixels",
            code="too_many_pixels", hint="scale the video to 8K or less",
        )  # fmt: skip
    declared_s = video.duration_s or _seconds(form.get("duration"))
    duration_s = declared_s or _seconds(answer.get("measured_s"))
    if not duration_s or duration_s <= 0:
        raise ProbeFailed("the duration is unknown", hint=NOT_A_VIDEO_HINT)
    if duration_s > max_duration_s:
        raise ProbeFailed(
            f"{duration_s:.0f} s is longer than {max_duration_s:.0f} s",
            code="too_long", hint="cut the video, or raise VIEWBOX_MAX_DURATION_S",
        )  # fmt: skip
    audio = tuple(_audio_stream(stream, clock_start_s=clock_start_s) for stream in sounds[:MAX_AUDIO_TRACKS])
    name = str(form.get("format_name", ""))
    return Probe(
        format=name,
        duration_s=duration_s,
        duration_is_declared=declared_s is not None and not UNDECLARED & set(name.split(",")),
        size_bytes=size_bytes,
        video=video,
        audio=audio,
        chapters=_chapters(answer.get("chapters", []), duration_s),
        texts=tuple(_text_stream(stream) for stream in streams if stream.get("codec_type") == "subtitle")[:MAX_TEXTS],
    )


def check_iso_boxes(source: Path, size_bytes: int) -> None:
    """Refuse an MP4 or MOV that stops in the middle: FFmpeg decodes what is there and reports success.

    Raises ProbeFailed `truncated_file` when a top-level box reaches past the end or the index (moov) is missing.
    """
    with source.open("rb") as file:
        head = file.read(16)
        if len(head) < 8 or head[4:8] not in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
            return
        position, names = 0, set()
        while position + 8 <= size_bytes:
            file.seek(position)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                wide = file.read(8)
                length = struct.unpack(">Q", wide)[0] if len(wide) == 8 else 0
                if length == 0:
                    raise _truncated(f"the box at byte {position} has no size")
            elif length == 0:
                length = size_bytes - position
            if length < 8:
                break
            names.add(name)
            if position + length > size_bytes and name in {b"moov", b"mdat", b"moof"}:
                raise _truncated(f"{position + length - size_bytes} bytes are missing at the end")
            position += length
    if b"moov" not in names:
        raise _truncated("the index (moov) is missing")


def _truncated(message: str) -> ProbeFailed:
    return ProbeFailed(message, code="truncated_file", hint=TRUNCATED_HINT)


def _video_stream(stream: dict[str, Any], *, clock_start_s: float) -> VideoStream:
    return VideoStream(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "unknown")),
        width=int(stream.get("width", 0)),
        height=int(stream.get("height", 0)),
        sample_aspect=_ratio(stream.get("sample_aspect_ratio"), ":") or Fraction(1),
        rotation=_rotation(stream),
        average_fps=_ratio(stream.get("avg_frame_rate"), "/"),
        base_fps=_ratio(stream.get("r_frame_rate"), "/"),
        pixel_format=str(stream.get("pix_fmt", "")),
        transfer=str(stream.get("color_transfer", "")),
        matrix=str(stream.get("color_space", "")),
        primaries=str(stream.get("color_primaries", "")),
        interlaced=stream.get("field_order") in INTERLACED,
        start_s=max(0.0, (_seconds(stream.get("start_time")) or 0.0) - clock_start_s),
        duration_s=_stream_duration(stream),
        bitrate_bps=int(stream["bit_rate"]) if str(stream.get("bit_rate", "")).isdigit() else None,
    )


def _text_stream(stream: dict[str, Any]) -> TextStream:
    tags = _tags(stream)
    flags = stream.get("disposition", {})
    return TextStream(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "unknown")),
        language=_language(tags),
        title=tags.get("title", "")[:100],
        is_default=bool(flags.get("default")),
        is_forced=bool(flags.get("forced")),
        hearing_impaired=bool(flags.get("hearing_impaired")),
    )


def _tags(stream: dict[str, Any]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in stream.get("tags", {}).items()}


def _language(tags: dict[str, str]) -> str:
    language = tags.get("language", "und").lower()
    return language if language.isalpha() and language.isascii() and len(language) in {2, 3} else "und"


def _audio_stream(stream: dict[str, Any], *, clock_start_s: float) -> AudioStream:
    tags = _tags(stream)
    return AudioStream(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "unknown")),
        channels=int(stream["channels"]),
        language=_language(tags),
        title=tags.get("title", "")[:100],
        duration_s=_stream_duration(stream),
        profile=str(stream.get("profile", "")),
        rate_hz=int(stream["sample_rate"]) if str(stream.get("sample_rate", "")).isdigit() else 0,
        bitrate_bps=int(stream["bit_rate"]) if str(stream.get("bit_rate", "")).isdigit() else None,
        start_s=(_seconds(stream.get("start_time")) or 0.0) - clock_start_s,
    )


def _chapters(chapters: list[dict[str, Any]], duration_s: float) -> tuple[Chapter, ...]:
    found = []
    for number, chapter in enumerate(chapters[:1000], start=1):
        start_s, end_s = _seconds(chapter.get("start_time")), _seconds(chapter.get("end_time"))
        if start_s is None or end_s is None or start_s >= duration_s or end_s <= start_s:
            continue
        title = str(chapter.get("tags", {}).get("title", "")).strip() or f"Chapter {number}"
        found.append(Chapter(max(0.0, start_s), min(end_s, duration_s), title[:200]))
    return tuple(found)


def _stream_duration(stream: dict[str, Any]) -> float | None:
    """Matroska keeps a stream's duration in a tag, as `00:01:02.500000000`."""
    declared = _seconds(stream.get("duration"))
    if declared is not None:
        return declared
    parts = str(stream.get("tags", {}).get("DURATION", "")).split(":")
    with contextlib.suppress(ValueError):
        if len(parts) == 3:
            return int(parts[0]) * 3600 + int(parts[1]) * 60 + float(parts[2])
    return None


def _rotation(stream: dict[str, Any]) -> int:
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(float(side["rotation"]) / 90) * 90 % 360
    return 0


def _seconds(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _ratio(value: object, separator: str) -> Fraction | None:
    """`30000/1001` or `4:3`; None for `0/0`, `0:1` and the like."""
    top, _, bottom = str(value).partition(separator)
    if top.isdigit() and bottom.isdigit() and int(top) > 0 and int(bottom) > 0:
        return Fraction(int(top), int(bottom))
    return None
