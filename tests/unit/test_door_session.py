"""One answer per frame, in order, with bounded memory: by ASGI on any server, and hand to hand on ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import ingest_api.session
from ingest_api.desk import Told
from ingest_api.limits import RateBucket
from ingest_api.session import Session, State
from ingest_api.telemetry import Telemetry
from viewbox.client import ClientFacts
from viewbox.intake import Ack, Acked


class HandDesk:
    """A desk that answers when, and in the order that, the test says."""

    def __init__(self) -> None:
        self.waiting: dict[str, Told] = {}

    def submit(self, raw: bytes, _facts: ClientFacts, tell: Told) -> None:
        self.waiting[raw.decode()] = tell

    def submit_unreadable(self, raw: bytes, _code: str, _hint: str, tell: Told) -> None:
        self.waiting[f"binary {raw.decode()}"] = tell

    def answer(self, *names: str) -> None:
        for name in names:
            self.waiting.pop(name)(Acked(Ack(name, 0, 0)))


class Line:
    """A client's connection as both ways see it. `direct` is None where the server only speaks ASGI."""

    def __init__(self, *, direct: bool) -> None:
        self.direct = self if direct else None
        self.desk = HandDesk()
        self.telemetry = Telemetry()
        self.answers: list[str] = []
        self.closed: list[int] = []
        self.pauses: list[str] = []
        self.is_writable = True
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._take: Callable[[bytes, bool], None] | None = None
        self._ended: Callable[[int], None] = lambda _code: None
        self.resume: Callable[[], None] = lambda: None

    # ASGI
    async def receive(self) -> Any:
        return await self._frames.get()

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.send":
            self._heard(message["text"])
        elif message["type"] == "websocket.close":
            self.closed.append(message["code"])
            self._frames.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    # Direct
    def attach(
        self, take: Callable[[bytes, bool], None], resume: Callable[[], None], ended: Callable[[int], None]
    ) -> None:
        self._take, self.resume, self._ended = take, resume, ended

    def close_with(self, code: int) -> None:
        self.closed.append(code)
        self.leave()

    def write_text(self, payload: bytes) -> None:
        self._heard(payload.decode())

    def pause_frames(self) -> None:
        self.pauses.append("pause")

    def resume_frames(self) -> None:
        self.pauses.append("resume")

    # the client
    def say(self, *texts: str) -> None:
        for text in texts:
            if self._take is not None:
                self._take(text.encode(), True)
            else:
                self._frames.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        ended, self._ended = self._ended, lambda _code: None
        ended(1001)
        self._frames.put_nowait({"type": "websocket.disconnect", "code": 1001})

    def _heard(self, text: str) -> None:
        said = json.loads(text)
        self.answers.append(said["ack"]["view_id"] if "ack" in said else text)


Scene = Callable[[Line, Session], Awaitable[None]]


@pytest.fixture(params=["asgi", "direct"])
def play(request: pytest.FixtureRequest) -> Callable[..., None]:
    def play_scene(scene: Scene, rate: float = 0) -> None:
        async def main() -> None:
            line = Line(direct=request.param == "direct")
            session = Session(
                line.receive, line.send, desk=line.desk, facts=ClientFacts(), bucket=RateBucket(rate),
                telemetry=line.telemetry, direct=line.direct,
            )  # fmt: skip
            running = asyncio.create_task(session.run())
            await settled()
            await scene(line, session)
            line.leave()
            await asyncio.wait_for(running, 5)
            assert session.state is State.CLOSED

        asyncio.run(main())

    return play_scene


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_answers_leave_in_the_order_of_the_frames(play):
    async def scene(line: Line, _session: Session) -> None:
        line.say("a", "b", "c", "d")
        await settled()
        line.desk.answer("c", "b")
        await settled()
        assert line.answers == []
        line.desk.answer("a")
        await settled()
        assert line.answers == ["a", "b", "c"]
        line.desk.answer("d")
        await settled()
        assert line.answers == ["a", "b", "c", "d"]

    play(scene)


