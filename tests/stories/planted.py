"""The stories that are planted, at three sizes, and the sentences that must name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.stories.audiences import Told


@dataclass(frozen=True)
class Planting:
    """A story of the simulator at its three sizes, and what a page says of it."""

    story: str
    sizes: tuple[float, float, float]
    says: str

    def is_named_in(self, words: str) -> bool:
        return re.search(self.says, words) is not None


SKIP = Planting("skipped-intro", (0.15, 0.41, 0.6), r"\d+\u202f% skip 0:0[01]–0:1[34]\.")
REPLAY = Planting("highlight", (0.12, 0.25, 0.5), r"Replayed most: 2:1[3-6]–2:2[4-6]\.")
STALL = Planting(
    "stalling-segment", (0.4, 0.6, 0.9),
    r"\d+\u202f% of views in 720p stall at 1:(29|30|31)–1:3[5-7], and \d+\u202f% of these leave there",
)  # fmt: skip
FAILURE = Planting("failing-browser", (0.15, 0.3, 0.8), r"Firefox fails to start: \d+\u202f% of attempts")
BOTS = Planting("bot-spike", (0.03, 0.1, 0.5), r"\d+ robot views on \d+ \w+, 0 on an ordinary day\.")
CLIFF = Planting("cliff", (0.12, 0.3, 0.5), r"\d+\u202f% leave at 3:0[01]\.")
SLOW = Planting("slow-country", (0.25, 0.4, 1.0), r"Start-up takes [\w.]+ ?\w* as long in India: ")
EXPERIMENT = Planting("experiment", (0.15, 0.2, 0.3), r"Variant b of “intro” completes \d+ points more than a: ")
FAST = Planting("fast-section", (0.2, 0.4, 0.8), r"4:00–5:3[01] is played at [\d.]+×, the rest at 1\.\d+×\.")
OUTAGE = Planting("outage", (30, 40, 80), r"No data arrived on \d+ \w+ from 18:(09|1\d) to \d\d:\d\d \(\d\d")
FEW = "small-variant=1"  # c completes far more, of twelve views

# Audiences: which stories are told of one video, how long it is, and by how many views.
TOGETHER: dict[str, tuple[tuple[Planting, ...], float, int]] = {
    "watched": ((SKIP, STALL, CLIFF, FAILURE, BOTS), 300.0, 4000),
    "wanted": ((REPLAY, SLOW, EXPERIMENT, OUTAGE), 270.0, 5000),
    "hurried": ((FAST,), 600.0, 2000),
}


def audiences(seed: int) -> list[tuple[Told, tuple[Planting, ...]]]:
    """Each audience at each size."""
    found: list[tuple[Told, tuple[Planting, ...]]] = []
    for name, (plantings, duration_s, views) in TOGETHER.items():
        for size in range(3):
            planted = [f"{one.story}={one.sizes[size]:g}" for one in plantings]
            if EXPERIMENT in plantings:
                planted.append(FEW)
            told = Told(f"{name}-{size}", seed + len(found), tuple(planted), duration_s, views)
            found.append((told, plantings))
    return found
