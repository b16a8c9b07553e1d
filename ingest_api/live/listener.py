"""What one open page has yet to hear. Of each kind only the newest is kept: a slow line gets less, never old news."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ingest_api.live.messages import ORDER, Kind


@dataclass(frozen=True)
class Goodbye:
    """Close the socket with this."""

    code: int
    reason: str


class Listener:
    """Filled by the hub, emptied by a session. Both run on one event loop."""

    def __init__(self) -> None:
        self._newest: dict[Kind, str] = {}
        self._goodbye: Goodbye | None = None
        self._news = asyncio.Event()

    def put(self, kind: Kind, text: str) -> bool:
        """Say something; whether something older of its kind was never sent and is dropped."""
        superseded = kind in self._newest
        self._newest[kind] = text
        self._news.set()
        return superseded

    def dismiss(self, goodbye: Goodbye) -> None:
        self._goodbye = goodbye
        self._news.set()

    async def take(self) -> str | Goodbye:
        """The next thing to send, as soon as there is one."""
        await self._news.wait()
        if self._goodbye is not None:
            return self._goodbye
        kind = next(kind for kind in ORDER if kind in self._newest)
        text = self._newest.pop(kind)
        if not self._newest:
            self._news.clear()
        return text
