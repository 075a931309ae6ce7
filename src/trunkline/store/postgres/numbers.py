"""Which record id comes next in each object type of a portal.

A process reserves ids by the block, in a transaction of its own, so that two processes never give the same; what is
left of a block when a process ends is given to nobody. Record ids are in the order of creation within a process.
"""

import asyncio
from collections import defaultdict

from msgspec import Struct

from trunkline.crm.engagement import type_ids
from trunkline.errors import Unauthenticated
from trunkline.store.numbers import FIRST_ID
from trunkline.store.postgres.database import Database

BLOCK = 1_000
"""Ids that are reserved at a time, at least."""

RESERVE = (
    "INSERT INTO counter AS c (portal, name, last) "
    "SELECT portal, $2, $3::bigint + $4::bigint - 1 FROM head WHERE portal = $1 "
    "ON CONFLICT (portal, name) DO UPDATE SET last = c.last + $4::bigint RETURNING last"
)


class Block(Struct):
    """Ids from `next` up to, but without, `end`."""

    next: int = 0
    end: int = 0


class Numbers:
    """The blocks of one process. Some object types of a portal count together: there an id means one record."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = frozenset(type_ids())
        self._blocks: dict[tuple[int, str], Block] = defaultdict(Block)
        self._turns: dict[tuple[int, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def reserve(self, portal: int, type_id: str, count: int) -> int:
        """The first of so many ids in a row that nobody else is given.

        Raises `Unauthenticated` when the portal is not there.
        """
        key = self._key(portal, type_id)
        block = self._blocks[key]
        if block.end - block.next < count:
            async with self._turns[key]:
                if block.end - block.next < count:
                    await self._extend(key, block, max(count, BLOCK))
                return _take(block, count)
        return _take(block, count)

    async def _extend(self, key: tuple[int, str], block: Block, count: int) -> None:
        last = await self._database.call(
            lambda connection: connection.fetchval(RESERVE, key[0], f"record {key[1]}", FIRST_ID, count)
        )
        if last is None:
            raise Unauthenticated
        block.next, block.end = last - count + 1, last + 1

    def give_back(self, portal: int, type_id: str, first: int, count: int) -> None:
        """Takes ids back that were not used, if none was reserved after them."""
        block = self._blocks[self._key(portal, type_id)]
        if block.next == first + count:
            block.next = first

    def _key(self, portal: int, type_id: str) -> tuple[int, str]:
        return portal, "engagement" if type_id in self._together else type_id

    def forget(self, portal: int) -> None:
        """Knows nothing of a portal any more."""
        for key in [key for key in self._blocks if key[0] == portal]:
            del self._blocks[key]


def _take(block: Block, count: int) -> int:
    first = block.next
    block.next += count
    return first
