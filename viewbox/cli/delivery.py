"""How synthetic views get to the door: by the running server's WebSocket, or through this process' own intake."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal
from urllib.parse import quote

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from viewbox.catalog import Catalog
from viewbox.errors import ViewBoxError
from viewbox.maintainer import Maintainer, settle, spooled_to
from viewbox.settings import Settings
from viewbox.testing.delivery import Sendable, over_websocket, through_intake

DOOR_TIMEOUT_S = 3.0  # a server that does not say by then whether it knows the video is not there


def deliver(
    settings: Settings,
    catalog: Catalog,
    video_id: str,
    views: Sequence[Sendable],
    *,
    via: Literal["ws", "lake"] | None,
) -> int:
    """Bring views through the door; returns when all of them are in the tables, with how many events that were.

    Raises ViewBoxError on a refusal.
    """
    door = None if via == "lake" else door_of(settings, video_id)
    if via == "ws" and door is None:
        raise ViewBoxError(f"no server of this catalogue answers at {settings.site_url}", hint="start `viewbox serve`")
    with progress(len(views)) as advance:
        if door is not None:
            delivery = over_websocket(door, views, on_view=lambda: advance(1))
        else:
            delivery = through_intake(settings, catalog, views, on_view=lambda: advance(1))
    if delivery.refused:
        raise ViewBoxError(f"{len(delivery.refused)} events were refused", hint=str(delivery.refused[0]))
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings))
    return delivery.acknowledged


def door_of(settings: Settings, video_id: str) -> str | None:
    """The WebSocket of the running server that has this very catalogue: it must know the video."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # compared with, not bound to
    base = f"{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        with urllib.request.urlopen(f"http://{base}/v1/videos/{video_id}", timeout=DOOR_TIMEOUT_S):
            pass
    except OSError:  # nobody there, or the server of another catalogue
        return None
    token = settings.intake_token.get_secret_value() if settings.intake_token else None
    return f"ws://{base}/v1/views{f'?token={quote(token)}' if token else ''}"


@contextmanager
def progress(views: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr when a person watches; yields the function that moves it by so many views."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _count: None
        return
    columns = (TextColumn("  views"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("views", total=views)
        yield lambda count: bar.advance(task, count)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
