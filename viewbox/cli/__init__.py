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


def build() -> typer.Typer:
    """The command with every sub-command that is installed, in alphabetical order."""
    app = typer.Typer(
        name="viewbox", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="Paste a video URL, get an adaptive stream, a player, and the exact truth about how it was watched.",
    )  # fmt: skip
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    return app


def main() -> None:
    """Run the command line. An error that ViewBox foresaw is one line and its hint, never a traceback."""
    logs.configure()
    try:
        build()()
    except ViewBoxError as error:
        print(f"viewbox: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  hint: {error.hint}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) and error.http_status in {400, 422} else 1)
