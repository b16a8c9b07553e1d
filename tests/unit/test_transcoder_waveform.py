"""The picture that is drawn of sound."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import numpy as np

from tests import media
from transcoder.probe import GUARDS
from transcoder.waveform import HEIGHT, WIDTH, draw, joined_command, still_command, thinned_command

IN, OUT = Path("/in/source"), Path("/out/made")
GUARDED = [word for name, value in GUARDS.items() for word in (f"-{name}", value)]


def test_of_two_hours_every_24th_run_of_packets_is_looked_at():
    command = thinned_command(Path("ffmpeg"), IN, OUT, 7200.0)
    assert command[command.index("-bsf:a") + 1] == "noise=drop=mod(floor(n/16)\\,24)"  # 7200 s ÷ 300 s
    assert command[command.index("-c") + 1] == "copy"


def test_the_still_is_one_group_of_two_pictures():
    command = still_command(Path("ffmpeg"), IN, OUT)
    graph = command[command.index("-filter_complex") + 1]
    assert "s=1280x720:r=1:d=2" in graph
    assert "showwavespic=s=1200x400" in graph
    assert command[command.index("-g") + 1] == "2"


def test_every_file_of_a_stranger_is_read_under_guard_and_by_its_full_name():
    for command in (
        thinned_command(Path("ffmpeg"), IN, OUT, 600.0),
        still_command(Path("ffmpeg"), IN, OUT),
        joined_command(Path("ffmpeg"), Path("/out/still.mp4"), IN, OUT, 60.0),
    ):
        place = command.index("file:/in/source")
        assert command[place - 1 - len(GUARDED) : place - 1] == GUARDED
        assert command[-1] == "file:/out/made"


def test_long_sound_is_drawn_from_all_of_its_length(tmp_path: Path):
    """400 s, of which the first half sounds: looked at is every other run of packets."""
    sound = tmp_path / "sound.m4a"
    half = "aevalsrc=0.5*sin(2764*t)*lt(t\\,200):s=16000:d=400"
    media.ffmpeg("-f", "lavfi", "-i", half, "-c:a", "aac", "-b:a", "32k", sound)
    drawn = draw(media.tools(), sound, tmp_path, 400.0, max_duration_s=1000.0, cancel=threading.Event())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.mkv", "sound.m4a"]
    shown = ["-v", "error", "-ss", "300", "-i", str(drawn), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    frame = subprocess.run([media.tools().ffmpeg, *shown], check=True, capture_output=True, timeout=60).stdout
    line = np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH)[HEIGHT // 2 + 20]
    assert line[60 : WIDTH // 2 - 20].min() > 100
    assert line[WIDTH // 2 + 20 : -60].max() < 40
