"""The maintainer's role: a lock that one process holds at a time and that the kernel frees at its death."""

from __future__ import annotations

import os
from pathlib import Path

from viewbox.errors import Conflict
from viewbox.spool import lock_file


class RoleTaken(Conflict):
    """Another process is the maintainer."""

    code = "maintainer_running"
    hint = "the server does this by itself every second"


class Role:
    """The lock DATA_DIR/maintainer.lock, held from `take` to `give_up`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir.absolute() / "maintainer.lock"
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self) -> bool:
        """Whether this process is the maintainer now."""
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._descriptor = lock_file(self._path)
            except BlockingIOError:
                return False
        return True

    def give_up(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
