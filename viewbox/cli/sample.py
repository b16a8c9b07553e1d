"""`viewbox sample add|remove`: something to look at before the first viewer comes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import typer

from viewbox import settings as settings_module
from viewbox.catalog import Catalog, Video
from viewbox.cli.delivery import deliver, say
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.ids import new_video_id
from viewbox.jobs import Jobs
from viewbox.maintainer import Maintainer
from viewbox.maintainer.removal import request_removal
from viewbox.storage import MediaStore
from viewbox.testing import Audience, sample_story
from viewbox.testing.clip import mp4_duration_s, sample_clip

EXTERNAL_ID = "sample"  # by which the sample is found again
TITLE = "ViewBox sample: seven scenes and a highlight"
SEED = 20_251_123
SAMPLE_VIEWS = 450
SAMPLE_DAYS = 28.0

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
        say(
            f"the sample is there; `viewbox sample remove` takes it away, {settings.site_url}/watch/{video.id} shows it"
        )
        print(video.id)
        return
    # The same end of the range at every attempt: views that an interrupted one had sent are the same views.
    until_ms = int(video.metadata.get("audience_until_ms", SYSTEM_CLOCK.now_ms()))
    duration_s = video.duration_s or mp4_duration_s(clip)
    audience = Audience(SEED, video.id, duration_s, SAMPLE_VIEWS, until_ms, SAMPLE_DAYS, sample_story(duration_s))
    deliver(settings, catalog, video.id, list(audience.views()), via=None)
    catalog.change(video.id, metadata={**video.metadata, "audience_complete": True})
    print(video.id)


@app.command()
def remove() -> None:
    """Remove the sample video, its media and its synthetic views. Views by real people stay in the tables."""
    settings = settings_module.load()
    catalog = Catalog(open_database(settings.database))
    video = _sample(catalog)
    if video is None:
        say("there is no sample")
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
    say(f"removed {video.title!r} ({video.id}) and its synthetic views")


def _sample(catalog: Catalog) -> Video | None:
    video = catalog.find_external(EXTERNAL_ID)
    return video if video is not None and video.source_kind == "sample" else None


def _copy(clip: Path, folder: Path) -> Path:
    """A copy of the clip that the worker may consume."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / new_video_id()
    shutil.copyfile(clip, place)
    return place
