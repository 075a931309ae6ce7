"""Here a server is the real program, in a process and with a store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubspot import HubSpot
from server import Server, start
from slate import clean


@pytest.fixture
def trunkline(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty store for this test alone; it is in a file where it would be in memory."""
    with clean() as data:
        server = start(tmp_path / "calls.db" if data == ":memory:" else data)
        yield server
        server.stop()


@pytest.fixture
def hubspot(trunkline: Server) -> HubSpot:
    """The official client, pointed here by its own option and nothing else."""
    return HubSpot(access_token=trunkline.token, host=trunkline.url)
