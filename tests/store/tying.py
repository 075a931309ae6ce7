"""What every storage engine must do with associations: in several ways, in both directions, and cut again."""

from collections.abc import Callable

from store.conformance import CALLS, StoreConformance
from store.departing import CONTACTS, archive, made

from trunkline.crm.association import Cut, Held, Linked, Tie
from trunkline.crm.link import HUBSPOT_DEFINED, USER_DEFINED, LinkLimit, LinkType, shipped
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.usage import Tied
from trunkline.store.protocol import Store

PLAIN = shipped().default(CALLS, CONTACTS)
assert PLAIN is not None
OWN = LinkType(1, CALLS, CONTACTS, "boss", "Boss", inverse=2, category=USER_DEFINED)
BACK = LinkType(2, CONTACTS, CALLS, "boss", "Bossed", inverse=1, category=USER_DEFINED)
TO_CONTACT, TO_CALL = PLAIN.id, PLAIN.inverse or 0


def ties(*wanted: tuple[int, int, LinkType]) -> Callable[[Found], Plan]:
    """A plan that ties calls to contacts."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 6)
        plan.ties = [Tie(record, (CONTACTS, contact), type_) for record, contact, type_ in wanted]
        return plan

    return decide


def cuts(*wanted: Cut) -> Callable[[Found], Plan]:
    """A plan that cuts."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 6)
        plan.cuts = list(wanted)
        return plan

    return decide


def plain(contact: int) -> Linked:
    """What a call shows of a contact that it is tied to in the plain way."""
    return Linked(contact, TO_CONTACT)


def own(contact: int) -> Linked:
    """What a call shows of a contact that it is tied to by a label of the portal's own."""
    return Linked(contact, 1, USER_DEFINED)


