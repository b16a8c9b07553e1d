"""Long statements: how far they are is told, nobody has to wait for one that is not wanted, and large results fit."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sql.stories import Story
from tests.sql.world import World
from tests.support import until
from viewbox.sandbox import Limits, run_sql
from viewbox.sandbox.parent import build_request
from viewbox.sandbox.process import KEPT_BYTES, Output, Overflow, Said, run_child

ENDLESS = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b WHERE a.range + b.range <> 7"


class Unwanted(Exception):
    pass


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    world.video("v", 60.0)
    world.tell(*(Story(f"view-{number}").play().watch(20).leave() for number in range(20)))
    world.settle()
    yield world
    world.close()


def children() -> set[int]:
    """Sandboxes that this process started and that live."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    return {int(pid) for pid in listed.split() if b"sandbox.child" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def is_gone(pid: str) -> bool:
    """Ended; whoever inherited it may not have noticed yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_watched_statement_gives_the_same_rows_and_tells_its_share(world: World) -> None:
    """Each of 20 views has 6 events; the join of 120 events with themselves and a long range takes a while."""
    shares: list[float | None] = []
    sql = (
        "SELECT count(*) AS n FROM (SELECT a.seq FROM events AS a, events AS b WHERE a.view_id = b.view_id),"
        " range(20000000) AS r WHERE r.range % 5 = 1"
    )
    watched = run_sql(world.settings, sql, watch=shares.append)
    assert watched.table == run_sql(world.settings, sql).table
    told = [share for share in shares if share is not None]
    assert told
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_the_watcher_raises_kills_the_statement_at_once(world: World) -> None:
    during: list[set[int]] = []

    def interrupt(share: float | None) -> None:
        del share
        during.append(children())
        raise Unwanted

    with pytest.raises(Unwanted):
        run_sql(world.settings, ENDLESS, Limits.of_owner(world.settings), watch=interrupt)
    assert len(during[0]) == 1
    assert not children()


def test_an_orphan_ends_itself(world: World, tmp_path: Path) -> None:
    """Not even SIGKILL of the parent leaves a statement running."""
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(world.settings.data_dir)}
    command = [sys.executable, "-m", "viewbox", "sql", ENDLESS]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
        listing = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        (child,) = until(lambda: listing.read_text().split(), what="the sandbox starts")
        until(lambda: len(list(Path(f"/proc/{child}/task").iterdir())) > 2, what="the statement runs")
        parent.kill()
    until(lambda: is_gone(child), what="the orphan is gone")


def test_ctrl_c_ends_the_command_and_the_statement(world: World) -> None:
    """On a terminal: a bar while it runs, then the word that it was stopped, and no traceback."""
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(world.settings.data_dir), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "viewbox", "sql", ENDLESS]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=theirs) as parent:
        os.close(theirs)
        said = b""
        while b"running" not in said:
            said += os.read(ours, 4096)
        (child,) = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.send_signal(signal.SIGINT)
        assert parent.stdout is not None
        assert parent.stdout.read() == b""
        assert parent.wait(20) != 0
    with contextlib.suppress(OSError):  # Linux says so when the other end of a terminal is closed
        while chunk := os.read(ours, 4096):
            said += chunk
    os.close(ours)
    assert b"Traceback" not in said
    assert is_gone(child)


def test_no_terminal_no_bar(world: World) -> None:
    sql = "SELECT count(*) AS n FROM range(10000) AS a, range(30000) AS b WHERE a.range + b.range <> 7"
    done = subprocess.run(
        [sys.executable, "-m", "viewbox", "sql", sql], capture_output=True, check=True,
        env={**os.environ, "VIEWBOX_DATA_DIR": str(world.settings.data_dir)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"n\r\n299999992\r\n", b"")  # all but the 8 pairs that sum to 7


def test_a_result_beyond_memory_lies_in_a_file(world: World) -> None:
    rows = 2 * KEPT_BYTES // 40  # a number and an MD5 of 32 letters each
    result = run_sql(
        world.settings, f"SELECT range, md5(range::VARCHAR) AS text FROM range({rows})", Limits.of_owner(world.settings)
    )
    assert result.table.num_rows == rows
    assert result.table["range"][rows - 1].as_py() == rows - 1
    assert result.table.slice(rows - 1).to_pylist()[0]["text"].isalnum()


def test_a_child_that_says_too_much_is_not_listened_to() -> None:
    output = Output(10)
    output.write(b"0123456789")
    with pytest.raises(Overflow):
        output.write(b"x")
    said = Said()
    said.write(b'{"share": 0.5}\n{"sha')
    said.write(b're": 0.75}\nno JSON\n{"code": "sql_error", "message": "m"}\n')
    assert (said.share, said.verdict()) == (0.75, {"code": "sql_error", "message": "m"})


def test_a_child_that_dies_without_a_word_ran_out_of_memory(world: World) -> None:
    request = build_request(world.settings, "SELECT 1", Limits.of(world.settings))
    broken = type(request)(**{**{name: getattr(request, name) for name in request.__struct_fields__}, "threads": -5})
    _, verdict = run_child(broken, 20)
    assert verdict["code"] == "sql_error"
    assert str(Path.cwd()) not in verdict["message"]
