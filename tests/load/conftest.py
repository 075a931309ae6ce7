"""What the loader's tests share."""

from collections.abc import Iterator

import pytest
from load.standin import StandIn, serving


@pytest.fixture
def service() -> Iterator[StandIn]:
    """A service on a port of its own, with the unique property call_key."""
    with serving(StandIn()) as running:
        yield running
