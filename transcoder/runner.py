"""Starts FFmpeg, watches it, kills it: the only module that touches a process.

A run is bounded in memory, CPU, file size, open files, wall time and time without progress; its environment is
empty, its stdin closed, its stderr kept as the last 64 KiB.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from viewbox.errors import EncodeFailed

GIB = 1024**3
JAIL = Path(__file__).with_name("jail.py")
STDERR_TAIL_BYTES = 64 * 1024
OUTPUT_BYTES = 64 * 1024 * 1024  # of stdout, when it is kept: ffprobe's JSON of a sane file has kilobytes
GRACE_S = 3.0  # between TERM and KILL: FFmpeg closes its files within this time or never
POLL_S = 0.1
HOST_PATH = re.compile(r"(?:file:)?(?:/[^\s/:'\"]+)+/")


@dataclass(frozen=True)
class Limits:
    """What one run may use. The defaults bound an encode; a probe gets less."""

    memory_bytes: int = 8 * GIB  # address space: six x264 encoders at 1080p map about 3 GiB
    cpu_s: int = 7 * 24 * 3600
    file_bytes: int = 64 * GIB
    open_files: int = 512
    wall_s: float = 7 * 24 * 3600.0
    silence_s: float = 120.0  # without progress: a decoder that hangs on a crafted file
    nice: int = 10  # the door and the browser go first

    def rlimits(self) -> dict[str, int]:
        return {
            "nice": self.nice,
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


PROBE_LIMITS = Limits(memory_bytes=4 * GIB, cpu_s=60, file_bytes=GIB, wall_s=60.0, silence_s=60.0)


@dataclass(frozen=True)
class Progress:
    """One report of `-progress`: how much of the output exists, and how fast it grows."""

    out_time_s: float
    speed: float | None  # media seconds per wall second


@dataclass(frozen=True)
class Finished:
    """A run that ended with exit code 0."""

    stdout: str
    stderr_tail: str
    cpu_s: float
    wall_s: float


class Cancelled(Exception):
    """The caller's `cancel` event was set; the process is gone."""


