"""`python -m ingest_api.dies_with_parent MODULE`: run a module that gets SIGTERM when its parent dies, even by SIGKILL.

A maintainer that outlives its server would hold the lock, and the next server's events would wait for it.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    module, parent_pid = sys.argv[1], int(sys.argv[2])
    end_with_parent(parent_pid)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent(parent_pid: int) -> None:
    """From now on this process gets SIGTERM when its parent dies; it exits at once when that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent_pid:  # it died before the kernel knew of our wish
            sys.exit(0)


if __name__ == "__main__":
    main()
