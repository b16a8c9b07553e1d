"""Brings a synthetic audience to the door: over a running server's WebSocket, or without one through the intake."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
from websockets.sync.client import ClientConnection, connect

from viewbox.catalog import Catalog
from viewbox.client import ClientFacts
from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.errors import ViewBoxError
from viewbox.intake import Intake
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.testing.devices import Device

WINDOW = 64  # messages on their way at once: more keep the door busy, fewer wait for each fsync
GIVE_UP_AFTER_S = 120.0  # a door that says "later" for this long is closed


class Sendable(Protocol):
    """A view that can be sent."""

    @property
    def device(self) -> Device: ...

    def messages(self, *, sent_at_ms: int | None = None) -> list[dict[str, Any]]:
        """The messages of events.md, all said to be sent at that time of the sender's clock."""
        ...


class Delivery(msgspec.Struct):
    """What the door answered: events acknowledged, and each refusal as it was worded."""

    acknowledged: int = 0
    refused: list[dict[str, Any]] = []

    def book(self, message: dict[str, Any], answer: dict[str, Any]) -> None:
        """Count the events of a message by the answer to it."""
        if "ack" in answer:
            refused = answer.get("rejected", [])
            self.refused += refused
            self.acknowledged += len(message["events"]) - len(refused)
        else:
            self.refused.append(answer["error"])


class DeliveryFailed(ViewBoxError):
    """The door does not take what the contract says it takes."""

    code = "delivery_failed"
    retryable = True


def over_websocket(
    url: str,
    views: Iterable[Sendable],
    *,
    clock: Clock = SYSTEM_CLOCK,
    on_view: Callable[[], None] = lambda: None,
) -> Delivery:
    """Send every view to `url` (ws://…/v1/views); returns when each event is acknowledged or refused.

    One connection per device, since a connection has one User-Agent. Raises DeliveryFailed.
    """
    delivery = Delivery()
    by_device: dict[str, list[Sendable]] = {}
    for view in views:
        by_device.setdefault(view.device.user_agent, []).append(view)
    try:
        for user_agent, group in by_device.items():
            with connect(url, user_agent_header=user_agent, compression=None, proxy=None) as socket:
                _Line(socket, delivery, clock).send(group, on_view)
    except (OSError, TimeoutError) as error:
        raise DeliveryFailed(
            f"the door at {url} cannot be reached: {error}", hint="is `viewbox serve` running?"
        ) from error
    return delivery


def through_intake(
    settings: Settings,
    catalog: Catalog,
    views: Iterable[Sendable],
    *,
    clock: Clock = SYSTEM_CLOCK,
    on_view: Callable[[], None] = lambda: None,
) -> Delivery:
    """The same door without a server: this process takes the messages, which are on disk when it returns."""
    delivery = Delivery()
    with Spool(settings.spool_dir) as spool:
        intake = Intake(settings, catalog, spool, clock=clock)
        for view in views:
            facts = ClientFacts(user_agent=view.device.user_agent)
            for message in view.messages(sent_at_ms=clock.now_ms()):
                (answer,) = intake.accept([json.dumps(message).encode()], facts=facts)
                delivery.book(message, msgspec.to_builtins(answer))
            on_view()
    return delivery


class _Line:
    """One connection: at most WINDOW messages unanswered; answers come in the order of the frames."""

    def __init__(self, socket: ClientConnection, delivery: Delivery, clock: Clock) -> None:
        self._socket = socket
        self._delivery = delivery
        self._clock = clock
        self._unanswered: deque[dict[str, Any]] = deque()

    def send(self, views: Iterable[Sendable], on_view: Callable[[], None]) -> None:
        for view in views:
            for message in view.messages(sent_at_ms=0):
                self._send(message)
                if len(self._unanswered) >= WINDOW:
                    self._hear()
            on_view()
        while self._unanswered:
            self._hear()

    def _send(self, message: dict[str, Any]) -> None:
        message["sent_at_ms"] = self._clock.now_ms()  # at each transmission, retries included
        self._socket.send(json.dumps(message))
        self._unanswered.append(message)

    def _hear(self) -> None:
        """Take one answer; after "later", take all that are due, wait as long as asked, and send those again."""
        postponed, wait_ms = [], 0
        while self._unanswered:
            answer = json.loads(self._socket.recv(timeout=GIVE_UP_AFTER_S))
            message = self._unanswered.popleft()
            if "retry_after_ms" in answer:
                postponed.append(message)
                wait_ms = max(wait_ms, answer["retry_after_ms"])
            else:
                self._delivery.book(message, answer)
            if not postponed:
                return
        time.sleep(min(wait_ms / 1000, GIVE_UP_AFTER_S))
        for message in postponed:
            self._send(message)
