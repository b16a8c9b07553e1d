"""What every suite may use: waiting for a fact instead of sleeping, and free ports."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
POLL_S = 0.02  # how often a fact is looked at; it bounds how late a test notices, never whether it passes


def until(predicate: Callable[[], Result], *, timeout_s: float = 20.0, what: str = "") -> Result:
    """The first true answer of `predicate`. Raises AssertionError with the last answer after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what or predicate}; last answer {answer!r}")
        pause.wait(POLL_S)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
