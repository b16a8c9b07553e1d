"""Processes that are made to be killed, forked from a server that has imported everything: quick to start.

`serve` runs what `viewbox serve` runs and `maintain` what the server starts as its maintainer, with a platter below
them, crash points around their functions and the thresholds of a small house. `run_maintainer` and `run_door` are the
bare parts.
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.process
import os
import signal
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.httptools_impl  # noqa: F401  # loaded here once, not by every victim

import ingest_api.app
import ingest_api.cli
import viewbox.maintainer.__main__
from ingest_api.maintainer_process import MaintainerProcess
from tests.faults import defects, points, small_house
from tests.faults.platter import Platter
from tests.messages import START_MS, NoRollups, door, interval, settings_in, wire
from viewbox.maintainer import Maintainer
from viewbox.maintainer.settle import ask_for_full as ask

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.victims"])


class Stage(msgspec.Struct, frozen=True):
    """Where a house stands. `control` holds what it is told and tells; it is no part of the house."""

    data: Path
    control: Path
    port: int
    defect: str | None = None

    @property
    def platter(self) -> Platter:
        return Platter(self.data, self.control / "platter")


class Arm(msgspec.Struct, frozen=True):
    """The point to die at, when it is passed for the `nth` time from now on; `number` tells arms apart."""

    label: str
    nth: int
    number: int


class Trap:
    """Reads DATA/arm at each point, and dies there when its time has come: as by SIGKILL, with nothing cleaned up."""

    def __init__(self, stage: Stage) -> None:
        self._arm = stage.control / "arm"
        self._hits = stage.control / "hits"
        self._number = -1
        self._passed = 0

    def __call__(self, label: str) -> None:
        try:
            arm = msgspec.json.decode(self._arm.read_bytes(), type=Arm)
        except FileNotFoundError:
            return
        if arm.label != label:
            return
        if arm.number != self._number:
            self._number, self._passed = arm.number, 0
        self._passed += 1
        if self._passed >= arm.nth:
            with self._hits.open("a") as hits:
                hits.write(f"{label}\n")
            os.kill(os.getpid(), signal.SIGKILL)


def serve(stage: Stage) -> None:
    """A door. Its maintainer is a process of the suite's own."""

    async def nothing(_self: Any) -> None: ...

    MaintainerProcess.start = MaintainerProcess.stop = nothing  # type: ignore[method-assign, assignment]
    _move_in(stage, "door")
    ingest_api.cli.serve(workers=1)


def maintain(stage: Stage) -> None:
    """A maintainer, or one that waits for the role."""
    trap = _move_in(stage, "maintainer")

    class Trapped(Maintainer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, at=points.at(trap), **named)

    viewbox.maintainer.__main__.Maintainer = Trapped  # type: ignore[attr-defined]
    viewbox.maintainer.__main__.main()


def ask_for_full(stage: Stage) -> None:
    """A process, since whatever writes in the house is watched."""
    stage.platter.install()
    ask(settings_in(stage.data))


def _move_in(stage: Stage, kind: points.Kind) -> Trap:
    log = os.open(stage.control / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    multiprocessing.process._parent_process = None  # type: ignore[attr-defined]  # nobody's worker
    os.environ |= {
        "VIEWBOX_DATA_DIR": str(stage.data), "VIEWBOX_PORT": str(stage.port), "VIEWBOX_EXECUTOR": "inline",
        "VIEWBOX_SAMPLE": "false", "VIEWBOX_INTAKE_RATE": "0",
    }  # fmt: skip
    trap = Trap(stage)
    small_house.move_in()
    stage.platter.install(
        fails=lambda path: _told(stage, "eio", kind, path),
        full=lambda path: _told(stage, "full", kind, path),
        slow=lambda path: _told(stage, "slow", kind, path),
        around=points.syncing(kind, trap),
    )
    points.install(kind, trap)
    if stage.defect is not None:
        defects.DEFECTS[stage.defect].plant(trap)
    return trap


def _told(stage: Stage, what: str, kind: str, path: Path) -> bool:
    """Whether CONTROL/<what>-<kind> names a part of this path: the disk is to fail there."""
    try:
        part = json.loads((stage.control / f"{what}-{kind}").read_text("utf-8"))
    except FileNotFoundError:
        return False
    return part in str(path)


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
