"""`viewbox.connect(url, token)`: the same answers as `viewbox.connect()`, over HTTP; its errors say what to do."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import viewbox
from tests.servers import Server, running_server
from tests.sql.stories import Story
from tests.sql.world import World
from tests.support import free_port
from viewbox.errors import InvalidInput, NotFound, Overloaded, ViewBoxError
from viewbox.metrics.remote import CutOff, SignedOut, Unreachable
from viewbox.sandbox.parent import SqlError, SqlRefused, SqlTimeout, SqlTooLarge

SECRET = "a-long-random-value-7Hq2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three views of one video, 20, 30 and 40 s long, behind a secret."""
    folder = tmp_path_factory.mktemp("data")
    world = World(folder)
    world.video("v", 60.0)
    context = {"experiment": {"intro": "b"}}
    world.tell(*(Story(f"view-{length}", context=context).play().watch(length).leave() for length in (20, 30, 40)))
    world.settle()
    world.close()
    limits = {"sql_rows": "100", "sql_seconds": "2", "sql_result_bytes": "100000"}
    with running_server(folder, auth="token", secret=SECRET, **limits) as running:
        yield running


@pytest.fixture
def remote(server: Server) -> Iterator[viewbox.RemoteConnection]:
    with viewbox.connect(server.url, SECRET) as connection:
        yield connection


@pytest.fixture
def local(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[viewbox.LocalConnection]:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(server.data_dir))
    with viewbox.connect() as connection:
        yield connection


def same(here: viewbox.Answer, there: viewbox.Answer) -> None:
    assert there.table.schema.remove_metadata() == here.table.schema.remove_metadata()
    assert there.rows() == here.rows()
    assert there.sql == here.sql
    assert there.truncated is False


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM views ORDER BY view_id",
        "SELECT * FROM events ORDER BY view_id, seq LIMIT 20",
        "SELECT sum(media_s) AS media_s, sum(stalls) AS stalls, min(started_at) AS first FROM views",
        "SELECT * FROM videos",
        "SELECT NULL AS nothing, [1, 2] AS list, {'a': 1} AS struct, INTERVAL 1 DAY AS span WHERE false",
    ],
)
def test_sql_is_the_same_here_and_there(
    local: viewbox.LocalConnection, remote: viewbox.RemoteConnection, statement: str
) -> None:
    same(local.sql(statement), remote.sql(statement))


def test_a_metric_is_the_same_here_and_there(local: viewbox.LocalConnection, remote: viewbox.RemoteConnection) -> None:
    for connection in (local, remote):
        (row,) = connection.metric("average_view_duration", video_id="v").rows()
        assert (row["average_view_duration"], row["n"]) == (30.0, 3)
    filters = {"experiment.intro": ["a", "b"], "autoplay": ""}
    some: dict[str, Any] = {"since": date(2026, 11, 1), "filters": filters}
    for name, asked in (("views", some | {"grain": "day"}), ("audience_retention", some | {"video_id": "v"})):
        here, there = local.metric(name, **asked), remote.metric(name, **asked)
        same(here, there)
        assert here.rows()
        assert dict(there.quality or {}) == dict(here.quality or {})
    here, there = (
        connection.metric("completion_rate", video_id="v", params={"completed_at": 0.5})
        for connection in (local, remote)
    )
    same(here, there)
    assert there.pl()["completion_rate"].to_list() == [pytest.approx(2 / 3)]  # 30 and 40 of 60 s


def test_lists_are_the_same_here_and_there(local: viewbox.LocalConnection, remote: viewbox.RemoteConnection) -> None:
    assert remote.metrics() == local.metrics()
    assert remote.tables() == local.tables()


