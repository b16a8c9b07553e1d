"""Every snippet of README and docs runs, against local stand-ins, or says beside it that CI does not run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from viewbox.clock import SYSTEM_CLOCK
from viewbox.ids import new_view_id

ROOT = Path(__file__).resolve().parents[2]
NOT_RUN = "not run in CI"


class Snippet(NamedTuple):
    page: str
    language: str
    code: str
    exempt: bool


def snippets() -> list[Snippet]:
    found = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```(bash|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            lead = text[: match.start()].rstrip().rsplit("\n\n", 1)[-1]
            found.append(Snippet(str(page.relative_to(ROOT)), match[1], match[2], NOT_RUN in lead))
    return found


RUNNABLE = [snippet for snippet in snippets() if not snippet.exempt]


def test_docs_have_snippets_that_run():
    assert {snippet.page for snippet in RUNNABLE} >= {
        "README.md",
        "docs/how-to/bi-tools.md",
        "docs/how-to/notebooks.md",
        "docs/how-to/read-the-lake.md",
        "docs/how-to/send-events.md",
        "docs/reference/live.md",
        "docs/tutorial/first-video.md",
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data/` in it, holding one view of an external video."""
    folder = tmp_path_factory.mktemp("home")
    now = SYSTEM_CLOCK.now_ms()
    line = (
        f'{{"v":1,"view_id":"{new_view_id(now)}","video_id":"docs","viewer_id":"a","viewer_kind":"known",'
        f'"session_id":"s","started_at_ms":{now},"sent_at_ms":{now + 9000},"context":{{"duration_s":20}},"events":['
        '{"seq":0,"type":"play","t_ms":0,"position_s":0},{"seq":1,"type":"playing","t_ms":100,"position_s":0},'
        '{"seq":2,"type":"interval","t_ms":5100,"position_s":5,"from_s":0,"to_s":5,"rate":1,"wall_ms":5000}]}\n'
    )
    (folder / "history.ndjson").write_text(line, encoding="utf-8")
    run(["-m", "viewbox", "ingest", "history.ndjson"], folder)
    return folder


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VIEWBOX_")}
    return clean | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("snippet", [s for s in RUNNABLE if s.language == "python"], ids=lambda s: s.page)
def test_python_snippet_runs(snippet: Snippet, home: Path, request: pytest.FixtureRequest):
    code = snippet.code
    if "127.0.0.1:8000" in code:
        server = request.getfixturevalue("live_api")
        history = (home / "history.ndjson").read_text(encoding="utf-8")
        assert server.post("/v1/views", body=history).status == 200  # the video "docs" is known there too
        code = code.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}").replace("VIDEO_ID", "docs")
    assert "docs" in run(["-c", code], home)


@pytest.mark.parametrize("snippet", [s for s in RUNNABLE if s.language == "bash"], ids=lambda s: s.page)
def test_shell_snippet_runs(snippet: Snippet, home: Path, request: pytest.FixtureRequest):
    code = snippet.code
    if "127.0.0.1:8000" in code:
        address = request.getfixturevalue("live_api").url
        now = SYSTEM_CLOCK.now_ms()
        code = code.replace("http://127.0.0.1:8000", address).replace("VIEW_ID", new_view_id(now))
        code = code.replace("STARTED_AT_MS", str(now - 20_000)).replace("SENT_AT_MS", str(now))
    done = subprocess.run(
        ["bash", "-euc", code], cwd=home, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert '"errors":[]' in done.stdout or "errors" not in done.stdout
