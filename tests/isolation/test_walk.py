"""No portal can read, write, count or learn the ids of another's records, by whichever route it tries.

A spy walks along the route table on two servers: on one there are portals before and after its own, which are full of
things, and it tries their names; on the other one there is nobody else. Both must answer the same to the byte.
"""

import asyncio
from pathlib import Path

import pytest
from isolation.pair import pair
from isolation.walk import walk
from isolation.world import World, world
from starlette.routing import Route

from trunkline.http.control.table import PREFIX
from trunkline.http.routes import OPERATIONS
from trunkline.web.place import ROOT

VERSIONS = list(dict.fromkeys(version for row in OPERATIONS for version in row.versions))

BESIDE = {
    "/oauth/authorize": "the person who decides for portals",
    "/oauth/{portal:number}/authorize": "the person who decides for portals",
    "/oauth/sign-in": "the person who decides for portals",
    "/oauth/sign-out": "the person who decides for portals",
    "/oauth/style.css": "a file",
    "/openapi.json": "a file",
    "/docs": "files",
    "/face/{name}": "files",
    "/docs/{name}": "files",
    "/docs/{name}/{part}": "files",
    "/webhooks-journal/files/{ticket}": "whoever was given a link that cannot be guessed",
    "/exports/{ticket}": "whoever was given a link that cannot be guessed",
}
"""The routes that no token opens, with whom or what they are for; the control namespace has tests of its own."""

PAGES = ("/", "/web/{name}", ROOT)
"""The web pages, which have tests of their own (`tests/web`)."""


@pytest.mark.parametrize("version", VERSIONS)
def test_no_portal_tells_from_any_answer_that_there_are_others(version: str, tmp_path: Path) -> None:
    async def told() -> list[str]:
        async with pair(tmp_path) as both:
            return [*await walk(both, version), *await both.ended()]

    found = asyncio.run(told())
    assert not found, "\n".join([f"{len(found)} complaints", *found[:20]])


def test_the_walk_leaves_no_route_out(tmp_path: Path) -> None:
    async def paths() -> set[str]:
        async with world(tmp_path / "one.db") as one:
            return {route.path for route in _routes(one)}

    walked = {path for row in OPERATIONS for _, path in row.paths()}
    apart = (f"{PREFIX}/", f"{ROOT}/")
    left = {path for path in asyncio.run(paths()) - walked - {*BESIDE, *PAGES} if not path.startswith(apart)}
    assert not left, f"Put these into the route table, or say in BESIDE whom they are for: {sorted(left)}"


def _routes(one: World) -> list[Route]:
    layer = vars(one.app)["_app"]
    while not hasattr(layer, "routes"):
        layer = layer.app
    return list(layer.routes)