class TyingConformance(StoreConformance):
    """The part of `trunkline.store.protocol` that is about associations of several types."""

    def test_a_type_is_told_with_its_category_from_both_ends(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            (one,) = await made(store, portal, "A")
            (ann,) = await made(store, portal, "ann", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), ties((one, ann, PLAIN), (one, ann, OWN)))
            assert await store.links(portal, CALLS, [one], CONTACTS, 10) == {one: [plain(ann), own(ann)]}
            back = await store.links(portal, CONTACTS, [ann], CALLS, 10)
            assert back == {ann: [Linked(one, TO_CALL), Linked(one, 2, USER_DEFINED)]}

        self.run(test)

    def test_a_limit_counts_records_and_each_comes_in_all_its_ways(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            (one,) = await made(store, portal, "A")
            ids = await made(store, portal, "a", "b", "c", "d", type_id=CONTACTS)
            wanted = [(one, id_, type_) for id_ in ids for type_ in (PLAIN, OWN)]
            await store.write(portal, CALLS, 1, Wanted(), ties(*wanted, (one, ids[3], PLAIN)))
            for limit in range(1, 6):
                expected = [linked for id_ in ids[:limit] for linked in (plain(id_), own(id_))]
                assert await store.links(portal, CALLS, [one], CONTACTS, limit) == {one: expected}
            from_third = await store.links(portal, CALLS, [one], CONTACTS, 1, ids[2])
            assert from_third == {one: [plain(ids[2]), own(ids[2])]}

        self.run(test)

    def test_some_types_are_cut_and_others_stay(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            (one,) = await made(store, portal, "A")
            ann, bob = await made(store, portal, "ann", "bob", type_id=CONTACTS)
            wanted = [(one, id_, type_) for id_ in (ann, bob) for type_ in (PLAIN, OWN)]
            await store.write(portal, CALLS, 1, Wanted(), ties(*wanted))
            await store.write(portal, CALLS, 1, Wanted(), cuts(Cut(one, (CONTACTS, ann), (OWN,))))
            assert await store.links(portal, CALLS, [one], CONTACTS, 10) == {one: [plain(ann), plain(bob), own(bob)]}
            assert await store.links(portal, CONTACTS, [ann], CALLS, 10) == {ann: [Linked(one, TO_CALL)]}
            await store.write(portal, CONTACTS, 1, Wanted(), cuts(Cut(bob, (CALLS, one), (BACK,))))
            assert await store.links(portal, CALLS, [one], CONTACTS, 10) == {one: [plain(ann), plain(bob)]}
            await store.write(portal, CALLS, 1, Wanted(), cuts(Cut(one, (CONTACTS, ann))))
            assert await store.links(portal, CALLS, [one], CONTACTS, 10) == {one: [plain(bob)]}

        self.run(test)

    def test_an_archived_record_shows_no_associations_from_either_end(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            one, two = await made(store, portal, "A", "B")
            (ann,) = await made(store, portal, "ann", type_id=CONTACTS)
            await store.write(portal, CALLS, 1, Wanted(), ties((one, ann, PLAIN), (two, ann, PLAIN)))
            await store.write(portal, CALLS, 1, Wanted(ids=[one]), archive)
            shown = await store.links(portal, CALLS, [one, two], CONTACTS, 10)
            assert shown == {one: [], two: [plain(ann)]}
            assert await store.links(portal, CONTACTS, [ann], CALLS, 10) == {ann: [Linked(two, TO_CALL)]}

        self.run(test)

    def test_a_defined_type_is_kept_under_the_type_it_starts_from_whoever_changes_it(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.define(portal, CALLS, 1, [OWN, BACK], "label.create", 6)
            gone = LinkType(1, CALLS, CONTACTS, "boss", "Boss", inverse=2, category=USER_DEFINED, archived=7)
            assert await store.define(portal, CONTACTS, 2, [BACK, gone], "label.archive", 6) == 3
            known = await store.definitions(portal)
            assert known.version == 3
            assert sorted(known.links, key=lambda link: link.id) == [gone, BACK]

        self.run(test)

    def test_it_tells_to_which_live_records_one_is_tied_by_one_type(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            one, two = await made(store, portal, "A", "B")
            ann, bob, eve = await made(store, portal, "ann", "bob", "eve", type_id=CONTACTS)
            wanted = [(one, ann, PLAIN), (one, bob, PLAIN), (one, eve, PLAIN), (one, ann, OWN)]
            await store.write(portal, CALLS, 1, Wanted(), ties(*wanted))
            await store.write(portal, CONTACTS, 1, Wanted(ids=[eve]), archive)
            ways = [((CALLS, one), PLAIN), ((CALLS, one), OWN), ((CALLS, two), PLAIN), ((CONTACTS, ann), BACK)]
            held: dict[Held, frozenset[int]] = {}

            def look(found: Found) -> Plan:
                held.update(found.held)
                return Plan(found.now, 6)

            await store.write(
                portal, CALLS, 1, Wanted(held=[*ways, ((CALLS, 0), PLAIN), ((CALLS, 2**62), PLAIN)]), look
            )
            assert held == dict(zip(ways, map(frozenset, ((ann, bob), (ann,), (), (one,))), strict=True))

        self.run(test)

    def test_a_limit_is_a_definition_of_its_category_too(self) -> None:
        async def test(store: Store, portal: int) -> None:
            limits = [LinkLimit(category, 1, CALLS, CONTACTS, 3) for category in (HUBSPOT_DEFINED, USER_DEFINED)]
            assert await store.define(portal, CALLS, 1, limits, "limit.set", 6) == 2
            gone = LinkLimit(USER_DEFINED, 1, CALLS, CONTACTS)
            assert await store.define(portal, CALLS, 2, [gone], "limit.purge", 6) == 3
            assert list((await store.definitions(portal)).limits) == [limits[0], gone]

        self.run(test)

    def test_the_past_of_a_pipeline_is_a_walk_from_its_newest_change(self) -> None:
        async def test(store: Store, portal: int) -> None:
            states = [Pipeline(id="p", label=label, display_order=1) for label in ("a", "b", "c")]
            other = Pipeline(id="q", label="q", display_order=1)
            for version, (state, kind) in enumerate(zip(states, ("create", "update", "delete"), strict=True), 1):
                await store.define(portal, CALLS, 2 * version - 1, [state], f"pipeline.{kind}", 6)
                await store.define(portal, CALLS, 2 * version, [other], "pipeline.update", 6)
            changes = await store.pipeline_changes(portal, CALLS, "p", 10)
            assert [change.pipeline for change in changes] == states[::-1]
            assert [change.kind for change in changes] == ["pipeline.delete", "pipeline.update", "pipeline.create"]
            assert {change.app for change in changes} == {6}
            assert await store.pipeline_changes(portal, CALLS, "p", 2) == changes[:2]
            for type_, id_ in ((CALLS, "none"), (CONTACTS, "p")):
                assert await store.pipeline_changes(portal, type_, id_, 10) == []

        self.run(test)

    def test_it_tells_who_is_tied_to_many_and_how_many_records_there_are(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert PLAIN is not None
            one, two, gone = await made(store, portal, "A", "B", "C")
            ids = await made(store, portal, "a", "b", "c", type_id=CONTACTS)
            wanted = [(call, id_, type_) for call in (one, gone) for id_ in ids for type_ in (PLAIN, OWN)]
            await store.write(portal, CALLS, 1, Wanted(), ties(*wanted, (two, ids[0], PLAIN)))
            await store.write(portal, CALLS, 1, Wanted(ids=[gone]), archive)
            assert await store.crowded(portal, CALLS, 3) == [Tied(CONTACTS, one, 3)]
            assert await store.crowded(portal, CALLS, 1) == [Tied(CONTACTS, one, 3), Tied(CONTACTS, two, 1)]
            assert await store.crowded(portal, CONTACTS, 3) == [Tied(CALLS, ids[0], 3)]
            assert await store.crowded(portal, CALLS, 4) == []
            counts = await store.tally(portal)
            assert {type_: many for type_, many in counts.items() if many} == {CALLS: 2, CONTACTS: 3}

        self.run(test)
