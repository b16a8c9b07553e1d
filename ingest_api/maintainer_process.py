"""The maintainer as this server's child: started with it, started again when it dies, ended with it.

Every serve process has one; a lock decides whose works. It is a process because commits and roll-ups would
otherwise take the event loop's time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time

import structlog
from pydantic import SecretStr

from viewbox import logs
from viewbox.settings import Settings

RESTART_AFTER_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # a maintainer that cannot start must not eat a core
HEALTHY_AFTER_S = 60.0  # one that lived so long starts the series anew
STOP_TIMEOUT_S = 10.0  # it finishes its commit; then SIGKILL, which loses nothing: the spool still has it all
MODULE = "viewbox.maintainer"


class MaintainerProcess:
    """Keeps `python -m viewbox.maintainer` running between `start` and `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **environment_of(settings)}
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._log: structlog.typing.FilteringBoundLogger = logs.get("maintainer_process")
        self.restarts = 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _spawn(self) -> None:
        # From the event loop's thread: the kernel's parent-death signal follows the thread that spawned.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest_api.dies_with_parent", MODULE, str(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL, env=self._environment,
        )  # fmt: skip

    async def _keep(self) -> None:
        failures = 0
        while True:
            assert self._process is not None
            started = time.monotonic()
            exit_code = await self._process.wait()
            failures = 1 if time.monotonic() - started > HEALTHY_AFTER_S else failures + 1
            wait_s = RESTART_AFTER_S[min(failures, len(RESTART_AFTER_S)) - 1]
            self._log.warning("maintainer ended, starting another", exit_code=exit_code, after_s=wait_s)
            await asyncio.sleep(wait_s)
            self.restarts += 1
            await self._spawn()


def environment_of(settings: Settings) -> dict[str, str]:
    """Variables from which a child process loads the same settings."""
    return {
        f"VIEWBOX_{name.upper()}": _as_text(getattr(settings, name))
        for name in settings.model_fields_set
        if getattr(settings, name) is not None
    }


def _as_text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return ",".join(map(str, value))
        case bool():
            return str(value).lower()
        case _:
            return str(value)
