"""Who may call what: Host, Origin, sign-in. The table of interfaces.md, route by route."""

import subprocess
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ingest_api.app import create_app
from tests.messages import play, wire
from tests.servers import SERVE, Server, clean_environment, running_server
from tests.support import free_port
from viewbox.errors import SetupError
from viewbox.settings import Settings

SECRET = "7k2-Qm4vT9xZ-b8RwL"
FOREIGN = "https://evil.example"
PAGES = ["/", "/watch/x", "/embed/x", "/docs"]
# Every route of the contract, with the methods that it knows.
ROUTES = [
    ("GET", "/v1/videos"), ("POST", "/v1/videos"), ("POST", "/v1/videos/upload"), ("GET", "/v1/videos/x"),
    ("POST", "/v1/uploads"), ("PATCH", "/v1/uploads/x"), ("DELETE", "/v1/uploads/x"),
    ("PATCH", "/v1/videos/x"), ("DELETE", "/v1/videos/x"), ("PUT", "/v1/videos/x/source"),
    ("POST", "/v1/videos/x/retry"), ("GET", "/v1/metrics"), ("GET", "/v1/metrics/views"),
    ("GET", "/v1/metrics/views.csv"), ("POST", "/v1/sql"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
    ("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/"), ("GET", "/watch/x"), ("GET", "/embed/x"),
    ("GET", "/login"), ("POST", "/login"), ("GET", "/assets/x.js"), ("GET", "/no/such/route"),
]  # fmt: skip
OPEN = [("POST", "/v1/views"), ("GET", "/media/x/master.m3u8"), ("HEAD", "/media/x/r1/a.m4s")]
FAMILY = [("GET", "/v1/videos"), ("GET", "/v1/videos/x"), ("HEAD", "/v1/videos/x"), ("GET", "/assets/x.js")]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the outside reaches as https://box.test through a proxy; the secret is needed."""
    folder = tmp_path_factory.mktemp("guarded")
    with running_server(folder, public_url="https://box.test", secret=SECRET) as server:
        yield server


def origins(port: int) -> list[str]:
    return [f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "",
        "[::1", "a@127.0.0.1",
    ],
)  # fmt: skip
def test_a_foreign_host_is_refused_everywhere(live_api, host):
    for method, path in ROUTES + OPEN:
        answer = live_api.request(method, path, headers={"Host": host})
        if method == "HEAD":
            assert answer.status == 403, (method, path)
        else:
            assert answer.problem() == (403, "foreign_host"), (method, path)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1", "127.0.0.2:8000", "[::1]:8000", "[::1]"])
def test_loopback_in_every_spelling_is_welcome(live_api, host):
    assert live_api.get("/healthz", headers={"Host": host}).status == 200


def test_a_websocket_under_a_foreign_host_is_refused(live_api):
    with pytest.raises(InvalidStatus) as refused, live_api.websocket(additional_headers={"Host": "evil.example"}):
        pass
    assert refused.value.response.status_code in {400, 403}  # two Host headers, or one foreign one


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "http://127.0.0.1:1", "https://127.0.0.1", "http://localhost.evil.example"]
)
def test_a_foreign_origin_is_refused_everywhere_else(live_api, origin):
    for method, path in ROUTES:
        answer = live_api.request(method, path, headers={"Origin": origin})
        assert answer.problem() == (403, "foreign_origin"), (method, path)
        assert "access-control-allow-origin" not in answer.headers


def test_a_preflight_of_a_foreign_origin_is_refused(live_api):
    for method, path in ROUTES:
        headers = {"Origin": FOREIGN, "Access-Control-Request-Method": method}
        answer = live_api.request("OPTIONS", path, headers=headers)
        assert answer.problem() == (403, "foreign_origin"), (method, path)


@pytest.mark.parametrize(("method", "path"), OPEN)
@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://shop.example:8443"])
def test_views_and_media_are_open_to_any_origin_without_credentials(live_api, method, path, origin):
    answer = live_api.request(method, path, headers={"Origin": origin})
    assert answer.status != 403
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    preflight = live_api.request(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, "*")
    assert preflight.headers["access-control-allow-methods"] == method
    assert "access-control-allow-credentials" not in preflight.headers


