"""docs/tutorial/analysis.ipynb runs from top to bottom, on this machine's data and against a server with a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.servers import Server, running_server
from tests.sql.stories import Story
from tests.sql.world import World

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-long-random-value-7Hq2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Four views of a 60 s video: one to the end, three left at 20, 30 and 40 s."""
    folder = tmp_path_factory.mktemp("data")
    world = World(folder)
    world.video("v", 60.0)
    world.tell(*(Story(f"view-{length}").play().watch(length).leave() for length in (20, 30, 40, 60)))
    world.settle()
    world.close()
    with running_server(folder, auth="token", secret=SECRET) as running:
        yield running


@pytest.fixture
def ran(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The notebook with its outputs."""
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(server.data_dir))
    monkeypatch.setenv("VIEWBOX_URL", server.url)
    monkeypatch.setenv("VIEWBOX_SECRET", SECRET)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "docs" / "tutorial" / "analysis.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")], "it is kept without outputs"
    return NotebookClient(notebook, timeout=150, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_the_notebook_runs_and_shows_what_it_says(ran: Any) -> None:
    shown = {kind for cell in ran.cells for output in cell.get("outputs", ()) for kind in output.get("data", ())}
    assert "application/vnd.plotly.v1+json" in shown
    words = "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for cell in ran.cells
        for output in cell.get("outputs", ())
    )
    assert "25% of 4 views complete" in words
    assert "[{'views': 4}]" in words
