"""What the tests share: servers on a real socket, each with an empty store of its own."""

from collections.abc import Iterator

import pytest
from threaded import Stage, ThreadedServer, staged


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The socket that the servers of `trunkline` have in common, one after the other."""
    with staged() as stage:
        yield stage


@pytest.fixture
def trunkline(stage: Stage) -> Iterator[ThreadedServer]:
    """A server for this test alone, in a thread; `tests/real` has the real process under the same name."""
    with stage.serving() as server:
        yield server
