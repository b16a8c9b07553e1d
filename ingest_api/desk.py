"""Where all connections of this process hand in their messages, and hear when those are on disk.

One commit is on its way at a time; what comes meanwhile leaves together with the next one. So the event loop and the
spool's thread meet once per commit, not once per message, and a slow disk makes groups larger instead of queues longer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeAlias, TypeVar

import msgspec

from ingest_api.limits import GROUP_BYTES, MAX_QUEUED, MAX_QUEUED_BYTES, OVERLOAD_RETRY_MS
from ingest_api.telemetry import Telemetry
from viewbox.errors import Overloaded, ViewBoxError
from viewbox.events import Message
from viewbox.intake import Answer, ClientFacts, Intake, Taken
from viewbox.spool import Row, Spool, SpoolBroken

Result = TypeVar("Result")


class RetryAfter(msgspec.Struct, frozen=True):
    """Nothing of this message was stored; send it again later."""

    retry_after_ms: int


Told: TypeAlias = Callable[[Answer | RetryAfter], None]


class _Item(msgspec.Struct, frozen=True):
    """What is stored together or not at all, and whom to tell."""

    rows: list[Row]
    heard: Sequence[Message]  # events that pass, for whoever wants to know what is on disk
    count: int  # messages
    size: int  # of them, in bytes
    tell: Callable[[ViewBoxError | None], None]


class Desk:
    """Belongs to one event loop; all of it but the spool's thread runs there.

    Messages in flight are bounded in number and in bytes; beyond, they are told to come again.
    """

    def __init__(
        self,
        intake: Intake,
        spool: Spool,
        threads: Executor,
        telemetry: Telemetry,
        *,
        hear: Callable[[Sequence[Message]], None] = lambda _messages: None,
    ) -> None:
        """`threads` take what needs a closer look; `hear` is told of messages whose events are on disk now."""
        self._intake = intake
        self._spool = spool
        self._threads = threads
        self._telemetry = telemetry
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Item] = []
        self._is_committing = False
        self._is_awake = False
        self._closer_looks: set[asyncio.Task[None]] = set()
        self.messages = 0  # in flight
        self.bytes = 0

    def submit(self, raw: bytes, facts: ClientFacts, tell: Told) -> None:
        """Take a message; `tell` gets its answer once it is on disk, or what to do instead, maybe at once."""
        if not self._enter(1, len(raw)):
            tell(RetryAfter(OVERLOAD_RETRY_MS))
            return
        taken = self._intake.take_at_once(raw, facts)
        if taken is not None:
            self._gather(_item(taken, len(raw), tell))
            return
        task = self._loop.create_task(self._look_closer(raw, facts, tell))
        self._closer_looks.add(task)
        task.add_done_callback(self._closer_looks.discard)

    def submit_unreadable(self, raw: bytes, code: str, hint: str, tell: Told) -> None:
        """Take what is no message as one dead letter."""
        if self._enter(1, len(raw)):
            self._gather(_item(self._intake.take_unreadable(raw, code, hint), len(raw), tell))
        else:
            tell(RetryAfter(OVERLOAD_RETRY_MS))

    async def accept(self, messages: Sequence[bytes], facts: ClientFacts) -> list[Answer]:
        """All messages of a POST. Raises Overloaded or SpoolBroken when nothing of them is stored."""
        count, size = len(messages), sum(map(len, messages))
        if not self._enter(count, size):
            raise Overloaded("the disk is slower than the events come", retry_after_ms=OVERLOAD_RETRY_MS)
        taken = await self._in_a_thread(
            lambda: [self._intake.take(raw, facts) for raw in messages], count=count, size=size
        )
        done: asyncio.Future[ViewBoxError | None] = self._loop.create_future()

        def tell(error: ViewBoxError | None) -> None:
            if not done.done():  # the request may have been cancelled
                done.set_result(error)

        rows = [row for each in taken for row in each.rows]
        heard = [each.message for each in taken if each.message is not None]
        if not rows:  # a POST without a message
            self._leave(count, size)
            return []
        self._gather(_Item(rows, heard, count, size, tell))
        error = await done
        if error is not None:
            raise error
        return [each.answer for each in taken]

    async def _look_closer(self, raw: bytes, facts: ClientFacts, tell: Told) -> None:
        """What may take long, or asks the catalog, is decided on in a thread."""
        try:
            taken = await self._in_a_thread(lambda: self._intake.take(raw, facts), count=1, size=len(raw))
        except BaseException:
            tell(RetryAfter(OVERLOAD_RETRY_MS))  # the catalog cannot be read: the error is in the log
            raise
        self._gather(_item(taken, len(raw), tell))

    async def _in_a_thread(self, work: Callable[[], Result], *, count: int, size: int) -> Result:
        try:
            return await self._loop.run_in_executor(self._threads, work)
        except BaseException:
            self._leave(count, size)
            raise

    def _enter(self, count: int, size: int) -> bool:
        """Whether there is room; an empty house takes any single request."""
        room = self.messages + count <= MAX_QUEUED and self.bytes + size <= MAX_QUEUED_BYTES
        if not room and self.messages:
            self._telemetry.refused("intake_overloaded")
            return False
        self.messages += count
        self.bytes += size
        return True

    def _leave(self, count: int, size: int) -> None:
        self.messages -= count
        self.bytes -= size

    def _gather(self, item: _Item) -> None:
        self._gathered.append(item)
        if not self._is_committing and not self._is_awake:
            self._is_awake = True
            self._loop.call_soon(self._commit)  # whatever this turn of the loop still reads comes along

    def _commit(self) -> None:
        self._is_awake = False
        if self._is_committing or not self._gathered:
            return
        group = self._next_group()
        began = time.monotonic()

        def tell(error: ViewBoxError | None) -> None:  # in the spool's thread
            self._loop.call_soon_threadsafe(self._settle, group, began, error)

        self._is_committing = True
        try:
            self._spool.submit([row for item in group for row in item.rows], tell)
        except (Overloaded, SpoolBroken) as error:
            self._loop.call_soon(self._settle, group, began, error)

    def _next_group(self) -> list[_Item]:
        size, count = 0, 0
        for item in self._gathered:
            size += item.size
            count += 1
            if size >= GROUP_BYTES:
                break
        group = self._gathered[:count]
        del self._gathered[:count]
        return group

    def _settle(self, group: list[_Item], began: float, error: ViewBoxError | None) -> None:
        self._is_committing = False
        self._commit()  # the disk goes on while answers are written
        for item in group:
            self._leave(item.count, item.size)
            item.tell(error)
        if error is None:
            self._telemetry.committed(time.monotonic() - began)
            self._hear([message for item in group for message in item.heard])
        else:
            reason = "spool_broken" if isinstance(error, SpoolBroken) else "intake_overloaded"
            for _ in group:
                self._telemetry.refused(reason)


def _item(taken: Taken, size: int, tell: Told) -> _Item:
    """One message of a WebSocket."""

    def settle(error: ViewBoxError | None) -> None:
        if error is None:
            tell(taken.answer)
        else:
            tell(RetryAfter(getattr(error, "retry_after_ms", OVERLOAD_RETRY_MS)))

    return _Item(taken.rows, () if taken.message is None else (taken.message,), 1, size, settle)
