"""Fixtures of the contract tests: real servers, one for each module."""

import pytest

from tests.servers import running_server


@pytest.fixture(scope="module")
def live_api(tmp_path_factory: pytest.TempPathFactory):
    """A `viewbox serve` on loopback."""
    with running_server(tmp_path_factory.mktemp("live-api")) as server:
        yield server
