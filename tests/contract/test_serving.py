"""`viewbox serve` as a process: several workers, a clean end, no orphans, bounded uploads."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.messages import play, view_id, wire
from tests.servers import Server, log_of, resident_bytes, running_server, start_server
from tests.support import until
from viewbox.clock import SYSTEM_CLOCK

NOW_MS = SYSTEM_CLOCK.now_ms()


def fresh(number: int) -> str:
    times: dict[str, Any] = {
        "view_id": view_id(number, at_ms=NOW_MS),
        "started_at_ms": NOW_MS,
        "sent_at_ms": NOW_MS + 1000,
    }
    return wire(play(), **times).decode()


def descendants(pid: int) -> set[int]:
    """Every process below `pid`, as /proc has it now."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            new = {int(child) for child in children.read_text().split()} - found
            found |= new
            waiting += new
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def maintainers(server: Server) -> set[int]:
    lines = {
        pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        for pid in descendants(server.process.pid)
        if is_running(pid)
    }
    return {pid for pid, words in lines.items() if b"viewbox.maintainer" in words}


def test_workers_share_the_port_and_the_books(tmp_path):
    server = start_server(tmp_path, workers=2)
    for number in range(20):  # a connection each: the kernel spreads them
        assert server.post("/v1/views", body=fresh(number)).status == 200
    until(lambda: len(list((tmp_path / "spool").glob("*.sqlite"))) == 2, what="a spool for each worker")
    until(lambda: len(maintainers(server)) == 2, what="a maintainer for each worker, one of them at work")
    books = server.settled_counters()
    assert books == {"received": 20, "stored": 20, "duplicate": 0, "dead_lettered": 0, "pending": 0}
    family = descendants(server.process.pid)
    assert server.stop() == 0
    until(lambda: not [pid for pid in family if is_running(pid)], what="every child has ended")


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_outlives_a_server_that_is_killed(tmp_path, workers):
    server = start_server(tmp_path, workers=workers)
    until(lambda: len(maintainers(server)) == workers, what="the maintainers")
    family = descendants(server.process.pid)
    server.kill()
    until(lambda: not [pid for pid in family if is_running(pid)], what="every child has ended")


def test_a_dead_worker_leaves_nothing_behind(tmp_path):
    """The other one drains its spool and takes its role, and a new worker stands in its place."""
    with running_server(tmp_path, workers=2) as server:
        until(lambda: len(maintainers(server)) == 2, what="a maintainer for each worker")
        for number in range(20):
            assert server.post("/v1/views", body=fresh(number)).status == 200
        holder = until(lambda: holder_of(tmp_path / "maintainer.lock"), what="one of them at work")
        worker = int(Path(f"/proc/{holder}/stat").read_text().rsplit(")", 1)[1].split()[1])
        spools = set((tmp_path / "spool").glob("*.sqlite"))
        os.kill(worker, 9)
        until(lambda: (now := holder_of(tmp_path / "maintainer.lock")) and now != holder, what="the role has moved")
        until(lambda: len(maintainers(server)) == 2 and not is_running(worker), what="another worker in its place")
        assert server.post("/v1/views", body=fresh(100)).status == 200
        books = server.settled_counters()
        assert books == {"received": 21, "stored": 21, "duplicate": 0, "dead_lettered": 0, "pending": 0}
        until(lambda: len(spools & set((tmp_path / "spool").glob("*.sqlite"))) == 1, what="its spool is gone")
        replaced = [line for line in log_of(tmp_path).splitlines() if "worker_replaced" in line]
        assert [json.loads(line)["pid"] for line in replaced] == [worker], "the log tells which one died"


def holder_of(lock: Path) -> int | None:
    """The process that holds a flock, as /proc/locks has it."""
    inode = str(lock.stat().st_ino) if lock.exists() else None
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].rsplit(":", 1)[1] == inode:
            return int(fields[4])
    return None


def test_a_dead_maintainer_is_replaced_and_readyz_tells_meanwhile(tmp_path):
    with running_server(tmp_path) as server:
        (first,) = until(lambda: maintainers(server), what="the maintainer")
        os.kill(first, 9)
        until(lambda: server.get("/readyz").json()["checks"]["maintainer"], what="/readyz names the maintainer")
        until(lambda: server.get("/readyz").status == 200, what="ready again")
        assert maintainers(server) != {first}
        server.post("/v1/views", body=fresh(1))
        assert server.settled_counters()["stored"] == 1


def test_a_file_beyond_the_limit_is_refused_while_it_arrives(tmp_path):
    with running_server(tmp_path, max_source_bytes=str(3_000_000)) as server:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        fits = server.post("/v1/videos/upload", body=head + b"x" * 3_000_000 + b"\r\n--b--\r\n", headers=kind)
        assert fits.status == 202
        above = server.post("/v1/videos/upload", body=head + b"x" * 3_000_001 + b"\r\n--b--\r\n", headers=kind)
        assert above.problem() == (413, "source_too_large")
        assert len(list((tmp_path / "work" / "uploads").iterdir())) == 1
        assert server.refusals("source_too_large") == 1


def test_a_large_upload_is_never_held_in_memory(tmp_path):
    with running_server(tmp_path) as server:
        before = resident_bytes(server.process.pid)
        block = b"x" * 1_000_000

        def body() -> Iterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
            for _ in range(150):
                yield block
            yield b"\r\n--b--\r\n"

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        assert server.post("/v1/videos/upload", body=body(), headers=kind, timeout_s=60).status == 202
        assert resident_bytes(server.process.pid) - before < 60_000_000  # of 150 MB that went through


def test_frames_beyond_the_limit_are_never_held_in_memory(tmp_path):
    with running_server(tmp_path) as server:
        server.get("/metrics")
        before = resident_bytes(server.process.pid)
        for _ in range(5):
            with server.websocket() as socket, pytest.raises(Exception):  # noqa: B017, PT011, PT012  # closed somehow
                socket.send("x" * 20_000_000)
                socket.recv(timeout=10)
        assert resident_bytes(server.process.pid) - before < 15_000_000
        with server.websocket() as socket:
            socket.send(fresh(1))
            assert "ack" in json.loads(socket.recv(timeout=10))
