"""`viewbox worker`: media jobs only."""

from __future__ import annotations

import signal
import threading

import typer

from transcoder.worker import Worker
from viewbox import settings


def worker(
    *,
    until_idle: bool = typer.Option(False, "--until-idle", help="End when the queue is empty."),
) -> None:
    """Import videos: fetch, encode and publish what the queue holds. Ctrl-C gives running jobs back."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(settings.load()).run(stop, until_idle=until_idle)
