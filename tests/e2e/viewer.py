"""A scripted viewer and its own witness: `video.currentTime`, looked at in every frame the browser paints.

The truth of a test comes from these samples alone, never from the tracker.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from playwright.sync_api import Page

# Looks at the page's first video once a frame. `advancing` frames are those in which the playhead moved on without
# a jump; a stretch ends when it stands still longer than a decoder may take for one picture, or when it jumps.
SAMPLER = """
(() => {
  const samples = [];
  window.__samples = samples;
  const look = (now) => {
    const video = document.querySelector('video');
    if (video) samples.push([now, video.currentTime, video.paused, video.seeking, video.playbackRate]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener('pagehide', () => sessionStorage.setItem('samples', JSON.stringify(samples)));
})();
"""
STANDSTILL_MS = 250.0  # a playhead that is seen not to move for this long is not playing
JUMP_S = 0.4  # more than any playhead moves in a frame, even at double speed on a busy machine
TWITCH_S = 0.005  # decoders correct the place of a picture that stands
SETTLED_S = 0.3  # so far from where it began, the playhead has found its pace
LONGEST_FRAME_MS = 100.0  # a page that was not drawn for longer saw nothing, and so did not see anything stand still


@dataclass(frozen=True)
class Run:
    """The playhead moved from `from_s` to `to_s` in `wall_ms`."""

    from_s: float
    to_s: float
    wall_ms: float


def install(page: Page) -> None:
    """Must be called before the page is opened."""
    page.add_init_script(SAMPLER)


def leave(page: Page, url: str) -> list[Run]:
    """Close the page by going to another one of the same site; every stretch that was played until then."""
    page.goto(url)
    return runs(page.evaluate("JSON.parse(sessionStorage.getItem('samples'))"))


def runs(samples: list[list[Any]]) -> list[Run]:
    """The stretches in which the playhead moved, as the frames show them.

    After a while without frames, browsers tell the old `currentTime` once more, and in the next frame all of the way
    at once: as long as the playhead is not farther than its speed allows since the stretch began, that is no jump.
    A stretch began where the line on which the playhead moves, once it has settled, meets its first place: at a start
    the playhead twitches long before the picture moves, and after a stall it runs ahead and waits.
    """
    found: list[Run] = []
    stretch: list[list[Any]] = []  # the samples of the current one, up to the latest at which the playhead had moved
    stood_ms = behind_s = 0.0  # seen to stand still; how far the playhead lags behind what its speed allows
    for before, sample in pairwise(samples):
        step_s, step_ms = sample[1] - before[1], sample[0] - before[0]
        allowed_s = step_ms / 1000 * sample[4] + behind_s
        jumped = step_s < -JUMP_S / 4 or step_s > allowed_s + JUMP_S
        stood_ms = 0.0 if step_s else stood_ms + min(step_ms, LONGEST_FRAME_MS)
        behind_s = 0.0 if jumped else max(0.0, allowed_s - step_s)
        if stretch and (jumped or stood_ms > STANDSTILL_MS):
            found.append(_run(stretch))
            stretch, behind_s = [], 0.0
        if not jumped and step_s > (0 if stretch else TWITCH_S):
            stretch += [sample] if stretch else [before, sample]
    return [*found, _run(stretch)] if stretch else found


def _run(stretch: list[list[Any]]) -> Run:
    (start_ms, from_s, *_), (end_ms, to_s, *_) = stretch[0], stretch[-1]
    for ms, s, _, _, rate in stretch:
        if s - from_s >= SETTLED_S:
            start_ms = max(start_ms, ms - (s - from_s) / rate * 1000)
            break
    return Run(from_s, to_s, end_ms - start_ms)


def position_s(page: Page) -> float:
    position: float = page.evaluate("document.querySelector('video').currentTime")
    return position


def wait_until_at(page: Page, position_s: float, *, timeout_s: float = 30.0) -> None:
    """Return as soon as the playhead has reached a position."""
    page.wait_for_function(
        "(goal) => document.querySelector('video').currentTime >= goal", arg=position_s, timeout=timeout_s * 1000
    )


def wait_until_standing(page: Page, ms: int, *, timeout_s: float = 30.0) -> None:
    """Return when the playhead has not moved for `ms`."""
    page.wait_for_function(
        """(ms) => {
          const samples = window.__samples;
          const last = samples[samples.length - 1];
          const earlier = samples.findLast((sample) => last[0] - sample[0] >= ms);
          return earlier !== undefined && earlier[1] === last[1];
        }""",
        arg=ms,
        timeout=timeout_s * 1000,
    )


@dataclass(frozen=True)
class Standstill:
    """The playhead stood at `at_s` and lost `ms`."""

    at_s: float
    ms: float


def standstills(samples: list[list[Any]], *, longer_than_ms: float) -> list[Standstill]:
    """Where the playhead stood without being asked to, and the time that it lost by that.

    The time lost is the distance between the lines on which the playhead moves before and after: browsers correct
    their clock several times in the first tenths of a second after data came, so the first move alone tells little.
    """
    found: list[Standstill] = []
    last = 0  # the latest sample at which the playhead had moved
    for index, sample in enumerate(samples):
        if sample[1] == samples[last][1]:
            continue
        stood_ms = sample[0] - samples[last][0]
        asked_for = any(paused or seeking for _, _, paused, seeking, _ in samples[last : index + 1])
        if last and stood_ms > longer_than_ms and not asked_for:
            before = _line(samples, samples[last][0] - 400, samples[last][0])
            after = _line(samples, sample[0] + 200, sample[0] + 600)
            if after - before > longer_than_ms:
                found.append(Standstill(samples[last][1], after - before))
        last = index
    return found


def _line(samples: list[list[Any]], from_ms: float, to_ms: float) -> float:
    """When the playhead would have been at 0 on the line it moves on, in ms."""
    zeros: list[float] = [ms - s * 1000 / rate for ms, s, _, _, rate in samples if from_ms <= ms <= to_ms]
    return median(zeros)
