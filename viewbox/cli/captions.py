"""`viewbox captions`: hand in captions from a terminal, with or without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from viewbox import settings as configuration
from viewbox.captions import Captions, Wish, keep, remove
from viewbox.captions.decoding import MAX_BYTES
from viewbox.captions.store import left_out, shown
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.errors import InvalidInput
from viewbox.storage import MediaStore


def captions(
    video_id: Annotated[str, typer.Argument(metavar="ID", help="Id or external id of the video.")],
    language: Annotated[str | None, typer.Argument(metavar="LANGUAGE", help="BCP 47: en, de, pt-BR.")] = None,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="SRT or WebVTT.")] = None,
    *,
    label: Annotated[str, typer.Option(help="What people choose them by; else the language's own name.")] = "",
    default: Annotated[bool, typer.Option("--default", help="Shown without being chosen.")] = False,
    forced: Annotated[bool, typer.Option("--forced", help="Only what everybody needs translated.")] = False,
    hearing_impaired: Annotated[bool, typer.Option("--hearing-impaired", help="Sounds are described too.")] = False,
    removed: Annotated[bool, typer.Option("--remove", help="Take back what was uploaded in the language.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """Upload captions of a language, replacing older ones, or remove them; without a language, list what there is."""
    settings = configuration.load()
    engine = open_database(settings.database)
    catalog, store = Catalog(engine), Captions(engine)
    video = catalog.find(video_id) or catalog.find_external(video_id) or catalog.get(video_id)
    if removed:
        if language is None or file is not None:
            raise InvalidInput("what is removed is a language", hint="viewbox captions ID LANGUAGE --remove")
        remove(catalog, store, MediaStore(settings.media_dir), video.id, language)
    elif language is not None:
        if file is None:
            raise InvalidInput(
                "a language without a file", hint="viewbox captions ID LANGUAGE FILE, or --remove in place of FILE"
            )
        wish = Wish(language, label, default, forced, hearing_impaired)
        kept = keep(catalog, store, MediaStore(settings.media_dir), video.id, wish=wish, data=_read(file))
        typer.echo(f"{kept.track.language}: {kept.track.cues} cues, {kept.read.encoding}", err=True)
        for reason, count in kept.read.left_out.items():
            typer.echo(f"  left out: {count} × {reason}", err=True)
        if kept.track.note:
            typer.echo(f"  {kept.track.note}", err=True)
    tracks = store.of(video.id, video.revision)
    rows = [(track, "") for track in shown(tracks)] + [(track, track.note) for track in left_out(tracks)]
    if as_json:
        facts = [
            {"language": track.language, "label": track.label, "origin": track.origin, "cues": track.cues, "note": note}
            for track, note in rows
        ]
        print(json.dumps(facts, ensure_ascii=False))
        return
    for track, note in rows:
        print(f"{track.language:12} {track.origin:8} {note or f'{track.cues} cues'}  {track.label}".rstrip())


def _read(file: Path) -> bytes:
    """Raises InvalidInput."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"{file}: {error.strerror}", code="no_such_file", hint="give an SRT or WebVTT file"
        ) from error
