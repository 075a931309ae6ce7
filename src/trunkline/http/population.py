"""Who is in the lists of one portal, whatever their kind: kept members from the store, the others by a search."""

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from trunkline.crm.branch import Or
from trunkline.crm.catalog import ObjectType
from trunkline.crm.criteria import Criteria
from trunkline.crm.query import Condition, Every, Field, Query, Sort, Test
from trunkline.crm.record import Moment, Record
from trunkline.crm.segment import Segment, Shelf
from trunkline.errors import UnknownObjectType
from trunkline.http.call import State
from trunkline.store.lists import Member, Span

ID = Field("hs_object_id", "id")

STRETCH = 1_000
"""Members that are looked up at once where all of them are wanted."""


class Population(Struct):
    """The members of a portal's lists, as of now. A list whose object type is gone has none."""

    state: State
    portal: int

    async def shelf(self) -> Shelf:
        """All lists and folders."""
        return await self.state.store.lists.shelf(self.portal)

    async def size(self, one: Segment, shelf: Shelf) -> int:
        """How many live records are in a list."""
        type_ = self._type(one)
        return 0 if type_ is None else await self._count(type_, self._criteria(shelf).of(one))

    async def test(self, id_: str) -> Test:
        """What a record must meet to be in a list; raises `ListNotFound`."""
        shelf = await self.shelf()
        return self._criteria(shelf).of(shelf.list(id_))

    async def page(self, one: Segment, shelf: Shelf, span: Span) -> list[Member]:
        """The members of a page, and one more when there are more.

        Who is in a list by its filters joined it when these were last set, or when the record was made after that;
        so both orders are that of the ids.
        """
        type_ = self._type(one)
        if type_ is None:
            return []
        if one.keeps:
            return await self.state.store.lists.members(self.portal, type_.id, one.id, span)
        test, start = self._criteria(shelf).of(one), span.start.record if span.start else None
        found = await self._found(type_, test, start, span.limit + 1, falling=span.falling)
        return [Member(record.id, _since(one, record)) for record in found]

    async def ids(self, one: Segment, shelf: Shelf, most: int) -> list[int]:
        """The ids of all members, or of more than `most` of them."""
        found: list[int] = []
        start: Member | None = None
        while len(found) <= most:
            page = await self.page(one, shelf, Span(STRETCH, start=start))
            found += [member.record for member in page[:STRETCH]]
            if len(page) <= STRETCH:
                break
            start = page[STRETCH - 1]
        return found

    async def passing(self, branch: Or, type_: ObjectType, shelf: Shelf) -> list[int]:
        """The ids of all live records that pass filters; raises `InvalidListFilter`."""
        test = self._criteria(shelf, strict=True).passing(branch, type_)
        ids: list[int] = []
        while found := await self._found(type_, test, ids[-1] if ids else None, STRETCH):
            ids += [record.id for record in found]
        return ids

    def require_sound(self, branch: Or, type_id: str, shelf: Shelf, own: int | None = None) -> None:
        """Raises `InvalidListFilter` for filters that cannot be evaluated, as those of the list `own` if it is one."""
        type_ = self.state.catalog(self.portal).type(type_id)
        self._criteria(shelf, strict=True).passing(branch, type_, own)

    async def lists_of(self, type_: ObjectType, ids: Sequence[int]) -> dict[int, list[tuple[Segment, Moment]]]:
        """For each record the lists that it is in, by id, and since when."""
        shelf = await self.shelf()
        there = [one for one in shelf.live() if one.type == type_.id]
        told = await self._kept(type_, ids, shelf)
        for one in there:
            if not one.keeps:
                among = Condition(ID, "IN", tuple(ids))
                test = Every((among, self._criteria(shelf).of(one)))
                found = await self._found(type_, test, None, len(ids))
                told += [(record.id, one, _since(one, record)) for record in found]
        told.sort(key=lambda entry: (entry[0], entry[1].id))
        grouped = {id_: [(one, at) for _, one, at in some] for id_, some in groupby(told, key=lambda entry: entry[0])}
        return {id_: grouped.get(id_, []) for id_ in ids}

    async def _kept(self, type_: ObjectType, ids: Sequence[int], shelf: Shelf) -> list[tuple[int, Segment, Moment]]:
        told = []
        for id_ in dict.fromkeys(ids):
            for number, at in (await self.state.store.lists.of(self.portal, type_.id, id_)).items():
                one = shelf.lists[number]
                if one.deleted is None:
                    told.append((id_, one, at))
        return told

    def _criteria(self, shelf: Shelf, *, strict: bool = False) -> Criteria:
        return Criteria(self.state.catalog(self.portal), shelf, self.state.clock.now(self.portal), strict=strict)

    def _type(self, one: Segment) -> ObjectType | None:
        try:
            return self.state.catalog(self.portal).type(one.type)
        except UnknownObjectType:
            return None

    async def _count(self, type_: ObjectType, test: Test) -> int:
        hits = await self.state.store.search(type_, self.portal, Query(test=test, limit=0))
        return hits.total

    async def _found(
        self, type_: ObjectType, test: Test, start: int | None, limit: int, *, falling: bool = False
    ) -> list[Record]:
        """At most so many records that meet a test, by id, after `start`, or with `falling` before it."""
        if start is not None:
            test = Every((Condition(ID, "LT" if falling else "GT", (start,)), test))
        query = Query(test=test, sort=Sort(ID, falling), limit=limit)
        return (await self.state.store.search(type_, self.portal, query)).records


def _since(one: Segment, record: Record) -> Moment:
    return max(one.filtered or one.created, record.created)
