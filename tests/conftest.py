"""What the tests share: servers on a real socket, each with an empty store of its own."""

from collections.abc import Iterator

import pytest
from threaded import ThreadedServer, serving


@pytest.fixture
def trunkline() -> Iterator[ThreadedServer]:
    """A server for this test alone, in a thread; `tests/real` has the real process under the same name."""
    with serving() as server:
        yield server
