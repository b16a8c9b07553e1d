"""What the dashboard does before anybody has come: open what visitors will need, and nothing where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WARM_UP = """
import sys
from dashboard.server import warm_up
from viewbox import settings
warm_up(settings.load())
queries = sys.modules.get("dashboard.queries")
print(None if queries is None else queries._engine.cache_info().currsize)
"""


@pytest.mark.parametrize("has_videos", [False, True])
def test_a_lake_is_opened_before_the_first_visit_where_there_are_videos(
    told_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_videos: bool
) -> None:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(told_lake if has_videos else tmp_path))
    told = subprocess.run([sys.executable, "-c", WARM_UP], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split()[-1] == ("1" if has_videos else "None"), told.stderr
