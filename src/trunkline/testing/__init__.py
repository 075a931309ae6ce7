"""HubSpot for tests: a server, and a fresh portal of it for each test.

The pytest plugin (`plugin`) and `case.TrunklineTestCase` are made of `server`, which is for anything else:

    with trunkline.testing.server() as server, server.portal() as trunkline:
        trunkline.url, trunkline.token

All of it is a client of the server like any other, but for the server in a thread of this process. What is slow to
import is imported when it is first asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.testing.serving import Server


@contextmanager
def server(where: str = "thread", secret: str | None = None) -> "Iterator[Server]":
    """A server: in a `thread` of this process, a `process` of its own, or the one that runs at a URL already.

    The first two keep everything in memory and end with the block. What opens the control namespace of the last is its
    `secret`, else `TRUNKLINE_SECRET`. Raises `ValueError` for anything else, and `OSError` when no server is there.
    """
    from trunkline.testing.serving import serving

    with serving(where, secret) as started:
        yield started
