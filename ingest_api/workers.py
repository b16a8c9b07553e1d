"""Several worker processes on one socket: uvicorn's supervisor, which tells of every worker that it replaces."""

from __future__ import annotations

from uvicorn.supervisors import Multiprocess

from viewbox import logs

# A worker silent for so long is killed. uvicorn's 5 s are too few: on a busy machine, a process that waits for a
# core or a disk is not dead, and killing it cuts off everybody it serves. One that died is seen within half a second.
SILENT_WORKER_S = 20


class Workers(Multiprocess):
    """Runs the workers until a signal, and another one in the place of each that dies."""

    def keep_subprocess_alive(self) -> None:
        before = {process.pid: process for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before.keys() - {process.pid for process in self.processes}:
            logs.get("workers").warning("worker_replaced", pid=pid, exit_code=before[pid].exitcode)
