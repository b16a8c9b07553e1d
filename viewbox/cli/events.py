"""`viewbox ingest` and `viewbox rollup`: events from files, and tables brought up to date."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from viewbox import settings as settings_module
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.events import MAX_MESSAGE_BYTES
from viewbox.intake import Intake
from viewbox.maintainer import Maintainer, settle, spooled_to
from viewbox.maintainer.counters import spool_states
from viewbox.maintainer.index import Counts, SpoolState
from viewbox.settings import Settings
from viewbox.spool import Spool

BATCH_LINES = 1000  # messages of one fsync
BATCH_BYTES = 4 * 1024 * 1024
BACKLOG_BYTES = 64 * 1024 * 1024  # spooled before it is taken to the lake: bounds what the spool needs on disk
DRAIN_BUDGET_S = 20.0  # nobody watches the tables meanwhile: fewer, larger rollups
BOM = b"\xef\xbb\xbf"


def ingest(
    files: Annotated[list[Path], typer.Argument(help="NDJSON: one message a line; - is standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Take events from files all the way to the tables, and say what became of them."""
    settings = settings_module.load()
    unreadable: list[str] = []
    with _Ingestion(settings) as ingestion:
        for path in files:
            try:
                ingestion.read(path)
            except OSError as error:
                unreadable.append(f"{path}: {error.strerror or error}")
        counts = ingestion.finish()
    _print_counts(counts, as_json=as_json)
    for line in unreadable:
        print(f"viewbox: cannot read {line}", file=sys.stderr)
    if unreadable:
        raise typer.Exit(1)


def rollup(
    full: Annotated[bool, typer.Option("--full", help="make every derived table anew from the events")] = False,
) -> None:
    """Return when every event acknowledged so far is in all tables."""
    settings = settings_module.load()
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings), full=full)


class _Ingestion:
    """A spool of its own, and the maintainer's role if it is free."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self._backlog_bytes = 0

    def __enter__(self) -> _Ingestion:
        settings = self._settings
        self._maintainer = self._stack.enter_context(Maintainer(settings, drain_budget_s=DRAIN_BUDGET_S))
        self._spool = self._stack.enter_context(Spool(settings.spool_dir))
        catalog = Catalog(open_database(settings.database))
        self._intake = Intake(settings, catalog, self._spool, source="file")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def read(self, path: Path) -> None:
        """Spool one file. Raises OSError when it cannot be read to its end; what came before stays."""
        with _opened(path) as (stream, size), _progress(path.name, size) as advance:
            batch: list[bytes] = []
            batch_bytes = 0
            try:
                for line in _lines(stream):
                    advance(len(line) + 1)
                    message = line.strip()
                    if not message:
                        continue
                    batch.append(message)
                    batch_bytes += len(message)
                    if len(batch) >= BATCH_LINES or batch_bytes >= BATCH_BYTES:
                        self._accept(batch)
                        batch, batch_bytes = [], 0
            finally:
                self._accept(batch)

    def finish(self) -> Counts:
        """Wait until all of it is in the tables."""
        settle(self._settings, self._maintainer, {self._spool.id: self._spool.position})
        counts = spool_states(self._settings).get(self._spool.id, SpoolState()).counts
        self._spool.close()
        if self._maintainer.has_role:
            self._maintainer.tidy()
        return counts

    def _accept(self, batch: list[bytes]) -> None:
        if not batch:
            return
        self._intake.accept(batch)
        self._backlog_bytes += sum(map(len, batch))
        if self._backlog_bytes >= BACKLOG_BYTES:
            self._backlog_bytes = 0
            if self._maintainer.take_role():
                self._maintainer.step()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int | None]]:
    """The stream, and its size where it has one."""
    if str(path) == "-":
        yield sys.stdin.buffer, None
        return
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends. One that is too long is cut just beyond the bound: it will be refused as such."""
    first = True
    while line := stream.readline(MAX_MESSAGE_BYTES + 2):
        whole = line.endswith(b"\n")
        while not whole and (rest := stream.readline(MAX_MESSAGE_BYTES)):
            whole = rest.endswith(b"\n")
        yield (line.removeprefix(BOM) if first else line).rstrip(b"\r\n")
        first = False


@contextmanager
def _progress(name: str, size: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr when a person watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _count: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=size)
        yield lambda count: bar.advance(task, count)


def _print_counts(counts: Counts, *, as_json: bool) -> None:
    numbers = msgspec.structs.asdict(counts)
    if as_json:
        print(json.dumps(numbers))
    else:
        for name, count in numbers.items():
            print(name, count)
