"""The `viewbox` command. stdout carries data, stderr talks to people; exit 0 done, 1 failed, 2 wrong usage.

Sub-commands are found through the entry-point group `viewbox.commands`, so each part of the house brings its
own: a name and `module:object`, where the object is a function or a Typer app.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer

from viewbox import logs
from viewbox.errors import UsageError, ViewBoxError

GROUP = "viewbox.commands"


def build(only: str | None = None) -> typer.Typer:
    """The command with every sub-command that is installed, in alphabetical order.

    `only` loads one of them: a statement in SQL need not wait for the web server's imports. A name that is not
    installed loads all, so that help and complaints know the whole list.
    """
    entries = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    wanted = [entry for entry in entries if entry.name == only] or entries
    app = typer.Typer(
        name="viewbox", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="Paste a video URL, get an adaptive stream, a player, and the exact truth about how it was watched.",
    )  # fmt: skip
    for entry in wanted:
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    app.callback()(lambda: None)  # with one command only, Typer would otherwise leave out its name
    return app


def main() -> None:
    """Run the command line. An error that ViewBox foresaw is one line and its hint, never a traceback."""
    logs.configure()
    try:
        build(only=next(iter(sys.argv[1:]), None))()
    except ViewBoxError as error:
        print(f"viewbox: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  hint: {error.hint}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) and error.http_status in {400, 422} else 1)
