"""Questions to the lake, off the event loop: a few at once, a few waiting, the rest told to come back."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ingest_api.services import Services

Result = TypeVar("Result")


async def off_loop(services: Services, function: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """The function's result, from one of the query threads. Raises Overloaded when too many wait already."""
    with services.query_slots:
        call = functools.partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(services.query_threads, call)