def test_a_copy_that_the_site_left_in_the_browsers_cache_serves_the_dashboard_too(live_api):
    """The site asks for media without an Origin; the same cached answer must satisfy a page that has one."""
    answer = live_api.get("/media/any/master.m3u8")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_page_of_any_site_may_open_the_event_socket(live_api):
    with live_api.websocket(origin=FOREIGN) as socket:
        socket.send(wire(play(), view_id="nonsense").decode())
        assert "error" in socket.recv(timeout=10)


def test_the_site_may_call_everything_under_each_of_its_names(live_api):
    for origin in origins(live_api.port):
        for method, path in ROUTES:
            assert live_api.request(method, path, headers={"Origin": origin}).status != 403, (method, path, origin)


def test_the_dashboard_may_read_videos_and_assets_and_nothing_else(live_api):
    for origin in origins(8501):
        for method, path in FAMILY:
            answer = live_api.request(method, path, headers={"Origin": origin})
            assert answer.status != 403, (method, path)
            assert answer.headers["access-control-allow-origin"] == origin
            assert "Origin" in answer.headers["vary"]
        for method, path in ROUTES:
            if (method, path) not in FAMILY:
                answer = live_api.request(method, path, headers={"Origin": origin})
                assert answer.problem() == (403, "foreign_origin"), (method, path)
        asked = {"Origin": origin, "Access-Control-Request-Method": "DELETE"}
        assert live_api.request("OPTIONS", "/v1/videos/x", headers=asked).problem() == (403, "foreign_origin")


def test_no_address_of_a_client_is_logged(live_api):
    live_api.get("/healthz")
    live_api.get("/", headers={"Host": "evil.example"})
    with live_api.websocket("/v1/views?token=keep-me-out-of-logs"):
        pass
    log = (live_api.data_dir / "serve.log").read_text()
    assert "keep-me-out-of-logs" not in log
    assert "127.0.0.1" not in log.replace(live_api.url, "")


# --- signed out, signed in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/watch/x"), ("GET", "/embed/x"), ("GET", "/assets/x.js"), ("GET", "/v1/videos/x"),
        ("GET", "/media/x/master.m3u8"), ("POST", "/v1/views"), ("GET", "/login"), ("GET", "/healthz"),
        ("GET", "/readyz"),
    ],
)  # fmt: skip
def test_what_viewers_need_answers_without_the_secret(guarded, method, path):
    assert guarded.request(method, path).status not in {401, 403, 303}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/videos"), ("POST", "/v1/videos"), ("POST", "/v1/videos/upload"), ("PATCH", "/v1/videos/x"),
        ("POST", "/v1/uploads"), ("PATCH", "/v1/uploads/x"), ("DELETE", "/v1/uploads/x"), ("OPTIONS", "/v1/uploads"),
        ("DELETE", "/v1/videos/x"), ("PUT", "/v1/videos/x/source"), ("POST", "/v1/videos/x/retry"),
        ("GET", "/v1/metrics"), ("GET", "/v1/metrics/views"), ("POST", "/v1/sql"), ("GET", "/metrics"),
        ("GET", "/openapi.json"), ("GET", "/"), ("GET", "/docs"), ("GET", "/no/such/route"), ("GET", "/v1/videos/x/y"),
    ],
)  # fmt: skip
def test_all_else_is_401_without_it(guarded, method, path):
    answer = guarded.request(method, path)
    assert answer.problem() == (401, "signed_out")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_lead_to_the_login(guarded, path):
    answer = guarded.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
    assert answer.status == 303
    assert answer.headers["location"].startswith("/login?next=/")


@pytest.mark.parametrize("given", [SECRET, f" {SECRET} "])
def test_a_program_sends_the_secret_as_bearer(guarded, given):
    assert guarded.get("/v1/videos", headers={"Authorization": f"Bearer {given}"}).status == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x", SECRET])
def test_anything_else_is_no_credential(guarded, given):
    assert guarded.get("/v1/videos", headers={"Authorization": given}).problem() == (401, "signed_out")


def sign_in(server: Server, secret: str, target: str = "/", **headers: str):
    return server.post(
        "/login",
        body=urlencode({"secret": secret, "next": target}),
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
    )


def test_the_login_gives_a_cookie_that_opens_the_rest(guarded):
    page = guarded.get("/login")
    assert page.status == 200
    assert "<form" in page.text
    assert 'type="password"' in page.text
    answer = sign_in(guarded, SECRET, "/docs", Origin="https://box.test", Host="box.test")
    assert (answer.status, answer.headers["location"]) == (303, "/docs")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert SECRET not in cookie
    pair = cookie.split(";")[0]
    assert guarded.get("/v1/videos", headers={"Cookie": pair}).status == 200
    assert guarded.get("/login", headers={"Cookie": pair}).headers["location"] == "/"
    forged = pair[:-1] + ("0" if pair[-1] != "0" else "1")
    assert guarded.get("/v1/videos", headers={"Cookie": forged}).problem() == (401, "signed_out")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_login_leads_to_no_other_host(guarded, target):
    assert sign_in(guarded, SECRET, target).headers["location"] == "/"


