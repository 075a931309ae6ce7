"""What every storage engine must do with records that are archived, tied, merged and erased."""

from collections.abc import Callable, Sequence

import pytest
from store.conformance import CALLS, StoreConformance, change, create

from trunkline.crm.archive import archived
from trunkline.crm.association import Linked, Tie
from trunkline.crm.link import Links
from trunkline.crm.plan import Found, Merger, Plan, UniqueKey, Wanted
from trunkline.store.protocol import Store

CONTACTS = "0-1"
TO_CONTACT, TO_CALL = 194, 193


def archive(found: Found) -> Plan:
    """A plan that archives everything that was found."""
    plan = Plan(found.now, 6)
    plan.archives = [archived(record, found.now) for record in found.records.values()]
    plan.released = [("ref", record.properties["ref"]) for record in found.records.values()]
    return plan


def erase(found: Found) -> Plan:
    """A plan that erases everything that was found."""
    plan = Plan(found.now, 6)
    plan.erased = [archived(record, found.now) for record in found.records.values()]
    plan.released = [("ref", r.properties["ref"]) for r in found.records.values() if r.archived is None]
    return plan


def merge(primary: int, other: int, *claimed: tuple[UniqueKey, int]) -> Callable[[Found], Plan]:
    """A plan that merges one record into another."""

    def decide(found: Found) -> Plan:
        plan = change(title="merged")(
            Found(found.now, found.next_id, {}, {primary: found.records[primary]}),
        )
        plan.archives = [archived(found.records[other], found.now)]
        plan.released = [("ref", found.records[other].properties["ref"])]
        plan.mergers = [Merger(other, primary)]
        plan.claimed = list(claimed)
        return plan

    return decide


def tie(record: int, *contacts: int) -> Callable[[Found], Plan]:
    """A plan that ties a call to contacts."""
    type_ = Links().by_id("HUBSPOT_DEFINED", TO_CONTACT)
    assert type_ is not None

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 6)
        plan.ties = [Tie(record, (CONTACTS, contact), type_) for contact in contacts]
        return plan

    return decide


async def made(store: Store, portal: int, *refs: str, type_id: str = CALLS) -> list[int]:
    """The ids of new records."""
    plan = await store.write(portal, type_id, 1, Wanted(room=len(refs)), create(*refs))
    return [record.id for record in plan.creates]


async def contacts_of(store: Store, portal: int, *ids: int) -> dict[int, list[Linked]]:
    """What calls are tied to."""
    return await store.links(portal, CALLS, ids, CONTACTS, 10)


