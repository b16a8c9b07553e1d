"""Processes of a benchmark: a command measured to its end, and a server for the length of a block."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

Answer = TypeVar("Answer")
ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = Path(__file__).with_name("launcher.py")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
POLL_S = 0.05
TAIL_CHARACTERS = 2_000


class BenchmarkFailed(Exception):
    """A benchmark's own claim did not hold, so that its numbers would say nothing."""


@dataclass(frozen=True)
class Usage:
    """What a program used until it ended with exit code 0. `peak_bytes`: of its largest single process."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    stdout: str


def run_measured(
    argv: Sequence[str | Path],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 600.0,
    beside: Callable[[int], AbstractContextManager[object]] = nullcontext,
) -> Usage:
    """Run a program in `folder` to its end. Raises BenchmarkFailed when it fails or takes longer than `timeout_s`.

    `beside` is given the number of the session that all its processes belong to, and is open while it runs.
    """
    with tempfile.TemporaryDirectory() as notes:
        report = Path(notes) / "usage.json"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), str(report), *map(str, argv)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # launcher and program end by one signal
        )  # fmt: skip
        try:
            with beside(process.pid):
                stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise BenchmarkFailed(f"{_shown(argv)} took more than {timeout_s:.0f} s") from None
        finally:
            _end_group(process)
        if process.returncode:
            raise BenchmarkFailed(f"{_shown(argv)} ended with {process.returncode}: {stderr[-TAIL_CHARACTERS:]}")
        return Usage(**json.loads(report.read_text(encoding="utf-8")), stdout=stdout)


class Served(NamedTuple):
    """A running server: `host` with its port, and the process that was started."""

    host: str
    pid: int


@contextmanager
def serving(
    argv: Sequence[str | Path],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str] | None = None,
    health: str | None = None,
) -> Iterator[Served]:
    """A server that answers /healthz, stopped at the end.

    It writes its address to stderr, or its health is asked for at the host and port `health`.
    """
    with _running(argv, folder, log, environment or {}) as process:

        def address() -> str | None:
            if process.poll() is not None:
                raise BenchmarkFailed(f"{_shown(argv)} ended with {process.returncode}: {_tail(log)}")
            found = re.search(r"http://(127\.0\.0\.1:[0-9]+)", _tail(log))
            host = health or (found[1] if found else None)
            return host if host and get(f"http://{host}/healthz") is not None else None

        host = until(address, timeout_s=START_TIMEOUT_S, what=f"an answer of {_shown(argv)}")
        yield Served(host, process.pid)


@contextmanager
def serving_at(
    health: str, argv: Sequence[str | Path], environment: Mapping[str, str], log: Path, *, folder: Path = ROOT
) -> Iterator[None]:
    """A server whose address is known beforehand, up once the URL `health` answers 200; stopped at the end."""
    with _running(argv, folder, log, environment) as process:

        def is_up() -> bool:
            if process.poll() is not None:
                raise BenchmarkFailed(f"{_shown(argv)} ended with {process.returncode}: {_tail(log)}")
            return get(health) is not None

        until(is_up, timeout_s=START_TIMEOUT_S, what=f"an answer of {_shown(argv)}")
        yield


@contextmanager
def serving_process(
    argv: Sequence[str | Path], folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[int]:
    """A program without an address, such as a worker, for the length of a block; its process number."""
    with _running(argv, folder, log, environment) as process:
        yield process.pid


@contextmanager
def _running(
    argv: Sequence[str | Path], folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program whose words go into `log`, in a session of its own, all of which ends with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*map(str, argv)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_S)
        _end_group(process)


def free_port() -> int:
    """A port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(look: Callable[[], Answer | None], *, timeout_s: float, what: str, poll_s: float = POLL_S) -> Answer:
    """The first answer of `look` that is neither None nor False. Raises BenchmarkFailed after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = look()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"no {what} within {timeout_s:.0f} s")
        time.sleep(poll_s)


def get(url: str) -> str | None:
    """The body of a 200; None for anything else."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback goes through no proxy
    try:
        with opener.open(url, timeout=10) as answer:
            body: bytes = answer.read()
    except OSError:
        return None
    return body.decode()


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _end_group(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Whatever of this process's session still runs is killed; nothing outlives its benchmark."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_TIMEOUT_S)


def _shown(argv: Sequence[str | Path]) -> str:
    return " ".join([Path(argv[0]).name, *map(str, argv[1:4])])


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-TAIL_CHARACTERS:]
