"""The stories that can be planted into a crowd, each at a chosen effect: `--story NAME=EFFECT`.

A story strikes all videos, at the same share of their length; `place` says where, so that an analysis can be held
against it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from viewbox.errors import InvalidInput
from viewbox.testing.crowd.arrays import DAY_MS, HOUR_MS, MINUTE_MS, Bools, Floats, Ints
from viewbox.testing.crowd.library import Library

INTRO_MS = 13_000  # or a fifth of a shorter video
HIGHLIGHT = (0.50, 10_000)  # begins at this share of the video, and is this long
STALLING = (0.30, 6_000)
CLIFF = 0.60
FAST = (0.40, 0.15)  # begins at this share, and is this share long
FAST_RATE = 200
BROWSER = "Firefox"
COUNTRY = "IN"
BOT_HOURS = 2
STALLED_LEAVERS = 0.4  # of those whom the segment stalls: they go within seconds
FEW = 12  # views of variant c


@dataclass(frozen=True)
class StoryKind:
    """What a story's effect is, and between what bounds it lies."""

    name: str
    unit: str
    most: float
    says: str


KINDS = {
    kind.name: kind
    for kind in (
        StoryKind("skipped-intro", "share of views", 1, "jump over the first 13 s"),
        StoryKind("highlight", "share of views that reach its end", 1, "watch the 10 s from the middle on once more"),
        StoryKind(
            "stalling-segment",
            "share of views that come by in 720p",
            1,
            "starve within the 6 s from 30 % on; 40 % of them go",
        ),
        StoryKind("failing-browser", "share of attempts with Firefox", 1, "fail before the first picture"),
        StoryKind("bot-spike", "bots per person's view", 10, "come within two hours of one day"),
        StoryKind("cliff", "share of views that come by", 1, "leave at 60 %"),
        StoryKind("slow-country", "seconds", 60, "longer start-up in India"),
        StoryKind("experiment", "more of all views, as a share", 1, "watch on to the end in variant b of `intro`"),
        StoryKind(
            "small-variant", "more of all views, as a share", 1, "watch on to the end in variant c, which 12 views see"
        ),
        StoryKind("fast-section", "share of views that come by", 1, "play 40–55 % at double speed"),
        StoryKind("outage", "minutes", 720, "of one evening nothing arrives; what was sent then comes in afterwards"),
    )
}


@dataclass(frozen=True)
class Story:
    name: str
    effect: float


def parse_story(text: str) -> Story:
    """`name=effect`. Raises InvalidInput that lists what there is."""
    name, equals, value = text.partition("=")
    kind = KINDS.get(name.strip())
    listed = ", ".join(f"{one.name} ({one.unit})" for one in KINDS.values())
    if kind is None or not equals:
        raise InvalidInput(f"no story {text!r}", code="unknown_story", hint=f"NAME=EFFECT, one of: {listed}")
    try:
        effect = float(value)
    except ValueError:
        effect = -1.0
    if not 0 <= effect <= kind.most:
        raise InvalidInput(
            f"{text!r}: the effect is a number from 0 to {kind.most:g}", code="bad_story", hint=f"unit: {kind.unit}"
        )
    return Story(kind.name, effect)


@dataclass(frozen=True)
class Stories:
    """The planted stories by name; 0 where there is none."""

    effects: tuple[Story, ...] = ()

    def __getitem__(self, name: str) -> float:
        assert name in KINDS
        return next((story.effect for story in self.effects if story.name == name), 0.0)

    def furnish(self, library: Library) -> Library:
        """The library with intro and highlight where the stories want them."""
        intro, start, end = library.intro_ms, library.high_from_ms, library.high_to_ms
        if self["skipped-intro"]:
            intro = np.minimum(INTRO_MS, library.duration_ms // 5)
        if self["highlight"]:
            start, end = section(HIGHLIGHT, library.duration_ms)
        return replace(library, intro_ms=intro, high_from_ms=start, high_to_ms=end)


NO_STORIES = Stories()


def section(where: tuple[float, int], duration_ms: Ints) -> tuple[Ints, Ints]:
    """Start and end of a place, in whole seconds; at most a tenth of a short video."""
    start = (duration_ms * where[0]).astype(np.int64) // 1000 * 1000
    return start, start + np.minimum(where[1], np.maximum(duration_ms // 10, 1000))


def share_of(place: float, duration_ms: Ints) -> Ints:
    return (duration_ms * place).astype(np.int64) // 1000 * 1000


def bot_hours(from_ms: int, until_ms: int) -> tuple[int, int]:
    """When the bots come: around noon of the day in the middle of the range, or in its middle."""
    return _hours(from_ms, until_ms, 0.5, 12, BOT_HOURS)


def outage_span(from_ms: int, until_ms: int, minutes: float) -> tuple[int, int]:
    """When nothing arrives: from 18:10 UTC of the day two thirds on."""
    begin, _end = _hours(from_ms, until_ms, 2 / 3, 18, 1)
    begin += 10 * MINUTE_MS
    return begin, min(begin + round(minutes * MINUTE_MS), until_ms)


def strikes(effect: Floats | float, of: Bools, chance: np.random.Generator) -> Ints:
    """The views that a story takes hold of."""
    return np.flatnonzero(of & (chance.random(len(of)) < effect))


def _hours(from_ms: int, until_ms: int, place: float, hour: int, hours: int) -> tuple[int, int]:
    middle = from_ms + round((until_ms - from_ms) * place)
    start = middle // DAY_MS * DAY_MS + hour * HOUR_MS
    if start < from_ms or start + hours * HOUR_MS > until_ms:  # a range of less than a day
        start = max(from_ms, middle - hours * HOUR_MS // 2)
    return start, min(start + hours * HOUR_MS, until_ms)


def places(stories: Stories, library: Library, from_ms: int, until_ms: int) -> list[dict[str, object]]:
    """What was planted and where: positions are those of the most watched video, in seconds; times in ms."""
    duration = library.duration_ms[:1]
    known: dict[str, dict[str, object]] = {
        "skipped-intro": {"from_s": 0.0, "to_s": float(np.minimum(INTRO_MS, duration // 5)[0] / 1000)},
        "highlight": _seconds(section(HIGHLIGHT, duration)),
        "stalling-segment": _seconds(section(STALLING, duration)) | {"height": 720},
        "failing-browser": {"browser": BROWSER},
        "bot-spike": dict(zip(("from_ms", "to_ms"), bot_hours(from_ms, until_ms), strict=True)),
        "cliff": {"at_s": float(share_of(CLIFF, duration)[0] / 1000)},
        "slow-country": {"country": COUNTRY},
        "experiment": {"experiment.intro": "b"},
        "small-variant": {"experiment.intro": "c", "views": FEW},
        "fast-section": _seconds((share_of(FAST[0], duration), share_of(sum(FAST), duration))) | {"rate": 2.0},
        "outage": dict(zip(("from_ms", "to_ms"), outage_span(from_ms, until_ms, stories["outage"]), strict=True)),
    }
    return [
        {"story": story.name, "effect": story.effect, "unit": KINDS[story.name].unit, **known[story.name]}
        for story in stories.effects
    ]


def _seconds(place: tuple[Ints, Ints]) -> dict[str, object]:
    return {"from_s": float(place[0][0] / 1000), "to_s": float(place[1][0] / 1000)}
