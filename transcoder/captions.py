"""Subtitles of the source as clean WebVTT. What cannot be taken over is noted; an import never fails for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from transcoder.probe import GUARDS, TextStream
from transcoder.runner import Limits, ProcessFailed, run
from transcoder.tools import Tools
from viewbox import logs
from viewbox.captions import CaptionTrack, read_captions
from viewbox.captions.decoding import MAX_BYTES
from viewbox.captions.webvtt import webvtt_of
from viewbox.errors import InvalidInput
from viewbox.languages import language_tag

TEXTS = frozenset({"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"})
PICTURES = frozenset({"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub"})
WALL_S = 1800.0  # it reads 64 GiB, the largest source, within that
LIMITS = Limits(
    memory_bytes=2 * 1024**3, cpu_s=1800, file_bytes=4 * MAX_BYTES, open_files=128, wall_s=WALL_S, silence_s=WALL_S
)
_log = logs.get("captions")


def take_over(
    tools: Tools, source: Path, texts: Sequence[TextStream], folder: Path, cancel: threading.Event
) -> list[CaptionTrack]:
    """Every subtitle stream: with its cues, or with a note why there are none. Raises Cancelled."""
    wanted = [text for text in texts if text.codec in TEXTS]
    try:
        if wanted:
            run(text_command(tools.ffmpeg, source, wanted), limits=LIMITS, folder=folder, cancel=cancel)
    except ProcessFailed:
        for text in wanted if len(wanted) > 1 else ():  # one bad stream must not cost the others
            _extract(tools, source, text, folder, cancel)
    tracks = [_track(text, folder / name_of(text)) for text in texts]
    for track in tracks:
        if not track.webvtt:
            _log.warning("captions_left_out", language=track.language, why=track.note)
    return tracks


def text_command(ffmpeg_path: Path, source: Path, texts: Sequence[TextStream]) -> list[str]:
    """One pass over the file that writes each stream as WebVTT into the working directory. Pure."""
    given = ffmpeg.input(f"file:{source}", **GUARDS)
    outputs = [
        ffmpeg.output(given[str(text.index)], f"file:{name_of(text)}", f="webvtt", map_metadata="-1", map_chapters="-1")
        for text in texts
    ]
    graph = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    words: list[str] = ffmpeg.compile(graph, cmd=str(ffmpeg_path), overwrite_output=True)
    return [words[0], "-nostdin", "-hide_banner", "-loglevel", "error", *words[1:]]


def name_of(text: TextStream) -> str:
    return f"{text.index}.vtt"


def _extract(tools: Tools, source: Path, text: TextStream, folder: Path, cancel: threading.Event) -> None:
    (folder / name_of(text)).unlink(missing_ok=True)
    try:
        run(text_command(tools.ffmpeg, source, [text]), limits=LIMITS, folder=folder, cancel=cancel)
    except ProcessFailed as error:
        _log.warning("captions_unreadable", stream=text.index, why=error.hint)


def _track(text: TextStream, file: Path) -> CaptionTrack:
    webvtt, cues, note = "", 0, ""
    if text.codec in PICTURES:
        note = f"{text.codec}: pictures of texts are not read; upload the captions as SRT or WebVTT"
    elif text.codec not in TEXTS:
        note = f"{text.codec} is not read; upload the captions as SRT or WebVTT"
    else:
        try:
            read = read_captions(file.read_bytes() if file.is_file() else b"WEBVTT\n")
            webvtt, cues = webvtt_of(read.cues), len(read.cues)
        except InvalidInput as error:
            note = error.message
    return CaptionTrack(
        track=f"stream {text.index}", origin="source", language=language_tag(text.language), label=text.title,
        webvtt=webvtt, cues=cues, is_default=text.is_default, is_forced=text.is_forced,
        hearing_impaired=text.hearing_impaired, note=note,
    )  # fmt: skip
