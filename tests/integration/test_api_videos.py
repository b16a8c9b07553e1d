"""/v1/videos: what is imported, shown, changed, replaced and deleted, and what is refused."""

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.servers import Answer, Server
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.jobs import Jobs

KEYS = {
    "id", "external_id", "title", "tags", "metadata", "status", "playable", "duration_s", "revision", "created_at",
    "progress", "renditions", "urls", "error",
}  # fmt: skip
URL_KEYS = {"hls", "poster", "storyboard", "embed", "chapters", "captions", "preview"}


def add(server: Server, **fields) -> dict[str, Any]:
    answer = server.post("/v1/videos", json_body={"url": "https://example.com/a.mp4", **fields})
    assert answer.status == 202, answer.text
    video: dict[str, Any] = answer.json()
    return video


def upload(
    server: Server,
    content: bytes,
    *,
    path: str = "/v1/videos/upload",
    method: str = "POST",
    filename="clip.mp4",
    **fields,
) -> Answer:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, values in fields.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: video/mp4\r\n\r\n".encode()
        + content
        + f"\r\n--{boundary}--\r\n".encode()
    )
    return server.request(
        method, path, body=b"".join(parts), headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )


def catalog(server: Server) -> Catalog:
    return Catalog(open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}"))


def newest_job(server: Server, video_id: str) -> dict[str, Any]:
    job = Jobs(open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}")).latest(video_id)
    assert job is not None
    return job


def uploaded_files(server: Server) -> int:
    return len(list((server.data_dir / "work" / "uploads").iterdir()))


def test_an_import_answers_at_once_with_the_whole_video(live_api):
    answer = live_api.post(
        "/v1/videos",
        json_body={
            "url": "https://example.com/My%20holiday.mp4",
            "external_id": "cms-7",
            "tags": ["sea", "2026"],
            "metadata": {"course": 4},
        },
    )
    video = answer.json()
    assert answer.status == 202
    assert answer.headers["location"] == f"/v1/videos/{video['id']}"
    assert set(video) == KEYS
    assert set(video["urls"]) == URL_KEYS
    assert video["title"] == "My holiday"
    assert (video["external_id"], video["tags"], video["metadata"]) == ("cms-7", ["sea", "2026"], {"course": 4})
    assert (video["status"], video["playable"], video["revision"], video["progress"]) == ("queued", False, 1, 0)
    assert (video["duration_s"], video["error"], video["renditions"]) == (None, None, [])
    assert video["urls"]["embed"] == f"/embed/{video['id']}"
    assert [name for name, url in video["urls"].items() if url is not None] == ["embed"]
    assert live_api.get(f"/v1/videos/{video['id']}").json() == video
    job = newest_job(live_api, video["id"])
    assert (job["kind"], job["revision"], job["payload"]) == (
        "import",
        1,
        {"url": "https://example.com/My%20holiday.mp4"},
    )


def test_two_ids_share_nothing_that_could_be_guessed(live_api):
    first, second = add(live_api)["id"], add(live_api)["id"]
    assert first != second
    assert len(first) >= 20  # 5 random bits a letter


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/a.mp4", "http://127.0.0.1/a.mp4", "http://2130706433/",
        "http://0x7f.1/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest", "https://me:pw@example.com/a",
        "http://localhost:8000/a.mp4", "not a url", "",
    ],
)  # fmt: skip
def test_a_url_that_leads_inside_is_refused_at_once(live_api, url):
    before = catalog(live_api).count()
    assert live_api.post("/v1/videos", json_body={"url": url}).problem() == (422, "url_refused")
    assert catalog(live_api).count() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": 7},
        {"url": "https://example.com/a.mp4", "title": "x" * 257},
        {"url": "https://example.com/a.mp4", "title": "a\u0007b"},
        {"url": "https://example.com/a.mp4", "tags": ["x"] * 21},
        {"url": "https://example.com/a.mp4", "tags": ["x" * 65]},
        {"url": "https://example.com/a.mp4", "tags": "x"},
        {"url": "https://example.com/a.mp4", "external_id": "x" * 257},
        {"url": "https://example.com/a.mp4", "metadata": {"a": "x" * 16 * 1024}},
        {"url": "https://example.com/a.mp4", "metadata": [1]},
        {"url": "https://example.com/a.mp4", "priority": 1000},
        {"url": "https://example.com/a.mp4", "tittle": "a typing error"},
        [],
    ],
)
def test_a_body_beyond_its_bounds_is_a_problem_that_names_the_field(live_api, body):
    answer = live_api.post("/v1/videos", json_body=body)
    assert answer.problem() == (422, "invalid_input")
    assert answer.json()["errors"]


