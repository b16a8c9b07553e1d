"""The site: pages, their headers, the API's own description; nothing asks another host for anything."""

import json
import re
from pathlib import Path

import pytest

from ingest_api.app import create_app
from ingest_api.routes.site import DIST
from viewbox.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|@import""")


def policy_of(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("path", ["/", "/watch/abc", "/watch/abc?t=10&notrack=1", "/embed/abc"])
def test_the_pages_are_the_built_player(live_api, path):
    assert (DIST / "index.html").is_file(), "build the player first: make setup"
    answer = live_api.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert '<div id="root">' in answer.text
    assert not ELSEWHERE.search(answer.text)
    assert "__VIEWBOX" not in answer.text
    again = live_api.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


@pytest.mark.parametrize("page", ["watch", "embed"])
def test_a_page_with_a_player_names_what_it_needs_next(live_api, page):
    text = live_api.get(f"/{page}/a:b").text
    hinted = re.findall(r'<link rel="modulepreload" crossorigin href="/([^"]+)">', text)
    assert any("hls_engine" in name for name in hinted)
    assert any("tracker" in name for name in hinted)
    assert any("player" in name for name in hinted)
    assert any("Watch" in name for name in hinted) == (page == "watch")
    styles = re.findall(r'<link rel="stylesheet" crossorigin href="/([^"]+)">', text)
    assert any("player" in name for name in styles)
    assert all(live_api.get(f"/{name}").status == 200 for name in (*hinted, *styles))
    assert '<link rel="preload" as="fetch" crossorigin href="/v1/videos/a:b">' in text
    assert "hls_engine" not in live_api.get("/").text  # the library has no player


def test_a_page_may_load_from_this_host_only(live_api):
    answer = live_api.get("/watch/abc")
    policy = policy_of(answer)
    assert policy["default-src"] == "'self'"
    assert policy["media-src"] == "'self' blob: data:"
    assert f"ws://127.0.0.1:{live_api.port}" in policy["connect-src"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_the_embed_page_may_be_framed(live_api):
    answer = live_api.get("/embed/abc")
    assert policy_of(answer)["frame-ancestors"] == "*"
    assert "x-frame-options" not in answer.headers
    assert policy_of(answer)["connect-src"] == policy_of(live_api.get("/watch/abc"))["connect-src"]


def test_hashed_assets_never_change_and_the_panel_may(live_api):
    text = live_api.get("/").text
    names = re.findall(r'"/(assets/[^"]+)"', text)
    assert names
    for name in names:
        answer = live_api.get(f"/{name}")
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))
    panel = live_api.get("/assets/panel.js")
    assert (panel.status, panel.headers["cache-control"]) == (200, "no-cache")
    assert live_api.get("/assets/panel.js", headers={"If-None-Match": panel.headers["etag"]}).status == 304
    assert live_api.get("/assets/../index.html").problem() == (404, "not_found")
    assert live_api.get("/assets/%2e%2e/index.html").problem() == (404, "not_found")


def test_the_api_docs_come_from_here_alone(live_api):
    page = live_api.get("/docs")
    assert page.status == 200
    assert not ELSEWHERE.search(page.text)
    assert "<script>" not in page.text
    for name in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert live_api.get(name).status == 200, name


def test_openapi_is_complete_and_is_the_committed_one(live_api):
    served = live_api.get("/openapi.json").json()
    committed = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    assert served == committed, "regenerate it: python deploy/generated.py"
    contract = {
        ("/v1/videos", "post"), ("/v1/videos", "get"), ("/v1/videos/upload", "post"), ("/v1/videos/{video_id}", "get"),
        ("/v1/videos/{video_id}", "patch"), ("/v1/videos/{video_id}", "delete"),
        ("/v1/videos/{video_id}/source", "put"), ("/v1/videos/{video_id}/retry", "post"), ("/v1/views", "post"),
        ("/v1/metrics", "get"),
        ("/v1/metrics/{name}", "get"), ("/v1/sql", "post"), ("/media/{path}", "get"), ("/healthz", "get"),
        ("/readyz", "get"), ("/metrics", "get"),
    }  # fmt: skip
    known = {(path, method) for path, methods in served["paths"].items() for method in methods}
    assert contract <= known
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(served)))
    names = {f"#/components/schemas/{name}" for name in served["components"]["schemas"]}
    assert references <= names
    assert "#/components/schemas/Problem" in references


def test_building_the_app_touches_no_disk(tmp_path):
    create_app(Settings(data_dir=tmp_path / "never")).openapi()
    assert not (tmp_path / "never").exists()


def test_signs_of_life(live_api):
    assert live_api.get("/healthz").json() == {"status": "alive"}
    ready = live_api.get("/readyz")
    assert ready.json() == {
        "ready": True,
        "checks": {"catalog": None, "spool": None, "maintainer": None, "disk": None},
    }
    assert ready.status == 200


def test_prometheus_text_is_well_formed(live_api):
    live_api.get("/no/such/page")
    answer = live_api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+]+', line) for line in samples), samples
    for name in (
        "viewbox_jobs", "viewbox_spool_bytes", "viewbox_websocket_connections", "viewbox_events_pending",
        "viewbox_intake_queue_messages", "viewbox_intake_queue_bytes", "viewbox_commit_seconds_bucket",
        "viewbox_lake_lag_seconds", "viewbox_tables_lag_seconds",
    ):  # fmt: skip
        assert any(line.startswith(name) for line in samples)
    assert live_api.refusals("not_found") >= 1