class ProcessFailed(EncodeFailed):
    """A program ended badly. `exit_code` is negative for a signal; `stderr_tail` is its own last words."""

    def __init__(
        self, message: str, *, exit_code: int, stderr_tail: str, code: str, hint: str, retryable: bool
    ) -> None:
        super().__init__(message, code=code, hint=hint, retryable=retryable)
        self.exit_code = exit_code
        self.stderr_tail = stderr_tail


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    folder: Path,
    cancel: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Finished:
    """Run a program in `folder` to its end.

    With `on_progress`, stdout is read as FFmpeg's `-progress` stream and is not kept. Raises ProcessFailed, or
    Cancelled within GRACE_S of `cancel`.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(JAIL), str(os.getpid()), json.dumps(limits.rlimits()), *argv],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
        env={"LC_ALL": "C", "HOME": str(folder)},
        start_new_session=True,  # one signal to its group ends it with all that it started
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    watch = _Watch(started)
    readers = [
        threading.Thread(target=watch.read_stderr, args=(process.stderr,), daemon=True),
        threading.Thread(target=watch.read_stdout, args=(process.stdout, on_progress), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        verdict = _wait(process, watch, limits, cancel or threading.Event(), started)
    finally:
        _stop(process, watch)
        for reader in readers:
            reader.join(timeout=GRACE_S)
        process.stdout.close()
        process.stderr.close()
    stderr_tail = watch.stderr.decode("utf-8", "replace")
    if verdict == "cancelled":
        raise Cancelled
    if verdict or process.returncode != 0:
        raise _failure(Path(argv[0]).name, process.returncode, verdict, stderr_tail, limits)
    return Finished(watch.stdout.decode("utf-8", "replace"), stderr_tail, watch.cpu_s, time.monotonic() - started)


class _Watch:
    """What the reader threads learn of a running process."""

    def __init__(self, started: float) -> None:
        self.last_sign = started
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.cpu_s = 0.0
        self._out_time_s = 0.0

    def read_stderr(self, pipe: IO[bytes]) -> None:
        for line in iter(lambda: pipe.readline(4096), b""):
            self.stderr += line
            del self.stderr[:-STDERR_TAIL_BYTES]

    def read_stdout(self, pipe: IO[bytes], on_progress: Callable[[Progress], None] | None) -> None:
        if on_progress is None:
            for chunk in iter(lambda: pipe.read(65_536), b""):
                self.last_sign = time.monotonic()
                if len(self.stdout) < OUTPUT_BYTES:
                    self.stdout += chunk
            return
        block: dict[str, str] = {}
        for line in iter(lambda: pipe.readline(4096), b""):
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            block[key] = value
            if key == "progress":  # the last line of every block
                report = parse_progress(block)
                if report is not None and (report.out_time_s > self._out_time_s or value == "end"):
                    self.last_sign = time.monotonic()  # only media time counts: a hung decoder still reports
                    self._out_time_s = report.out_time_s
                    on_progress(report)
                block = {}


def parse_progress(block: dict[str, str]) -> Progress | None:
    """One block of `-progress` output; None before the first packet (`N/A`)."""
    try:
        out_time_s = max(0.0, int(block["out_time_us"]) / 1e6)  # out_time_ms holds microseconds too
    except (KeyError, ValueError):
        return None
    try:
        speed = float(block.get("speed", "").strip().removesuffix("x"))
    except ValueError:
        speed = None
    return Progress(out_time_s, speed)


def _wait(
    process: subprocess.Popen[bytes], watch: _Watch, limits: Limits, cancel: threading.Event, started: float
) -> str:
    """Until it ends, or until there is a reason to end it, which is returned."""
    pause = 0.002  # grows: a probe takes 50 ms, an encode hours
    while not _reap(process, watch, os.WNOHANG):
        now = time.monotonic()
        if now - started > limits.wall_s:
            return "wall"
        if now - watch.last_sign > limits.silence_s:
            return "silence"
        if cancel.wait(pause):
            return "cancelled"
        pause = min(pause * 1.5, POLL_S)
    return ""


def _reap(process: subprocess.Popen[bytes], watch: _Watch, flags: int) -> bool:
    """Collect the process if it ended, with the CPU time it used."""
    if process.returncode is not None:
        return True
    pid, status, usage = os.wait4(process.pid, flags)
    if pid == 0:
        return False
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.cpu_s = usage.ru_utime + usage.ru_stime
    return True


def _stop(process: subprocess.Popen[bytes], watch: _Watch) -> None:
    """End the whole group: TERM, a grace period, KILL. Nothing to do for a process that ended by itself."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while time.monotonic() < deadline:
        if _reap(process, watch, os.WNOHANG):
            return
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    _reap(process, watch, 0)


def _failure(program: str, exit_code: int, verdict: str, stderr_tail: str, limits: Limits) -> ProcessFailed:
    last_words = (stderr_tail.strip().splitlines() or ["nothing"])[-1]
    told = HOST_PATH.sub("", last_words)[:300]  # people read it who may not know this machine
    code, hint, retryable = "encode_failed", f"{program.partition('-')[0]} said: {told}", False
    if verdict == "wall":
        code, hint = "encode_timeout", f"it ran longer than {limits.wall_s:.0f} s; try a shorter video"
    elif verdict == "silence":
        code, hint = "encode_stalled", f"no progress for {limits.silence_s:.0f} s: the file may be damaged"
    elif "No space left on device" in stderr_tail:
        code, hint, retryable = "disk_full", "free space in VIEWBOX_DATA_DIR, then retry", True
    elif exit_code == -signal.SIGXCPU:
        code, hint = "encode_timeout", f"it used more than {limits.cpu_s} s of CPU time"
    elif exit_code == -signal.SIGKILL:
        code, hint, retryable = "encode_killed", "the system may be short of memory; it will be tried again", True
    return ProcessFailed(
        f"{program} ended with {exit_code}",
        exit_code=exit_code, stderr_tail=stderr_tail, code=code, hint=hint, retryable=retryable,
    )  # fmt: skip
