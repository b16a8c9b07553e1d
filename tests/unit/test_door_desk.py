"""The desk: one commit at a time for everybody, bounded, and nobody is told anything before the disk is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ingest_api.desk
from ingest_api.desk import Desk, RetryAfter
from ingest_api.live.presence import Presence
from ingest_api.telemetry import Telemetry
from tests.messages import catalog_of, interval, play, settings_in, view_id, wire
from viewbox.clock import SYSTEM_CLOCK
from viewbox.errors import Overloaded, ViewBoxError
from viewbox.events import Message
from viewbox.intake import Acked, Answer, ClientFacts, Intake
from viewbox.spool import Row, Spool, SpoolBroken, Told

NOW_MS = SYSTEM_CLOCK.now_ms()
FACTS = ClientFacts()


class HandSpool(Spool):
    """A spool whose disk is finished when the test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.groups: list[tuple[Sequence[Row], Told]] = []
        self.refuses: ViewBoxError | None = None

    def submit(self, rows: Sequence[Row], tell: Told) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.groups.append((rows, tell))

    async def finish(self, error: ViewBoxError | None = None) -> None:
        _rows, tell = self.groups.pop(0)
        await asyncio.to_thread(tell, error)
        await asyncio.sleep(0)


class House:
    """A desk on such a spool, and what it told."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        settings = settings_in(folder)
        self.spool = HandSpool(settings.spool_dir)
        self.telemetry = Telemetry()
        self.heard: list[Message] = []
        self.told: list[Answer | RetryAfter] = []
        self.desk = Desk(
            Intake(settings, catalog_of(settings), self.spool), self.spool, threads, self.telemetry,
            hear=self.heard.extend,
        )  # fmt: skip

    def send(self, *raws: bytes) -> None:
        for raw in raws:
            self.desk.submit(raw, FACTS, self.told.append)

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not what():  # noqa: ASYNC110  # the desk has no event to wait for: a fact is looked at
                await asyncio.sleep(0.001)

    async def know_the_video(self) -> None:
        """Its first message asks the catalog, in a thread."""
        self.send(fresh(99))
        await self.until(lambda: self.spool.groups)
        await self.spool.finish()
        await self.until(lambda: self.told)
        self.told.clear()
        self.heard.clear()


Test = Callable[[House], Awaitable[None]]


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Test], None]:
    def run_in_a_loop(test: Test) -> None:
        async def main() -> None:
            with ThreadPoolExecutor(2) as threads:
                house = House(tmp_path, threads)
                await test(house)
                house.spool.close()

        asyncio.run(main())

    return run_in_a_loop


def fresh(number: int, *events: dict[str, object]) -> bytes:
    times = {"started_at_ms": NOW_MS, "sent_at_ms": NOW_MS + 1000}
    return wire(*(events or (play(),)), number=number, view_id=view_id(number, at_ms=NOW_MS), **times)


def views(answers: Sequence[Answer | RetryAfter]) -> list[str]:
    return [answer.ack.view_id for answer in answers if isinstance(answer, Acked)]


def test_what_comes_during_a_commit_shares_the_next_one(run):
    async def test(house: House) -> None:
        await house.know_the_video()
        house.send(fresh(0))
        await house.until(lambda: house.spool.groups)
        house.send(*(fresh(number) for number in range(1, 30)))
        await asyncio.sleep(0.01)
        assert len(house.spool.groups) == 1
        assert house.told == []
        await house.spool.finish()
        assert views(house.told) == [view_id(0, at_ms=NOW_MS)]
        assert [len(rows) for rows, _tell in house.spool.groups] == [29]
        await house.spool.finish()
        assert views(house.told) == [view_id(number, at_ms=NOW_MS) for number in range(30)]
        assert (house.desk.messages, house.desk.bytes) == (0, 0)
        assert house.telemetry.commits()[0][-1] == 3

    run(test)


def test_only_what_is_on_disk_is_heard(run):
    async def test(house: House) -> None:
        await house.know_the_video()
        presence = Presence()
        house.desk._hear = presence.hear
        beat = {"seq": 1, "type": "heartbeat", "t_ms": 1000, "position_s": 1.0}
        house.send(fresh(0, beat))
        await house.until(lambda: house.spool.groups)
        assert presence.counts() == {}
        await house.spool.finish(Overloaded("no space"))
        assert presence.counts() == {}
        house.send(fresh(0, beat), b"junk", wire(beat, number=1, view_id=view_id(at_ms=NOW_MS + 10**10)))
        while house.desk.messages:
            await house.until(lambda: house.spool.groups)
            await house.spool.finish()
        assert presence.counts() == {"video-1": 1}, "dead letters make nobody present"

    run(test)


def test_a_disk_that_takes_nothing_tells_everybody_to_come_again(run):
    async def test(house: House) -> None:
        await house.know_the_video()
        house.send(fresh(0), fresh(1))
        await house.until(lambda: house.spool.groups)
        await house.spool.finish(Overloaded("full", retry_after_ms=7_000))
        assert house.told == [RetryAfter(7_000)] * 2
        house.spool.refuses = SpoolBroken("gone")
        house.send(fresh(2))
        await house.until(lambda: len(house.told) == 3)
        assert house.told[2] == RetryAfter(2_000)
        assert house.telemetry.refusals() == {"intake_overloaded": 2, "spool_broken": 1}
        assert house.heard == []
        assert (house.desk.messages, house.desk.bytes) == (0, 0)

    run(test)


def test_messages_in_flight_are_bounded_in_number_and_in_bytes(run, monkeypatch):
    async def test(house: House) -> None:
        await house.know_the_video()
        monkeypatch.setattr(ingest_api.desk, "MAX_QUEUED", 3)
        house.send(*(fresh(number) for number in range(5)))
        assert house.told == [RetryAfter(2_000)] * 2
        await house.until(lambda: house.spool.groups)
        await house.spool.finish()
        assert views(house.told) == [view_id(number, at_ms=NOW_MS) for number in range(3)]
        monkeypatch.setattr(ingest_api.desk, "MAX_QUEUED_BYTES", 2 * len(fresh(0)))
        house.told.clear()
        house.send(*(fresh(number) for number in range(5)))
        assert house.told == [RetryAfter(2_000)] * 3
        assert house.telemetry.refusals() == {"intake_overloaded": 5}

    run(test)


def test_a_post_is_stored_as_a_whole_or_not_at_all(run, monkeypatch):
    async def test(house: House) -> None:
        posted = asyncio.ensure_future(house.desk.accept([fresh(0), b"{", fresh(1)], FACTS))
        await house.until(lambda: house.spool.groups)
        assert [row.kind for row in house.spool.groups[0][0]] == ["events", "dead", "events"]
        await house.spool.finish()
        answers = await posted
        assert [type(answer).__name__ for answer in answers] == ["Acked", "MessageRefused", "Acked"]
        assert len(house.heard) == 2
        posted = asyncio.ensure_future(house.desk.accept([fresh(2), fresh(3)], FACTS))
        await house.until(lambda: house.spool.groups)
        await house.spool.finish(Overloaded("full"))
        with pytest.raises(Overloaded):
            await posted
        assert house.desk.messages == 0
        monkeypatch.setattr(ingest_api.desk, "MAX_QUEUED", 2)
        house.send(fresh(4))
        with pytest.raises(Overloaded):
            await house.desk.accept([fresh(5), fresh(6)], FACTS)
        assert house.desk.messages == 1

    run(test)


def test_large_messages_leave_in_groups_of_a_bounded_size(run, monkeypatch):
    async def test(house: House) -> None:
        await house.know_the_video()
        raws = [fresh(number, *(interval(seq) for seq in range(50))) for number in range(6)]
        monkeypatch.setattr(ingest_api.desk, "GROUP_BYTES", 2 * len(raws[0]))
        house.send(*raws)
        sizes = []
        for _ in range(3):
            await house.until(lambda: house.spool.groups)
            sizes.append(len(house.spool.groups[0][0]))
            await house.spool.finish()
        assert sizes == [2, 2, 2]
        assert len(house.told) == 6

    run(test)