def test_values_at_their_bounds_are_kept(live_api):
    tags = [f"{index:064d}" for index in range(20)]
    video = add(live_api, title="x" * 256, tags=tags, external_id="y" * 256, metadata={"a": "z" * 16_000})
    assert (video["title"], video["tags"], len(video["metadata"]["a"])) == ("x" * 256, tags, 16_000)


def test_text_that_is_no_json_is_a_problem(live_api):
    answer = live_api.post("/v1/videos", body="{", headers={"Content-Type": "application/json"})
    assert answer.problem() == (422, "invalid_input")


def test_a_json_body_beyond_its_bound_is_refused_unread(live_api):
    body = json.dumps({"url": "https://example.com/a.mp4", "title": "x" * 300_000})
    answer = live_api.post("/v1/videos", body=body, headers={"Content-Type": "application/json"})
    assert answer.problem() == (413, "too_large")


def test_the_list_turns_pages_without_gap_or_repeat(live_api):
    tag = uuid.uuid4().hex
    added = [add(live_api, title=f"page {index} {tag}", tags=[tag])["id"] for index in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        page = live_api.get(f"/v1/videos?tag={tag}&limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [video["id"] for video in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert sorted(seen) == sorted(added)
    assert len(seen) == 5


def test_the_list_searches_titles_and_tags(live_api):
    needle = uuid.uuid4().hex
    wanted = add(live_api, title=f"The {needle} show", tags=[needle[:8]])["id"]
    add(live_api, title="another", tags=[needle[:7]])
    assert [video["id"] for video in live_api.get(f"/v1/videos?q={needle.upper()}").json()["items"]] == [wanted]
    assert [video["id"] for video in live_api.get(f"/v1/videos?tag={needle[:8]}").json()["items"]] == [wanted]
    other = add(live_api, title="third", tags=["x, y", f"Süd-{needle}"])["id"]
    found = live_api.get(f"/v1/videos?q=-{needle}").json()["items"]
    assert [video["id"] for video in found] == [other]
    for nowhere in ("00fc", '", "', '["', "\\"):  # how tags are stored is nothing that can be found
        assert live_api.get(f"/v1/videos?q={quote(nowhere)}").json()["items"] == []
    assert live_api.get("/v1/videos?q=%25").json()["items"] == []  # a wildcard of SQL is a plain character here


def test_bad_list_parameters_are_problems(live_api):
    assert live_api.get("/v1/videos?limit=0").problem() == (422, "invalid_input")
    assert live_api.get("/v1/videos?limit=1000").problem() == (422, "invalid_input")
    assert live_api.get("/v1/videos?cursor=nonsense").problem() == (422, "bad_cursor")


def test_a_patch_changes_what_it_names_and_nothing_else(live_api):
    video = add(live_api, title="before", tags=["a"], metadata={"k": 1})
    changed = live_api.request("PATCH", f"/v1/videos/{video['id']}", json_body={"title": "after", "tags": []})
    assert changed.status == 200
    assert changed.json() == video | {"title": "after", "tags": []}
    nothing = live_api.request("PATCH", f"/v1/videos/{video['id']}", json_body={})
    assert nothing.json()["title"] == "after"
    refused = live_api.request("PATCH", f"/v1/videos/{video['id']}", json_body={"status": "ready"})
    assert refused.problem() == (422, "invalid_input")


def test_deleting_takes_media_jobs_and_the_waiting_upload_along(live_api):
    before = uploaded_files(live_api)
    video = upload(live_api, b"not really a video").json()
    folder = live_api.data_dir / "media" / video["id"]
    (folder / "r1").mkdir(parents=True)
    (folder / "master.m3u8").write_text("#EXTM3U\n")
    assert live_api.get(f"/media/{video['id']}/master.m3u8").status == 200
    assert uploaded_files(live_api) == before + 1
    assert live_api.request("DELETE", f"/v1/videos/{video['id']}").status == 204
    assert live_api.get(f"/v1/videos/{video['id']}").problem() == (404, "video_not_found")
    assert live_api.get(f"/media/{video['id']}/master.m3u8").problem() == (404, "media_not_found")
    assert not folder.exists()
    assert uploaded_files(live_api) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/videos/nobody"),
        ("PATCH", "/v1/videos/nobody"),
        ("DELETE", "/v1/videos/nobody"),
        ("PUT", "/v1/videos/nobody/source"),
        ("POST", "/v1/videos/nobody/retry"),
    ],
)
def test_an_unknown_video_is_404_everywhere(live_api, method, path):
    body = {"url": "https://example.com/a.mp4"} if method == "PUT" else {} if method == "PATCH" else None
    assert live_api.request(method, path, json_body=body).problem() == (404, "video_not_found")


