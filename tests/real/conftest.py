"""Here a server is the real program, in a process and on a file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubspot import HubSpot
from server import Server, start


@pytest.fixture
def trunkline(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty store in a file, for this test alone."""
    server = start(tmp_path / "calls.db")
    yield server
    server.stop()


@pytest.fixture
def hubspot(trunkline: Server) -> HubSpot:
    """The official client, pointed here by its own option and nothing else."""
    return HubSpot(access_token=trunkline.token, host=trunkline.url)
