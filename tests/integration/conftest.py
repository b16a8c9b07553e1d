"""Fixtures of tests against real servers."""

import pytest

from tests.servers import Server, running_server


@pytest.fixture(scope="module")
def live_api(tmp_path_factory: pytest.TempPathFactory):
    """A `viewbox serve` of its own for each test module."""
    with running_server(tmp_path_factory.mktemp("live-api")) as server:
        yield server


__all__ = ["Server"]
