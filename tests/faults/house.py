"""A house: doors and maintainers as processes, over one data directory, that die and are started again."""

from __future__ import annotations

import functools
import http.client
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import msgspec

from tests.faults.points import Kind
from tests.faults.victims import PROCESSES, Arm, Stage, ask_for_full, maintain, serve
from tests.support import free_port, until
from viewbox.settings import Settings

LOOK_S = 0.05
DEATH_S = 60.0  # within which an armed point must be passed


class House:
    """`doors` doors, each on its port, and as many maintainers, of which one has the role."""

    def __init__(self, folder: Path, *, doors: int = 1, defect: str | None = None) -> None:
        self.control = folder / "control"
        self.settings = Settings(data_dir=folder / "data", executor="inline")
        self.control.mkdir(parents=True)
        self.settings.data_dir.mkdir()
        self.stages = [Stage(self.settings.data_dir, self.control, free_port(), defect) for _ in range(doors)]
        self.platter = self.stages[0].platter
        self.platter.begin()
        self._alive: dict[tuple[Kind, int], ForkServerProcess] = {}
        self._arms = 0

    def start(self) -> None:
        """Start whatever is not running."""
        for number, stage in enumerate(self.stages):
            for kind, run in (("door", serve), ("maintainer", maintain)):
                key: tuple[Kind, int] = (kind, number)  # type: ignore[assignment]
                if key not in self._alive or not self._alive[key].is_alive():
                    process = PROCESSES.Process(target=run, args=(stage,), daemon=True)
                    process.start()
                    self._alive[key] = process

    def kill(self, *kinds: Kind) -> int:
        """SIGKILL, all at once; returns how many died of it."""
        dying = [process for (kind, _), process in self._alive.items() if kind in kinds and process.is_alive()]
        for process in dying:
            process.kill()
        for process in dying:
            process.join()
        return len(dying)

    def await_doors(self) -> None:
        """Wait until every door answers."""
        for stage in self.stages:
            until(functools.partial(_answers, stage.port), timeout_s=DEATH_S, what="the doors are open")

    def stop_doors(self) -> list[int | None]:
        """SIGTERM; the exit codes of the doors."""
        doors = [process for (kind, _), process in self._alive.items() if kind == "door" and process.is_alive()]
        for process in doors:
            process.terminate()
        for process in doors:
            process.join(30)
        return [process.exitcode for process in doors]

    def cut_power(self, chance: random.Random | None) -> None:
        """Everything dies, and what was not synced may be gone: surely without `chance`."""
        self.kill("door", "maintainer")
        self.platter.cut(chance)

    def ask_for_full(self) -> None:
        """Leave the wish for a full rebuild, as `viewbox rollup --full` does."""
        process = PROCESSES.Process(target=ask_for_full, args=(self.stages[0],))
        process.start()
        process.join()

    @contextmanager
    def armed(self, label: str, nth: int = 1) -> Iterator[None]:
        """Whoever passes the point for the nth time dies there."""
        self._arms += 1
        draft = self.control / "arm.draft"
        draft.write_bytes(msgspec.json.encode(Arm(label, nth, self._arms)))
        draft.rename(self.control / "arm")
        try:
            yield
        finally:
            (self.control / "arm").unlink()

    @contextmanager
    def disk(self, what: str, kind: Kind, part: str) -> Iterator[None]:
        """For these processes, files whose path holds `part` are on a disk that is "full" or answers "eio"."""
        told = self.control / f"{what}-{kind}"
        told.write_text(json.dumps(part), "utf-8")
        try:
            yield
        finally:
            told.unlink()

    def await_death(self, timeout_s: float = DEATH_S) -> bool:
        """Wait until any process has died; whether one did."""
        sentinels = [process.sentinel for process in self._alive.values() if process.exitcode is None]
        return bool(connection.wait(sentinels, timeout_s))

    def await_hit(self, before: int, within_s: float = DEATH_S) -> None:
        """Wait until somebody died at an armed point, after so many others; not for ever. Whoever dies of something
        else meanwhile, as the second process at the point armed before, is started again.
        """
        deadline = time.monotonic() + within_s
        while len(self.hits()) == before and time.monotonic() < deadline:
            if self.await_death(LOOK_S) and len(self.hits()) == before:
                self.start()

    def pause(self, seconds: float) -> None:
        """Let the house live on for a while: the moment of a random kill."""
        time.sleep(seconds)

    def hits(self) -> list[str]:
        """Labels of the points at which somebody died, in order."""
        path = self.control / "hits"
        return path.read_text("ascii").split() if path.exists() else []

    def log(self) -> str:
        path = self.control / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""


def _answers(port: int) -> bool:
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=DEATH_S)
    try:
        door.request("GET", "/healthz")
        return door.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()
