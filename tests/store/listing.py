"""What every storage engine must do with lists: keep them, and who was put into them, against a model of sets."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.conformance import StoreConformance, create
from store.departing import CONTACTS, archive, erase, merge

from trunkline.crm import segment as rules
from trunkline.crm.plan import Wanted
from trunkline.crm.segment import Draft, Folder, Segment, Shelf, Who
from trunkline.errors import DuplicateListName, ListNotFound, Unauthenticated
from trunkline.store.lists import Member, Moved, Span
from trunkline.store.protocol import Store

NOW = 1_700_000_000_000
WHO = Who(NOW, 7)
COUNT = 5
"""Records, and lists up to that many, of the model."""

STEPS = ("add", "add", "add", "remove", "clear", "archive", "merge", "erase", "delete", "restore")
Step = tuple[str, int, tuple[int, ...]]


def draft(name: str) -> Draft:
    return Draft(type=CONTACTS, name=name, processing="MANUAL")


async def made(store: Store, portal: int, name: str, members: Sequence[int] = ()) -> int:
    """A new list with its first members."""
    return (await store.lists.change(portal, rules.created(draft(name), WHO), "list.create", NOW, 5, members)).id


async def contacts(store: Store, portal: int, *refs: str) -> list[int]:
    plan = await store.write(portal, CONTACTS, 1, Wanted(room=len(refs)), create(*refs))
    return [record.id for record in plan.creates]


async def all_of(store: Store, portal: int, list_: int, by: str = "id", falling: bool = False) -> list[int]:
    """The ids of all members, read two at a time."""
    found: list[Member] = []
    while True:
        span = Span(2, "joined" if by == "joined" else "id", found[-1] if found else None, falling)
        page = await store.lists.members(portal, CONTACTS, list_, span)
        found += page[:2]
        if len(page) <= 2:
            return [member.record for member in found]


class Model:
    """Lists as sets with times of joining, and records that stand for others."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.lists: dict[int, dict[int, int]] = {1: {}, 2: {}}
        self.deleted: set[int] = set()
        self.stands = {id_: id_ for id_ in ids}
        self.live = set(ids)

    def shown(self, list_: int) -> dict[int, int]:
        return {id_: at for id_, at in self.lists[list_].items() if id_ in self.live}

    def merged(self, primary: int, other: int) -> None:
        self.live.discard(other)
        self.stands = {id_: primary if to == other else to for id_, to in self.stands.items()}
        for members in self.lists.values():
            if other in members:
                members.setdefault(primary, members.pop(other))
                members.pop(other, None)

    def erased(self, id_: int) -> None:
        self.live.discard(id_)
        self.stands = {one: 0 if to == id_ else to for one, to in self.stands.items()}
        for members in self.lists.values():
            members.pop(id_, None)


