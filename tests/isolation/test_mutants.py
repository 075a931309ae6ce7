"""The walk complains of a store that does not keep portals apart: each test takes down one of its walls."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from isolation.ground import ROWS
from isolation.pair import CALLS, pair
from isolation.rows import slots
from isolation.walk import walk
from isolation.world import World
from msgspec import structs

from trunkline.store.protocol import Hits, Job, Store

Wreck = Callable[[Any, World, int], None]
"""Takes a wall down, between all portals and that of a number."""


def _open_records(store: Any, world: World, other: int) -> None:
    read = store.read

    async def leaky(portal: int, *wanted: Any) -> Any:
        return await read(portal, *wanted) or await read(other, *wanted)

    store.read = leaky


def _open_batches(store: Any, world: World, other: int) -> None:
    get = store.jobs.get

    async def leaky(portal: int, id_: str) -> Job | None:
        found: Job | None = await get(portal, id_) or await get(other, id_)
        return found

    store.jobs.get = leaky


def _count_together(store: Any, world: World, other: int) -> None:
    search = store.search

    async def leaky(type_: Any, portal: int, query: Any) -> Hits:
        hits: Hits = await search(type_, portal, query)
        return structs.replace(hits, total=hits.total + (await search(type_, other, query)).total)

    store.search = leaky


def _number_together(store: Any, world: World, other: int) -> None:
    ids, ours = store._known.next_id, slots(world.path, 1_000_002)[CALLS]
    ids[ours] = ids[slots(world.path, other)[CALLS]]


def _write_elsewhere(store: Any, world: World, other: int) -> None:
    write = store.write

    async def leaky(portal: int, type_id: str, version: int, *asked: Any) -> Any:
        return await write(other, type_id, (await store.definitions(other)).version, *asked)

    store.write = leaky


WRECKS: dict[str, tuple[Wreck, str, str]] = {
    "records": (_open_records, "GET /crm/objects/{type}/{id}", "tells a secret"),
    "batches": (_open_batches, "GET /crm/objects/{type}/batch/requests/{job}", "tells a secret"),
    "totals": (_count_together, "POST /crm/objects/{type}/search", "tells that there are others"),
    "ids": (_number_together, "POST /crm/objects/{type}", "tells that there are others"),
    "writes": (_write_elsewhere, "PATCH /crm/objects/{type}/{id}", "record has lost"),
}


@pytest.mark.parametrize("name", WRECKS)
def test_the_walk_finds_the_wall_that_is_down(name: str, tmp_path: Path) -> None:
    wreck, operation, complaint = WRECKS[name]

    async def told() -> list[str]:
        async with pair(tmp_path) as both:
            store: Store = both.full.world.state.store
            wreck(store, both.full.world, both.victims[-1].ground.portal)
            return [*await walk(both, "v3", [ROWS[operation]]), *await both.ended()]

    assert any(complaint in sentence for sentence in asyncio.run(told()))


def test_the_walk_says_what_a_route_lacks_that_it_cannot_walk(tmp_path: Path) -> None:
    async def told() -> list[str]:
        async with pair(tmp_path) as both:
            return await walk(both, "v3", [structs.replace(ROWS["GET /crm/objects/{type}"], path="/{type}/new")])

    (sentence,) = asyncio.run(told())
    assert sentence.startswith("GET /crm/objects/{type}/new in v3, cannot be walked: give it an example")
