"""Real servers for tests: `viewbox serve` in a process of its own, on a free port, over a directory of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support import free_port, until

ROOT = Path(__file__).resolve().parents[1]
SERVE = (sys.executable, "-m", "viewbox", "serve")
START_TIMEOUT_S = 40.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    def problem(self) -> tuple[int, str]:
        """(status, code) of a well-formed problem; fails on anything else."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.headers, self.body[:200])
        document = self.json()
        assert document["status"] == self.status
        assert document["type"].endswith(document["code"])
        assert document["title"]
        assert document["hint"]
        return self.status, document["code"]


@dataclass
class Server:
    """A running `viewbox serve`."""

    port: int
    data_dir: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | str | Iterator[bytes] | None = None,
        json_body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30,
    ) -> Answer:
        """One request on a connection of its own; nothing is followed, decoded or added beyond Host."""
        sent = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body=body.encode() if isinstance(body, str) else body, headers=sent)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def get(self, path: str, **named: Any) -> Answer:
        return self.request("GET", path, **named)

    def post(self, path: str, **named: Any) -> Answer:
        return self.request("POST", path, **named)

    def websocket(self, path: str = "/v1/views", **named: Any) -> ClientConnection:
        """A client's connection, without compression and with no limit of its own; use it in a `with` block."""
        connection: ClientConnection = connect(
            f"ws://127.0.0.1:{self.port}{path}", compression=None, max_size=None, proxy=None, **named
        )
        return connection

    def counters(self) -> dict[str, int]:
        """The event counters of /metrics by their short names: received, stored, duplicate, dead_lettered, pending."""
        answer = self.get("/metrics")
        assert answer.status == 200, answer.text
        found = re.findall(r"^viewbox_events_([a-z_]+?)(?:_total)? (\d+)$", answer.text, re.MULTILINE)
        return {name: int(value) for name, value in found}

    def settled_counters(self) -> dict[str, int]:
        """The counters once nothing is pending any more."""
        until(lambda: self.counters()["pending"] == 0, what="every spooled event in the lake")
        return self.counters()

    def refusals(self, reason: str) -> int:
        """How often the door refused something for this reason."""
        found = re.search(
            rf'^viewbox_refusals_total{{reason="{reason}"}} (\d+)$', self.get("/metrics").text, re.MULTILINE
        )
        return int(found[1]) if found else 0

    def is_ready(self) -> bool:
        try:
            return self.get("/healthz", timeout_s=2).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, as a crash would; children of the process are the kernel's business."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def start_server(data_dir: Path, *, port: int | None = None, workers: int = 1, **settings: str) -> Server:
    """Start `viewbox serve` and wait until it answers. `settings` are VIEWBOX_ variables without their prefix.

    The caller stops it.
    """
    chosen = port or free_port()
    environment = clean_environment() | {
        "VIEWBOX_DATA_DIR": str(data_dir),
        "VIEWBOX_PORT": str(chosen),
        **{f"VIEWBOX_{name.upper()}": value for name, value in settings.items()},
    }
    data_dir.mkdir(parents=True, exist_ok=True)
    log = (data_dir / "serve.log").open("ab")
    process = subprocess.Popen(
        [*SERVE, "--workers", str(workers)],
        cwd=data_dir,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    log.close()
    server = Server(chosen, data_dir, environment, process)

    def answers_or_ended() -> bool:
        return server.is_ready() or process.poll() is not None

    until(answers_or_ended, timeout_s=START_TIMEOUT_S, what="`viewbox serve` answers")
    if process.poll() is not None:
        raise AssertionError(f"`viewbox serve` ended with {process.returncode}:\n{log_of(data_dir)}")
    return server


@contextmanager
def running_server(data_dir: Path, **named: Any) -> Iterator[Server]:
    """A server for the length of a block. Where the block fails, what the server logged is in the test's report."""
    server = start_server(data_dir, **named)
    try:
        yield server
    except BaseException:
        sys.stderr.write(log_of(data_dir))
        raise
    finally:
        server.stop()


def log_of(data_dir: Path) -> str:
    return (data_dir / "serve.log").read_text(errors="replace")


def clean_environment() -> dict[str, str]:
    """This process's environment without any ViewBox setting."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VIEWBOX_")}


def resident_bytes(pid: int) -> int:
    """A process's resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
