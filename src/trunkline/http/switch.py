"""Which routes a request is tried with: those of its part of the API alone, so that the last row is as near as the
first.

A part is the first three steps of a path, as `/crm/v3/objects` or `/crm/objects/2026-03`. Some documents of version 3
and 4 have the version behind the part (`/crm/objects/v3/appointments`, `/crm/associations/v4/…`); that is another
spelling of the same path for all of them.
"""

import re
from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

STEPS = 3

TURNED = re.compile(r"/crm/([a-z-]+)/(v[34])(?=/|$)")
"""A path under /crm with a numbered version behind the part."""


SCHEMAS = "/crm/v3/schemas"
OLDER = re.compile(rf"{SCHEMAS}(?=/|$)")
"""Where schemas were before they had a part of their own; older clients know no other place (behaviour 13.10)."""


Make = Callable[[], BaseRoute]
"""Makes a route. To make hundreds takes as long as the rest of a start, so each part waits until it is asked."""


class Switch:
    """A router of routers, one for each part, and one for what belongs to none.

    `later` are the paths of further routes, which come before the others, and what makes them.
    """

    def __init__(self, routes: Sequence[BaseRoute], later: Sequence[tuple[str, Make]] = ()) -> None:
        self._parts: dict[str, Router] = {}
        self._waiting: dict[str, list[Make]] = {}
        there = [(route.path if isinstance(route, Route) else "", _made(route)) for route in routes]
        for path, make in (*later, *there):
            self._waiting.setdefault(_part(path), []).append(make)

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes, by part."""
        return [route for part in (*self._parts, *self._waiting) for route in self._router(part).routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] = usual(scope["path"])
        await self._router(_part(path))(scope, receive, send)

    def _router(self, part: str) -> Router:
        """The router of a part; that of what belongs to none where there is no such part."""
        known = self._parts.get(part)
        if known is not None:
            return known
        if part and part not in self._waiting:
            return self._router("")
        made = [make() for make in self._waiting.pop(part, ())]
        self._parts[part] = Router(made, redirect_slashes=False)
        return self._parts[part]


def _made(route: BaseRoute) -> Make:
    return lambda: route


def usual(path: str) -> str:
    """A path as the route table has it."""
    if path.startswith(SCHEMAS):
        return OLDER.sub(r"/crm-object-schemas/v3/schemas", path)
    return TURNED.sub(r"/crm/\2/\1", path, count=1)


def _part(path: str) -> str:
    """The first steps of a path; empty where it has fewer, or places among them."""
    steps = path.split("/", STEPS + 1)[1 : STEPS + 1]
    return "" if len(steps) < STEPS or "{" in "".join(steps) else "/".join(steps)
