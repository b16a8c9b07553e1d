"""`viewbox up`, `config`, `doctor`: the installation as a whole."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Annotated, Any

import typer
from dotenv import dotenv_values
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from viewbox import settings as settings_module
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.engine.checks import offences
from viewbox.errors import SetupError, ViewBoxError
from viewbox.ports import require_free
from viewbox.settings import Settings

START_TIMEOUT_S = 60.0  # a service that does not answer by then has failed
STOP_TIMEOUT_S = 10.0  # after SIGTERM; then SIGKILL
WATCH_S = 0.2  # how soon a dead service is noticed
MASK = "••••••"


def up() -> None:
    """Start API, player, worker and dashboard together; Ctrl-C stops all of it."""
    settings = settings_module.load()
    require_free(settings.host, settings.port, "VIEWBOX_PORT")
    require_free(settings.host, settings.dashboard_port, "VIEWBOX_DASHBOARD_PORT")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    house = House(stopping)
    try:
        house.start("API and player", ["serve"], ready_url=f"{_local(settings.host, settings.port)}/healthz")
        house.start("worker", ["worker"])
        health = f"{_local(settings.host, settings.dashboard_port)}/_stcore/health"
        house.start("dashboard", ["dashboard"], ready_url=health)
        if settings.sample and _is_empty(settings):
            house.run_once("sample", ["sample", "add"])
        _say("")
        _say(f"  player     {settings.site_url}")
        _say(f"  dashboard  {settings.dashboard_site_url}")
        house.watch()
    finally:
        house.stop()


class House:
    """The services of one `viewbox up`: started in order, watched, stopped together."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._services: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: Sequence[str], ready_url: str | None = None) -> None:
        """Start `viewbox <arguments>` and wait until `ready_url` answers. Raises SetupError when it does not."""
        if self._stopping.is_set():
            return
        started = time.monotonic()
        # A session of its own: Ctrl-C reaches this process only, which stops the others in order.
        process = subprocess.Popen(_command(arguments), stdin=subprocess.DEVNULL, start_new_session=True)
        self._services[name] = process
        while ready_url and not self._stopping.wait(0.05) and not _answers(ready_url):
            if process.poll() is not None:
                raise SetupError(f"{name} ended with exit code {process.returncode}", hint="its own words are above")
            if time.monotonic() - started > START_TIMEOUT_S:
                raise SetupError(f"{name} does not answer after {START_TIMEOUT_S:.0f} s", hint="`viewbox doctor`")
        _say(f"  {name:<22} ready  {time.monotonic() - started:.1f} s")

    def run_once(self, name: str, arguments: Sequence[str]) -> None:
        """Run a command to its end; its failure is said, and stops nothing."""
        started = time.monotonic()
        process = subprocess.Popen(_command(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while process.poll() is None and not self._stopping.wait(WATCH_S):
            pass
        if process.poll() is None:
            process.terminate()
        verdict = "added" if process.wait() == 0 else "not added"
        _say(f"  {name:<22} {verdict}  {time.monotonic() - started:.1f} s")

    def watch(self) -> None:
        """Return when asked to stop. Raises SetupError when a service ends by itself."""
        while not self._stopping.wait(WATCH_S):
            for name, process in self._services.items():
                if process.poll() is not None:
                    raise SetupError(
                        f"{name} ended with exit code {process.returncode}", hint="its own words are above"
                    )

    def stop(self) -> None:
        """SIGTERM to every service, the last started first; SIGKILL to those that stay."""
        running = [process for process in reversed(self._services.values()) if process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


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
        "API and player": lambda: _reach(f"{_local(settings.host, settings.port)}/readyz"),
        "dashboard": lambda: _reach(f"{_local(settings.host, settings.dashboard_port)}/_stcore/health"),
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


def _is_empty(settings: Settings) -> bool:
    return Catalog(open_database(settings.database)).count() == 0


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "viewbox", *arguments]


def _local(host: str, port: int) -> str:
    """The URL under which this machine reaches a service that listens on `host`."""
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  # compared with, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own loopback URL
            return True
    except OSError:
        return False


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