class ListingModel:
    """Lists as sets, step by step, each time in an empty portal."""

    def opened(self) -> AbstractAsyncContextManager[Store]:
        """An opened store."""
        raise NotImplementedError

    async def empty(self, store: Store) -> int:
        """A portal that has nothing: that of the store, which is a new one each time."""
        return (await store.portals())[0]

    # Each engine runs it from a class of its own.
    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.differing_executors])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(STEPS), st.integers(1, 2), st.lists(st.integers(0, COUNT - 1), max_size=3).map(tuple)
            ),
            max_size=14,
        )
    )
    def test_lists_are_as_sets_are(self, steps: list[Step]) -> None:
        async def test() -> None:
            async with self.opened() as store:
                portal = await self.empty(store)
                model = Model(await contacts(store, portal, *"abcde"))
                for name in "xy":
                    await made(store, portal, name)
                for number, step in enumerate(steps):
                    await self._step(store, portal, model, NOW + number, step)
                    await self._compare(store, portal, model)

        asyncio.run(test())

    async def _step(self, store: Store, portal: int, model: Model, now: int, step: Step) -> None:
        kind, list_, places = step
        ids = [model.ids[place] for place in places]
        if kind in ("delete", "restore"):
            change = (rules.deleted if kind == "delete" else rules.restored)(str(list_), WHO)
            await store.lists.change(portal, change, f"list.{kind}", now, 5)
            (model.deleted.add if kind == "delete" else model.deleted.discard)(list_)
        elif kind in ("archive", "merge", "erase"):
            await self._depart(store, portal, model, kind, ids)
        elif list_ in model.deleted:
            with pytest.raises(ListNotFound):
                await store.lists.move(portal, list_, CONTACTS, now, ids)
        elif kind == "clear":
            await store.lists.clear(portal, list_)
            model.lists[list_].clear()
        else:
            await self._move(store, portal, model, now, kind, list_, ids)

    async def _move(
        self, store: Store, portal: int, model: Model, now: int, kind: str, list_: int, ids: list[int]
    ) -> None:
        members, unique = model.lists[list_], list(dict.fromkeys(ids))
        added = {"added": ids} if kind == "add" else {"removed": ids}
        told = await store.lists.move(portal, list_, CONTACTS, now, **added)
        missing = [id_ for id_ in unique if model.stands[id_] not in model.live]
        if kind == "add":
            fresh = [id_ for id_ in unique if id_ not in missing and model.stands[id_] not in members]
            assert told == Moved(fresh, [], missing)
            members.update({model.stands[id_]: now for id_ in fresh})
        else:
            there = [id_ for id_ in unique if model.stands[id_] in members]
            assert told == Moved([], there, missing)
            for id_ in there:
                members.pop(model.stands[id_], None)

    async def _depart(self, store: Store, portal: int, model: Model, kind: str, ids: list[int]) -> None:
        live = [id_ for id_ in dict.fromkeys(ids) if id_ in model.live]
        if kind == "merge" and len(live) > 1:
            await store.write(portal, CONTACTS, 1, Wanted(ids=live[:2]), merge(live[0], live[1]))
            model.merged(live[0], live[1])
        elif kind != "merge" and live:
            decide = archive if kind == "archive" else erase
            await store.write(portal, CONTACTS, 1, Wanted(ids=live[:1]), decide)
            model.live.discard(live[0])
            if kind == "erase":
                model.erased(live[0])

    async def _compare(self, store: Store, portal: int, model: Model) -> None:
        for list_ in model.lists:
            shown = model.shown(list_)
            joined = sorted(shown, key=lambda id_: (shown[id_], id_))
            assert await all_of(store, portal, list_) == sorted(shown)
            assert await all_of(store, portal, list_, falling=True) == sorted(shown, reverse=True)
            assert await all_of(store, portal, list_, "joined") == joined
            assert await all_of(store, portal, list_, "joined", True) == joined[::-1]
        for id_ in model.ids:
            stands = model.stands[id_]
            of = {list_: model.shown(list_)[stands] for list_ in model.lists if stands in model.shown(list_)}
            assert await store.lists.of(portal, CONTACTS, id_) == of


class ListingConformance(StoreConformance):
    """The behaviour that `trunkline.store.lists` promises."""

    def test_a_list_is_kept_with_its_first_members_or_not_at_all(self) -> None:
        async def test(store: Store, portal: int) -> None:
            ids = await contacts(store, portal, "a", "b")
            assert await made(store, portal, "x", [*ids, 17]) == 1
            with pytest.raises(DuplicateListName):
                await made(store, portal, "X", ids)
            assert await all_of(store, portal, 1) == ids and list((await store.lists.shelf(portal)).lists) == [1]

        self.run(test)

    def test_lists_do_not_make_the_catalog_newer(self) -> None:
        async def test(store: Store, portal: int) -> None:
            before = (await store.definitions(portal)).version
            await made(store, portal, "x")
            await store.lists.change(portal, rules.founded("f", "0", WHO), "list.folder", NOW, 5)
            assert (await store.definitions(portal)).version == before
            await contacts(store, portal, "a")

        self.run(test)

    def test_lists_of_one_portal_are_no_others(self) -> None:
        async def test(store: Store, portal: int) -> None:
            [contact] = await contacts(store, portal, "a")
            await made(store, portal, "x", [contact])
            assert await store.lists.shelf(portal + 1) == Shelf() if portal + 1 in await store.portals() else True
            for refused in (
                lambda: store.lists.shelf(portal + 7),
                lambda: store.lists.of(portal + 7, CONTACTS, contact),
            ):
                with pytest.raises(Unauthenticated):
                    await refused()
            with pytest.raises(Unauthenticated):
                await made(store, portal + 7, "x")

        self.run(test)

    def test_what_changes_nothing_tells_nothing(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await made(store, portal, "x")
            again = await store.lists.change(portal, rules.renamed("1", "x", WHO), "list.update", NOW + 5, 5)
            assert isinstance(again, Segment) and again.version == 1 and again.updated == NOW
            folder = await store.lists.change(portal, rules.founded("f", "0", WHO), "list.folder", NOW, 5)
            assert isinstance(folder, Folder) and folder.id == 1

        self.run(test)
