"""One scripted playback, watched by both trackers in the same page, and by every frame the browser shows.

Segments are held back on the host: when the picture starts, starves and moves on is the script's doing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.player.browser import visit
from benchmarks.player.server import Delivery, Host, messages_of
from benchmarks.process import BenchmarkFailed

PAGE = "both_trackers"
HELD_S = 1.5
STARVES_AT_S = 8  # the segment from here on is held
SEEK_TO_S = 37
STANDSTILL_MS = 200.0  # the picture stood at least this much longer than the video moved on

JUMP_MS = 5000.0  # no two frames are this far apart but those around the seek

# Every frame that is shown after play() was called, and when it was.
WITNESS = """
(() => {
  window.__frames = [];
  addEventListener('DOMContentLoaded', () => {
    const video = document.querySelector('video');
    const look = (nowMs, { mediaTime }) => {
      window.__frames.push([nowMs, mediaTime * 1000]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
})();
"""


@dataclass(frozen=True)
class Told:
    """What somebody says about the playback."""

    startup_ms: float
    stalls: int
    stall_ms: float
    seeks: int
    seek_ms: float
    playing_ms: float


@dataclass(frozen=True)
class Testimony:
    truth: Told
    ours: Told
    mux: Told


def testimony(browser: Browser, host: Host) -> Testimony:
    """Play, starve, seek, pause and leave; then ask all three."""
    host.deliveries.clear()
    for number in (0, STARVES_AT_S // 4, SEEK_TO_S // 4):
        host.hold(_segment(number))
    try:
        with visit(browser) as opened:
            page = opened.page
            page.add_init_script(WITNESS)
            page.goto(f"{host.origin}/{PAGE}/{PAGE}.html")
            marks = _perform(page, host)
            frames = page.evaluate("window.__frames")
            page.goto("about:blank")  # `pagehide`: both send what they still hold
            page.wait_for_timeout(1500)
    finally:
        host.let_all_go()
    return Testimony(_truth(frames, marks), _ours(host.deliveries), _mux(host.deliveries))


@dataclass(frozen=True)
class Marks:
    """When the script did what, on the page's clock."""

    play_ms: float
    seek_ms: float
    pause_ms: float
    again_ms: float
    end_ms: float


def _perform(page: Page, host: Host) -> Marks:
    play_ms = _do(page, "video.play()")
    _let_go_later(page, host, 0)
    _until_at(page, STARVES_AT_S - 0.3)
    _let_go_later(page, host, STARVES_AT_S // 4, starving=True)
    _until_at(page, STARVES_AT_S + 2)
    seek_ms = _do(page, f"video.currentTime = {SEEK_TO_S}")
    _let_go_later(page, host, SEEK_TO_S // 4)
    _until_at(page, SEEK_TO_S + 3)
    pause_ms = _do(page, "video.pause()")
    page.wait_for_timeout(1000)
    again_ms = _do(page, "video.play()")
    _until_at(page, SEEK_TO_S + 5)
    return Marks(play_ms, seek_ms, pause_ms, again_ms, _do(page, "video.pause()"))


def _do(page: Page, action: str) -> float:
    """Run it; the page's time right before."""
    code = (
        f"() => {{ const video = document.querySelector('video'); const ms = performance.now(); {action}; return ms }}"
    )
    return float(page.evaluate(code))


def _until_at(page: Page, position_s: float) -> None:
    page.wait_for_function("(goal) => document.querySelector('video').currentTime >= goal", arg=position_s)


def _let_go_later(page: Page, host: Host, number: int, *, starving: bool = False) -> None:
    """Release a held segment HELD_S after it is needed: after it is asked for, or after the last frame before it."""
    if not host.wait_until_asked(_segment(number), timeout_s=20):
        raise BenchmarkFailed(f"nobody asked for {_segment(number)}")
    if starving:
        page.wait_for_function("() => performance.now() - window.__frames.at(-1)[0] > 500")
    page.wait_for_timeout(HELD_S * 1000)
    host.let_go(_segment(number))


def _segment(number: int) -> str:
    return f"/stream/720/{number}.m4s"


def _truth(frames: Sequence[tuple[float, float]], marks: Marks) -> Told:
    """From the frames alone: a standstill outside of the script's own seek and pause is a stall."""
    first = next(at for at, (ms, _) in enumerate(frames) if ms > marks.play_ms)
    stalls_ms, playing_ms, seek_ms = [], 0.0, 0.0
    for (earlier_ms, earlier_place), (later_ms, later_place) in pairwise(frames[first:]):
        moved_ms = later_place - earlier_place
        if moved_ms > JUMP_MS:
            seek_ms = later_ms - marks.seek_ms
            playing_ms += marks.seek_ms - earlier_ms
            continue
        stood_ms = later_ms - earlier_ms - moved_ms
        if stood_ms <= STANDSTILL_MS:
            playing_ms += later_ms - earlier_ms
            continue
        playing_ms += moved_ms
        if not (earlier_ms <= marks.again_ms and later_ms > marks.pause_ms):
            stalls_ms.append(stood_ms)
    startup_ms = frames[first][0] - marks.play_ms
    return Told(startup_ms, len(stalls_ms), sum(stalls_ms), 1, seek_ms, playing_ms)


def _ours(deliveries: Iterable[Delivery]) -> Told:
    """As events.md makes a view of events."""
    sent = [each.body for each in deliveries if each.path == "/v1/views"]
    events = {event["seq"]: event for body in sent for message in messages_of(body) for event in message["events"]}
    ordered = [events[seq] for seq in sorted(events)]

    def of(kind: str) -> list[dict[str, Any]]:
        return [event for event in ordered if event["type"] == kind]

    stalls, seeks = of("stall"), of("seek")
    return Told(
        startup_ms=of("playing")[0]["t_ms"] - of("play")[0]["t_ms"],
        stalls=len(stalls),
        stall_ms=sum(event["wait_ms"] for event in stalls),
        seeks=len(seeks),
        seek_ms=sum(event.get("wait_ms") or 0 for event in seeks),
        playing_ms=sum(event["wall_ms"] for event in of("interval")),
    )


# mux-embed's names for what it has counted, shortened as its beacons shorten them.
MUX_KEYS = {
    "startup_ms": "xtitofifr",  # view_time_to_first_frame
    "stalls": "xreco",  # view_rebuffer_count
    "stall_ms": "xredu",  # view_rebuffer_duration
    "seeks": "xskco",  # view_seek_count
    "seek_ms": "xskdu",  # view_seek_duration
    "playing_ms": "xpntimscv",  # view_playing_time_ms_cumulative
}


def _mux(deliveries: Iterable[Delivery]) -> Told:
    """The last value of each counter: a beacon repeats only what has changed."""
    last: dict[str, float] = dict.fromkeys(MUX_KEYS.values(), 0)
    for delivery in deliveries:
        if delivery.path == "/v1/views":
            continue
        for event in json.loads(delivery.body)["events"]:
            last.update({key: float(event[key]) for key in last if event.get(key) is not None})
    told = {name: last[key] for name, key in MUX_KEYS.items()}
    return Told(
        startup_ms=told["startup_ms"],
        stalls=int(told["stalls"]),
        stall_ms=told["stall_ms"],
        seeks=int(told["seeks"]),
        seek_ms=told["seek_ms"],
        playing_ms=told["playing_ms"],
    )
