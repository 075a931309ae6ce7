"""A server that tests share, and its portals, of which each test has one for itself."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

from trunkline.testing.operator import Operator
from trunkline.testing.portal import Portal


class Server:
    """A running server, by its `url` and the `secret` that opens its control namespace."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        self.operator = Operator(url, secret)

    @contextmanager
    def portal(self, name: str = "test") -> Iterator[Portal]:
        """A new portal, with a token that has every scope in it; it is removed at the end of the block.

        Portals know nothing of one another, so that tests can run side by side.
        """
        made = self.operator.ask("POST", "/portals", {"name": name[:200]})["id"]
        try:
            told = self.operator.ask("POST", "/tokens", {"name": "test", "scopes": None, "portal": made})
            portal = Portal(self.url, made, told["token"], self.operator)
            try:
                yield portal
            finally:
                portal.close()
        finally:
            self.operator.ask("DELETE", f"/portals/{made}")


@contextmanager
def serving(where: str, secret: str | None = None) -> Iterator[Server]:
    """A server in a `thread`, in a `process`, or at a URL; raises `ValueError` and `OSError`."""
    if where == "thread":
        with _uncollected():
            from trunkline.testing.thread import threaded

        with threaded() as (url, own):
            yield Server(url, own)
    elif where == "process":
        from trunkline.testing.process import started

        with started() as told:
            yield Server(told.url, told.secret)
    elif where.startswith(("http://", "https://")):
        yield _there(where.rstrip("/"), secret or os.environ.get("TRUNKLINE_SECRET"))
    else:
        raise ValueError(f"{where!r} is no place for a server: thread, process, or the URL of one that runs.")


def _there(url: str, secret: str | None) -> Server:
    """The server at a URL; raises `ValueError` without its secret, and `OSError` when it does not answer."""
    if not secret:
        raise ValueError(f"What opens the control namespace of {url} is its secret: set TRUNKLINE_SECRET.")
    server = Server(url, secret)
    try:
        server.operator.ask("GET", "/portals")
    except OSError as cause:
        raise OSError(f"The server at {url} does not answer: {cause}") from cause
    return server


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing of what is imported is garbage: looking for some takes a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
