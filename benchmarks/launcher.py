"""Starts one program and writes what it used: `python -I -S launcher.py REPORT PROGRAM [ARGUMENT …]`.

A process of its own, and a small one: Linux counts what the starter of a program held in memory as the program's own
peak. So it imports little, and nothing of ours.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    report, *argv = sys.argv[1:]
    started = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, os.environ)
    _, status, used = os.wait4(pid, 0)
    usage = {
        "wall_s": time.monotonic() - started,
        "cpu_s": used.ru_utime + used.ru_stime,  # of the program and of all that it waited for
        "peak_bytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),  # the largest single process
    }
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123  # pathlib is one more import in a process that stays small
        json.dump(usage, file)
    return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
