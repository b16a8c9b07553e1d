"""What a program may do while we run it, and how it ends when it does more."""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import until
from transcoder.runner import STDERR_TAIL_BYTES, Cancelled, Limits, ProcessFailed, Progress, parse_progress, run

LIMITS = Limits(wall_s=20.0, silence_s=20.0)


def python(code: str, folder: Path, limits: Limits = LIMITS, **options: object) -> str:
    return run([sys.executable, "-I", "-c", code], limits=limits, folder=folder, **options).stdout  # type: ignore[arg-type]


def failure(code: str, folder: Path, limits: Limits = LIMITS) -> ProcessFailed:
    with pytest.raises(ProcessFailed) as caught:
        python(code, folder, limits)
    return caught.value


def test_nothing_of_our_environment_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("VIEWBOX_SECRET", "s3cret")
    seen = json.loads(python("import os, json; print(json.dumps(dict(os.environ)))", tmp_path))
    assert seen == {"LC_ALL": "C", "HOME": str(tmp_path)}


def test_standard_input_is_empty_and_the_folder_is_its_own(tmp_path):
    assert python("import os, sys; print(len(sys.stdin.read()), os.getcwd())", tmp_path) == f"0 {tmp_path}\n"


def test_memory_is_bounded(tmp_path):
    error = failure("bytearray(1 << 30)", tmp_path, replace(LIMITS, memory_bytes=512 << 20))
    assert error.exit_code == 1
    assert "MemoryError" in error.stderr_tail


def test_files_are_bounded(tmp_path):
    failure("open('big', 'wb').write(bytes(1 << 20))", tmp_path, replace(LIMITS, file_bytes=1 << 16))
    assert (tmp_path / "big").stat().st_size <= 1 << 16


def test_processor_time_is_bounded(tmp_path):
    assert failure("while True: pass", tmp_path, replace(LIMITS, cpu_s=1)).code in {"encode_timeout", "encode_killed"}


def test_silence_ends_it(tmp_path):
    began = time.monotonic()
    error = failure("import time; time.sleep(60)", tmp_path, replace(LIMITS, silence_s=0.3))
    assert error.code == "encode_stalled"
    assert time.monotonic() - began < 5


def test_the_wall_clock_ends_it_even_when_it_talks(tmp_path):
    code = "import time\nwhile True: print('x', flush=True); time.sleep(0.05)"
    assert failure(code, tmp_path, replace(LIMITS, wall_s=0.5)).code == "encode_timeout"


def test_what_it_started_ends_with_it_even_against_its_will(tmp_path, monkeypatch):
    monkeypatch.setattr("transcoder.runner.GRACE_S", 0.3)
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child: open('child', 'w').write(str(child))\n"
        "time.sleep(60)"
    )
    cancel = threading.Event()

    def cancel_once_it_has_a_child() -> None:
        until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
        cancel.set()

    threading.Thread(target=cancel_once_it_has_a_child).start()
    with pytest.raises(Cancelled):
        python(code, tmp_path, cancel=cancel)
    child = int((tmp_path / "child").read_text())
    until(lambda: state(child) in {"", "Z"}, timeout_s=5, what="the grandchild is gone")


def state(pid: int) -> str:
    """A process's state letter; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_the_end_of_its_words_is_kept(tmp_path):
    error = failure("import sys; sys.stderr.write('x' * 1000000 + '\\nthe reason\\n'); sys.exit(3)", tmp_path)
    assert error.exit_code == 3
    assert len(error.stderr_tail) <= STDERR_TAIL_BYTES
    assert error.hint.endswith("the reason")


def test_what_it_says_about_our_folders_stays_here(tmp_path):
    error = failure(f"import sys; sys.exit('Error opening file:{tmp_path}/source: bad')", tmp_path)
    assert error.hint.endswith("said: Error opening source: bad")


def test_a_full_disk_is_told_from_a_bad_file(tmp_path):
    error = failure("import sys; sys.exit('out.mp4: No space left on device')", tmp_path)
    assert (error.code, error.retryable) == ("disk_full", True)


def test_progress_is_reported_in_media_seconds(tmp_path):
    blocks = "out_time_us=N/A\\nspeed=N/A\\nprogress=continue\\nout_time_us=2500000\\nspeed=1.5x\\nprogress=end\\n"
    seen: list[Progress] = []
    python(f"print('{blocks}')", tmp_path, on_progress=seen.append)
    assert seen == [Progress(2.5, 1.5)]


def test_odd_progress_is_no_progress():
    assert parse_progress({"out_time_us": "N/A"}) is None
    assert parse_progress({}) is None
    assert parse_progress({"out_time_us": "-400", "speed": " N/A"}) == Progress(0.0, None)
