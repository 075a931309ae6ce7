"""What every storage engine must do for custom objects. Its own tests subclass this, too."""

import asyncio

import pytest
from msgspec.structs import replace
from store.accounts import found
from store.conformance import Test, create
from store.departing import archive

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.plan import Wanted
from trunkline.crm.property import Property
from trunkline.crm.query import Query
from trunkline.crm.schema import Schema
from trunkline.errors import SchemaInUse, Unauthenticated
from trunkline.store.protocol import StaleCatalog, Store

CAR = Schema(number=1_000_001, name="car", singular="Car", plural="Cars", searchable=("ref",))
REF = Property(name="ref", label="Ref", type="string", field_type="text", hubspot_defined=False)
ID = CAR.type_id


async def define(store: Store, portal: int, schema: Schema = CAR, version: int = 1, *more: Property) -> Definitions:
    """What the portal has once a schema is kept."""
    await store.define(portal, schema.type_id, version, [schema, *more], "schema.create", 5)
    return await store.definitions(portal)


class SchemasConformance:
    """The part of `trunkline.store.protocol` that is about custom objects."""

    def run(self, test: Test) -> None:
        raise NotImplementedError

    def test_a_schema_brings_the_place_for_its_records(self) -> None:
        async def test(store: Store, portal: int) -> None:
            known = await define(store, portal, CAR, 1, REF)
            assert (known.version, list(known.schemas), list(known.custom[ID])) == (2, [CAR], [REF])
            plan = await store.write(portal, ID, 2, Wanted(room=2), create("A", "zanzibar"))
            ids = [record.id for record in plan.creates]
            assert [record.properties for record in await store.read(portal, ID, ids[:1])] == [{"ref": "A"}]
            type_ = Catalog(portal, known).type("car")
            hits = await store.search(type_, portal, Query(words=("zanzibar",), searched=("ref",)))
            assert [record.id for record in hits.records] == ids[1:]

        self.run(test)

    def test_a_schema_that_is_changed_keeps_its_records(self) -> None:
        async def test(store: Store, portal: int) -> None:
            await define(store, portal)
            plan = await store.write(portal, ID, 2, Wanted(room=1), create("A"))
            known = await define(store, portal, replace(CAR, plural="Motor cars"), 2)
            assert [schema.plural for schema in known.schemas] == ["Motor cars"]
            assert [record.id for record in await store.read(portal, ID, [plan.creates[0].id])] == [plan.creates[0].id]
            more = await store.write(portal, ID, 3, Wanted(room=1), create("B"))
            assert more.creates[0].id == plan.creates[0].id + 1

        self.run(test)

    def test_a_schema_with_records_stays(self) -> None:
        gone = replace(CAR, archived=1)

        async def test(store: Store, portal: int) -> None:
            await define(store, portal)
            plan = await store.write(portal, ID, 2, Wanted(room=1), create("A"))
            with pytest.raises(SchemaInUse):
                await define(store, portal, gone, 2)
            assert (await store.definitions(portal)).version == 2
            await store.write(portal, ID, 2, Wanted(ids=[plan.creates[0].id]), archive)
            assert list((await define(store, portal, gone, 2)).schemas) == [gone]

        self.run(test)

    @pytest.mark.parametrize("first", ["write", "end"])
    def test_a_record_and_the_end_of_its_type_cannot_both_be(self, first: str) -> None:
        async def test(store: Store, portal: int) -> None:
            await define(store, portal)
            write = store.write(portal, ID, 2, Wanted(room=1), create("A"))
            end = store.define(portal, ID, 2, [replace(CAR, archived=1)], "schema.archive", 5)
            parts = (write, end) if first == "write" else (end, write)
            results = await asyncio.gather(*parts, return_exceptions=True)
            (refused,) = [type(result) for result in results if isinstance(result, Exception)]
            (known,) = (await store.definitions(portal)).schemas
            count = (await store.tally(portal)).get(ID, 0)
            assert (refused, known.archived, count) in ((SchemaInUse, None, 1), (StaleCatalog, 1, 0))

        self.run(test)

    def test_nobody_else_has_it(self) -> None:
        async def test(store: Store, portal: int) -> None:
            other = (await found(store)).id
            await define(store, portal)
            assert (await store.definitions(other)).schemas == []
            with pytest.raises(Unauthenticated):
                await store.write(other, ID, 1, Wanted(room=1), create("A"))
            mine = await store.write(portal, ID, 2, Wanted(room=1), create("A"))
            await define(store, other)
            theirs = await store.write(other, ID, 2, Wanted(room=1), create("B"))
            assert theirs.creates[0].id == mine.creates[0].id
            assert [one.properties for one in await store.read(other, ID, [mine.creates[0].id])] == [{"ref": "B"}]

        self.run(test)
