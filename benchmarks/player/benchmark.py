"""The benchmark `player`: what the player and the tracker cost and how exact they are, beside their peers from npm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.player import first_frame, loss, site, tracker_cost, truth
from benchmarks.player.browser import SLOWDOWN, chromium
from benchmarks.player.pages import KB, NO_FRAMEWORK, PLAYERS, Weight, build_package, build_page, peer_versions
from benchmarks.player.server import Host
from benchmarks.player.stream import SECONDS, SEGMENT_S, SIZES, make_stream
from benchmarks.process import BenchmarkFailed
from benchmarks.record import Figure, Readings
from benchmarks.report import Tell

TITLE = "player and tracker beside their peers, CPU slowed down four times"
VISITS = 3  # of every page in every round, in turn
STEPS = 6
PEERS = [name for name in PLAYERS if name not in {"bare", "ours"}]
LADDER = "?src=/stream/ladder.m3u8"
TOLD = {
    "startup_ms": "start-up",
    "stalls": "stalls counted",
    "stall_ms": "stalled time",
    "seeks": "seeks counted",
    "seek_ms": "seek wait",
    "playing_ms": "playing time",
}
FIGURES = (
    *(Figure(f"first frame, {PLAYERS[page]} ÷ bare", "×") for page in ("ours", *PEERS)),
    Figure("first frame, ViewBox ÷ bare, both from a ladder", "×"),
    *(Figure(f"first frame, ViewBox's /{page} ÷ bare", "×") for page in site.PAGES),
    Figure("first frame, bare ÷ bare without React", "×"),
    Figure("first frame, bare", "ms"),
    *(Figure(f"script until then, {PLAYERS[page]} ÷ bare", "×") for page in ("ours", *PEERS)),
    *(Figure(f"first JavaScript, {name}", "KB") for name in PLAYERS.values()),
    *(Figure(f"lazy JavaScript, {PLAYERS[page]}", "KB") for page in ("ours", *PEERS)),
    *(Figure(f"other hosts asked, {PLAYERS[page]}", "hosts") for page in ("ours", *PEERS)),
    Figure("tracker's start, ViewBox ÷ mux-embed", "×"),
    Figure("tracker's start, ViewBox", "ms"),
    Figure("tracker's start, mux-embed", "ms"),
    Figure("start and the first second, ViewBox", "ms"),
    Figure("start and the first second, mux-embed", "ms"),
    Figure("script while playing beyond none, ViewBox", "ms/s"),
    Figure("script while playing beyond none, mux-embed", "ms/s"),
    *(Figure(f"error of {word}, {who}", "ms" if name.endswith("_ms") else "") for name, word in TOLD.items()
      for who in ("ViewBox", "mux-embed")),
    *(Figure(f"lost of {loss.DONE.total()}, {case}, {who}", "") for case in loss.CASES
      for who in ("ViewBox", "mux-embed")),
)  # fmt: skip
PARAMETERS: Mapping[str, Any] = {
    "slowdown": SLOWDOWN,
    "visits_per_round": VISITS,
    "stream": {"seconds": SECONDS, "segment_s": SEGMENT_S, "renditions": {str(k): v for k, v in SIZES.items()}},
    "watched_s": tracker_cost.WATCHED_S,
    "peers": peer_versions(),
}


def rounds(folder: Path, count: int, tell: Tell) -> list[Readings]:
    """Build all pages, then measure `count` times. The weights are in the first round only: they do not change."""
    make_stream(folder / "stream")
    build_package()
    weights = {page: build_page(page, folder / page) for page in (*PLAYERS, NO_FRAMEWORK)}
    for page in (*tracker_cost.TRACKERS, truth.PAGE):
        build_page(page, folder / page)
    site.lay_out(folder)
    found: list[Readings] = []
    with Host(folder).running() as host, chromium() as browser:
        for number in range(count):
            readings: dict[str, float] = _weights(weights) if number == 0 else {}
            for name, measure in MEASURES.items():
                tell(f"round {number + 1}: {name}")
                readings |= measure(browser, host)
            found.append(readings)
    return found


def _weights(weights: Mapping[str, Weight]) -> dict[str, float]:
    first = {f"first JavaScript, {PLAYERS[page]}": weights[page].first_bytes / KB for page in PLAYERS}
    lazy = {f"lazy JavaScript, {PLAYERS[page]}": weights[page].lazy_bytes / KB for page in ("ours", *PEERS)}
    return first | lazy


def _first_frames(browser: Browser, host: Host) -> dict[str, float]:
    paths = {page: f"/{page}/{page}.html" for page in (*PLAYERS, NO_FRAMEWORK)}
    starts = {
        page: first_frame.median_of(visits) for page, visits in first_frame.starts(browser, host, paths, VISITS).items()
    }
    bare = starts["bare"]
    if starts["ours"].strangers:
        raise BenchmarkFailed(f"our player asked other hosts: {sorted(starts['ours'].strangers)}")
    readings = {
        "first frame, bare ÷ bare without React": bare.first_frame_ms / starts[NO_FRAMEWORK].first_frame_ms,
        "first frame, bare": bare.first_frame_ms,
    }
    for page in ("ours", *PEERS):
        name, start = PLAYERS[page], starts[page]
        readings[f"first frame, {name} ÷ bare"] = start.first_frame_ms / bare.first_frame_ms
        readings[f"script until then, {name} ÷ bare"] = start.script_ms / bare.script_ms
        readings[f"other hosts asked, {name}"] = len(start.strangers)
    return readings


def _first_frames_of_a_ladder(browser: Browser, host: Host) -> dict[str, float]:
    paths = {page: f"/{page}/{page}.html{LADDER}" for page in ("bare", "ours")}
    visits = first_frame.starts(browser, host, paths, VISITS)
    ours, bare = (first_frame.median_of(visits[page]).first_frame_ms for page in ("ours", "bare"))
    return {"first frame, ViewBox ÷ bare, both from a ladder": ours / bare}


def _first_frames_of_the_site(browser: Browser, host: Host) -> dict[str, float]:
    paths: dict[str, str] = {"bare": "/bare/bare.html", **{str(page): path for page, path in site.PAGES.items()}}
    starts = {
        page: first_frame.median_of(visits) for page, visits in first_frame.starts(browser, host, paths, VISITS).items()
    }
    bare_ms = starts["bare"].first_frame_ms
    return {f"first frame, ViewBox's /{page} ÷ bare": starts[page].first_frame_ms / bare_ms for page in site.PAGES}


def _tracker_costs(browser: Browser, host: Host) -> dict[str, float]:
    costs: dict[str, list[tracker_cost.Cost]] = {page: [] for page in tracker_cost.TRACKERS}
    for _ in range(VISITS):
        for page, seen in costs.items():
            seen.append(tracker_cost.cost_of(browser, host, page))
    none, ours, mux = (tracker_cost.median_of(costs[page]) for page in tracker_cost.TRACKERS)
    return {
        "tracker's start, ViewBox ÷ mux-embed": ours.start_ms / mux.start_ms,
        "tracker's start, ViewBox": ours.start_ms,
        "tracker's start, mux-embed": mux.start_ms,
        "start and the first second, ViewBox": ours.settled_ms,
        "start and the first second, mux-embed": mux.settled_ms,
        "script while playing beyond none, ViewBox": ours.playing_ms_per_s - none.playing_ms_per_s,
        "script while playing beyond none, mux-embed": mux.playing_ms_per_s - none.playing_ms_per_s,
    }


def _errors(browser: Browser, host: Host) -> dict[str, float]:
    told = truth.testimony(browser, host)
    return {
        f"error of {TOLD[field.name]}, {who}": abs(getattr(says, field.name) - getattr(told.truth, field.name))
        for field in fields(truth.Told)
        for who, says in (("ViewBox", told.ours), ("mux-embed", told.mux))
    }


def _losses(browser: Browser, host: Host) -> dict[str, float]:
    return {
        f"lost of {loss.DONE.total()}, {case}, {who}": count
        for case, lost in loss.losses(browser, host).items()
        for who, count in (("ViewBox", lost.ours), ("mux-embed", lost.mux))
    }


MEASURES: Mapping[str, Callable[[Browser, Host], dict[str, float]]] = {
    "first frames": _first_frames,
    "first frames from a ladder": _first_frames_of_a_ladder,
    "first frames of the site's pages": _first_frames_of_the_site,
    "trackers' costs": _tracker_costs,
    "trackers against the truth": _errors,
    "what trackers lose": _losses,
}
