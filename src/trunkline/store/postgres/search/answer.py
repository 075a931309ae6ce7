"""Answering one query: count, page and records, or counts alone, by parts; all of one moment."""

from collections.abc import Collection, Mapping, Sequence

import asyncpg
from msgspec import Struct

from trunkline.crm.catalog import ObjectType
from trunkline.crm.cut import Counted, Cut, Part
from trunkline.crm.query import Query
from trunkline.crm.record import Record
from trunkline.errors import Unauthenticated
from trunkline.store.postgres.database import Connection
from trunkline.store.postgres.rows import record_of
from trunkline.store.postgres.search.layout import Layout, Need
from trunkline.store.postgres.search.parting import named, parting
from trunkline.store.postgres.search.selection import SPARE, Selection, Statement
from trunkline.store.postgres.search.tables import Kept, kept
from trunkline.store.protocol import Hits

STATE = (
    "SELECT h.position, p.position, l.records, l.filled, l.detail FROM head AS h "
    "LEFT JOIN search_progress AS p ON p.portal = h.portal "
    "LEFT JOIN search_layout AS l ON l.portal = h.portal AND l.type = ANY ($2::text[]) WHERE h.portal = $1"
)
"""What the index has, at the moment that the answer is of."""

TRIES = 1, 8
"""Times as many records as should do, at which a walk is given up."""


class State(Struct, frozen=True):
    """How far the index has come: the journal's position and its own, None before it is begun; and some layouts."""

    head: int
    position: int | None
    layouts: Mapping[str, Kept]

    def reaches(self, to: int | None) -> bool:
        """Whether the index has come to a position, without one to the newest."""
        return self.position is not None and self.position >= (self.head if to is None else to)

    def unready(self, wanted: Mapping[str, Collection[Need]]) -> list[str]:
        """The names of what is wanted and not there for all records; of a type that is not there at all, its own."""
        names = set()
        for type_id, needs in wanted.items():
            there = self.layouts.get(type_id)
            if there is None or (there.filled is not None and not any(part.ready for part in there.layout.parts)):
                names.add(type_id)
            else:
                names |= {value.name for need in there.layout.unready(needs) for value in need}
        return sorted(names)


async def state(connection: Connection, portal: int, types: Collection[str]) -> State:
    """How far the index of a portal has come; raises `Unauthenticated` when the portal is not there (any more)."""
    rows = await connection.fetch(STATE, portal, list(types))
    if not rows:
        raise Unauthenticated
    found = [kept(*row[2:]) for row in rows if row[2] is not None]
    return State(rows[0][0], rows[0][1], {one.layout.type: one for one in found})


class Answering:
    """One query, on a connection that sees one moment."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds

    async def answer(self, query: Query, portal: int, type_: ObjectType, layouts: Mapping[str, Kept]) -> Hits:
        """Count and page; a record that was archived since is left out of the page."""
        records, selection = layouts[type_.id].records, _selection(query, portal, type_, layouts)
        if selection.gathers:
            return await self._gather(selection)
        total = records if selection.asks_nothing else int((await self._fetch(selection.count()))[0][0])
        if total <= query.offset:
            return Hits(total, [])
        return Hits(total, await self._page(selection, query, records, total))

    async def tabulate(
        self, query: Query, cuts: Sequence[Cut], portal: int, type_: ObjectType, layouts: Mapping[str, Kept]
    ) -> Counted:
        """How many records a query finds, and how many of them are in each part."""
        selection = _selection(query, portal, type_, layouts)
        total = int((await self._fetch(selection.count()))[0][0])
        return Counted(total, [await self._parts(selection, cut) for cut in cuts])

    async def _parts(self, selection: Selection, cut: Cut) -> dict[Part, int]:
        rows = await self._fetch(selection.counted(parting(cut, selection.column(cut.field))))
        return {named(cut, row[0]): row[1] for row in rows}

    async def _gather(self, selection: Selection) -> Hits:
        rows = await self._fetch(selection.gathered())
        return Hits(rows[0][0], [record_of(row[1:]) for row in rows if row[1] is not None])

    async def _page(self, selection: Selection, query: Query, records: int, total: int) -> list[Record]:
        """The page, by a walk where that looks at fewer records than match."""
        enough = query.offset + query.limit
        looks = enough if selection.is_straight else enough * records // total * SPARE[0] + SPARE[1]
        for times in TRIES:
            walked = selection.walked(looks * times) if looks * times <= total else None
            if walked is None:
                break
            rows = await self._fetch(walked)
            if len(rows) >= min(query.limit, total - query.offset):
                return [record_of(row) for row in rows]
        return [record_of(row) for row in await self._fetch(selection.found())]

    async def _fetch(self, statement: Statement) -> list[asyncpg.Record]:
        # The pool's own limit, which is for statements of any kind, comes later than the search's.
        return await self._connection.fetch(statement.text, *statement.values, timeout=self._seconds + 5)


def _selection(query: Query, portal: int, type_: ObjectType, layouts: Mapping[str, Kept]) -> Selection:
    def layout_of(type_id: str) -> Layout | None:
        found = layouts.get(type_id)
        return None if found is None else found.layout

    return Selection(query, portal, layouts[type_.id].layout, type_, layout_of)
