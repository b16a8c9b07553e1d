"""FFmpeg's argument lists. Pure: ffmpeg-python builds the graph and compiles it; nothing here starts a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import ffmpeg

from transcoder.ladder import Plan, Rung
from transcoder.probe import GUARDS

CRF = 23  # constant quality below the cap: simple pictures get fewer bits
PRESET = "veryfast"  # 35 % of the CPU time of "medium" for about 10 % more bits
AUDIO_BPS = 128_000
AUDIO_RATE_HZ = 48_000
AUDIO_GROUP = "audio"
H264_NUMBERS = {
    "bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9, "bt2020": 9, "smpte2084": 16, "arib-std-b67": 18,
}  # fmt: skip  # of primaries, transfers and matrices alike (ITU-T H.273)
AAC_DELAY = 1024  # samples of silence with which FFmpeg's encoder begins; players do not take them back
TONEMAP = (
    ("zscale", {"t": "linear", "npl": "100"}),  # to light, 100 nits = white
    ("format", {"pix_fmts": "gbrpf32le"}),
    ("zscale", {"p": "bt709"}),
    ("tonemap", {"tonemap": "hable", "desat": "0"}),
    ("zscale", {"t": "bt709", "m": "bt709", "r": "tv"}),
)  # HDR to SDR, once, before the split


@dataclass(frozen=True)
class Piece:
    """A stretch of the picture that a process of its own encodes; its clock begins at 0.

    Decoding begins `skip_frames` before it (of the plan's rate): what is shown at its start may be an older picture.
    """

    seek_s: Fraction
    skip_frames: int
    duration_s: Fraction


def encode_command(
    ffmpeg_path: Path,
    plan: Plan,
    source: Path,
    folder: Path,
    *,
    only: Literal["pictures", "sounds"] | None = None,
    piece: Piece | None = None,
    preset: str = PRESET,
    until_s: float | None = None,
) -> list[str]:
    """One process that decodes once and encodes every rendition and sound track into `folder`/<name>/ as CMAF.

    `piece` is for pictures: sound is encoded from the first sample to the last, since each start of its encoder adds
    a few samples of silence. `until_s` is for sound: of the beginning only.
    """
    seek = {"ss": seconds(float(piece.seek_s))} if piece and piece.seek_s else {}
    given = ffmpeg.input(f"file:{source}", **GUARDS, **seek)
    rungs = plan.rungs if only != "sounds" else ()
    audio = plan.audio if only != "pictures" else ()
    pictures = _scaled(given[str(plan.video_index)], plan, piece.skip_frames if piece else 0) if rungs else []
    sounds = [_sound(given[str(track.index)]) for track in audio]
    options: dict[str, Any] = {
        **(_video_options(rungs, preset) if rungs else {}),
        **_audio_options(len(sounds)),
        **_hls_options([rung.name for rung in rungs], len(sounds), plan.segment_s),
        # picture and sound end together: Apple 8.3
        "t": seconds(min(_length_s(plan, only, piece), until_s or plan.duration_s)),
        "map_metadata": "-1",  # GPS positions and camera owners stay private
        "map_chapters": "-1",
        "max_muxing_queue_size": "4096",  # packets a slow rendition may lag behind before FFmpeg gives up
    }
    output = ffmpeg.output(
        *pictures,
        *sounds,
        f"{folder}/%v/video.m3u8",  # absolute and ours: FFmpeg would make a folder called file: of a prefix
        hls_segment_filename=f"{folder}/%v/%05d.m4s",
        **options,
    )
    return _compiled(ffmpeg_path, output)


def _length_s(plan: Plan, only: str | None, piece: Piece | None) -> float:
    if piece:
        return float(piece.duration_s)
    if only == "sounds":  # with what the encoder puts before them they last as long as the picture
        return max(AAC_DELAY / AUDIO_RATE_HZ, plan.duration_s - AAC_DELAY / AUDIO_RATE_HZ)
    return plan.duration_s


def copy_command(
    ffmpeg_path: Path,
    plan: Plan,
    source: Path,
    folder: Path,
    *,
    picture: str | None = None,
    until_s: float | None = None,
) -> list[str]:
    """The source's own packets in new segments: its picture as the track `picture`; without that, all its sound.

    `until_s`: of the beginning only.
    """
    given = ffmpeg.input(f"file:{source}", **GUARDS)
    streams = [plan.video_index] if picture else [track.index for track in plan.audio]
    output = ffmpeg.output(
        *[given[str(index)] for index in streams],
        f"{folder}/%v/video.m3u8",
        hls_segment_filename=f"{folder}/%v/%05d.m4s",
        **_hls_options([picture] if picture else [], 0 if picture else len(streams), plan.segment_s),
        c="copy",
        t=seconds(plan.duration_s if until_s is None else min(until_s, plan.duration_s)),
        map_metadata="-1",
        map_chapters="-1",
        **(_retold(plan) if picture else _SILENCE_GOES),
    )
    return _compiled(ffmpeg_path, output)


# Of an encoder's start: without it, sound begins with its picture, to half a frame (10 ms).
_SILENCE_GOES = {"bsf:a": f"noise=drop=lt(pts\\,{-AAC_DELAY // 2})"}


def _retold(plan: Plan) -> dict[str, str]:
    """A copied picture says what the ladder will say of its colours, so that they do not change when it takes over."""
    told = (plan.colours.primaries, plan.colours.transfer, plan.colours.matrix)
    if plan.says_colours or not set(told) <= H264_NUMBERS.keys():
        return {}
    primaries, transfer, matrix = (H264_NUMBERS[name] for name in told)
    numbers = f"colour_primaries={primaries}:transfer_characteristics={transfer}:matrix_coefficients={matrix}"
    return {"bsf:v": f"h264_metadata={numbers}"}


def _compiled(ffmpeg_path: Path, output: Any) -> list[str]:
    """The argument list of a graph, with what every run of ours begins with."""
    words: list[str] = ffmpeg.compile(output, cmd=str(ffmpeg_path))
    return [words[0], *_GLOBAL, *words[1:]]


_GLOBAL = (
    "-nostdin",  # never waits for a person
    "-hide_banner", "-loglevel", "warning",
    "-nostats", "-progress", "pipe:1", "-stats_period", "0.5",  # machine-readable progress, twice a second
)  # fmt: skip


def portable(command: list[str], source: Path, folder: Path) -> list[str]:
    """A command as it may be shown to analysts: no path of this machine in it."""
    words = [word.replace(str(folder), "out").replace(str(source), "source") for word in command[1:]]
    return ["ffmpeg", *words]


def sound_name(index: int) -> str:
    """The folder of the index-th sound track; the first is plainly `audio`."""
    return "audio" if index == 0 else f"audio{index}"


def _scaled(picture: Any, plan: Plan, skip_frames: int) -> list[Any]:
    if plan.deinterlace:
        picture = picture.filter("bwdif", mode="send_field")  # 30i becomes 60p: Apple 1.14
    picture = picture.filter("fps", fps=str(plan.fps), start_time="0")  # constant rate; a late start repeats frame 1
    if plan.hold_last_frame_s:
        picture = picture.filter("tpad", stop_mode="clone", stop_duration=seconds(plan.hold_last_frame_s))
    if skip_frames:
        picture = picture.filter("trim", start_frame=skip_frames).filter("setpts", "PTS-STARTPTS")
    if plan.tonemap:
        for name, values in TONEMAP:
            picture = picture.filter(name, **values)
    told = plan.colours
    picture = picture.filter(
        "setparams", color_primaries=told.primaries, color_trc=told.transfer, colorspace=told.matrix
    )
    copies = picture.filter_multi_output("split", len(plan.rungs)) if len(plan.rungs) > 1 else None
    return [_fitted(copies[i] if copies else picture, rung, plan) for i, rung in enumerate(plan.rungs)]


def _fitted(picture: Any, rung: Rung, plan: Plan) -> Any:
    if rung.fps != plan.fps:
        picture = picture.filter("fps", fps=str(rung.fps))
    return (
        picture.filter("scale", rung.width, rung.height, flags="bicubic", out_range="tv")
        .filter("setsar", "1")  # square pixels: players ignore other shapes
        .filter("format", pix_fmts="yuv420p")  # 8-bit 4:2:0: the only kind that every device decodes
    )


def _sound(stream: Any) -> Any:
    return (
        stream.filter("aresample", **{"async": "1000", "first_pts": "0"})  # gaps become silence: no drift
        .filter("aformat", channel_layouts="stereo", sample_rates=str(AUDIO_RATE_HZ))
        .filter("atrim", start_sample=AAC_DELAY)  # the encoder delays by as much, so sound stays with its picture
        .filter("asetpts", "PTS-STARTPTS")
        .filter("apad")  # silence up to the end of the picture
    )


def _video_options(rungs: tuple[Rung, ...], preset: str) -> dict[str, str]:
    options = {
        "c:v": "libx264",
        "preset:v": preset,
        "crf:v": str(CRF),
        "profile:v": "high",
        "sc_threshold:v": "0",  # no extra keyframe at scene cuts: groups of equal length
        "flags:v": "+cgop+bitexact",  # closed: a segment needs nothing from the one before
    }
    if preset == PRESET:
        options["threads:v"] = "1"  # several make the bytes depend on chance; the renditions keep the cores busy
    for i, rung in enumerate(rungs):
        options |= {
            f"maxrate:v:{i}": str(rung.maxrate_bps),
            f"bufsize:v:{i}": str(rung.maxrate_bps * 2),  # the cap holds over 2 s, not over a frame
            f"g:v:{i}": str(rung.gop_frames),
            f"keyint_min:v:{i}": str(rung.gop_frames),  # with g: a keyframe exactly every 2 s
        }
    return options


def _audio_options(tracks: int) -> dict[str, str]:
    if not tracks:
        return {}
    return {"c:a": "aac", "b:a": str(AUDIO_BPS), "flags:a": "+bitexact"}


def _hls_options(pictures: Sequence[str], sounds: int, segment_s: Fraction) -> dict[str, str]:
    """Segments of every track in a folder of its own: pictures by name, then that many sound tracks."""
    heard = [f"a:{i},agroup:{AUDIO_GROUP},name:{sound_name(i)}" for i in range(sounds)]
    group = f",agroup:{AUDIO_GROUP}" if heard else ""
    seen = [f"v:{i}{group},name:{name}" for i, name in enumerate(pictures)]
    return {
        "f": "hls",
        "hls_time": seconds(float(segment_s)),
        "hls_list_size": "0",
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",  # CMAF: one set of files for HLS and DASH
        "hls_segment_options": "movflags=+negative_cts_offsets",  # time starts at 0 in spite of B-frames
        "hls_flags": "independent_segments+temp_file",  # a final name means a whole segment
        "hls_fmp4_init_filename": "init.mp4",
        "var_stream_map": " ".join(seen + heard),
        "fflags": "+bitexact",
    }


def seconds(value: float) -> str:
    """As FFmpeg reads times.

    >>> seconds(6.006), seconds(90.0)
    ('6.006', '90')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")
