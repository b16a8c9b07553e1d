"""`viewbox sample add|remove` and `viewbox simulate`: something to look at before the first viewer comes."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from viewbox import settings as settings_module
from viewbox.catalog import Catalog, Video
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.errors import InvalidInput, ViewBoxError
from viewbox.ids import new_video_id
from viewbox.jobs import Jobs
from viewbox.maintainer import Maintainer, settle, spooled_to
from viewbox.maintainer.removal import request_removal
from viewbox.settings import Settings
from viewbox.storage import MediaStore
from viewbox.testing import Audience, SyntheticView, everyday, known_answers, parse_effect, sample_story
from viewbox.testing.clip import mp4_duration_s, sample_clip
from viewbox.testing.crowd.library import invented_library
from viewbox.testing.crowd.load import load, views_for_events
from viewbox.testing.crowd.plan import Audience as Crowd
from viewbox.testing.delivery import over_websocket, through_intake

EXTERNAL_ID = "sample"  # by which the sample is found again
TITLE = "ViewBox sample: seven scenes and a highlight"
SEED = 20_251_123
SAMPLE_VIEWS = 450
SAMPLE_DAYS = 28.0
DOOR_TIMEOUT_S = 3.0  # a server that does not say by then whether it knows the video is not there
UNKNOWN_DURATION_S = 600.0  # what players report of a video that the catalog has no duration of

app = typer.Typer(help="The sample video and its synthetic views.", no_args_is_help=True)


@app.command()
def add() -> None:
    """Add the sample video and 450 synthetic views of the last 28 days, and print its id. Once is enough."""
    settings = settings_module.load()
    engine = open_database(settings.database)
    catalog = Catalog(engine)
    clip = sample_clip()
    video = _sample(catalog)
    if video is None:
        video = catalog.add(
            title=TITLE, source_kind="sample", external_id=EXTERNAL_ID, tags=["sample"],
            metadata={"audience_until_ms": SYSTEM_CLOCK.now_ms()},
        )  # fmt: skip
        copy = _copy(clip, settings.work_dir / "uploads")
        payload = {"upload": str(copy), "filename": clip.name}
        Jobs(engine).enqueue("import", video_id=video.id, revision=1, payload=payload)
    elif video.metadata.get("audience_complete"):
        _say(
            f"the sample is there; `viewbox sample remove` takes it away, {settings.site_url}/watch/{video.id} shows it"
        )
        print(video.id)
        return
    # The same end of the range at every attempt: views that an interrupted one had sent are the same views.
    until_ms = int(video.metadata.get("audience_until_ms", SYSTEM_CLOCK.now_ms()))
    duration_s = video.duration_s or mp4_duration_s(clip)
    audience = Audience(SEED, video.id, duration_s, SAMPLE_VIEWS, until_ms, SAMPLE_DAYS, sample_story(duration_s))
    _deliver(settings, catalog, video.id, list(audience.views()), via=None)
    catalog.change(video.id, metadata={**video.metadata, "audience_complete": True})
    print(video.id)


@app.command()
def remove() -> None:
    """Remove the sample video, its media and its synthetic views. Views by real people stay in the tables."""
    settings = settings_module.load()
    catalog = Catalog(open_database(settings.database))
    video = _sample(catalog)
    if video is None:
        _say("there is no sample")
        return
    request = request_removal(settings, video.id)  # first: what is not asked for again must not be forgotten
    catalog.remove(video.id)
    MediaStore(settings.media_dir).delete(video.id)
    with Maintainer(settings) as maintainer:
        while request.exists():
            if maintainer.take_role():
                maintainer.step()
            else:  # a server at work does it within its next step
                time.sleep(0.1)
    _say(f"removed {video.title!r} ({video.id}) and its synthetic views")


def simulate(
    *,
    views: Annotated[int | None, typer.Option("--views", min=1, max=20_000_000, help="how many views")] = None,
    events: Annotated[
        int | None, typer.Option("--events", min=1, max=1_000_000_000, help="instead of --views: about so many events")
    ] = None,
    videos: Annotated[
        int | None, typer.Option("--videos", min=1, max=10_000, help="spread over so many invented videos")
    ] = None,
    video: Annotated[str | None, typer.Option("--video", help="video id; the newest video when absent")] = None,
    seed: Annotated[int, typer.Option("--seed", help="the same seed gives the same audience")] = 1,
    via: Annotated[
        Literal["ws", "lake"] | None,
        typer.Option("--via", help="the running server's WebSocket, or straight into the lake; absent: what there is"),
    ] = None,
    story: Annotated[
        list[str] | None,
        typer.Option("--story", help="NAME=SHARE,…; repeatable; replaces the everyday behaviour, e.g. skip=0.4,0,13"),
    ] = None,
    days: Annotated[float, typer.Option("--days", min=0.1, max=39, help="views began within this many days")] = 28.0,
    tables: Annotated[
        bool, typer.Option("--tables/--no-tables", help="make the tables anew, or leave that to `viewbox rollup`")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="the answers as one JSON object")] = False,
) -> None:
    """Send a synthetic audience and print the exact answers that ViewBox must give about it."""
    settings = settings_module.load()
    catalog = Catalog(open_database(settings.database))
    if videos is not None or events is not None:
        _crowd(settings, catalog, views=views, events=events, videos=videos or 1, seed=seed, days=days, tables=tables)
        return
    assert views is not None
    effects = [parse_effect(text) for text in story or []]
    target = _target(catalog, video)
    duration_s = target.duration_s or UNKNOWN_DURATION_S
    audience = Audience(
        seed, target.id, duration_s, views, SYSTEM_CLOCK.now_ms(), days, effects or everyday(duration_s)
    )
    sent = list(audience.views())
    _deliver(settings, catalog, target.id, sent, via=via)
    answers = {"video_id": target.id, **msgspec.to_builtins(known_answers(sent))}
    if as_json:
        print(json.dumps(answers, indent=2))
    else:
        for name, value in answers.items():
            print(f"{name} {'' if value is None else value}".rstrip())


def _crowd(
    settings: Settings,
    catalog: Catalog,
    *,
    views: int | None,
    events: int | None,
    videos: int,
    seed: int,
    days: float,
    tables: bool,
) -> None:
    until_ms = SYSTEM_CLOCK.now_ms() // 3_600_000 * 3_600_000
    crowd = Crowd(seed, invented_library(seed, videos), views or 1, until_ms, days)
    if events is not None:
        crowd = dataclasses.replace(crowd, views=views_for_events(crowd, events))
    began = time.monotonic()

    def say(stage: str) -> None:
        _say(f"{time.monotonic() - began:.0f} s: {stage}")

    with _progress(crowd.views) as on_view:
        stored = load(settings, catalog, crowd, on_views=on_view, on_stage=say, tables=tables)
    say(f"{crowd.views} views, {stored} events stored")


def _sample(catalog: Catalog) -> Video | None:
    video = catalog.find_external(EXTERNAL_ID)
    return video if video is not None and video.source_kind == "sample" else None


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


def _copy(clip: Path, folder: Path) -> Path:
    """A copy of the clip that the worker may consume."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / new_video_id()
    shutil.copyfile(clip, place)
    return place


# --- delivery --------------------------------------------------------------------------------------------


def _deliver(
    settings: Settings,
    catalog: Catalog,
    video_id: str,
    views: list[SyntheticView],
    *,
    via: Literal["ws", "lake"] | None,
) -> None:
    """Bring views through the door; returns when all of them are in the tables. Raises ViewBoxError on a refusal."""
    door = None if via == "lake" else _door(settings, video_id)
    if via == "ws" and door is None:
        raise ViewBoxError(f"no server of this catalogue answers at {settings.site_url}", hint="start `viewbox serve`")
    with _progress(len(views)) as on_view:
        if door is not None:
            delivery = over_websocket(door, views, on_view=on_view)
        else:
            delivery = through_intake(settings, catalog, views, on_view=on_view)
    if delivery.refused:
        raise ViewBoxError(f"{len(delivery.refused)} events were refused", hint=str(delivery.refused[0]))
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings))


def _door(settings: Settings, video_id: str) -> str | None:
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
def _progress(views: int) -> Iterator[Callable[..., None]]:
    """A bar on stderr when a person watches; yields the function that moves it by one view."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _count=1: None
        return
    columns = (TextColumn("  views"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("views", total=views)
        yield lambda count=1: progress.advance(task, count)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
