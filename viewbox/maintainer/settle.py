"""Waiting until spooled events are in all tables: by doing it, or, where a server holds the role, by watching it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing

from viewbox.maintainer.counters import facts, spool_files, spool_states
from viewbox.maintainer.index import Index, SpoolState
from viewbox.maintainer.loop import Maintainer, Step
from viewbox.settings import Settings

WATCH_PERIOD_S = 0.1


def settle(
    settings: Settings,
    maintainer: Maintainer,
    targets: Mapping[str, int],
    *,
    full: bool = False,
    progress: Callable[[Step], None] = lambda _step: None,
) -> None:
    """Return once every spool's rows up to its target are in all tables; with `full`, in tables made anew."""
    asked = ask_for_full(settings) if full else 0
    while True:
        if maintainer.take_role():
            progress(maintainer.step())
        if is_settled(settings, targets) and facts(settings).get("full_done", 0) >= asked:
            return
        if not maintainer.has_role:
            time.sleep(WATCH_PERIOD_S)


def is_settled(settings: Settings, targets: Mapping[str, int]) -> bool:
    """Whether the rows up to these positions are in the lake, and the rollups have caught up with it."""
    present = {path.stem for path in spool_files(settings)}  # one that is gone was drained to its end
    states = spool_states(settings)
    drained = all(
        states.get(spool_id, SpoolState()).position >= target
        for spool_id, target in targets.items()
        if spool_id in present
    )
    progress = facts(settings)
    return drained and progress.get("rolled_up", 0) >= progress.get("steps", 0)


def ask_for_full(settings: Settings) -> int:
    """Leave the wish for a full rebuild where any maintainer finds it; returns its number."""
    with closing(Index(settings.data_dir.absolute() / "index.sqlite")) as index:
        asked = (index.fact("full_asked") or 0) + 1
        index.commit_facts({"full_asked": asked})
    return asked
