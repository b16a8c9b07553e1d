"""Generated files, each with the function that makes it.

python deploy/generated.py            writes what is stale
python deploy/generated.py --check    names what is stale, exit 1
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer.main

from ingest_api.app import create_app
from ingest_api.asyncapi import asyncapi
from transcoder.lint.reference import reference_markdown as lint_reference
from viewbox.cli import build
from viewbox.events import schema_json
from viewbox.metrics import reference_markdown
from viewbox.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def openapi() -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(_env_file=None, data_dir=Path(folder)))
        return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def settings_reference() -> str:
    lines = [
        "# Settings",
        "",
        "From the environment or `.env`; `viewbox config` prints each value and where it comes from.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "none" if default is None else ",".join(default) if isinstance(default, tuple) else str(default)
        lines.append(f"| `VIEWBOX_{name.upper()}` | {shown or 'empty'} | {field.description} |")
    return "\n".join(lines) + "\n"


def cli_reference() -> str:
    root: Any = typer.main.get_command(build())
    parts = ["# Command line\n\n`viewbox`, also `python -m viewbox`. stdout carries data, stderr talks to people.\n"]
    for name, command in sorted(root.commands.items()):
        parts += _described(name, command)
    return "\n".join(parts)


def _described(name: str, command: Any) -> list[str]:
    """Markdown of one command, or of each command of a group."""
    if hasattr(command, "commands"):
        children = sorted(command.commands.items())
        return [part for child, below in children for part in _described(f"{name} {child}", below)]
    context = command.context_class(command, info_name=f"viewbox {name}")
    usage = " ".join([f"viewbox {name}", *command.collect_usage_pieces(context)])
    records = [parameter.get_help_record(context) for parameter in command.params]
    parts = [f"## viewbox {name}\n\n{(command.help or '').strip()}\n\n```\n{usage}\n```\n"]
    rows = [f"| `{option}` | {meaning} |" for option, meaning in filter(None, records)]
    return [*parts, "| option | meaning |\n|---|---|", *rows, ""] if rows else parts


FILES: dict[str, Callable[[], str]] = {
    "data/schema/events.v1.json": schema_json,
    "docs/reference/openapi.json": openapi,
    "docs/reference/asyncapi.json": asyncapi,
    "docs/reference/metrics.md": reference_markdown,
    "docs/reference/settings.md": settings_reference,
    "docs/reference/cli.md": cli_reference,
    "docs/reference/lint.md": lint_reference,
}


def main(check_only: bool) -> int:
    stale = 0
    for name, make in FILES.items():
        path = ROOT / name
        text = make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if check_only else 'written'}: {name}")
        if not check_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if stale and check_only else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
