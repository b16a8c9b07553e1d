"""`viewbox simulate`: a synthetic audience with known answers, of any size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from viewbox import settings as settings_module
from viewbox.catalog import Catalog, Video
from viewbox.cli.delivery import deliver, door_of, progress, say
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.errors import InvalidInput
from viewbox.settings import Settings
from viewbox.testing.crowd import Crowd, Stories, parse_story
from viewbox.testing.crowd.answers import answers
from viewbox.testing.crowd.chunk import make
from viewbox.testing.crowd.library import Library, invented_library, known_library
from viewbox.testing.crowd.load import admit, load, views_for_events
from viewbox.testing.crowd.messages import SentView, sent_views
from viewbox.testing.crowd.plan import parts
from viewbox.testing.crowd.stories import places
from viewbox.testing.crowd.truth import CURVES, Truth, nothing, seconds_of, truth_of

UNKNOWN_DURATION_S = 600.0  # what players report of a video that the catalog has no duration of
HOUR_MS = 3_600_000  # the range ends at a whole hour: within it the same seed gives the same views
MAX_SENT_VIEWS = 100_000  # held in memory on their way through a door; a lake takes millions
MAX_EVENTS = 2_000_000_000


def simulate(  # noqa: PLR0917  # each is an option of its own on the command line
    views: Annotated[int | None, typer.Option("--views", min=1, max=50_000_000, help="how many views")] = None,
    events: Annotated[
        int | None, typer.Option("--events", min=1, max=MAX_EVENTS, help="instead of --views: about so many events")
    ] = None,
    video: Annotated[str | None, typer.Option("--video", help="video id; the newest video when absent")] = None,
    videos: Annotated[
        int | None, typer.Option("--videos", min=1, max=10_000, help="instead of --video: so many invented ones")
    ] = None,
    days: Annotated[float, typer.Option("--days", min=0.1, max=39, help="views began within this many days")] = 28.0,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**31 - 1, help="the same seed gives the same audience")
    ] = 1,
    via: Annotated[
        Literal["ws", "lake"] | None,
        typer.Option("--via", help="the running server's WebSocket, or straight into the lake; absent: what there is"),
    ] = None,
    story: Annotated[
        list[str] | None, typer.Option("--story", help="NAME=EFFECT, repeatable, e.g. skipped-intro=0.4 or cliff=0.3")
    ] = None,
    loss: Annotated[float, typer.Option("--loss", min=0, max=0.5, help="share of messages that never arrive")] = 0.01,
    tables: Annotated[
        bool, typer.Option("--tables/--no-tables", help="make the tables too, or leave that to `viewbox rollup`")
    ] = True,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="write what really happened, second by second, to this Parquet file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the answers as one JSON object")] = False,
) -> None:
    """Send a synthetic audience, and print what really happened: the answers that ViewBox must come to."""
    settings = settings_module.load()
    catalog = Catalog(open_database(settings.database))
    crowd = Crowd(
        seed=seed,
        library=_library(catalog, seed, video, videos),
        views=1,
        until_ms=SYSTEM_CLOCK.now_ms() // HOUR_MS * HOUR_MS,
        days=days,
        stories=_stories(story or []),
        loss=loss,
    )
    crowd = replace(crowd, views=_count(crowd, views, events))
    happened, stored = _bring(settings, catalog, crowd, via=via, tables=tables)
    if truth is not None:
        _write_truth(truth, crowd, happened)
    found = {**answers(crowd, happened), "stored_events": stored}
    planted = places(crowd.stories, crowd.library, crowd.from_ms, crowd.until_ms)
    if as_json:
        print(json.dumps({**found, "stories": planted}, indent=2))
        return
    for name, value in found.items():
        print(f"{name} {'' if value is None else value}".rstrip())
    for one in planted:
        print(f"story {' '.join(f'{name}={value}' for name, value in one.items())}")


def _library(catalog: Catalog, seed: int, video_id: str | None, videos: int | None) -> Library:
    if videos is not None:
        if video_id is not None:
            raise InvalidInput("--video names one video, --videos invents some", hint="give one of them")
        return invented_library(seed, videos)
    target = _target(catalog, video_id)
    return known_library(seed, target.id, target.duration_s or UNKNOWN_DURATION_S, revision=target.revision)


def _target(catalog: Catalog, video_id: str | None) -> Video:
    """The video to be watched; an unknown id becomes an external video, as it would through events."""
    if video_id is None:
        page = catalog.page(limit=1)
        if not page.items:
            raise InvalidInput("there is no video to watch", hint="`viewbox sample add`, or name one with --video")
        return page.items[0]
    if not catalog.admit_external(video_id):
        raise InvalidInput("today's number of new external videos is used up", code="too_many_videos")
    return catalog.get(video_id)


def _stories(texts: list[str]) -> Stories:
    found = tuple(map(parse_story, texts))
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise InvalidInput("each story can be told once", code="bad_story", hint="one effect for each name")
    return Stories(found)


def _count(crowd: Crowd, views: int | None, events: int | None) -> int:
    if (views is None) == (events is None):
        raise InvalidInput("how large an audience?", hint="give --views or --events, not both")
    return views if views is not None else views_for_events(crowd, events or 1)


def _bring(
    settings: Settings, catalog: Catalog, crowd: Crowd, *, via: Literal["ws", "lake"] | None, tables: bool
) -> tuple[Truth, int]:
    """Send the crowd whichever way; what happened, and how many events were stored."""
    admit(catalog, crowd.library)  # a server is known by knowing the video
    door = None if via == "lake" else door_of(settings, crowd.library.ids[0])
    if door is None and via != "ws":
        with progress(crowd.views) as advance:
            stored, happened = load(settings, catalog, crowd, tables=tables, on_views=advance, on_stage=say)
        return happened, stored
    if crowd.views > MAX_SENT_VIEWS:
        raise InvalidInput(
            f"{crowd.views} views are more than a WebSocket should carry",
            hint=f"stop the server and use --via lake, or at most {MAX_SENT_VIEWS} views",
        )
    happened = nothing(crowd.library)
    sent: list[SentView] = []
    for part in parts(crowd):
        for chunk in part.chunks():
            piece = make(chunk)
            happened.add(truth_of(piece))
            sent += sent_views(piece)
    return happened, deliver(settings, catalog, crowd.library.ids[0], sent, via="ws")


def _write_truth(path: Path, crowd: Crowd, truth: Truth) -> None:
    video, second = seconds_of(crowd.library)
    ids = pa.DictionaryArray.from_arrays(pa.array(video), pa.array(crowd.library.ids))
    columns = [ids, pa.array(second), *(pa.array(truth.curves[name]) for name in CURVES)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns, names=["video_id", "second", *CURVES]), path, compression="zstd")
