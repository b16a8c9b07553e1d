"""`viewbox sql`, `viewbox metric`, `viewbox metrics`: numbers on the command line."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from viewbox import export
from viewbox import settings as settings_module
from viewbox.cli.progress import progress
from viewbox.engine import open_engine
from viewbox.errors import NotFound, UsageError, ViewBoxError
from viewbox.metrics import metrics as all_metrics
from viewbox.metrics import parse_selection, run
from viewbox.sandbox import Limits, run_sql

SCHEMA_SQL = "SELECT * FROM columns"
FormatOption = Annotated[
    str | None, typer.Option("--format", help="table, csv, json, parquet, arrow; on a terminal table, else csv")
]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="write to this file")]
JsonOption = Annotated[bool, typer.Option("--json", help="the same as --format json")]


def sql(
    query: Annotated[str | None, typer.Argument(help="one SELECT")] = None,
    format: FormatOption = None,  # noqa: A002  # the option's name
    output: OutputOption = None,
    schema: Annotated[bool, typer.Option("--schema", help="list every table and column")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run one SELECT over all tables, read-only, without a row limit."""
    if (query is None) != schema:
        raise typer.BadParameter("give one SELECT, or --schema", param_hint="query")
    chosen = _format(format, output, as_json=as_json)
    settings = settings_module.load()
    with progress("running") as show:
        result = run_sql(settings, SCHEMA_SQL if schema else query or "", Limits.of_owner(settings), watch=show)
    _write(result.table, chosen, output)


def metric(  # noqa: PLR0917  # each is an option of its own on the command line
    name: Annotated[str, typer.Argument(help="`viewbox metrics` lists them")],
    video: Annotated[str | None, typer.Option(help="one video's id")] = None,
    tag: Annotated[str | None, typer.Option(help="videos that carry this tag")] = None,
    since: Annotated[str | None, typer.Option(help="views from here on: ISO date, or timestamp with zone")] = None,
    until: Annotated[str | None, typer.Option(help="views before this")] = None,
    grain: Annotated[str | None, typer.Option(help="hour, day, week, month")] = None,
    by: Annotated[str | None, typer.Option(help="rows per video (default), all, or a dimension")] = None,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", help="dimension=value; the same dimension again means or")
    ] = None,
    params: Annotated[list[str] | None, typer.Option("--param", help="name=value, see `viewbox metrics`")] = None,
    show_sql: Annotated[bool, typer.Option("--sql", help="print the statement instead of running it")] = False,
    format: FormatOption = None,  # noqa: A002  # the option's name
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run one metric over the views that the options select."""
    chosen = _format(format, output, as_json=as_json)
    settings = settings_module.load()
    options = {"video_id": video, "tag": tag, "since": since, "until": until, "grain": grain, "by": by}
    pairs = [(key, value) for key, value in options.items() if value is not None]
    pairs += [_pair(text, "--filter") for text in filters or ()]
    pairs += [(f"param.{key}", value) for key, value in (_pair(text, "--param") for text in params or ())]
    try:
        result = run(open_engine(settings), name, parse_selection(pairs, settings.timezone))
    except NotFound as error:  # a name that is none is wrong usage, not a failure
        raise UsageError(error.message, code=error.code, hint=error.hint) from error
    if show_sql:
        print(result.sql)
    else:
        _write(result.table, chosen, output)


def metrics(
    format: FormatOption = None,  # noqa: A002  # the option's name
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every metric: name, title, unit, what a row is, and how it counts."""
    rows = [
        {
            "name": metric.name, "title": metric.title, "unit": metric.unit, "grain": ", ".join(metric.grain),
            "version": metric.version, "params": ", ".join(metric.params), "rule": metric.rule,
        }
        for metric in all_metrics().values()
    ]  # fmt: skip
    _write(pa.Table.from_pylist(rows), _format(format, output, as_json=as_json), output)


def _format(asked: str | None, output: Path | None, *, as_json: bool) -> export.Format:
    """The format asked for; else the file's suffix; else a table for people and CSV for programs."""
    if as_json:
        return "json"
    by_suffix = output.suffix.removeprefix(".") if output is not None else None
    for known in export.FORMATS:
        if known == asked or (asked is None and known == by_suffix):
            return known
    if asked is not None:
        raise typer.BadParameter(f"{asked!r}: one of {', '.join(export.FORMATS)}", param_hint="--format")
    return "table" if output is None and sys.stdout.isatty() else "csv"


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise typer.BadParameter(f"{text!r}: write name=value", param_hint=option)
    return key, value


def _write(table: pa.Table, format: export.Format, output: Path | None) -> None:  # noqa: A002  # as above
    """To the file, or to stdout; a reader that closes early, like `head`, is no error."""
    if output is not None:
        try:
            _write_file(table, format, output)
        except OSError as error:
            raise ViewBoxError(f"cannot write {output}: {error.strerror}", code="unwritable") from error
        return
    try:
        export.write(table, format, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stdout = None  # nothing left to flush at exit


def _write_file(table: pa.Table, format: export.Format, output: Path) -> None:  # noqa: A002  # as above
    """Beside it and then renamed: whoever opens the file finds all of it. A pipe or device is written to as it is."""
    if output.exists() and not output.is_file():
        with output.open("wb") as stream:
            export.write(table, format, stream)
        return
    target = output.resolve()  # a link stays one
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            export.write(table, format, stream)
        umask = os.umask(0)
        os.umask(umask)
        Path(beside).chmod(0o666 & ~umask)  # as any new file has it; a temporary one is its owner's alone
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