def test_a_refusal_that_is_known_at_once_waits_for_its_turn(play):
    async def scene(line: Line, _session: Session) -> None:
        line.say("a", "b")
        await settled()
        assert list(line.desk.waiting) == ["a"]
        assert line.answers == []
        line.desk.answer("a")
        await settled()
        assert line.answers[0] == "a"
        assert json.loads(line.answers[1])["retry_after_ms"] > 0
        assert line.telemetry.refusals() == {"intake_rate": 1}

    play(scene, rate=1)


def test_too_much_in_flight_stops_the_reading_until_answers_left(play, monkeypatch):
    async def scene(line: Line, _session: Session) -> None:
        monkeypatch.setattr(ingest_api.session, "MAX_IN_FLIGHT", 2)
        line.say("a", "b")
        await settled()
        if line.direct is None:
            line.say("c")
            await settled()
        assert list(line.desk.waiting) == ["a", "b"]
        assert line.pauses == (["pause"] if line.direct else [])
        line.desk.answer("a")
        await settled()
        assert line.pauses == (["pause", "resume"] if line.direct else [])
        assert list(line.desk.waiting) == (["b"] if line.direct else ["b", "c"])
        line.desk.answer(*line.desk.waiting)

    play(scene)


def test_bytes_in_flight_are_bounded_too(play, monkeypatch):
    async def scene(line: Line, _session: Session) -> None:
        monkeypatch.setattr(ingest_api.session, "MAX_IN_FLIGHT_BYTES", 10)
        line.say("a" * 10)
        await settled()
        if line.direct is None:
            line.say("b")
            await settled()
        assert list(line.desk.waiting) == ["a" * 10]
        assert line.pauses == (["pause"] if line.direct else [])
        line.desk.answer("a" * 10)

    play(scene)


def test_a_client_that_leaves_while_it_is_read_no_further_holds_nothing(monkeypatch):
    async def main() -> None:
        monkeypatch.setattr(ingest_api.session, "MAX_IN_FLIGHT", 1)
        line = Line(direct=False)

        async def broken(message: Any) -> None:
            if message["type"] == "websocket.send":
                raise OSError("gone")

        session = Session(
            line.receive, broken, desk=line.desk, facts=ClientFacts(), bucket=RateBucket(0), telemetry=line.telemetry
        )
        running = asyncio.create_task(session.run())
        line.say("a", "b")
        await settled()
        line.leave()
        line.desk.answer("a")
        await asyncio.wait_for(running, 5)

    asyncio.run(main())


def test_a_client_that_takes_no_answers_is_read_no_further(monkeypatch):
    async def main() -> None:
        monkeypatch.setattr(ingest_api.session, "MAX_IN_FLIGHT", 2)
        line = Line(direct=True)
        session = Session(
            line.receive, line.send, desk=line.desk, facts=ClientFacts(), bucket=RateBucket(0),
            telemetry=line.telemetry, direct=line.direct,
        )  # fmt: skip
        running = asyncio.create_task(session.run())
        await settled()
        line.is_writable = False
        line.say("a", "b")
        line.desk.answer("a", "b")
        assert (line.answers, line.pauses) == ([], ["pause"])
        line.is_writable = True
        line.resume()
        assert (line.answers, line.pauses) == (["a", "b"], ["pause", "resume"])
        line.leave()
        await running

    asyncio.run(main())


def test_silence_closes_and_a_word_in_time_does_not(play, monkeypatch):
    async def scene(line: Line, session: Session) -> None:
        line.say("a")
        await settled()
        session._look()
        assert line.closed == []  # it waits for an answer of ours
        line.desk.answer("a")
        await settled()
        session._look()
        await settled()
        assert line.closed == [1000]
        assert line.telemetry.refusals() == {"websocket_idle": 1}

    play(scene)


def test_a_client_that_left_gets_nothing_more(play):
    async def scene(line: Line, _session: Session) -> None:
        line.say("a")
        await settled()
        line.leave()
        await settled()
        line.desk.answer("a")
        await settled()
        assert line.answers == []

    play(scene)
