"""`viewbox config`, `doctor`, `bench`: the installation as a whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from dotenv import dotenv_values
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from viewbox import settings as settings_module
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.engine.checks import offences
from viewbox.errors import SetupError, ViewBoxError
from viewbox.maintainer.counters import counters
from viewbox.maintainer.lag import lags
from viewbox.ports import local_url
from viewbox.settings import Settings

MOST_LAG_S = 120.0  # longer than a restart and a backlog of some million events take
MASK = "••••••"


def config(*, as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False) -> None:
    """Print every setting, its value and where it comes from; secrets are masked."""
    settings = settings_module.load()
    in_file = {name.upper() for name in dotenv_values(".env")}
    rows = [_setting_row(settings, name, in_file) for name in Settings.model_fields]
    if as_json:
        print(json.dumps({row["name"]: {"value": row["value"], "origin": row["origin"]} for row in rows}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "value", "origin"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], str(row["value"]), row["origin"])
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def bench(
    *,
    only: Annotated[list[str] | None, typer.Option(help="ladder, door, ingest or analytics; all if not given")] = None,
    rounds: Annotated[int, typer.Option(help="how often each is measured", min=1)] = 3,
    size: Annotated[
        list[str] | None, typer.Option(help="events of analytics: 1M, 10M or 100M; repeatable; 1M and 10M if not given")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="where analytics keeps its data sets for the next run; nowhere if not given")
    ] = None,
) -> None:
    """Measure this installation against bare tools: ratios from one run. Needs a clone of the repository."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "benchmarks" / "__main__.py").exists():
        raise SetupError(
            "the benchmarks are not installed", hint="run it in a clone of the repository, or `make bench`"
        )
    chosen = [part for name in only or [] for part in ("--only", name)]
    chosen += [part for name in size or [] for part in ("--size", name)]
    chosen += ["--folder", str(folder.absolute())] if folder else []
    command = [sys.executable, "-m", "benchmarks", "--rounds", str(rounds), *chosen]
    raise typer.Exit(subprocess.run(command, cwd=root, check=False).returncode)


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False) -> None:
    """Look whether everything that ViewBox needs is here and works. Exit 1 when something is not."""
    settings = settings_module.load()
    findings = [_finding(name, check) for name, check in _checks(settings).items()]
    if as_json:
        print(json.dumps(findings, indent=2))
    else:
        for finding in findings:
            mark = "ok  " if finding["ok"] else "FAIL"
            print(f"  {mark} {finding['check']:<20} {finding['says']}")
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(1)


def _checks(settings: Settings) -> dict[str, Callable[[], str]]:
    return {
        "data directory": lambda: _free_space(settings),
        "catalog": lambda: f"{Catalog(open_database(settings.database)).count()} videos",
        "tables": lambda: _sound_tables(settings),
        "events": lambda: _event_flow(settings),
        "API and player": lambda: _reach(f"{local_url(settings.host, settings.port)}/readyz"),
        "dashboard": lambda: _reach(f"{local_url(settings.host, settings.dashboard_port)}/_stcore/health"),
        "media tools": lambda: _output([sys.executable, "-m", "transcoder"]),
    }


def _finding(name: str, check: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"check": name, "ok": True, "says": check()}
    except (ViewBoxError, OSError) as error:
        return {"check": name, "ok": False, "says": str(error)}


def _free_space(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return f"{settings.data_dir.absolute()}, {shutil.disk_usage(settings.data_dir).free / 1e9:.1f} GB free"


def _sound_tables(settings: Settings) -> str:
    with closing(open_engine(settings)) as engine:
        found = {name: count for name, count in offences(engine).items() if count}
    if found:
        rows = ", ".join(f"{name} ({count} rows)" for name, count in found.items())
        raise SetupError(f"not consistent: {rows}; `viewbox rollup --full` makes them anew")
    return "consistent"


def _event_flow(settings: Settings) -> str:
    """Whether what was acknowledged gets on."""
    books, behind = counters(settings), lags(settings, SYSTEM_CLOCK.now_ms())
    said = ", ".join(f"{count} {name}" for name, count in books.items())
    if behind.tables_s > MOST_LAG_S:
        raise SetupError(f"{said}; the oldest waits for the tables since {behind.tables_s:.0f} s: is a server running?")
    return f"{said}; {behind.lake_s:.0f} s to the lake, {behind.tables_s:.0f} s to the tables"


def _reach(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310  # our own loopback URL
            return f"answers {answer.status} at {url}"
    except urllib.error.HTTPError as error:
        raise SetupError(f"answers {error.code} at {url}") from error
    except OSError as error:
        raise SetupError(f"not running at {url} (start it with `viewbox up`)") from error


def _output(command: Sequence[str]) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    if result.returncode:
        raise SetupError(result.stderr.strip().splitlines()[-1] if result.stderr.strip() else "failed")
    return "; ".join(result.stdout.strip().splitlines())


def _setting_row(settings: Settings, name: str, in_file: set[str]) -> dict[str, Any]:
    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        shown: object = MASK
    elif isinstance(value, tuple):
        shown = ",".join(value)
    else:
        shown = value if isinstance(value, bool | int | float) or value is None else str(value)
    variable = f"VIEWBOX_{name.upper()}"
    if name not in settings.model_fields_set:
        origin = "default"
    else:
        origin = ".env" if variable in in_file and not settings_module.in_environment(variable) else "environment"
    return {"name": variable, "value": shown, "origin": origin}
