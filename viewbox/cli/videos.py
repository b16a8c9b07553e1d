"""`viewbox add`, `viewbox videos`, `viewbox video`: the catalog from a terminal, with or without a server."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from viewbox import settings as configuration
from viewbox.addresses import check_url
from viewbox.catalog import Catalog, Video
from viewbox.database import open_database
from viewbox.errors import InvalidInput, SetupError, UsageError
from viewbox.ids import new_video_id
from viewbox.jobs import Jobs
from viewbox.presentation import video_json
from viewbox.settings import Settings

CLAIM_WAIT_S = 2.0  # a running worker takes a job within 0.1 s; after this long there is none
POLL_S = 0.2
MAX_TITLE_CHARACTERS = 300
ENDED = frozenset({"ready", "failed"})


@dataclass(frozen=True)
class Wish:
    """One video to add, as a person names it."""

    source: str
    title: str = ""
    external_id: str | None = None
    tags: tuple[str, ...] = ()


class Library:
    """Catalog and queue of the configured database."""

    def __init__(self, settings: Settings) -> None:
        engine = open_database(settings.database)
        self.settings = settings
        self.catalog = Catalog(engine)
        self.jobs = Jobs(engine)

    def add(self, wish: Wish) -> Video:
        """Queue the import of a URL or a local file. Raises UsageError for what can be refused at once."""
        if "://" in wish.source:
            check_url(wish.source, self.settings.fetch_allow)
            payload = {"url": wish.source}
        else:
            path = Path(wish.source).expanduser()
            if not path.is_file():
                raise InvalidInput(
                    f"{wish.source}: no such file", code="no_such_file", hint="give a file, or a URL with https://"
                )
            payload = {"upload": str(self._copy(path)), "filename": path.name}
        is_url = "url" in payload
        video = self.catalog.add(
            title=wish.title or title_of(wish.source),
            source_kind="url" if is_url else "upload",
            source_url=wish.source if is_url else None,
            external_id=wish.external_id,
            tags=wish.tags,
        )
        self.jobs.enqueue("import", video_id=video.id, revision=video.revision, payload=payload)
        return video

    def json(self, video: Video, site_url: str = "") -> dict[str, Any]:
        """The very object that the API answers; with `site_url`, its URLs are whole."""
        return video_json(video, self.catalog.renditions(video.id), site_url)

    def _copy(self, path: Path) -> Path:
        """A copy that the import owns; a hard link's worth on file systems that share blocks."""
        uploads = self.settings.work_dir / "uploads"
        uploads.mkdir(parents=True, exist_ok=True)
        copy = uploads / new_video_id()
        shutil.copyfile(path, copy)
        return copy


