"""Processes that are made to be killed, forked from a server that has imported everything: quick to start."""

from __future__ import annotations

import multiprocessing
import os
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.messages import START_MS, NoRollups, door, interval, settings_in, wire
from viewbox.maintainer import Maintainer

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.victims"])


def run_maintainer(folder: Path, label: str) -> None:
    """Drain; exit with 9 on passing `label`, without any clean-up, as SIGKILL would."""

    def at(passed: str) -> None:
        if passed == label:
            os._exit(9)

    with Maintainer(settings_in(folder), rollups=NoRollups, at=at) as maintainer:
        maintainer.run_until_drained()
        maintainer.tidy()


def run_door(folder: Path, first: int, acks: Connection) -> None:
    """Take messages numbered from `first` on, for ever; send each number once its ack was given."""
    with door(settings_in(folder)) as intake:
        for number in count(first):
            intake.accept([wire(*[interval(seq) for seq in range(5)], number=number)], received_at_ms=START_MS + 60_000)
            acks.send(number)
