"""`python -m viewbox.maintainer`: the maintainer as a child of the server. It ends with its parent."""

from __future__ import annotations

import os
import signal
import threading

from viewbox import logs
from viewbox.maintainer.loop import Maintainer
from viewbox.settings import load

PARENT_CHECK_S = 1.0


def main() -> None:
    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_watch_parent, args=(os.getppid(), stop), daemon=True).start()
    with Maintainer(load()) as maintainer:
        maintainer.run_forever(stop)


def _watch_parent(parent: int, stop: threading.Event) -> None:
    """An orphan would hold the role for ever: stop when the parent is gone."""
    while not stop.wait(PARENT_CHECK_S):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    main()