def add(
    source: Annotated[str | None, typer.Argument(metavar="URL-or-FILE", help="What to import.")] = None,
    *,
    title: Annotated[str, typer.Option(help="Shown to viewers; from the file name when not given.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    external_id: Annotated[str | None, typer.Option(help="Your own id for it.")] = None,
    from_csv: Annotated[
        Path | None, typer.Option("--from", metavar="VIDEOS.CSV", help="Columns url, title, external_id, tags.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is ready (exit 0) or failed (exit 1).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the video as the API shows it.")] = False,
) -> None:
    """Import a video from a URL or a file; prints its id. `--from` imports a list, and can be run again."""
    if (source is None) == (from_csv is None):
        raise InvalidInput("name one URL or file, or a list with --from", hint="`viewbox add --help`")
    library = Library(configuration.load())
    if from_csv is not None:
        if title or external_id:
            raise InvalidInput("--title and --external-id go with one video", hint="use the columns of the list")
        sys.exit(0 if _add_list(library, from_csv, tuple(tag or ()), wait=wait, as_json=as_json) else 1)
    video = library.add(Wish(source or "", title, external_id, tuple(tag or ())))
    if not as_json:
        print(video.id, flush=True)
    if wait:
        video = _wait(library, [video])[0]
    if as_json:
        print(json.dumps(library.json(video), ensure_ascii=False))
    if wait and video.status == "failed":
        print(_failure_line(video), file=sys.stderr)
        sys.exit(1)


def videos(*, as_json: Annotated[bool, typer.Option("--json", help="The API's `items`, one array.")] = False) -> None:
    """List all videos, newest first."""
    library = Library(configuration.load())
    found = list(reversed(library.catalog.everything()))
    if as_json:
        print(json.dumps([library.json(video) for video in found], ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "status", "length", "title"):
        table.add_column(heading, no_wrap=heading != "title")
    for video in found:
        progress = "" if video.status in {*ENDED, "external"} else f" {video.progress:.0%}"
        table.add_row(video.id, video.status + progress, _clock(video.duration_s), video.title)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)


def video(
    video_id: Annotated[str, typer.Argument(metavar="ID", help="Id or external id.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The API's shape.")] = False,
) -> None:
    """Show one video: state, renditions, URLs, and what went wrong if something did."""
    library = Library(configuration.load())
    found = library.catalog.find(video_id) or library.catalog.find_external(video_id) or library.catalog.get(video_id)
    if as_json:
        print(json.dumps(library.json(found), ensure_ascii=False))
        return
    shown = library.json(found, library.settings.site_url)
    for name in ("id", "title", "status", "duration_s", "revision", "created_at", "external_id", "tags"):
        print(f"{name:12} {shown[name]}")
    for rendition in shown["renditions"]:
        rate = rendition["bitrate_bps"]
        print(
            f"{'rendition':12} {rendition['height']}p {rate // 1000 if rate else '?'} kb/s {rendition['progress']:.0%}"
        )
    for name, url in shown["urls"].items():
        if url:
            print(f"{name:12} {url}")
    if found.error_code:
        print(_failure_line(found))


def title_of(source: str) -> str:
    """A readable title from the last part of a URL or path, without its extension."""
    path = urlsplit(source).path if "://" in source else source
    name = Path(unquote(path)).stem.replace("_", " ").strip()
    return (name or urlsplit(source).hostname or source)[:MAX_TITLE_CHARACTERS]


def read_list(path: Path) -> Iterator[tuple[int, Wish | str]]:
    """(line, wish) for each row of a CSV with columns url, title, external_id, tags; a text tells what is wrong.

    Tags are separated by commas or semicolons. Raises InvalidInput when the file cannot be such a list.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            if "url" not in (rows.fieldnames or ()):
                raise InvalidInput(f"{path}: no column `url`", hint="first line: url,title,external_id,tags")
            for row in rows:
                url = (row.get("url") or "").strip()
                tags = (row.get("tags") or "").replace(";", ",").split(",")
                wish = Wish(
                    url,
                    (row.get("title") or "").strip(),
                    (row.get("external_id") or "").strip() or None,
                    tuple(tag.strip() for tag in tags if tag.strip()),
                )
                yield rows.line_num, wish if url else "no url"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} cannot be read as CSV: {error}", hint="save it as UTF-8 CSV") from error


def _add_list(library: Library, path: Path, tags: tuple[str, ...], *, wait: bool, as_json: bool) -> bool:
    """Add every row that is not there yet; whether none failed."""
    present = library.catalog.everything()
    urls = {video.source_url for video in present if video.source_url}
    names = {video.external_id for video in present if video.external_id}
    added: list[Video] = []
    failures = skipped = 0
    for line, wish in read_list(path):
        try:
            if isinstance(wish, str):
                raise InvalidInput(wish)  # one place counts and prints failures
            if wish.source in urls or (wish.external_id and wish.external_id in names):
                skipped += 1
                continue
            video = library.add(Wish(wish.source, wish.title, wish.external_id, (*wish.tags, *tags)))
        except UsageError as error:
            failures += 1
            print(f"{path}:{line}: {error.message}", file=sys.stderr)
            continue
        urls.add(wish.source)
        names.add(wish.external_id or "")
        added.append(video)
        if not as_json:
            print(video.id, flush=True)
    if wait:
        added = _wait(library, added)
        for video in added:
            if video.status == "failed":
                failures += 1
                print(_failure_line(video), file=sys.stderr)
    if as_json:
        print(json.dumps([library.json(video) for video in added], ensure_ascii=False))
    print(f"{len(added)} added, {skipped} already there, {failures} failed", file=sys.stderr)
    return failures == 0


def _wait(library: Library, added: list[Video]) -> list[Video]:
    """Show progress on stderr until every video is ready or failed; start a worker when none takes the jobs."""
    worker: subprocess.Popen[bytes] | None = None
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            tasks = {video.id: bars.add_task(video.title[:40], total=1.0) for video in added}
            while True:
                now = [library.catalog.get(video.id) for video in added]
                for video in now:
                    bars.update(
                        tasks[video.id], completed=video.progress, description=f"{video.title[:40]} {video.status}"
                    )
                if all(video.status in ENDED for video in now):
                    return now
                unclaimed = all(video.status in {*ENDED, "queued"} for video in now)
                if worker is None and unclaimed and time.monotonic() - started > CLAIM_WAIT_S:
                    worker = subprocess.Popen(
                        [sys.executable, "-m", "viewbox", "worker", "--until-idle"],
                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    )  # fmt: skip
                elif worker is not None and worker.poll() is not None:
                    if worker.returncode != 0:
                        raise SetupError("no worker could be started", hint="`viewbox worker` says why")
                    worker, started = None, time.monotonic()  # a retry waits in the queue: look again
                time.sleep(POLL_S)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait()


def _failure_line(video: Video) -> str:
    return f"{video.id}: {video.error_code}: {video.error_hint}"


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    whole = round(seconds)
    return (
        f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
        if whole >= 3600
        else f"{whole // 60}:{whole % 60:02d}"
    )
