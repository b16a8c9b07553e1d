"""A whole ViewBox on free ports: door, worker and dashboard as their own processes on a data directory of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.support import free_port, until

LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


@dataclass
class House:
    """Started by `start`, ended by `stop`; what its processes say is in `<data_dir>/<service>.log`."""

    data_dir: Path
    extra_environment: dict[str, str] = field(default_factory=dict)
    host: str = LOOPBACK  # the name that browsers use
    secret: str | None = None
    port: int = field(default_factory=free_port)
    dashboard_port: int = field(default_factory=free_port)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def site(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def dashboard(self) -> str:
        return f"http://{self.host}:{self.dashboard_port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("VIEWBOX_")}
        return {
            **inherited,
            "VIEWBOX_DATA_DIR": str(self.data_dir),
            "VIEWBOX_PORT": str(self.port),
            "VIEWBOX_DASHBOARD_PORT": str(self.dashboard_port),
            "VIEWBOX_SAMPLE": "0",
            **self._announced,
            **self.extra_environment,
        }

    @property
    def _announced(self) -> dict[str, str]:
        """What a house under a name of its own is told about it."""
        told = (
            {} if self.host == LOOPBACK else {"VIEWBOX_PUBLIC_URL": self.site, "VIEWBOX_DASHBOARD_URL": self.dashboard}
        )
        return told | ({"VIEWBOX_SECRET": self.secret} if self.secret else {})

    def start(self, *services: str) -> None:
        """Start all services at once and wait until each answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        for service in services:
            with (self.data_dir / f"{service}.log").open("ab") as log:
                self._running[service] = subprocess.Popen(
                    [sys.executable, "-m", "viewbox", service],
                    env=self.environment, cwd=self.data_dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
        for service in services:
            until(partial(self._ready, service), timeout_s=START_TIMEOUT_S, what=f"{service} starts")

    def stop(self, *services: str) -> None:
        """End some services, or all: SIGTERM, then SIGKILL for one that stays."""
        chosen = [self._running.pop(service) for service in services or tuple(self._running)]
        for process in chosen:
            process.terminate()
        for process in chosen:
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, service: str) -> None:
        """End a service as a crash would."""
        process = self._running.pop(service)
        process.kill()
        process.wait()

    def log(self, service: str) -> str:
        return (self.data_dir / f"{service}.log").read_text(encoding="utf-8", errors="replace")

    def viewbox(self, *arguments: str) -> str:
        """Run the command line on this house; its stdout. Raises AssertionError with stderr when it fails."""
        result = subprocess.run(
            [sys.executable, "-m", "viewbox", *arguments],
            env=self.environment, cwd=self.data_dir, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert result.returncode == 0, f"viewbox {' '.join(arguments)}: {result.stderr}"
        return result.stdout

    def sql(self, statement: str) -> list[dict[str, Any]]:
        """Rows of `viewbox sql`."""
        rows: list[dict[str, Any]] = json.loads(self.viewbox("sql", statement, "--format", "json"))
        return rows

    def api(self, path: str, *, method: str = "GET", body: object = None) -> Any:
        """JSON of a route of the door."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        address = f"http://{LOOPBACK}:{self.port}{path}"
        request = urllib.request.Request(address, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def _ready(self, service: str) -> bool:
        process = self._running[service]
        assert process.poll() is None, f"{service} ended with {process.returncode}: {self.log(service)[-2000:]}"
        match service:
            case "serve":
                return answers(f"http://{LOOPBACK}:{self.port}/readyz")
            case "dashboard":
                return answers(f"http://{LOOPBACK}:{self.dashboard_port}/_stcore/health")
            case _:
                return True


def answers(url: str) -> bool:
    """Whether something answers there with success."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


@contextmanager
def started(house: House, *services: str) -> Iterator[House]:
    """The house with these services up, for the length of a block."""
    try:
        house.start(*services)
        yield house
    finally:
        house.stop()
