"""Who may enter the dashboard: asked of a real server, over HTTP and WebSocket."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from email.utils import formatdate

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from dashboard.door import allowed_hosts, allowed_origins, host_name
from tests.support import free_port, until
from viewbox.settings import Settings

STREAM = "/_stcore/stream"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A real dashboard on a free port."""
    folder, number = tmp_path_factory.mktemp("door"), free_port()
    environment = {**os.environ, "VIEWBOX_DATA_DIR": str(folder), "VIEWBOX_DASHBOARD_PORT": str(number)}
    process = subprocess.Popen(
        [sys.executable, "-m", "viewbox", "dashboard"], env={**environment, "HOME": str(folder)}, cwd=folder
    )
    try:
        until(lambda: get(number, "/_stcore/health") == 200, timeout_s=60, what="dashboard")
        yield number
    finally:
        process.terminate()
        process.wait(20)


def test_a_page_has_no_server_of_its_own(port):
    """Streamlit's client takes the first path that answers for its root: pages below it would all be the first one."""
    assert get(port, "/sql/_stcore/health") == 404


@pytest.mark.parametrize("path", ["/", "/video?video=x"])
def test_a_page_asks_for_the_chart_code_before_a_chart_comes(port, path):
    kept = {"Accept-Encoding": "gzip", "If-None-Match": "*", "If-Modified-Since": formatdate(usegmt=True)}
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=kept)) as answer:
        page = answer.read()
        assert int(answer.headers["Content-Length"]) == len(page)
        assert answer.headers["Content-Encoding"] is None
    (script,) = re.findall(rb'src="\.(/static/js/PlotlyChart[^"]+)"', page)
    assert get(port, script.decode()) == 200


def get(port: int, path: str, **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def knock(port: int, *, host: str | None = None, origin: str | None = None) -> int:
    """The status that a WebSocket handshake gets."""
    page = Origin(origin) if origin else None
    address = f"ws://{host or f'127.0.0.1:{port}'}{STREAM}"
    with socket.create_connection(("127.0.0.1", port)) as wire:
        try:
            with connect(address, sock=wire, origin=page, open_timeout=20):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code


@pytest.mark.parametrize("path", ["/", "/video", "/_stcore/health", "/_stcore/host-config", "/static/index.html"])
def test_a_foreign_host_gets_403_everywhere(port, path):
    assert get(port, path, Host="rebound.example") == 403


def test_a_foreign_origin_gets_403(port):
    assert get(port, "/", Origin="https://evil.example") == 403
    assert get(port, "/", Origin=f"http://127.0.0.1:{port + 1}") == 403


def test_the_dashboards_own_page_may_enter(port):
    assert get(port, "/", Origin=f"http://127.0.0.1:{port}") == 200
    assert get(port, "/", Host=f"localhost:{port}") == 200


def test_websockets_are_judged_alike(port):
    assert knock(port, origin=f"http://127.0.0.1:{port}") == 101
    assert knock(port, origin="https://evil.example") == 403
    assert knock(port, origin=f"http://localhost:{port + 1}") == 403
    assert knock(port, host="rebound.example", origin=f"http://127.0.0.1:{port}") == 403


@pytest.mark.parametrize(
    ("header", "name"),
    [("127.0.0.1:8501", "127.0.0.1"), ("LOCALHOST", "localhost"), ("[::1]:8501", "::1"), ("a:b", None), ("", None),
     ("user@localhost", None), ("localhost/x", None)],
)  # fmt: skip
def test_the_name_in_a_host_header(header, name):
    assert host_name(header) == name


def test_public_urls_open_the_door_for_themselves_only():
    settings = Settings(
        _env_file=None, public_url="https://video.example", dashboard_url="https://stats.example", dashboard_port=8501
    )
    assert allowed_hosts(settings) >= {"video.example", "stats.example", "localhost"}
    assert "https://stats.example" in allowed_origins(settings)
    assert "https://video.example" not in allowed_origins(settings)