class DepartingConformance(StoreConformance):
    """The part of `trunkline.store.protocol` that is about records which go, and those that stay for them."""

    def test_pages_are_in_the_order_of_ids(self) -> None:
        async def test(store: Store, portal: int) -> None:
            ids = await made(store, portal, "A", "B", "C", "D", "E")
            await store.write(portal, CALLS, 1, Wanted(ids=[ids[1], ids[3]]), archive)

            async def page(first: int, limit: int, *, archived: bool) -> list[int]:
                return [r.id for r in await store.page(portal, CALLS, first, limit, archived=archived)]

            assert await page(0, 10, archived=False) == [ids[0], ids[2], ids[4]]
            assert await page(0, 2, archived=False) == [ids[0], ids[2]]
            assert await page(ids[1], 10, archived=False) == [ids[2], ids[4]]
            assert await page(ids[4] + 1, 10, archived=False) == []
            assert await page(2**62, 10, archived=False) == []
            assert await page(0, 10, archived=True) == [ids[1], ids[3]]
            assert await page(ids[1] + 1, 1, archived=True) == [ids[3]]

        self.run(test)

    def test_pages_hold_one_object_type(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await made(store, portal, "A")
            await made(store, portal, "B", "C", type_id=CONTACTS)
            calls = await store.page(portal, CALLS, 0, 10, archived=False)
            contacts = await store.page(portal, CONTACTS, 0, 10, archived=False)
            assert [r.properties["ref"] for r in calls] == ["A"]
            assert [r.properties["ref"] for r in contacts] == ["B", "C"]

        self.run(test)

    def test_an_archived_record_keeps_its_values_and_holds_none(self) -> None:
        async def test(store: Store, portal: int) -> None:
            (id_,) = await made(store, portal, "A")
            await store.write(portal, CALLS, 1, Wanted(ids=[id_]), archive)
            (record,) = await store.read(portal, CALLS, [id_])
            assert record.archived is not None
            assert record.updated == record.archived >= record.created
            assert record.properties == {"ref": "A"}
            assert await store.read(portal, CALLS, [], [("ref", "A")]) == []
            assert await store.changes(portal, record, 10) == []
            assert await made(store, portal, "A") != [id_]

        self.run(test)

    def test_ties_are_seen_from_both_ends(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two = await made(store, portal, "A", "B")
            ann, bob = await made(store, portal, "ann", "bob", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), tie(one, bob, ann))
            assert await contacts_of(store, portal, one, two) == {
                one: [Linked(ann, TO_CONTACT), Linked(bob, TO_CONTACT)],
                two: [],
            }
            back = await store.links(portal, CONTACTS, [ann], CALLS, 10)
            assert back == {ann: [Linked(one, TO_CALL)]}
            assert await store.links(portal, CALLS, [one], CALLS, 10) == {one: []}
            assert await store.links(portal, CALLS, [one], CONTACTS, 1) == {one: [Linked(ann, TO_CONTACT)]}
            assert await store.links(portal, CALLS, [one], CONTACTS, 10, ann + 1) == {one: [Linked(bob, TO_CONTACT)]}

        self.run(test)

    def test_a_tie_made_again_changes_nothing(self) -> None:
        async def test(store: Store, portal: int) -> None:
            (one,) = await made(store, portal, "A")
            (ann,) = await made(store, portal, "ann", type_id=CONTACTS)
            for _ in range(2):
                await store.write(portal, CALLS, 1, Wanted(), tie(one, ann))
            assert await contacts_of(store, portal, one) == {one: [Linked(ann, TO_CONTACT)]}

        self.run(test)

    def test_only_records_that_are_there_are_ends(self) -> None:
        async def test(store: Store, portal: int) -> None:
            ann, bob = await made(store, portal, "ann", "bob", type_id=CONTACTS)
            await store.write(portal, CONTACTS, 1, Wanted(ids=[bob]), archive)
            seen: list[Found] = []

            def look(found: Found) -> Plan:
                seen.append(found)
                return Plan(found.now, 6)

            nobody = [(CONTACTS, 0), (CONTACTS, -1), (CONTACTS, 7), (CONTACTS, 2**62), ("0-0", ann)]
            ends = [(CONTACTS, ann), (CONTACTS, bob), *nobody]
            await store.write(portal, CALLS, 1, Wanted(ends=ends), look)
            assert [found.ends for found in seen] == [frozenset({(CONTACTS, ann)})]

        self.run(test)

    def test_ties_to_an_archived_record_are_not_shown(self) -> None:
        async def test(store: Store, portal: int) -> None:
            (one,) = await made(store, portal, "A")
            ann, bob = await made(store, portal, "ann", "bob", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), tie(one, ann, bob))
            await store.write(portal, CONTACTS, 1, Wanted(ids=[ann]), archive)
            assert await contacts_of(store, portal, one) == {one: [Linked(bob, TO_CONTACT)]}

        self.run(test)

    def test_a_record_stands_for_those_that_were_merged_into_it(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two, three, four = await made(store, portal, "A", "B", "C", "D")
            assert [await store.successor(portal, CALLS, id_) for id_ in (one, 7, 2**62)] == [one, 7, 2**62]
            assert await store.kin(portal, CALLS, one) == [one]
            await store.write(portal, CALLS, 1, Wanted(ids=[one, two]), merge(one, two))
            await store.write(portal, CALLS, 1, Wanted(ids=[one, three]), merge(three, one))
            assert [await store.successor(portal, CALLS, id_) for id_ in (one, two, three, four)] == [
                three,
                three,
                three,
                four,
            ]
            for id_ in (one, two, three):
                assert sorted(await store.kin(portal, CALLS, id_)) == [one, two, three]
            assert await store.successor(portal, CONTACTS, two) == two
            assert await store.kin(portal, CALLS, four) == [four]
            live = await store.page(portal, CALLS, 0, 10, archived=False)
            assert [record.id for record in live] == [three, four]
            (kept,) = await store.read(portal, CALLS, [two])
            assert (kept.properties["ref"], kept.archived is None) == ("B", False)

        self.run(test)

    def test_a_merge_hands_over_unique_values_and_ties(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two = await made(store, portal, "A", "B")
            ann, bob = await made(store, portal, "ann", "bob", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), tie(one, ann))
            await store.write(portal, CALLS, 1, Wanted(), tie(two, ann, bob))
            await store.write(portal, CALLS, 1, Wanted(ids=[one, two]), merge(one, two, (("ref", "B"), one)))
            assert await contacts_of(store, portal, one, two) == {
                one: [Linked(ann, TO_CONTACT), Linked(bob, TO_CONTACT)],
                two: [],
            }
            back = await store.links(portal, CONTACTS, [ann, bob], CALLS, 10)
            assert back == {ann: [Linked(one, TO_CALL)], bob: [Linked(one, TO_CALL)]}
            assert [r.id for r in await store.read(portal, CALLS, [], [("ref", "A"), ("ref", "B")])] == [one, one]

        self.run(test)

    def test_a_merge_that_fails_half_way_leaves_nothing(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two, _ = await made(store, portal, "A", "B", "C")
            (ann,) = await made(store, portal, "ann", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), tie(two, ann))
            taken = (("ref", "C"), one)
            with pytest.raises(Exception, match=r"(?i)unique"):
                await store.write(portal, CALLS, 1, Wanted(ids=[one, two]), merge(one, two, taken))
            assert await store.successor(portal, CALLS, two) == two
            assert [r.archived for r in await store.read(portal, CALLS, [one, two])] == [None, None]
            assert await contacts_of(store, portal, one, two) == {one: [], two: [Linked(ann, TO_CONTACT)]}
            assert len(await store.read(portal, CALLS, [], [("ref", "B")])) == 1

        self.run(test)

    def test_an_erased_record_is_nowhere(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two = await made(store, portal, "A", "B")
            (ann,) = await made(store, portal, "ann", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(ids=[one]), change(title="x"))
            await store.write(portal, CALLS, 1, Wanted(), tie(one, ann))
            await store.write(portal, CALLS, 1, Wanted(ids=[one]), erase)
            assert await store.read(portal, CALLS, [one, two], [("ref", "A")]) == await store.read(portal, CALLS, [two])
            assert await _pages(store, portal) == ([two], [])
            assert await store.successor(portal, CALLS, one) == 0
            assert await store.kin(portal, CALLS, one) == []
            assert await store.links(portal, CONTACTS, [ann], CALLS, 10) == {ann: []}
            assert min(await made(store, portal, "A")) > two

        self.run(test)

    def test_archived_and_merged_records_can_be_erased(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two, three = await made(store, portal, "A", "B", "C")
            await store.write(portal, CALLS, 1, Wanted(ids=[one, two]), merge(one, two))
            await store.write(portal, CALLS, 1, Wanted(ids=[three]), archive)
            await store.write(portal, CALLS, 1, Wanted(ids=[*await store.kin(portal, CALLS, two), three]), erase)
            assert await _pages(store, portal) == ([], [])
            assert [await store.successor(portal, CALLS, id_) for id_ in (one, two, three)] == [0, 0, 0]

        self.run(test)

    def test_the_history_of_others_is_left_alone(self) -> None:
        async def test(store: Store, portal: int) -> None:
            one, two = await made(store, portal, "A", "B")
            for title in ("x", "y"):
                await store.write(portal, CALLS, 1, Wanted(ids=[one, two]), change(title=title))
            await store.write(portal, CALLS, 1, Wanted(ids=[one]), erase)
            (kept,) = await store.read(portal, CALLS, [two])
            assert [c.values for c in await store.changes(portal, kept, 10)] == [
                {"title": ("x", "y")},
                {"title": (None, "x")},
            ]

        self.run(test)


async def _pages(store: Store, portal: int) -> tuple[Sequence[int], Sequence[int]]:
    """The ids of the live and of the archived calls."""
    live = await store.page(portal, CALLS, 0, 100, archived=False)
    gone = await store.page(portal, CALLS, 0, 100, archived=True)
    return [record.id for record in live], [record.id for record in gone]