def test_what_a_server_cuts_is_said(remote: viewbox.RemoteConnection) -> None:
    with pytest.warns(CutOff, match="100 rows"):
        answer = remote.sql("SELECT * FROM range(1000)")
    assert (answer.table.num_rows, answer.truncated) == (100, True)


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("SELECT no_such FROM views", SqlError, "no_such"),
        ("DROP VIEW views", SqlRefused, "only SELECT"),
        ("SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b", SqlTimeout, "longer than 2 s"),
        ("SELECT repeat('x', 5000) FROM range(99)", SqlTooLarge, "larger"),
        ("", InvalidInput, "shape"),
    ],
)
def test_an_error_is_the_same_error(
    remote: viewbox.RemoteConnection, statement: str, error: type[ViewBoxError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        remote.sql(statement)
    assert caught.value.hint


def test_a_metric_that_is_none(remote: viewbox.RemoteConnection) -> None:
    with pytest.raises(NotFound, match="veiws") as caught:
        remote.metric("veiws")
    assert (caught.value.code, "views" in caught.value.hint) == ("unknown_metric", True)
    with pytest.raises(NotFound):
        remote.metric("../videos")
    with pytest.raises(InvalidInput) as refused:
        remote.metric("views", filters={"colour": "red"})
    assert (refused.value.code, "browser" in refused.value.hint) == ("unknown_dimension", True)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_the_secret_it_says_what_the_token_is(server: Server, token: str | None) -> None:
    with pytest.raises(SignedOut) as caught:
        viewbox.connect(server.url, token).sql("SELECT 1")
    assert "VIEWBOX_SECRET" in caught.value.hint


@pytest.mark.parametrize(
    "url", ["video.example.org", "ftp://example.org", "http://", "file:///etc/passwd", "", "http://a/?x=1"]
)
def test_what_is_no_address_is_said_at_once(url: str) -> None:
    with pytest.raises(InvalidInput, match="address"):
        viewbox.connect(url)


def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match="no answer") as caught:
        viewbox.connect(f"http://127.0.0.1:{free_port()}").sql("SELECT 1")
    assert "viewbox serve" in caught.value.hint


@contextmanager
def stranger(status: int, headers: dict[str, str], body: bytes) -> Iterator[tuple[str, list[str | None]]]:
    """A server that is no ViewBox: one answer to everything, and the Authorization headers that it was given."""
    given: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self) -> None:
            given.append(self.headers["Authorization"])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", given
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (200, {"Content-Type": "text/html"}, b"<h1>Hello</h1>", "no ViewBox"),
        (500, {"Content-Type": "text/html"}, b"<h1>Oh</h1>", "HTTP 500"),
        (502, {"Content-Type": "application/json"}, b"[]", "HTTP 502"),
    ],
)
def test_someone_else_there(status: int, headers: dict[str, str], body: bytes, words: str) -> None:
    with stranger(status, headers, body) as (url, _), pytest.raises(Unreachable, match=words):
        viewbox.connect(url).sql("SELECT 1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_secret_follows_no_redirect(status: int) -> None:
    with stranger(200, {}, b"") as (target, given), stranger(status, {"Location": target}, b"") as (url, _):
        for ask in (lambda c: c.sql("SELECT 1"), lambda c: c.metric("views")):
            with pytest.raises(Unreachable, match="sends on to") as caught:
                ask(viewbox.connect(url, SECRET))
            assert "instead" in caught.value.hint
        assert given == []


def test_a_busy_server_says_when_to_come_back() -> None:
    body = b'{"type": "t", "title": "too many", "status": 503, "code": "overloaded", "hint": "later"}'
    headers = {"Content-Type": "application/problem+json", "Retry-After": "7"}
    with stranger(503, headers, body) as (url, _), pytest.raises(Overloaded) as caught:
        viewbox.connect(url).sql("SELECT 1")
    assert (caught.value.retry_after_ms, caught.value.retryable, caught.value.hint) == (7000, True, "later")


def test_arrow_files_of_metrics_know_what_they_stand_on(server: Server) -> None:
    answer = server.get("/v1/metrics/views.arrow?video_id=v", headers={"Authorization": f"Bearer {SECRET}"})
    schema = pa.ipc.open_stream(answer.body).schema
    assert b'"n_views":3' in schema.metadata[b"viewbox"]
    assert str(Path.cwd()).encode() not in schema.metadata[b"viewbox"]
