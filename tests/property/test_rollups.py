"""However the events come in, and whatever happens meanwhile, the tables are those of a rebuild from all events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tests.commits import PowerCut, watched
from tests.property.lake import contents, differences, open_rollups, publish_videos
from tests.property.seeds import by_seed
from tests.property.streams import NOW_MS, Sent, audience, rows
from tests.sql.world import World
from viewbox.client import ClientFacts
from viewbox.lake.layout import EVENTS
from viewbox.lake.table import LakeTable
from viewbox.rollups import compaction

VIEWS = 40


class Life:
    """A lake that events trickle into, in any order, while time passes and processes come and go."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = Random(seed)
        self.world = World(folder, now_ms=NOW_MS)
        self.world.maintainer.close()
        publish_videos(self.world)
        self.events = LakeTable(self.world.settings.lake, "events", EVENTS, "dt")
        self.messages = audience(seed, VIEWS)
        self.chance.shuffle(self.messages)
        self.touched: set[str] = set()
        self.lengths = {("60", 1): 60.0, ("remade", 1): 60.0, ("remade", 2): 45.5}

    def go_on(self) -> None:
        """Something happens."""
        self.chance.choice(
            [self.hear, self.hear, self.refresh, self.refresh, self.wait, self.fold, self.republish, self.die]
        )()

    def hear(self, most: int = 40) -> None:
        """Some events arrive: of new views, or late ones of old views."""
        some, self.messages = self.messages[:most], self.messages[most:]
        if some:
            self.events.append(pa.Table.from_pylist(rows(some), schema=EVENTS))
            self.touched |= {sent.message["view_id"] for sent in some}

    def refresh(self) -> None:
        """The rollup is told of some views that were touched, and of some that were not."""
        told = {view_id for view_id in self.touched if self.chance.random() < 0.6}
        self.touched -= told
        with self.rollups() as rollups:
            for _ in range(self.chance.choice([1, 2])):
                rollups.refresh(told, now_ms=self.world.clock.now_ms())

    def wait(self) -> None:
        """Until some open views are silent for too long."""
        self.world.clock.advance(ms=self.chance.choice([60_000, 400_000]))

    def fold(self) -> None:
        with self.rollups() as rollups:
            rollups.keep_house(at_most=self.chance.choice([1, 9]))

    def republish(self) -> None:
        """A video is another length than was thought."""
        video, revision = self.chance.choice([("60", 1), ("remade", 2)])
        duration_s = self.chance.choice([60.0, 45.5, 30.0])
        self.world.video(video, duration_s, revision=revision)
        self.lengths[video, revision] = duration_s

    def die(self) -> None:
        """A refresh, a folding or a rebuild is cut short at any commit; the views it was told of stay touched."""
        work = self.chance.choice([self.refresh, self.refresh, self.fold, self.rebuild])
        before = set(self.touched)
        with watched(fatal=self.chance.randrange(12)):
            try:
                work()
            except PowerCut:
                self.touched |= before

    def rebuild(self) -> None:
        with self.rollups() as rollups:
            rollups.full(now_ms=self.world.clock.now_ms())

    def finish(self) -> None:
        """All events are there, and told."""
        self.hear(len(self.messages))
        with self.rollups() as rollups:
            rollups.refresh(self.touched, now_ms=self.world.clock.now_ms())

    @contextmanager
    def rollups(self) -> Iterator[Any]:
        with open_rollups(self.world) as rollups:
            yield rollups


@by_seed(6)
def test_whatever_happens_in_between_refreshes_add_up_to_a_rebuild(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    life = Life(tmp_path_factory.mktemp("life"), seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "SLACK_ROWS", 10)  # fold what is small, too
        for _ in range(life.chance.randrange(4, 12)):
            life.go_on()
        life.finish()
        refreshed = contents(life.world)
        life.rebuild()
    rebuilt = contents(life.world)
    differing = {name: set(refreshed[name]) ^ set(rebuilt[name]) for name in rebuilt}
    assert {name: sorted(found) for name, found in differing.items() if found} == {}
    assert [len(refreshed[name]) for name in refreshed] == [len(rebuilt[name]) for name in rebuilt]
    assert differences(life.world, life.lengths) == []
    life.world.close()


def test_messages_that_are_shuffled_doubled_and_cut_anew_make_the_tables_of_their_events(tmp_path: Path) -> None:
    """Through the door: several worlds of views in one, so that each settling does much."""
    world = World(tmp_path, now_ms=NOW_MS)
    publish_videos(world)
    turns = count()
    told: dict[tuple[str, int], tuple[Any, ...]] = {}

    @by_seed(3)
    def holds(seed: int) -> None:
        chance = Random(seed)
        messages = audience(seed + next(turns), VIEWS)
        for sent in messages:
            for event in sent.message["events"]:
                fields = [event.get(name) for name in ("seq", "type", "t_ms", "position_s", "from_s", "to_s")]
                told[sent.message["view_id"], event["seq"]] = (
                    sent.message["view_id"],
                    *fields,
                    event.get("wait_ms") or 0,
                )
        travelling = messages + [_part(sent, chance) for sent in messages for _ in range(chance.randrange(3))]
        chance.shuffle(travelling)
        for first in range(2):
            for sent in travelling[first::2]:
                facts = ClientFacts(sent.user_agent, sent.country)
                world.send([sent.message], late_ms=sent.late_ms, facts=facts)
            world.settle()
        stored = world.rows(
            "SELECT view_id, seq, type, t_ms, position_s, from_s, to_s, coalesce(wait_ms, 0) FROM events"
        )
        assert sorted(stored, key=str) == sorted(told.values(), key=str)
        assert differences(world) == []

    holds()
    assert world.rows("SELECT count(DISTINCT dt) >= 4, count(*) > 60 FROM views") == [(True, True)]
    world.close()


def _part(sent: Sent, chance: Random) -> Sent:
    """A second sending of some of a message's events, later and perhaps faster."""
    events = sent.message["events"]
    first = chance.randrange(len(events))
    part = events[first : chance.randrange(first, len(events)) + 1]
    again = sent.message | {"events": part, "sent_at_ms": sent.message["sent_at_ms"] + 2_000}
    return Sent(again, chance.choice([0, 300, 5_000]), sent.user_agent, sent.country, sent.revision)
