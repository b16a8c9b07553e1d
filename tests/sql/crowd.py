"""A crowd of known people: who they are, by every kind of dimension, and what each did.

`Crowd.world` sends all of them, or only some, into a ViewBox of their own. Asking everybody's world with a filter
must give what the world of just those people gives without one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.sql.stories import T0_MS, Story
from tests.sql.world import DAY_MS, World

FILM, CLIP = "film", "clip"  # the film carries the tag `story`, the clip does not
DURATION_S = {FILM: 60.0, CLIP: 20.0}
TAG = "story"
SIZE = 72
USER_AGENTS = {
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Chrome": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
}
ODD_KEY = 'a.b "c" d\'é/~$*'


@dataclass(frozen=True)
class Person:
    """Number `number` of the crowd. The dimensions repeat with periods 2, 3, 4 and 6, so that all of them combine."""

    number: int

    @property
    def video_id(self) -> str:
        return CLIP if self.number % 6 == 5 else FILM

    @property
    def browser(self) -> str:
        return "Firefox" if self.number % 2 == 0 else "Chrome"

    @property
    def intro(self) -> str | None:
        return ("a", "b", None)[self.number % 3]

    @property
    def plan(self) -> str | None:
        return ("pro", "pro", "free", None)[self.number % 4]

    def stories(self) -> list[Story]:
        """One view, of every ninth person another one two days later."""
        return [self._story(day) for day in ((0, 2) if self.number % 9 == 0 else (0,))]

    def _story(self, day: int) -> Story:
        experiment = {} if self.intro is None else {"intro": self.intro}
        custom = {
            ODD_KEY: "odd" if self.number % 2 == 0 else "even",
            **({} if self.plan is None else {"plan": self.plan}),
        }
        story = Story(
            f"person-{self.number}-{day}", video_id=self.video_id, viewer_id=f"person-{self.number}",
            began_ms=T0_MS + day * DAY_MS + self.number * 7_000,
            context={"experiment": experiment, "custom": custom, "language": "de", "player_h": 720},
        )  # fmt: skip
        length_s = DURATION_S[self.video_id]
        match self.number % 12:
            case 0 | 7:
                return story.play(0.4).watch(length_s / 2, height=360, bitrate_bps=800_000).leave()
            case 1 | 2 | 8:
                return story.play(0.2).watch(1).seek(length_s / 3).watch(2 * length_s / 3 - 1).ended().leave()
            case 3 | 10:
                return story.play(0.8).watch(length_s - 5).seek(length_s - 15, wait=0.3).watch(15).ended().leave()
            case 4:
                return story.play(0.3).watch(8).stall(4).watch(length_s / 3).leave()
            case 5:
                return story.ask().wait(4).leave()
            case 6:
                return story.play(0.1).watch(10).fail("decode").leave()
            case 9:
                return story.play(2.5).speed(1.5).watch(length_s).ended().leave()
            case _:
                return story.play(0.5).watch(6).pause(9).ask().frames().watch(length_s - 6).ended().leave()


PEOPLE = tuple(Person(number) for number in range(SIZE))


def world_of(folder: Path, chosen: Callable[[Person], bool] = lambda _: True) -> World:
    """A world in which only the chosen people watched; its catalog is the same for any choice."""
    world = World(folder, now_ms=T0_MS + 10 * DAY_MS)
    world.catalog.add(title="Film", source_kind="url", video_id=FILM, tags=[TAG])
    for video_id, duration_s in DURATION_S.items():
        world.video(video_id, duration_s)
    for browser, user_agent in USER_AGENTS.items():
        people = [person for person in PEOPLE if chosen(person) and person.browser == browser]
        world.ingest((story for person in people for story in person.stories()), user_agent=user_agent)
    world.settle()
    return world
