"""/v1/metrics and /v1/sql: the same numbers and files as everywhere else, bounded and refused in words."""

import contextlib
import http.client
import io
import json
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from tests.messages import interval, play, view_id, wire
from tests.servers import Server, running_server
from tests.support import until

NOW_MS = int(time.time() * 1000)
VIDEO = "lecture-1"
ODD_KEY = 'a.b "c" d\'é/~&=%'


def sql(server: Server, statement: str, **headers: str):
    return server.post("/v1/sql", json_body={"sql": statement}, headers=headers)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Three views of one video, ten seconds each, in the lake; viewer 0 is in experiment a, 1 and 2 in b, 2 has pro."""
    with running_server(tmp_path_factory.mktemp("watched"), sql_rows="100", sql_seconds="5") as server:
        for number in range(3):
            message = wire(
                play(), {"seq": 1, "type": "playing", "t_ms": 100, "position_s": 0.0},
                interval(2, from_s=0.0, to_s=10.0, t_ms=10_100, position_s=10.0),
                view_id=view_id(number, at_ms=NOW_MS), video_id=VIDEO, viewer_id=f"viewer-{number}",
                started_at_ms=NOW_MS, sent_at_ms=NOW_MS + 11_000, context={
                    "duration_s": 20.0, "experiment": {"intro": "abb"[number]},
                    "custom": {ODD_KEY: "yes"} | ({"plan": "pro"} if number == 2 else {}),
                },
            )  # fmt: skip
            assert server.post("/v1/views", body=message).status == 200
        until(
            lambda: sql(server, "SELECT count(*) FROM views").json()["rows"] == [[3]],
            timeout_s=60,
            what="three views in SQL",
        )
        yield server


def test_sql_answers_with_columns_types_and_rows(watched):
    answer = sql(watched, "SELECT video_id, count(*) AS n, sum(media_s) AS media_s FROM views GROUP BY video_id")
    body = answer.json()
    assert answer.status == 200
    assert set(body) == {"columns", "rows", "truncated", "elapsed_ms"}
    assert [column["name"] for column in body["columns"]] == ["video_id", "n", "media_s"]
    assert all(column["type"] for column in body["columns"])
    assert body["rows"] == [[VIDEO, 3, 30.0]]
    assert body["truncated"] is False
    assert body["elapsed_ms"] >= 0


def test_two_columns_of_one_name_both_arrive(watched):
    body = sql(watched, "SELECT 1 AS a, 2 AS a").json()
    assert len(body["columns"]) == 2
    assert body["rows"] == [[1, 2]]


def test_a_result_beyond_the_row_limit_says_so(watched):
    body = sql(watched, "SELECT * FROM range(1000)").json()
    assert (len(body["rows"]), body["truncated"]) == (100, True)
    file = sql(watched, "SELECT * FROM range(1000)", Accept="text/csv")
    assert file.headers["viewbox-truncated"] == "true"


def test_the_accept_header_gives_files(watched):
    statement = "SELECT view_id, media_s FROM views ORDER BY view_id"
    csv = sql(watched, statement, Accept="text/csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.text.splitlines()[0] == "view_id,media_s"
    assert len(csv.text.splitlines()) == 4
    parquet = pq.read_table(io.BytesIO(sql(watched, statement, Accept="application/vnd.apache.parquet").body))
    with pa.ipc.open_stream(sql(watched, statement, Accept="application/vnd.apache.arrow.stream").body) as stream:
        arrow = stream.read_all()
    assert parquet.to_pylist() == arrow.to_pylist()
    assert parquet["media_s"].to_pylist() == [10.0, 10.0, 10.0]
    assert sql(watched, statement, Accept="image/png").problem() == (406, "not_acceptable")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SELEC 1", (400, "sql_error")),
        ("SELECT * FROM nowhere_at_all", (400, "sql_error")),
        ("DROP TABLE views", (400, "sql_refused")),
        ("SELECT 1; SELECT 2", (400, "sql_refused")),
        ("SELECT * FROM read_csv('/etc/passwd')", (400, "sql_refused")),
        ("SELECT getenv('HOME')", (400, "sql_refused")),
        ("SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b", (408, "sql_timeout")),
        ("", (422, "invalid_input")),
    ],
)
def test_a_statement_that_cannot_run_is_a_problem_without_host_paths(watched, statement, problem):
    answer = sql(watched, statement)
    assert answer.problem() == problem
    assert str(watched.data_dir) not in answer.text
    assert "/root" not in answer.text


def test_a_body_that_is_no_statement_is_a_problem(watched):
    assert watched.post("/v1/sql", json_body={"query": "SELECT 1"}).problem() == (422, "invalid_input")


def test_cohorts_are_compared_in_the_unit_of_their_metric(watched):
    """Three views of 10 s each against those in Lynx, of which there are none."""
    asked = f"param.metric=average_view_duration&param.a=video_id%3D{VIDEO}&param.b=browser%3DLynx"
    body = watched.get(f"/v1/metrics/compare?{asked}").json()
    assert (body["metric"], body["unit"], body["quality"]["n_views"]) == ("compare", "seconds", 3)
    units = {column["name"]: column["unit"] for column in body["columns"]}
    assert (units["a"], units["compare"], units["n_a"]) == ("seconds", "seconds", "count")
    (row,) = body["rows"]
    assert (row["a"], row["b"], row["n_a"], row["n_b"], row["ci_low"]) == (10.0, None, 3, 0, None)


def test_metrics_are_listed_in_words(watched):
    items = watched.get("/v1/metrics").json()["items"]
    names = {item["name"] for item in items}
    assert {"views", "unique_viewers", "average_watch_time", "audience_retention", "most_replayed"} <= names
    assert all(item["rule"] and item["unit"] and item["version"] >= 1 for item in items)


def test_a_metric_answers_as_the_contract_shapes_it(watched):
    answer = watched.get(f"/v1/metrics/views?video_id={VIDEO}")
    body = answer.json()
    assert answer.status == 200
    assert set(body) == {"metric", "version", "unit", "params", "columns", "rows", "quality", "as_of", "answered_by"}
    assert body["metric"] == "views"
    assert [row["views"] for row in body["rows"]] == [3]
    assert all(set(column) == {"name", "type", "unit"} for column in body["columns"])
    assert body["as_of"].endswith("Z")
    json.dumps(body, allow_nan=False)


def test_filters_periods_and_parameters_come_from_the_url(watched):
    day = time.strftime("%Y-%m-%d", time.gmtime(NOW_MS / 1000))
    assert watched.get(f"/v1/metrics/views?since={day}").json()["rows"][0]["views"] == 3
    assert all(row["views"] in {0, None} for row in watched.get(f"/v1/metrics/views?until={day}").json()["rows"])
    assert all(row["views"] in {0, None} for row in watched.get("/v1/metrics/views?browser=Lynx").json()["rows"])
    unknown = watched.get("/v1/metrics/views?browser=&browser=Lynx").json()["rows"]  # empty = unknown; repeated = OR
    assert [row["views"] for row in unknown] == [3]


@pytest.mark.parametrize(
    ("question", "views"),
    [
        ([("experiment.intro", "b")], 2),
        ([("experiment.intro", "a"), ("experiment.intro", "b")], 3),
        ([("custom.plan", "pro")], 1),
        ([("custom.plan", "")], 2),
        ([(f"custom.{ODD_KEY}", "yes")], 3),
        ([("experiment.intro", "b"), ("custom.plan", "pro"), ("browser", "")], 1),
        ([("experiment.intro", "a"), ("custom.plan", "pro")], 0),
        ([("custom." + "k" * 256, "")], 3),
    ],
)
def test_experiments_and_custom_dimensions_filter_over_http(watched, question, views):
    body = watched.get(f"/v1/metrics/views?{urlencode([*question, ('by', 'all')])}").json()
    assert [row["views"] for row in body["rows"]] == [views]


def test_rows_by_an_experiment_carry_its_name(watched):
    rows = watched.get("/v1/metrics/views?by=experiment.intro").json()["rows"]
    assert rows == [{"experiment.intro": "a", "views": 1, "n": 1}, {"experiment.intro": "b", "views": 2, "n": 2}]
    odd = watched.get(f"/v1/metrics/views?by={quote('custom.' + ODD_KEY)}").json()["rows"]
    assert odd == [{f"custom.{ODD_KEY}": "yes", "views": 3, "n": 3}]


def test_parameters_are_echoed_with_their_defaults(watched):
    assert watched.get("/v1/metrics/completion_rate").json()["params"] == {"completed_at": 0.9}
    half = watched.get("/v1/metrics/completion_rate?param.completed_at=0.5").json()
    assert half["params"] == {"completed_at": 0.5}
    assert [row["completion_rate"] for row in half["rows"]] == [1.0]  # 10 of 20 s
    curve = watched.get("/v1/metrics/audience_retention?param.points=4&param.per=viewer").json()
    assert curve["params"] == {"per": "viewer", "points": 4, "revision": None}
    assert [row["audience_retention"] for row in curve["rows"]] == [1.0, 1.0, 0.0, 0.0]


def test_quality_counts_the_views_of_the_question(watched):
    assert watched.get("/v1/metrics/views?experiment.intro=b").json()["quality"]["n_views"] == 2
    assert watched.get("/v1/metrics/views?experiment.intro=c").json()["quality"]["n_views"] == 0


def test_the_list_carries_what_a_form_needs(watched):
    items = {item["name"]: item for item in watched.get("/v1/metrics").json()["items"]}
    retention, views = items["audience_retention"], items["views"]
    per, points, _ = retention["params"]
    assert (per["type"], per["default"], per["choices"]) == ("text", "view", ["view", "viewer"])
    assert (points["type"], points["default"], points["minimum"], points["maximum"]) == ("int", 0, 0, 1000)
    assert [column["name"] for column in views["columns"]] == ["views", "n"]
    assert views["columns"][0]["type"] == "BIGINT"
    assert {"experiment.*", "custom.*", "browser"} <= set(views["dimensions"])
    assert views["grains"] == ["hour", "day", "week", "month"]
    assert {"video", "all", "browser", "custom.*"} <= set(views["by"])
    assert retention["by"] == ["video"]
    assert items["completion_rate"]["interval"] == "wilson"


def test_each_metric_links_the_schema_of_its_answer(watched):
    for item in watched.get("/v1/metrics").json()["items"]:
        answer = watched.get(item["schema_url"])
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        assert schema["$id"] == item["schema_url"]
        Draft202012Validator.check_schema(schema)
    views = watched.get("/v1/metrics/views/schema").json()
    Draft202012Validator(views).validate(watched.get("/v1/metrics/views?grain=day").json())
    assert watched.get("/v1/metrics/nonsense/schema").problem() == (404, "unknown_metric")


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("view", "did you mean views"),
        ("views?colour=red", "browser"),
        ("views?by=colour", "experiment.NAME"),
        ("views?param.points=3", "it has none"),
        ("audience_retention?param.pionts=3", "points"),
        ("audience_retention?param.points=1001", "0 to 1,000"),
        ("audience_retention?by=browser", "leave `by` out"),
        ("views?grain=fortnight", "hour, day, week, month"),
    ],
)
def test_a_refusal_says_what_would_be_right(watched, question, hint):
    answer = watched.get(f"/v1/metrics/{question}")
    assert answer.status in {404, 422}
    assert hint in answer.json()["hint"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
def test_a_suffix_gives_the_file(watched, suffix):
    answer = watched.get(f"/v1/metrics/views.{suffix}")
    assert answer.status == 200
    assert f'filename="views.{suffix}"' in answer.headers["content-disposition"]
    match suffix:
        case "csv":
            header, first, *_ = answer.text.splitlines()
            row = dict(zip(header.split(","), first.split(","), strict=True))
            assert row["views"] == "3"
        case "parquet":
            assert pq.read_table(io.BytesIO(answer.body))["views"].to_pylist() == [3]
        case "arrow":
            with pa.ipc.open_stream(answer.body) as stream:
                assert stream.read_all()["views"].to_pylist() == [3]


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("nonsense", (404, "unknown_metric")),
        ("views?colour=red", (422, "unknown_dimension")),
        ("views?since=yesterday", (422, "invalid_input")),
        ("views?since=2026-11-23T00:00:00", (422, "invalid_input")),
        ("views?since=2026-11-23&since=2026-11-24", (422, "invalid_input")),
        ("views?grain=fortnight", (422, "invalid_input")),
        ("views?secrets.key=1", (422, "unknown_dimension")),
        ("views?custom." + "k" * 257 + "=1", (422, "unknown_dimension")),
        ("views?custom." + "k" * 1000 + "=1", (422, "invalid_input")),
        ("views?browser=" + "b" * 2001, (422, "invalid_input")),
        ("views?custom.a%00b=1", (422, "unknown_dimension")),
        ("views?" + "&".join(f"browser={number}" for number in range(101)), (422, "invalid_input")),
    ],
)
def test_a_question_that_makes_no_sense_is_a_problem(watched, question, problem):
    assert watched.get(f"/v1/metrics/{question}").problem() == problem


def test_hanging_up_ends_the_statement(watched):
    """A server runs few statements at once: what nobody waits for any more must not hold up the others."""
    endless = json.dumps({"sql": "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"})
    connections = [http.client.HTTPConnection("127.0.0.1", watched.port) for _ in range(4)]
    for connection in connections:
        connection.request("POST", "/v1/sql", body=endless, headers={"Content-Type": "application/json"})
    until(lambda: len(sandboxes(watched)) == 2, what="two statements run, two wait")
    for connection in connections:
        connection.close()
    until(lambda: not sandboxes(watched), timeout_s=4, what="none of them runs")  # their own limit is 5 s + 2 s
    assert sql(watched, "SELECT 1 AS x").json()["rows"] == [[1]]


def sandboxes(server: Server) -> list[str]:
    """Sandboxes of this server whose statement is at work: DuckDB's threads run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):  # it ended; it has no such arguments
            *_, module, parent = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            ours = module == b"viewbox.sandbox.child" and int(parent) == server.process.pid
            if ours and len(list((process / "task").iterdir())) > 3:
                found.append(process.name)
    return found
