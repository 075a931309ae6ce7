"""What every storage engine must do. An engine's own test module subclasses this and opens its store."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from trunkline.crm.plan import Found, Plan, Update, Wanted
from trunkline.crm.property import Group, Property
from trunkline.crm.record import Change, Record
from trunkline.errors import RecordNotFound, Unauthenticated
from trunkline.store.protocol import StaleCatalog, Store

CALLS = "0-48"
Test = Callable[[Store, int], Coroutine[Any, Any, None]]


def create(*refs: str, app: int = 5) -> Callable[[Found], Plan]:
    """A plan that makes one record for each reference."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, app)
        for number, ref in enumerate(refs):
            id_ = found.next_id + number
            plan.creates.append(Record(id=id_, properties={"ref": ref}, created=found.now, updated=found.now, app=app))
            plan.claimed.append((("ref", ref), id_))
        return plan

    return decide


def change(**values: str) -> Callable[[Found], Plan]:
    """A plan that writes the same values to everything that was found."""

    def decide(found: Found) -> Plan:
        plan = Plan(found.now, 6)
        for record in found.records.values():
            told = {name: (record.properties.get(name), value) for name, value in values.items()}
            after = Record(
                id=record.id,
                properties=record.properties | values,
                created=record.created,
                updated=found.now,
                app=record.app,
            )
            plan.updates.append(Update(after, Change(at=found.now, app=6, values=told, previous=record.last_change)))
        return plan

    return decide


