"""Keeping the index up to the journal: small steps of work, each a transaction, made by one process at a time.

A step that fails has changed nothing. A record is looked at as it is now, however often, and the position moves with
what was looked at.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from time import perf_counter

from msgspec import Struct

from trunkline.clock import Clock
from trunkline.crm.catalog import TypeData
from trunkline.crm.record import Moment, Record
from trunkline.errors import Unauthenticated
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.search import tables
from trunkline.store.postgres.search.entry import former
from trunkline.store.postgres.search.layout import Layout, Need, filled, lengthened, usual, widened
from trunkline.store.postgres.search.tables import Kept

RECORDS = 1_000
"""Records of one step."""

BLOCKED = 0.01
"""Seconds after which the event loop has its turn while rows are made."""

Wanted = Mapping[str, Collection[Need]]
"""What the index shall have, by object type."""


class Progress(Struct, frozen=True):
    """How far the index of a portal has come: its position, and whether there is more to do than was done."""

    position: int
    more: bool


class Follower:
    """Writes the index of all portals. Any process may; they take turns."""

    def __init__(self, database: Database, clock: Clock, types: Mapping[str, TypeData], lag: float) -> None:
        self._database = database
        self._clock = clock
        self._types = types
        self._lag = lag

    async def step(self, portal: int, wanted: Wanted | None = None) -> Progress:
        """One step: a stretch of the journal, and one of what is to be filled, of the types that are wanted first.

        Raises `Unauthenticated` when the portal is not there (any more), and `StoreUnreachable`.
        """
        return await self._database.write(partial(self._step, portal, wanted or {}))

    async def _step(self, portal: int, wanted: Wanted, connection: Connection) -> Progress:
        step = Step(connection, portal, self._types)
        after = await step.begin()
        await step.widen(wanted)
        to = await tables.aged(connection, portal, after, self._before())
        if to is None:
            raise Unauthenticated
        last = await step.follow(after, to) if after < to else after
        more = await step.fill(wanted)
        return Progress(last, more or last < to)

    def _before(self) -> Moment | None:
        return self._clock.now() - round(self._lag * 1000) if self._lag else None


class Step:
    """One transaction in the index of one portal."""

    def __init__(self, connection: Connection, portal: int, types: Mapping[str, TypeData]) -> None:
        self._connection = connection
        self._portal = portal
        self._types = types

    async def begin(self) -> int:
        """Waits for its turn and returns the position; an index that is not there is begun with what is there now."""
        position = await tables.turn(self._connection, self._portal)
        if position is not None:
            return position
        first = await tables.begin(self._connection, self._portal)
        position = await tables.turn(self._connection, self._portal)
        if position is None:
            raise Unauthenticated
        for (type_id,) in await self._connection.fetch(tables.TYPES, self._portal) if first else ():
            if type_id in self._types:
                await self._make(type_id, 0)
        return position

    async def _make(self, type_id: str, filled_to: int | None) -> Kept:
        number = await self._connection.fetchval(tables.NUMBER, self._portal)
        layout = usual(number, type_id, self._types.get(type_id))
        layout = filled(layout) if filled_to is None else layout
        await tables.put(self._connection, self._portal, layout, filled_to)
        return Kept(layout, 0, filled_to)

    async def widen(self, wanted: Wanted) -> None:
        """Adds what is wanted and not there, to be filled."""
        there = await tables.layouts(self._connection, self._portal, wanted) if wanted else {}
        for type_id, needs in wanted.items():
            kept = there.get(type_id) or await self._make(type_id, 0)
            if (kept.layout.unready(needs) and kept.filled == 0) or kept.layout.lacks(needs):
                await tables.put(self._connection, self._portal, widened(kept.layout, needs), 0)

    async def follow(self, after: int, to: int) -> int:
        """Takes in a stretch of the journal, and returns the position that it reached.

        A type that comes with Trunkline is taken in from its first record on, any other when it is first searched.
        """
        last, touched = await tables.touched(self._connection, self._portal, after, to, RECORDS)
        there = await tables.layouts(self._connection, self._portal, touched) if touched else {}
        for type_id, ids in touched.items():
            kept = there.get(type_id)
            if kept is None and type_id in self._types:
                kept = await self._make(type_id, None)
            if kept is not None:
                await self._take(kept, ids)
        await self._connection.execute(tables.MOVE, self._portal, last)
        return last

    async def _take(self, kept: Kept, ids: Sequence[int]) -> None:
        """Brings records into the index as they are now, and out of it those that are archived or gone."""
        layout, wanted = kept.layout, ids
        live: list[int] = []
        while wanted:
            found = await tables.records(self._connection, self._portal, layout.type, wanted)
            those = [record for record in found if record.archived is None]
            if those:
                layout = await self._enter(layout, those)
            live += [record.id for record in those]
            wanted = wanted[bisect_right(wanted, found[-1].id) :] if found else []
        if layout != kept.layout:
            await tables.put(self._connection, self._portal, layout, kept.filled)
        gone = sorted(set(ids).difference(live))
        if gone:
            await tables.leave(self._connection, self._portal, layout.number, gone)

    async def fill(self, first: Collection[str]) -> bool:
        """Fills a stretch of one collection, of these types first, and says whether there is more to fill."""
        types = [row[0] for row in await self._connection.fetch(tables.UNFILLED, self._portal)]
        if not types:
            return False
        type_id = next((type_id for type_id in types if type_id in first), types[0])
        kept = (await tables.layouts(self._connection, self._portal, [type_id]))[type_id]
        found = await tables.following(self._connection, self._portal, type_id, kept.filled or 0, RECORDS)
        if found:
            layout = await self._enter(kept.layout, found, *kept.layout.unfilled)
            await tables.put(self._connection, self._portal, layout, found[-1].id)
        else:
            await tables.put(self._connection, self._portal, filled(kept.layout), None)
        return bool(found) or len(types) > 1

    async def _enter(
        self, layout: Layout, records: Sequence[Record], compared: bool = True, worded: bool = True
    ) -> Layout:
        """Puts records into the index, what is compared of them and their words, and returns the layout as it is then.

        The event loop has its turn now and then.
        """
        make, began = former(self._portal, layout), perf_counter()
        entries, words = make.empty(), []
        for record in records:
            if compared:
                make.put(record, entries)
            if worded:
                words.append(make.words(record))
            if perf_counter() - began > BLOCKED:
                await asyncio.sleep(0)
                began = perf_counter()
        if compared:
            await tables.enter(self._connection, self._portal, layout.number, entries)
        if words and layout.has_words:
            await tables.word(self._connection, self._portal, layout.number, [one.id for one in records], words)
        return lengthened(layout, entries.long)
