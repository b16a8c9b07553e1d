"""Questions to the lake, off the event loop: a few at once, a few waiting, the rest told to come back."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request

from ingest_api.services import Services
from viewbox.errors import ViewBoxError

Result = TypeVar("Result")


class ClientGone(ViewBoxError):
    """The client hung up before its answer was there; this goes to nobody."""

    code = "client_gone"
    hint = "the client closed the connection"


async def off_loop(services: Services, function: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """The function's result, from one of the query threads. Raises Overloaded when too many wait already."""
    with services.query_slots:
        call = functools.partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(services.query_threads, call)


async def while_wanted(
    services: Services, request: Request, function: Callable[..., Result], *arguments: Any
) -> Result:
    """As `off_loop`, for a function with a `watch`: it ends, with ClientGone, when the client hangs up."""
    is_gone = threading.Event()

    def watch(_share: float | None) -> None:
        if is_gone.is_set():
            raise ClientGone("the client hung up")

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone.set()

    listener = asyncio.create_task(listen())
    try:
        return await off_loop(services, function, *arguments, watch=watch)
    finally:
        listener.cancel()