def test_an_upload_is_stored_byte_for_byte_with_its_fields(live_api):
    content = bytes(range(256)) * 20_000  # 5 MB, with every byte value, boundaries of chunks included
    answer = upload(
        live_api, content, filename="../../My clip.final.MOV", tags=["a", "b"], metadata='{"k": [1]}', external_id="e-1"
    )
    video = answer.json()
    assert answer.status == 202
    assert (video["title"], video["tags"], video["metadata"]) == ("My clip.final", ["a", "b"], {"k": [1]})
    payload = newest_job(live_api, video["id"])["payload"]
    stored = live_api.data_dir / "work" / "uploads"
    assert payload["filename"] == "My clip.final.MOV"
    assert payload["upload"].startswith(str(stored))
    with open(payload["upload"], "rb") as file:  # noqa: PTH123  # the payload is text, as the transcoder gets it
        assert file.read() == content


@pytest.mark.parametrize(
    ("fields", "content", "code"),
    [
        ({}, b"", "empty_file"),
        ({"metadata": "{"}, b"x", "invalid_input"),
        ({"metadata": "[1]"}, b"x", "invalid_input"),
        ({"title": "x" * 257}, b"x", "invalid_input"),
        ({"priority": "high"}, b"x", "invalid_input"),
        ({"colour": "red"}, b"x", "invalid_input"),
    ],
)
def test_a_refused_upload_leaves_no_file(live_api, fields, content, code):
    before, videos = uploaded_files(live_api), catalog(live_api).count()
    assert upload(live_api, content, **fields).problem() == (422, code)
    assert (uploaded_files(live_api), catalog(live_api).count()) == (before, videos)


def test_an_upload_without_a_file_or_broken_off_is_refused(live_api):
    before = uploaded_files(live_api)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    field = '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n'
    assert live_api.post("/v1/videos/upload", body=f"{field}--b--\r\n", headers=headers).problem() == (422, "no_file")
    broken = live_api.post("/v1/videos/upload", body=field, headers=headers)
    assert broken.problem() == (422, "bad_multipart")
    assert live_api.post("/v1/videos/upload", json_body={}).problem() == (422, "bad_multipart")
    assert uploaded_files(live_api) == before


def test_replacing_a_source_keeps_the_id_and_raises_the_revision_of_its_job(live_api):
    video_id = add(live_api)["id"]
    catalog(live_api).publish(
        video_id, revision=1, duration_s=60.0, assets={"hls": f"{video_id}/master.m3u8"}, ready=True
    )
    answer = live_api.request("PUT", f"/v1/videos/{video_id}/source", json_body={"url": "https://example.com/b.mp4"})
    video = answer.json()
    assert answer.status == 202
    assert (video["id"], video["revision"], video["status"], video["playable"]) == (video_id, 1, "queued", True)
    job = newest_job(live_api, video_id)
    assert (job["revision"], job["payload"]) == (2, {"url": "https://example.com/b.mp4"})
    by_file = upload(live_api, b"another", path=f"/v1/videos/{video_id}/source", method="PUT")
    assert by_file.status == 202
    job = newest_job(live_api, video_id)
    assert (job["revision"], job["payload"]["filename"]) == (2, "clip.mp4")
    refused = live_api.request("PUT", f"/v1/videos/{video_id}/source", json_body={"url": "http://10.0.0.1/a"})
    assert refused.problem() == (422, "url_refused")
    shapeless = live_api.request("PUT", f"/v1/videos/{video_id}/source", json_body={"link": "x"})
    assert shapeless.problem() == (422, "invalid_input")


def test_only_a_failed_import_is_retried(live_api):
    video_id = add(live_api)["id"]
    assert live_api.post(f"/v1/videos/{video_id}/retry").problem() == (409, "not_failed")
    catalog(live_api).report_failure(video_id, code="fetch_failed", hint="404", retryable=True)
    failed = live_api.get(f"/v1/videos/{video_id}").json()
    assert failed["error"] == {"code": "fetch_failed", "hint": "404", "retryable": True}
    again = live_api.post(f"/v1/videos/{video_id}/retry")
    assert (again.status, again.json()["status"], again.json()["error"]) == (202, "queued", None)
    assert newest_job(live_api, video_id)["payload"] == {"url": "https://example.com/a.mp4"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("PUT", "/v1/videos", {"GET", "POST"}), ("DELETE", "/healthz", {"GET"}), ("PATCH", "/v1/views", {"POST"})],
)
def test_a_method_that_does_not_work_names_those_that_do(live_api, method, path, allow):
    answer = live_api.request(method, path)
    assert answer.problem() == (405, "method_not_allowed")
    assert allow & set(answer.headers["allow"].replace(" ", "").split(","))


def test_an_unknown_address_is_a_problem(live_api):
    assert live_api.get("/v2/videos").problem() == (404, "not_found")
    assert live_api.get("/v1/videos/").problem() == (404, "not_found")
