"""The child as a process: started, fed, drained, watched, and killed as soon as nobody wants its answer."""

from __future__ import annotations

import io
import mmap
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import msgspec
import pyarrow as pa

from viewbox.sandbox.request import Request

KILL_AFTER_S = 2.0  # beyond the statement's own limit: DuckDB cannot interrupt a single long scalar call
LOOK_EVERY_S = 0.1  # how often the watcher is called, and so how late a cancelled statement dies
KEPT_BYTES = 32 * 1024**2  # a result that is larger waits in a file
READ_BYTES = 1024**2
SAID_BYTES = 8 * 1024**2  # of stderr: a message may quote the statement, which has a limit of its own
ENVELOPE_BYTES = 16 * 1024**2  # what Arrow adds to a result of the largest size, generously
COMMAND = (sys.executable, "-I", "-m", "viewbox.sandbox.child")

Watch = Callable[[float | None], None]
Verdict = dict[str, Any]
TOO_LARGE: Verdict = {"code": "sql_too_large", "message": "the statement needs more memory than it may have"}


def run_child(request: Request, seconds: float | None, watch: Watch | None = None) -> tuple[pa.Buffer, Verdict]:
    """Stdout and the verdict. A child that dies or overstays has a verdict too.

    `watch` is called several times a second, in this thread, with the share that is done (None: unknown). Whatever it
    raises, a KeyboardInterrupt included, ends the child at once.
    """
    deadline = None if seconds is None else time.monotonic() + seconds + KILL_AFTER_S
    process = subprocess.Popen(
        (*COMMAND, str(os.getpid())), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8"}, cwd="/",
        start_new_session=True,  # a Ctrl-C in the terminal is this process's to act on
    )  # fmt: skip
    assert process.stdin is not None
    feeder = threading.Thread(target=_feed, args=(process.stdin, request.encode()), daemon=True)
    feeder.start()
    output = Output(None if request.result_bytes is None else request.result_bytes * 2 + ENVELOPE_BYTES)
    said = Said()
    try:
        _drain(process, output, said, deadline, watch)
        result = output.buffer()
    except Overstayed:
        return _NOTHING, {"code": "sql_timeout", "message": f"the statement took longer than {seconds:g} s"}
    except Overflow:
        return _NOTHING, TOO_LARGE
    finally:
        process.kill()  # harmless when it has ended
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
        feeder.join()
        output.close()
    verdict = said.verdict()
    return result, TOO_LARGE if verdict is None else verdict  # memory limits end a process without a word


class Overstayed(Exception):
    """The child did not end in time."""


class Overflow(Exception):
    """The child says more than any statement's answer holds."""


class Output:
    """What the child writes: in memory while it is small, then in an unnamed file that is mapped into memory."""

    def __init__(self, limit_bytes: int | None) -> None:
        self._limit_bytes = limit_bytes
        self._size = 0
        self._memory = io.BytesIO()
        self._file: IO[bytes] | None = None

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit_bytes is not None and self._size > self._limit_bytes:
            raise Overflow
        if self._file is None and self._size > KEPT_BYTES:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the result
            self._file.write(self._memory.getbuffer())
            self._memory = io.BytesIO()
        (self._file or self._memory).write(chunk)

    def buffer(self) -> pa.Buffer:
        if self._file is None:
            return pa.py_buffer(self._memory.getvalue())
        self._file.flush()
        return pa.py_buffer(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ))  # keeps the file itself

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Said:
    """The child's stderr: lines of JSON, each a share of the work or, at last, the verdict."""

    def __init__(self) -> None:
        self.share: float | None = None
        self._rest = b""
        self._verdict: Verdict | None = None

    def write(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > SAID_BYTES:
            raise Overflow
        for line in lines:
            self._read(line)

    def verdict(self) -> Verdict | None:
        return self._verdict

    def _read(self, line: bytes) -> None:
        try:
            word = msgspec.json.decode(line)
        except msgspec.DecodeError:  # the last words of an interpreter that ran out of memory
            return
        if isinstance(word, dict):
            if "share" in word:
                self.share = word["share"]
            else:
                self._verdict = word


_NOTHING = pa.py_buffer(b"")


def _feed(pipe: IO[bytes], request: bytes) -> None:
    try:
        with pipe:
            pipe.write(request)
    except OSError:  # the child died before it had read all; its verdict says so
        return


def _drain(
    process: subprocess.Popen[bytes], output: Output, said: Said, deadline: float | None, watch: Watch | None
) -> None:
    """Read both pipes to their ends."""
    assert process.stdout is not None
    assert process.stderr is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output.write)
        selector.register(process.stderr, selectors.EVENT_READ, said.write)
        next_look = time.monotonic()
        while selector.get_map():
            for key, _ in selector.select(LOOK_EVERY_S):
                chunk = os.read(key.fd, READ_BYTES)
                if chunk:
                    key.data(chunk)
                else:
                    selector.unregister(key.fileobj)
            now = time.monotonic()
            if deadline is not None and now > deadline:
                raise Overstayed
            if watch is not None and now >= next_look:
                next_look = now + LOOK_EVERY_S
                watch(said.share)
