"""`viewbox up`: one command starts the house, one signal stops all of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import free_port, until


@contextmanager
def house(folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VIEWBOX_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "viewbox", "up"],
        cwd=folder,
        env=clean | {"VIEWBOX_DATA_DIR": "data", "VIEWBOX_SAMPLE": "0", "HOME": str(folder)} | settings,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def descendants(pid: int) -> set[int]:
    """Every process below `pid`, as /proc tells."""
    children = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}
    return children.union(*(descendants(child) for child in children)) if children else set()


def answers(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bool(answer.status == 200)


def test_it_ends_with_the_two_addresses_and_ctrl_c_leaves_nothing_running(tmp_path: Path):
    ports = {"VIEWBOX_PORT": str(free_port()), "VIEWBOX_DASHBOARD_PORT": str(free_port())}
    with house(tmp_path, **ports) as process:
        said: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line.strip())
            if said[-1].startswith("dashboard  http"):
                break
        assert said[-2:] == [
            f"player     http://127.0.0.1:{ports['VIEWBOX_PORT']}",
            f"dashboard  http://127.0.0.1:{ports['VIEWBOX_DASHBOARD_PORT']}",
        ]
        assert answers(f"http://127.0.0.1:{ports['VIEWBOX_PORT']}/healthz")
        assert answers(f"http://127.0.0.1:{ports['VIEWBOX_DASHBOARD_PORT']}/_stcore/health")
        until(lambda: len(descendants(process.pid)) >= 4, what="door, maintainer, worker and dashboard")
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)[1]
        assert (process.returncode, rest) == (0, "")
        until(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()], what="the end of every service")


def test_a_taken_port_is_one_line_with_its_holder_and_the_setting(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with house(tmp_path, VIEWBOX_PORT=str(port), VIEWBOX_DASHBOARD_PORT=str(free_port())) as process:
            error = process.communicate(timeout=30)[1].splitlines()
    assert process.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken by" in error[0]
    assert f"(pid {os.getpid()})" in error[0]
    assert error[1].endswith("VIEWBOX_PORT")
    assert len(error) == 2
