"""A request that is asked to leave its upload takes what has already come, and not more than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Message

from ingest_api import tus


def part(body: bytes) -> Message:
    return {"type": "http.request", "body": body, "more_body": True}


def taken(before: list[bytes], after: list[bytes]) -> bytes:
    """What is taken when `before` is here, then it is asked to leave, then `after` comes."""

    async def play() -> bytes:
        came: asyncio.Queue[Message] = asyncio.Queue()
        leave = asyncio.Event()
        for body in before:
            came.put_nowait(part(body))
        chunks = tus.arriving(came.get, leave)
        taking = asyncio.ensure_future(_together(chunks))
        leave.set()
        for body in after:
            came.put_nowait(part(body))
        return await taking

    return asyncio.run(play())


async def _together(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def test_what_is_already_here_is_taken_before_leaving():
    assert taken([b"one ", b"two ", b"three"], []) == b"one two three"


def test_bytes_that_come_while_it_is_asked_are_taken():
    assert taken([b"before, "], [b"after"]) == b"before, after"


def test_a_silent_client_ends_when_asked():
    assert taken([], []) == b""


def test_a_client_that_never_stops_does_not_hold_it(monkeypatch):
    monkeypatch.setattr(tus, "LEFTOVERS_S", 0.05)

    async def endless() -> Message:
        return part(b"x")

    async def play() -> bytes:
        leave = asyncio.Event()
        leave.set()
        return await _together(tus.arriving(endless, leave))

    assert set(asyncio.run(play())) == {ord("x")}
