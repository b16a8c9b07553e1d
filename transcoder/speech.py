"""Captions by somebody's speech-to-text: a program of the operator's choice, asked after the ladder is published.

A job of its own kind, one at a time per worker: it may take longer than the import, and its failure is told where
captions are listed and nowhere else.
"""

from __future__ import annotations

import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ffmpeg

from transcoder.runner import Limits, run
from transcoder.tools import Tools
from viewbox import logs
from viewbox.captions import Captions, CaptionTrack, read_captions, republish
from viewbox.captions.store import SPEECH
from viewbox.captions.webvtt import webvtt_of
from viewbox.catalog import Catalog
from viewbox.errors import JobLost, SetupError, ViewBoxError
from viewbox.jobs import Job, Jobs
from viewbox.languages import checked_tag
from viewbox.settings import Settings
from viewbox.storage import MediaStore

KIND = "captions"
PRIORITY = -100  # whatever is imported goes first
GIB = 1024**3
RATE_HZ = 16_000  # what recognisers were trained on
WALL_FLOOR_S = 600.0
WALL_S_PER_MEDIA_S = 10.0
_log = logs.get("speech")


def wanted(settings: Settings, tracks: list[CaptionTrack]) -> bool:
    """Whether a program is set, and nobody wrote captions of all that is said."""
    return bool(settings.captions_command) and not any(track.webvtt and not track.is_forced for track in tracks)


def enqueue(jobs: Jobs, job: Job, language: str) -> None:
    """After an import; `language` of its first sound, `und` when nobody knows."""
    payload = {"language": language}
    jobs.enqueue(KIND, video_id=job.video_id, revision=job.revision, payload=payload, priority=PRIORITY)


class Listener:
    """Runs jobs of KIND."""

    def __init__(
        self, settings: Settings, catalog: Catalog, captions: Captions, media: MediaStore, tools: Tools
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._captions = captions
        self._media = media
        self._tools = tools

    def hear(self, job: Job, jobs: Jobs, cancel: threading.Event) -> None:
        """Publish what the program wrote, or keep a note why there is nothing. Raises Cancelled, JobLost."""
        video = self._catalog.find(job.video_id)
        if video is None or video.revision != job.revision or not video.playable or not video.duration_s:
            return
        if not wanted(self._settings, self._captions.of(video.id, job.revision)):
            return
        language = str(job.payload.get("language", "und"))
        try:
            text = self._ask(job, video.duration_s, language, cancel)
            read = read_captions(text.encode())
            track = CaptionTrack(
                track=SPEECH, origin="speech", language=checked_tag(language), webvtt=webvtt_of(read.cues),
                cues=len(read.cues), note="written by a machine",
            )  # fmt: skip
        except JobLost:
            raise
        except ViewBoxError as error:
            _log.warning("speech_to_text_failed", video_id=video.id, code=error.code, error=error.message)
            note = f"speech-to-text: {error.message}. {error.hint}"
            track = CaptionTrack(track=SPEECH, origin="speech", language=language, note=note)
        jobs.heartbeat(job)
        self._captions.replace(video.id, job.revision, "speech", [track])
        if track.webvtt:
            republish(self._catalog, self._captions, self._media, video.id)

    def _ask(self, job: Job, duration_s: float, language: str, cancel: threading.Event) -> str:
        """What the program printed. Raises SetupError, EncodeFailed, Cancelled."""
        argv = command_of(self._settings)
        wall_s = WALL_FLOOR_S + WALL_S_PER_MEDIA_S * duration_s
        limits = Limits(
            memory_bytes=16 * GIB, cpu_s=int(wall_s * 8), file_bytes=4 * GIB, wall_s=wall_s, silence_s=wall_s, nice=15
        )
        sound = self._media.folder(job.video_id) / f"r{job.revision}" / "audio" / "audio.m3u8"
        with self._room(job) as folder:
            wav = folder / "sound.wav"
            run(sound_command(self._tools.ffmpeg, sound, wav), limits=limits, folder=folder, cancel=cancel)
            return run([*argv, str(wav), language], limits=limits, folder=folder, cancel=cancel).stdout

    @contextmanager
    def _room(self, job: Job) -> Iterator[Path]:
        folder = (self._settings.work_dir / "imports" / job.id).absolute()  # the worker sweeps it by the job's id
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def command_of(settings: Settings) -> list[str]:
    """VIEWBOX_CAPTIONS_COMMAND as an argument list; no shell sees it. Raises SetupError."""
    try:
        words = shlex.split(settings.captions_command or "")
    except ValueError as error:
        raise SetupError(f"VIEWBOX_CAPTIONS_COMMAND: {error}", hint="mend its quotes") from error
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise SetupError(
            f"{Path(words[0]).name if words else 'nothing'} cannot be started",
            hint="VIEWBOX_CAPTIONS_COMMAND names a program by its whole path",
        )
    return [program, *words[1:]]


def sound_command(ffmpeg_path: Path, playlist: Path, wav: Path) -> list[str]:
    """The published sound as one WAV file, mono. Pure."""
    given = ffmpeg.input(
        f"file:{playlist}", protocol_whitelist="file", format_whitelist="hls,mov", codec_whitelist="aac",
        allowed_extensions="ALL", extension_picky="0",
    )  # fmt: skip
    output = ffmpeg.output(given["a"], f"file:{wav}", f="wav", ac=1, ar=RATE_HZ, map_metadata="-1")
    words: list[str] = ffmpeg.compile(output, cmd=str(ffmpeg_path), overwrite_output=True)
    return [words[0], "-nostdin", "-hide_banner", "-loglevel", "error", *words[1:]]
