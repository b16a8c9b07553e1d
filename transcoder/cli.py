"""`viewbox worker`: media jobs only. `viewbox lint`: is an HLS stream what the documents ask for?"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from transcoder.lint import Source, lint, load, open_folder
from transcoder.lint.report import as_json, as_text
from transcoder.lint.site import open_site
from transcoder.worker import Worker
from viewbox import settings

MIB = 1024 * 1024
BROKEN = 1  # exit code: a MUST is broken


def worker(
    *,
    until_idle: bool = typer.Option(False, "--until-idle", help="End when the queue is empty."),
) -> None:
    """Import videos: fetch, encode and publish what the queue holds. Ctrl-C gives running jobs back."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(settings.load()).run(stop, until_idle=until_idle)


def lint_command(
    stream: Annotated[
        str, typer.Argument(metavar="URL|FOLDER|PLAYLIST", help="a stream, read from its first playlist")
    ],
    as_json_text: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    max_mb: Annotated[
        int, typer.Option("--max-mb", min=1, max=1_000_000, help="read so many MiB of segments at most")
    ] = 16_384,
) -> None:
    """Check an HLS stream against Apple's HLS Authoring Specification and RFC 8216bis.

    Exit code 0: no MUST is broken as far as the files show; 1: one is; 2: there is no stream to read.
    """
    report = lint(load(_source(stream), max_media_bytes=max_mb * MIB, name=stream))
    if as_json_text:
        print(json.dumps(as_json(report), indent=2, ensure_ascii=False))
    else:
        sys.stdout.write(as_text(report))
    if not report.conforms:
        raise typer.Exit(BROKEN)


def _source(stream: str) -> Source:
    if "://" not in stream:
        return open_folder(Path(stream))
    known = settings.load()
    return open_site(stream, allow=known.fetch_allow, proxy=known.egress_proxy, own=f"{known.host}:{known.port}")
