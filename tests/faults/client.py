"""A tracker that outlives the house: it remembers every ack, sends again what got none, and repeats itself at times."""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from typing import Any

import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.messages import interval, message, play, view_id
from viewbox.clock import SYSTEM_CLOCK

WINDOW = 6  # messages on their way at once
PAUSE_S = 0.01  # from window to window: a house, not a benchmark
ANSWER_S = 10.0
DAY_MS = 86_400_000
REPEATED = 0.2  # of all messages; the others are never sent again once they were acked, or a loss would be mended
VIEWS = 40  # that go on at the same time
DAYS_AGO = (0, 0, 0, 3, 9)  # of new views

Key = tuple[str, int]


class Sent(msgspec.Struct, frozen=True):
    """A message and the events that it stores."""

    text: str
    keys: tuple[Key, ...]
    repeats: bool


class Memory:
    """What the client knows, whichever door it talks to. Thread-safe."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._again: deque[Sent] = deque()
        self._repeated: list[Sent] = []
        self._views: list[list[Any]] = []  # [number, view_id, next seq]
        self._made = 0
        self.acked: set[Key] = set()
        self.messages_acked = 0

    def next(self, *, new: bool = True) -> Sent | None:
        """What to send: what got no ack, a repetition, or something new."""
        with self._lock:
            if self._again:
                return self._again.popleft()
            if not new:
                return None
            if self._repeated and self._chance.random() < 0.25:
                return self._chance.choice(self._repeated)
            return self._new()

    def failed(self, sent: Sent) -> None:
        with self._lock:
            self._again.append(sent)

    def answered(self, sent: Sent, answer: dict[str, Any]) -> None:
        """An ack is a promise; anything else is none."""
        with self._lock:
            if "ack" not in answer:
                self._again.append(sent)
                return
            if sent.repeats and not self.acked.issuperset(sent.keys):
                self._repeated.append(sent)
            self.acked.update(sent.keys)
            self.messages_acked += 1

    @property
    def owes_nothing(self) -> bool:
        with self._lock:
            return not self._again

    def _new(self) -> Sent:
        if len(self._views) < VIEWS or self._chance.random() < 0.1:
            at_ms = SYSTEM_CLOCK.now_ms() - self._chance.choice(DAYS_AGO) * DAY_MS
            self._views = [*self._views[-VIEWS:], [self._made, view_id(self._made, at_ms=at_ms), at_ms, 0]]
            self._made += 1
        view = self._chance.choice(self._views)
        number, view_name, started_ms, seq = view
        events = [play(0), {**play(1), "type": "playing"}] if seq == 0 else []
        events += [interval(seq + len(events) + more) for more in range(self._chance.randint(1, 3))]
        keys = tuple((view_name, event["seq"]) for event in events)
        view[3] = seq + len(events)
        if self._chance.random() < 0.1:  # one that the door refuses: a dead letter beside stored events
            events.append({**play(view[3]), "position_s": -5})
            view[3] += 1
        fields = {"view_id": view_name, "video_id": f"video-{number % 3}", "started_at_ms": started_ms}
        raw = message(*events, number=number, sent_at_ms=started_ms + 60_000, **fields)
        return Sent(json.dumps(raw), keys, repeats=self._chance.random() < REPEATED)


class Client(threading.Thread):
    """Talks to one door for as long as it is not told to stop, through every death of that door."""

    def __init__(self, memory: Memory, port: int, *, new: bool = True) -> None:
        super().__init__(daemon=True)
        self._memory = memory
        self._url = f"ws://127.0.0.1:{port}/v1/views"
        self._new = new
        self._done = threading.Event()
        self.refused = 0

    def run(self) -> None:
        while not self._done.is_set():
            try:
                with connect(self._url, compression=None, proxy=None, open_timeout=ANSWER_S) as socket:
                    while not self._done.is_set():
                        self._exchange(socket)
                        self._done.wait(PAUSE_S)
            except (OSError, EOFError, WebSocketException):
                self._done.wait(PAUSE_S)  # the door is down

    def stop(self) -> None:
        self._done.set()
        self.join()

    def _exchange(self, socket: ClientConnection) -> None:
        window = [sent for _ in range(WINDOW) if (sent := self._memory.next(new=self._new)) is not None]
        try:
            for sent in window:
                socket.send(sent.text)
            while window:
                answer = json.loads(socket.recv(ANSWER_S))
                sent = window.pop(0)
                self._memory.answered(sent, answer)
                self.refused += "retry_after_ms" in answer
        finally:
            for sent in window:
                self._memory.failed(sent)
