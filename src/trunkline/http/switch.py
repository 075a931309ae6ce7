"""Which routes a request is tried with: those of its part of the API alone, so that the last row is as near as the
first.

A part is the first three steps of a path, as `/crm/v3/objects` or `/crm/objects/2026-03`. Some documents of version 3
and 4 have the version behind the part (`/crm/objects/v3/appointments`, `/crm/associations/v4/…`); that is another
spelling of the same path for all of them.
"""

import re
from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

STEPS = 3

TURNED = re.compile(r"/crm/([a-z-]+)/(v[34])(?=/|$)")
"""A path under /crm with a numbered version behind the part."""


SCHEMAS = "/crm/v3/schemas"
OLDER = re.compile(rf"{SCHEMAS}(?=/|$)")
"""Where schemas were before they had a part of their own; older clients know no other place (behaviour 13.10)."""


class Switch:
    """A router of routers, one for each part, and one for what belongs to none."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = routes
        parts: dict[str, list[BaseRoute]] = {}
        for route in routes:
            parts.setdefault(_part(route.path if isinstance(route, Route) else ""), []).append(route)
        self._rest = Router(parts.pop("", []), redirect_slashes=False)
        self._parts = {part: Router(some, redirect_slashes=False) for part, some in parts.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] = usual(scope["path"])
        await self._parts.get(_part(path), self._rest)(scope, receive, send)


def usual(path: str) -> str:
    """A path as the route table has it."""
    if path.startswith(SCHEMAS):
        return OLDER.sub(r"/crm-object-schemas/v3/schemas", path)
    return TURNED.sub(r"/crm/\2/\1", path, count=1)


def _part(path: str) -> str:
    """The first steps of a path; empty where it has fewer, or places among them."""
    steps = path.split("/", STEPS + 1)[1 : STEPS + 1]
    return "" if len(steps) < STEPS or "{" in "".join(steps) else "/".join(steps)
