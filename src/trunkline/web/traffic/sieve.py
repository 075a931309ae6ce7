"""Which requests the page of the traffic shows: all of it stands in its address."""

import re

from msgspec import Struct
from starlette.datastructures import QueryParams

STATUSES = ("2xx", "207", "3xx", "4xx", "400", "401", "403", "404", "409", "429", "5xx", "0")
"""Statuses that a person can choose; an address may name any other."""

USUAL, MOST = 100, 1000
"""Requests that are shown, unless all are asked for, and then at most."""

LONGEST = 300
"""Characters of a part of a path that is looked for."""

_STATUS = re.compile(r"0|[1-5]\d\d|[1-5]xx", re.ASCII)


class Sieve(Struct, frozen=True, kw_only=True):
    """What is let through; what is empty lets all through. `path` is a part of a path, or a pattern with `*`."""

    status: str
    path: str
    app: str
    failed: bool
    warned: bool
    all: bool

    @property
    def limit(self) -> int:
        """At most so many requests, the newest."""
        return MOST if self.all else USUAL

    @property
    def narrow(self) -> bool:
        """Whether some are left out."""
        return bool(self.status or self.path or self.app or self.failed or self.warned)

    def query(self, **changed: object) -> dict[str, object]:
        """The query of the page's address, with some of it changed."""
        flags = {name: "1" for name in ("failed", "warned", "all") if getattr(self, name)}
        return {"status": self.status, "path": self.path, "app": self.app, **flags, **changed}

    def asked(self) -> dict[str, object]:
        """The same as the control namespace is asked for it."""
        path = self.path if "*" in self.path else f"*{self.path}*" if self.path else ""
        flags = {name: "true" for name in ("failed", "warned") if getattr(self, name)}
        given = {"status": self.status, "path": path, "app": self.app}
        return {"limit": self.limit, **{name: value for name, value in given.items() if value}, **flags}


def sieve(query: QueryParams) -> Sieve:
    """What an address asks; what makes no sense in it is passed over."""
    status, app = query.get("status", ""), query.get("app", "")
    return Sieve(
        status=status if _STATUS.fullmatch(status) else "",
        path=query.get("path", "").strip()[:LONGEST],
        app=app if app.isascii() and app.isdigit() and len(app) < 19 else "",
        failed=bool(query.get("failed")),
        warned=bool(query.get("warned")),
        all=bool(query.get("all")),
    )
