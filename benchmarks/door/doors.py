"""The servers that take messages, each in a process of its own on free ports, and what they cost the processor."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import ROOT, BenchmarkFailed, serving
from viewbox.maintainer.role import Role

ENVIRONMENT = {
    "VIEWBOX_PORT": "0",
    "VIEWBOX_INTAKE_RATE": "0",  # the bound per connection would be measured instead of the door
}
_JETSTREAM = """listen: "127.0.0.1:{clients}"
http: "127.0.0.1:{health}"
websocket {{ listen: "127.0.0.1:{websocket}", no_tls: true }}
jetstream {{ store_dir: "{store}", sync_interval: always }}
"""


@dataclass(frozen=True)
class Door:
    """Where messages go, and the process that takes them."""

    url: str
    host: str
    pid: int

    def cpu_s(self) -> float:
        """Processor time of that process so far, all its threads together; children are not in it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def viewbox_door(folder: Path, *, lake_paused: bool = True) -> Iterator[Door]:
    """`viewbox serve` over an empty data directory; paused, another process holds the maintainer's role meanwhile."""
    with _ours([sys.executable, "-m", "viewbox", "serve"], folder, lake_paused=lake_paused) as door:
        yield door


@contextmanager
def storeless_door(folder: Path) -> Iterator[Door]:
    """The same, with a spool that forgets."""
    with _ours([sys.executable, "-m", "benchmarks.door.storeless"], folder, lake_paused=True) as door:
        yield door


@contextmanager
def granian_door(folder: Path) -> Iterator[Door]:
    """The same application under granian."""
    with _ours([sys.executable, "-m", "benchmarks.door.granian_door"], folder, lake_paused=True) as door:
        yield door


@contextmanager
def default_door(folder: Path) -> Iterator[Door]:
    """The same application under uvicorn with its default settings."""
    with _ours([sys.executable, "-m", "benchmarks.door.defaults"], folder, lake_paused=True) as door:
        yield door


@contextmanager
def echo_door(folder: Path) -> Iterator[Door]:
    """The bare echo."""
    folder.mkdir(parents=True)
    with serving([sys.executable, "-m", "benchmarks.door.echo"], folder=ROOT, log=folder / "echo.log") as served:
        yield Door(f"ws://{served.host}/", *served)


@contextmanager
def jetstream_door(folder: Path) -> Iterator[Door]:
    """nats-server with JetStream, which syncs every message before it acknowledges it."""
    binary = Path(sys.executable).with_name("nats-server")
    if not binary.exists():
        raise BenchmarkFailed("nats-server is not installed: `make bench` installs the peers")
    folder.mkdir(parents=True)
    clients, health, websocket = free_ports(3)
    settings = folder / "nats.conf"
    settings.write_text(
        _JETSTREAM.format(clients=clients, health=health, websocket=websocket, store=folder / "store"),
        encoding="utf-8",
    )
    with serving(
        [binary, "-c", settings], folder=folder, log=folder / "nats.log", health=f"127.0.0.1:{health}"
    ) as served:
        yield Door(f"ws://127.0.0.1:{websocket}/", *served)


def free_ports(count: int) -> list[int]:
    """TCP ports of 127.0.0.1 that nothing listens on at this moment."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def _ours(argv: list[str], folder: Path, *, lake_paused: bool) -> Iterator[Door]:
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    environment = {**ENVIRONMENT, "VIEWBOX_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        role = Role(data_dir)
        if lake_paused and not role.take():
            raise BenchmarkFailed("somebody else holds the maintainer's role of an empty data directory")
        stack.callback(role.give_up)
        served = stack.enter_context(serving(argv, folder=data_dir, log=folder / "serve.log", environment=environment))
        yield Door(f"ws://{served.host}/v1/views", *served)
