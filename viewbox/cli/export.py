"""`viewbox export`: the data as files for other programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from viewbox import settings as settings_module
from viewbox.cli.progress import progress
from viewbox.clock import iso_ms
from viewbox.mart import write_mart

app = typer.Typer(help="Write the data as files for other programs.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Write the data as files for other programs."""


@app.command()
def mart(
    file: Annotated[Path, typer.Argument(help="where to write it, e.g. mart.duckdb; a mart that is there is replaced")],
    without: Annotated[list[str] | None, typer.Option("--without", help="leave this table out, e.g. events")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="tell what was written as JSON")] = False,
) -> None:
    """Write all tables and metrics as one read-only DuckDB file for BI tools (Harlequin, DBeaver, Metabase)."""
    settings = settings_module.load()
    with progress("reading the lake") as show:
        written = write_mart(settings, file, without=without or (), show=show)
    if as_json:
        told = {"file": str(file), "bytes": written.size_bytes, "as_of": iso_ms(written.as_of_ms), "rows": written.rows}
        print(json.dumps(told))
        return
    for table, rows in written.rows.items():
        print(f"{table} {rows}")
    size_mb = written.size_bytes / 1e6
    print(f"{file}: {size_mb:.1f} MB, as of {iso_ms(written.as_of_ms)}, {written.took_s:.1f} s", file=sys.stderr)