def test_a_signed_in_browser_cannot_be_used_by_another_site(guarded):
    cookie = sign_in(guarded, SECRET).headers["set-cookie"].split(";")[0]
    for origin in (FOREIGN, "null"):
        answer = guarded.request("DELETE", "/v1/videos/x", headers={"Cookie": cookie, "Origin": origin})
        assert answer.problem() == (403, "foreign_origin")


def test_the_public_name_and_loopback_are_its_hosts(guarded):
    assert guarded.get("/healthz", headers={"Host": "box.test"}).status == 200
    assert guarded.get("/healthz").status == 200
    assert guarded.get("/healthz", headers={"Host": "other.test"}).problem() == (403, "foreign_host")


def test_guessing_is_slowed_down_and_the_secret_is_never_echoed(tmp_path):
    with running_server(tmp_path, auth="token", secret=SECRET) as server:
        for _ in range(10):
            wrong = sign_in(server, "wrong-guess-of-mine", Accept="text/html")
            assert wrong.status == 401
            assert "not the secret" in wrong.text
        assert sign_in(server, SECRET).problem() == (429, "too_many_attempts")
        assert server.get("/v1/videos", headers={"Authorization": f"Bearer {SECRET}"}).status == 200
        log = (tmp_path / "serve.log").read_text()
        assert "wrong-guess" not in log
        assert SECRET not in log


def test_a_guess_without_html_is_a_problem(guarded):
    assert sign_in(guarded, "wrong").problem() == (401, "wrong_secret")


def test_with_auth_off_the_login_leads_on(live_api):
    assert live_api.get("/login").headers["location"] == "/"
    assert sign_in(live_api, "anything").status == 303


# --- starting -----------------------------------------------------------------------------------------------


def refused_start(tmp_path, **settings: str) -> str:
    """What `viewbox serve` says when it does not start."""
    environment = {
        "VIEWBOX_DATA_DIR": str(tmp_path),
        "VIEWBOX_PORT": str(free_port()),
        **{f"VIEWBOX_{name.upper()}": value for name, value in settings.items()},
    }
    result = subprocess.run(
        SERVE,
        env=clean_environment() | environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert "hint:" in result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "0.0.0.0"}, "secret is required"),
        ({"public_url": "https://box.test"}, "secret is required"),
        ({"auth": "token"}, "secret is required"),
        ({"host": "0.0.0.0", "auth": "off"}, "loopback only"),
        ({"host": "0.0.0.0", "secret": "short"}, "shorter than 16"),
        ({"host": "0.0.0.0", "secret": "changemechangeme"}, "easily guessed"),
        ({"host": "0.0.0.0", "secret": "aaaaaaaaaaaaaaaaaaaa"}, "easily guessed"),
        ({"fetch_allow": "example.com"}, "opens nothing"),
        ({"trusted_proxies": "my-proxy"}, "VIEWBOX_TRUSTED_PROXIES"),
    ],
)
def test_an_open_or_weakly_locked_door_cannot_be_built(tmp_path, settings, words):
    with pytest.raises(SetupError, match=words) as refusal:
        create_app(Settings(data_dir=tmp_path, **settings))
    assert refusal.value.hint


def test_an_open_door_is_one_line_and_a_hint_on_the_command_line(tmp_path):
    said = refused_start(tmp_path, host="0.0.0.0")
    assert "secret is required" in said
    assert len(said.strip().splitlines()) == 2


def test_a_taken_port_is_one_line_with_its_holder_and_the_setting(tmp_path, live_api):
    said = refused_start(tmp_path, port=str(live_api.port))
    first, hint, *rest = said.strip().splitlines()
    assert rest == []
    assert f"port {live_api.port}" in first
    assert f"pid {live_api.process.pid}" in first
    assert "VIEWBOX_PORT" in hint


def test_a_closed_socket_stays_closed(live_api):
    with live_api.websocket() as socket:
        socket.close(1000)
        with pytest.raises(ConnectionClosed):
            socket.send("late")
