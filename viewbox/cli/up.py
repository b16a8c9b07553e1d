"""`viewbox up`: every service of the house, started in order, watched, stopped together."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from viewbox import settings as settings_module
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.errors import SetupError
from viewbox.ports import local_url, require_free
from viewbox.settings import Settings

START_TIMEOUT_S = 60.0  # a service that does not answer by then has failed
STOP_TIMEOUT_S = 10.0  # after SIGTERM; then SIGKILL
WATCH_S = 0.2  # how soon a dead service is noticed
LOG_TAIL = 8  # lines of a dead service that are shown at once


def up() -> None:
    """Start API, player, worker and dashboard together; Ctrl-C stops all of it."""
    settings = settings_module.load()
    require_free(settings.host, settings.port, "VIEWBOX_PORT")
    require_free(settings.host, settings.dashboard_port, "VIEWBOX_DASHBOARD_PORT")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    house = House(stopping, settings.data_dir / "logs")
    try:
        house.start("API and player", ["serve"], ready_url=f"{local_url(settings.host, settings.port)}/healthz")
        house.start("worker", ["worker"])
        health = f"{local_url(settings.host, settings.dashboard_port)}/_stcore/health"
        house.start("dashboard", ["dashboard"], ready_url=health)
        if settings.sample and not stopping.is_set() and _is_empty(settings):
            house.run_once("sample", ["sample", "add"])
        if stopping.is_set():  # asked to stop before it was up: nothing to announce
            return
        _say(f"  logs in {settings.data_dir / 'logs'}, Ctrl-C stops everything")
        _say("")
        _say(f"  player     {settings.site_url}")
        _say(f"  dashboard  {settings.dashboard_site_url}")
        house.watch()
    finally:
        house.stop()


class House:
    """The services of one `viewbox up`: started in order, watched, stopped together.

    What they say goes to one file each in `logs`, made anew at every start; the terminal stays readable.
    """

    def __init__(self, stopping: threading.Event, logs: Path) -> None:
        self._stopping = stopping
        self._logs = logs
        self._services: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: Sequence[str], ready_url: str | None = None) -> None:
        """Start `viewbox <arguments>` and wait until `ready_url` answers. Raises SetupError when it does not."""
        if self._stopping.is_set():
            return
        started = time.monotonic()
        process = self._spawn(name, arguments)
        self._services[name] = process
        while ready_url and not self._stopping.wait(0.05) and not _answers(ready_url):
            if process.poll() is not None:
                raise self._ended(name, process)
            if time.monotonic() - started > START_TIMEOUT_S:
                raise SetupError(f"{name} does not answer after {START_TIMEOUT_S:.0f} s", hint="`viewbox doctor`")
        if not self._stopping.is_set():
            _say(f"  {name:<22} ready  {time.monotonic() - started:.1f} s")

    def run_once(self, name: str, arguments: Sequence[str]) -> None:
        """Run a command to its end; its failure is said, and stops nothing."""
        started = time.monotonic()
        process = self._spawn(name, arguments)
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

    def _spawn(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            # A session of its own: Ctrl-C reaches this process only, which stops the others in order.
            return subprocess.Popen(
                _command(arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _ended(self, name: str, process: subprocess.Popen[bytes]) -> SetupError:
        last = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:]
        words = "".join(f"\n    {line}" for line in last)
        return SetupError(
            f"{name} ended with exit code {process.returncode}{words}", hint=f"all of it is in {self._log(name)}"
        )

    def _log(self, name: str) -> Path:
        return self._logs / f"{name.replace(' ', '-')}.log"


def _is_empty(settings: Settings) -> bool:
    return Catalog(open_database(settings.database)).count() == 0


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "viewbox", *arguments]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own loopback URL
            return True
    except OSError:
        return False


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
