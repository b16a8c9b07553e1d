"""From the navigation to the first frame on the screen, player after player, so that the machine's moods hit all."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.player.browser import visit
from benchmarks.player.server import Host


@dataclass(frozen=True)
class Start:
    """One visit: navigation start to first frame, and the script that ran meanwhile, both on the slowed-down CPU."""

    first_frame_ms: float
    script_ms: float
    strangers: frozenset[str]


def start_of(browser: Browser, host: Host, page_path: str) -> Start:
    with visit(browser) as opened:
        opened.slow_down()
        opened.page.goto(f"{host.origin}{page_path}", wait_until="commit")
        opened.page.wait_for_function("() => window.__firstFrameMs !== null", polling=50)
        script_ms = opened.metric("ScriptDuration") * 1000
        first_frame_ms = float(opened.page.evaluate("window.__firstFrameMs"))
        return Start(first_frame_ms, script_ms, frozenset(opened.strangers))


def starts(browser: Browser, host: Host, paths: Mapping[str, str], visits: int) -> dict[str, list[Start]]:
    """Every page is opened `visits` times, in turn; the order is turned round each time."""
    found: dict[str, list[Start]] = {name: [] for name in paths}
    for number in range(visits):
        names = list(paths) if number % 2 == 0 else list(paths)[::-1]
        for name in names:
            found[name].append(start_of(browser, host, paths[name]))
    return found


def median_of(visits: Sequence[Start]) -> Start:
    """The middle of each measure; strangers of all."""
    return Start(
        statistics.median(each.first_frame_ms for each in visits),
        statistics.median(each.script_ms for each in visits),
        frozenset().union(*(each.strangers for each in visits)),
    )