class StoreConformance:
    """The behaviour that `trunkline.store.protocol` promises."""

    def opened(self) -> AbstractAsyncContextManager[Store]:
        """A new, empty, opened store."""
        raise NotImplementedError

    def run(self, test: Test) -> None:
        async def with_store() -> None:
            async with self.opened() as store:
                await test(store, (await store.portals())[0])

        asyncio.run(with_store())

    def test_what_is_written_is_found(self) -> None:
        async def test(store: Store, portal: int) -> None:
            plan = await store.write(portal, CALLS, 1, Wanted(room=2), create("A", "B"))
            ids = [record.id for record in plan.creates]
            assert [r.properties for r in await store.read(portal, CALLS, ids)] == [{"ref": "A"}, {"ref": "B"}]
            held = await store.read(portal, CALLS, [], [("ref", "B"), ("ref", "C")])
            assert [record.id for record in held] == [ids[1]]
            assert await store.read(portal, CALLS, [ids[0] + 77, -1, 0, 2**62]) == []

        self.run(test)

    def test_found_tells_holders_with_their_records(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.write(portal, CALLS, 1, Wanted(room=2), create("A", "B"))
            seen: list[Found] = []

            def decide(found: Found) -> Plan:
                seen.append(found)
                return Plan(found.now, 5)

            await store.write(portal, CALLS, 1, Wanted([("ref", "A"), ("ref", "nobody")], [2**62, 5]), decide)
            (found,) = seen
            (id_,) = found.holders.values()
            assert found.holders == {("ref", "A"): id_}
            assert found.records[id_].properties == {"ref": "A"}
            assert found.next_id > max(found.records)

        self.run(test)

    def test_ids_are_never_given_twice(self) -> None:
        async def test(store: Store, portal: int) -> None:
            first = await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))
            second = await store.write(portal, CALLS, 1, Wanted(room=1), create("B"))
            assert second.creates[0].id > first.creates[0].id

        self.run(test)

    def test_what_decide_raises_undoes_the_batch_and_no_other(self) -> None:
        async def test(store: Store, portal: int) -> None:
            def refuse(found: Found) -> Plan:
                raise RecordNotFound

            results = await asyncio.gather(
                store.write(portal, CALLS, 1, Wanted(room=1), create("A")),
                store.write(portal, CALLS, 1, Wanted(), refuse),
                store.write(portal, CALLS, 1, Wanted(room=1), create("B")),
                return_exceptions=True,
            )
            assert isinstance(results[1], RecordNotFound)
            held = await store.read(portal, CALLS, [], [("ref", "A"), ("ref", "B")])
            assert [record.properties["ref"] for record in held] == ["A", "B"]

        self.run(test)

    def test_a_failure_half_way_leaves_nothing(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.write(portal, CALLS, 1, Wanted(room=1), create("taken"))
            with pytest.raises(Exception, match=r"(?i)unique"):
                await store.write(portal, CALLS, 1, Wanted(room=2), create("free", "taken"))
            assert await store.read(portal, CALLS, [], [("ref", "free")]) == []
            await store.write(portal, CALLS, 1, Wanted(room=1), create("free"))

        self.run(test)

    def test_a_failure_half_way_harms_no_batch_that_waited_with_it(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.write(portal, CALLS, 1, Wanted(room=1), create("taken"))
            results = await asyncio.gather(
                store.write(portal, CALLS, 1, Wanted(room=1), create("A")),
                store.write(portal, CALLS, 1, Wanted(room=2), create("free", "taken")),
                store.write(portal, CALLS, 1, Wanted(room=1), create("B")),
                return_exceptions=True,
            )
            assert [isinstance(result, Plan) for result in results] == [True, False, True]
            held = await store.read(portal, CALLS, [], [("ref", ref) for ref in ("A", "B", "free", "taken")])
            assert [record.properties["ref"] for record in held] == ["A", "B", "taken"]
            assert len({record.id for record in held}) == 3

        self.run(test)

    def test_batches_that_wait_together_see_each_other(self) -> None:
        async def test(store: Store, portal: int) -> None:
            def create_unless_there(found: Found) -> Plan:
                return Plan(found.now, 5) if found.holders else create("A")(found)

            wanted = Wanted([("ref", "A")], room=1)
            plans = await asyncio.gather(
                *(store.write(portal, CALLS, 1, wanted, create_unless_there) for _ in range(20))
            )
            assert sum(len(plan.creates) for plan in plans) == 1

        self.run(test)

    def test_history_is_a_walk_from_the_newest_change(self) -> None:
        async def test(store: Store, portal: int) -> None:
            made = await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))
            wanted = Wanted(ids=[made.creates[0].id])
            for title in ("one", "two", "three"):
                await store.write(portal, CALLS, 1, wanted, change(title=title))
            (record,) = await store.read(portal, CALLS, wanted.ids)
            changes = await store.changes(portal, record, 10)
            assert [c.values["title"] for c in changes] == [("two", "three"), ("one", "two"), (None, "one")]
            assert [c.app for c in changes] == [6, 6, 6]
            assert len(await store.changes(portal, record, 2)) == 2

        self.run(test)

    def test_values_are_released_before_they_are_claimed(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))

            def move(found: Found) -> Plan:
                plan = create("A")(found)
                plan.released.append(("ref", "A"))
                return plan

            second = await store.write(portal, CALLS, 1, Wanted(room=1), move)
            (held,) = await store.read(portal, CALLS, [], [("ref", "A")])
            assert held.id == second.creates[0].id

        self.run(test)

    def test_texts_come_back_to_the_letter(self) -> None:
        async def test(store: Store, portal: int) -> None:
            odd = ["'; DROP TABLE record; --", "é\u202e🤙", "a" * 65_536, '{"a":1}', "%_\\", "\x01\x7f"]
            plan = await store.write(portal, CALLS, 1, Wanted(room=len(odd)), create(*odd))
            kept = await store.read(portal, CALLS, [record.id for record in plan.creates])
            assert [record.properties["ref"] for record in kept] == odd
            assert len(await store.read(portal, CALLS, [], [("ref", text) for text in odd])) == len(odd)

        self.run(test)

    def test_definitions_raise_the_version_that_writes_compare(self) -> None:
        async def test(store: Store, portal: int) -> None:
            definition = Property(name="ref", label="Ref", type="string", field_type="text", hubspot_defined=False)
            assert await store.define(portal, CALLS, 1, [definition], "property.create", 5) == 2
            with pytest.raises(StaleCatalog):
                await store.define(portal, CALLS, 1, [definition], "property.create", 5)
            with pytest.raises(StaleCatalog):
                await store.write(portal, CALLS, 1, Wanted(room=1), create("A"))
            await store.write(portal, CALLS, 2, Wanted(room=1), create("A"))
            assert await store.version(portal) == (await store.definitions(portal)).version == 2
            assert (await store.definitions(portal)).custom == {CALLS: [definition]}

        self.run(test)

    def test_the_version_is_known_without_the_definitions(self) -> None:
        async def test(store: Store, portal: int) -> None:
            assert await store.version(portal) == 1
            group = Group("mine", "Mine", 3)
            assert await store.define(portal, CALLS, 1, [group], "group.create", 5) == await store.version(portal) == 2
            with pytest.raises(Unauthenticated):
                await store.version(portal + 7)

        self.run(test)

    def test_definitions_of_a_batch_are_kept_together(self) -> None:
        async def test(store: Store, portal: int) -> None:
            both = [
                Property(name=name, label="Ref", type="string", field_type="text", hubspot_defined=False)
                for name in ("one", "two")
            ]
            assert await store.define(portal, CALLS, 1, both, "property.create", 5) == 2
            assert (await store.definitions(portal)).custom == {CALLS: both}
            with pytest.raises(StaleCatalog):
                await store.define(portal, CALLS, 1, both, "property.create", 5)

        self.run(test)

    def test_groups_are_definitions_too(self) -> None:
        async def test(store: Store, portal: int) -> None:
            group = Group("mine", "Mine", 3)
            assert await store.define(portal, CALLS, 1, [group], "group.create", 5) == 2
            with pytest.raises(StaleCatalog):
                await store.define(portal, CALLS, 1, [group], "group.create", 5)
            assert (await store.definitions(portal)).groups == {CALLS: [group]}
            gone = Group("mine", "Mine", 3, archived=7)
            assert await store.define(portal, CALLS, 2, [gone], "group.archive", 5) == 3
            assert (await store.definitions(portal)).groups == {CALLS: [gone]}
            assert (await store.definitions(portal)).version == 3

        self.run(test)
