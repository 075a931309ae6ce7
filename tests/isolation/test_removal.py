"""A portal that is removed is gone for all who ask, and nobody else notices."""

import asyncio
from pathlib import Path

from isolation.install import installed
from isolation.pair import Pair, pair
from isolation.rows import rows
from isolation.steady import MINUTE
from isolation.walk import walk
from isolation.wire import Sent
from isolation.world import BEGINNING

from trunkline.http.routes import OPERATIONS

SECONDS = 20
LEFT = {"portal", "change", "app", "person", "credential", "event"}
"""The tables that still tell of it: its number and its end, and what the server keeps of its own."""


def test_nothing_of_a_removed_portal_is_reachable_and_others_stay_as_they_were(tmp_path: Path) -> None:
    asyncio.run(_remove(tmp_path))


async def _remove(folder: Path) -> None:
    async with pair(folder) as both:
        world, gone = both.full.world, both.victims.pop()
        both.before.pop()
        held = await installed(world, gone.ground.client, gone.ground.portal)
        await world.operate("DELETE", f"/portals/{gone.ground.portal}")
        for token in (gone.ground.token, held.access):
            for path in ("/crm/v3/objects/calls", *(link.partition("localhost")[2] for link in gone.links)):
                reply = await world.send(Sent("GET", path, headers={"authorization": f"Bearer {token}"}))
                assert reply.status == 401, reply.text
        for what, token in (("access", held.access), ("refresh", held.refresh)):
            reply = await world.send(Sent("GET", f"/oauth/v1/{what}-tokens/{token}"))
            assert 400 <= reply.status < 500, reply.text
        async with asyncio.timeout(SECONDS):
            while rows(world.path, gone.ground.portal)["collection"]:
                await asyncio.sleep(0.05)  # a look takes longer than a step of the removal
        assert {table for table, left in rows(world.path, gone.ground.portal).items() if left} <= LEFT
        await _walk_on(both)


async def _walk_on(both: Pair) -> None:
    """The spy, who tries the names of what is gone as well, sees what it sees where nobody ever was."""
    for side in (both.full, both.alone):
        side.world.clock.set(BEGINNING + 22 * MINUTE)
    reading = [row for row in OPERATIONS if row.method == "GET"]
    found = await walk(both, "v3", reading)
    asking = [row for row in OPERATIONS if row.verb is None]
    for version in sorted({version for row in asking for version in row.versions}):
        found += await walk(both, version, asking)
    found += await both.ended()
    assert not found, "\n".join(found[:20])
