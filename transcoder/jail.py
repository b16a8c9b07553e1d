"""Starts one program under limits: `python -I -S jail.py <parent pid> <limits as JSON> program arguments…`.

A process of its own, because nothing but exec is safe between fork and exec in a threaded worker. Imports as
little as it can: it is on the way of every FFmpeg run. Linux also gets PR_SET_PDEATHSIG: when the thread that
started us dies, the kernel kills the program, so no FFmpeg outlives its worker.
"""

import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    parent, limits, argv = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above took hold
            sys.exit(1)
    os.nice(limits.pop("nice"))
    for name, bound in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        value = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (value, value))
    os.execv(argv[0], argv)  # noqa: S606  # a list, never a shell: that is the point


main()
