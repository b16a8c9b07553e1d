"""A scripted viewer and its own witness: `video.currentTime`, looked at in every frame the browser paints.

The truth of a test comes from these samples alone, never from the tracker.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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
STANDSTILL_MS = 250.0  # a playhead that does not move for this long is not playing
JUMP_S = 0.4  # more than any playhead moves in a frame, even at double speed on a busy machine


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
    """The stretches in which the playhead moved, as the frames show them."""
    found: list[Run] = []
    start: list[Any] | None = None
    moved: list[Any] | None = None  # the last sample at which the playhead had moved
    for before, sample in pairwise(samples):
        step_s, step_ms = sample[1] - before[1], sample[0] - before[0]
        jumped = step_s < 0 or step_s > max(JUMP_S, 2 * step_ms / 1000 * sample[4])
        if start is not None and (jumped or sample[0] - (moved or start)[0] > STANDSTILL_MS):
            if moved is not None:
                found.append(Run(start[1], moved[1], moved[0] - start[0]))
            start = moved = None
        if not jumped and step_s > 0:
            start = start or before
            moved = sample
    if start is not None and moved is not None:
        found.append(Run(start[1], moved[1], moved[0] - start[0]))
    return found


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
