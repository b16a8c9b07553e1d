"""The SQL page in a real Chromium: a long statement shows its progress, and Stop ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser import visitor
from tests.e2e.house import House, started
from tests.support import until

pytestmark = pytest.mark.e2e
PATIENCE_MS = 60_000  # a cold dashboard on two busy cores
SANDBOX = b"viewbox.sandbox.child"
ENDLESS = "SELECT count(*) AS n FROM views, range(100000000000) AS a, range(1000) AS b WHERE a.range + b.range <> 7"


def test_stop_ends_a_statement_at_once(told_lake, browser):
    house = House(told_lake, {"VIEWBOX_SQL_SECONDS": "600"})
    with started(house, "dashboard"), visitor(browser) as (page, _):
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{house.dashboard}/sql")
        page.get_by_label("SELECT …").fill(ENDLESS)
        page.keyboard.press("Control+Enter")
        page.get_by_text("s of at most 600 s").wait_for()
        until(lambda: len(statements(house)) == 1, what="the sandbox runs")
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped. Nothing was changed").wait_for()
        until(lambda: not statements(house), timeout_s=5, what="the sandbox is gone")
        page.get_by_label("SELECT …").fill("SELECT 41 + 1 AS answer")
        page.keyboard.press("Control+Enter")
        page.get_by_text("1 row ·").wait_for()


def statements(house: House) -> list[str]:
    """Sandboxes of this house's dashboard."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            parent = Path(f"/proc/{command[-1].decode()}/environ").read_bytes() if command[-2:-1] == [SANDBOX] else b""
        except OSError:  # it ended while it was looked at
            continue
        if f"VIEWBOX_DASHBOARD_PORT={house.dashboard_port}".encode() in parent:
            found.append(process.name)
    return found
