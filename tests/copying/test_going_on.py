"""A copy is a store that goes on: with the ids, values and portals that it would have had where it comes from."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from copying.carrying import compared, copied, different
from copying.making import used
from inprocess import client
from msgspec.structs import replace
from server import SECONDS
from store.accounts import PERSON, event, found
from store.conformance import CALLS, create
from store.departing import CONTACTS

from trunkline.crm.catalog import Catalog, shipped_types
from trunkline.crm.engagement import type_ids
from trunkline.crm.plan import Wanted
from trunkline.crm.query import Query
from trunkline.crm.schema import Schema
from trunkline.identity.moves import Moves
from trunkline.store.protocol import Store

NUMBER = "1" * 600
NUMERIC = {
    "name": "amount_key",
    "label": "Key",
    "type": "number",
    "fieldType": "number",
    "groupName": "call",
    "hasUniqueValue": True,
}
KEYED = "/crm/v3/objects/calls/{}?idProperty=amount_key"


def test_a_long_number_is_found_in_each_spelling_after_a_stay_on_postgres(
    database: Callable[[], str], tmp_path: Path
) -> None:
    first, there, back = tmp_path / "first.db", database(), tmp_path / "back.db"
    values = {"hs_timestamp": "2025-04-24T20:01:33Z"}
    batch = {"inputs": [{"idProperty": "amount_key", "id": NUMBER, "properties": values}]}

    async def ask(place: object, *requests: httpx.Request) -> list[httpx.Response]:
        async with client(data=str(place)) as asked:
            return [await asked.request(one.method, str(one.url), content=one.content) for one in requests]

    def request(method: str, path: str, body: object = None) -> httpx.Request:
        return httpx.Request(method, f"http://test{path}", json=body)

    made = asyncio.run(
        ask(
            first,
            request("POST", "/crm/v3/properties/calls", NUMERIC),
            request("POST", "/crm/v3/objects/calls/batch/upsert", batch),
        )
    )
    assert [answer.status_code for answer in made] == [201, 200]
    assert different(copied(first, there)) == different(copied(there, back)) == []
    spellings = [NUMBER, f"+{NUMBER}.0", f"0{NUMBER}"]
    for place in (there, back):
        found = asyncio.run(ask(place, *(request("GET", KEYED.format(one)) for one in spellings)))
        assert {answer.json()["id"] for answer in found} == {made[1].json()["results"][0]["id"]}
        (again,) = asyncio.run(ask(place, request("POST", "/crm/v3/objects/calls/batch/upsert", batch)))
        assert again.json()["results"][0]["new"] is False


def test_a_copy_gives_the_ids_that_come_next(store: Path, database: Callable[[], str], tmp_path: Path) -> None:
    there, back = database(), tmp_path / "back.db"
    copied(store, there)
    copied(there, back)

    async def new(store: Store) -> list[int]:
        portal = (await store.portals())[0]
        version = await store.version(portal)
        types = [CALLS, CONTACTS, *type_ids(), *(type_.type_id for type_ in shipped_types())]
        plans = [
            await store.write(portal, one, version, Wanted(room=1), create(f"new {one}"))
            for one in dict.fromkeys(types)
        ]
        person = await store.accounts.enrol(replace(PERSON, email="two@example.com"), event("person.created"))
        return [*(plan.creates[0].id for plan in plans), person.id, (await found(store)).id]

    assert used(there, new) == used(back, new) == used(store, new)


def test_a_custom_object_without_records_takes_some(database: Callable[[], str], tmp_path: Path) -> None:
    first, there, back = tmp_path / "first.db", database(), tmp_path / "back.db"
    schema = Schema(number=1_000_001, name="car", singular="Car", plural="Cars")

    async def define(store: Store) -> None:
        await store.define(1_000_001, schema.type_id, 1, [schema], "schema.create", 5)

    async def use(store: Store) -> int:
        await store.definitions(1_000_001)
        plan = await store.write(1_000_001, schema.type_id, 2, Wanted(room=1), create("A"))
        return plan.creates[0].id

    used(first, define)
    copied(first, there)
    copied(there, back)
    assert used(there, use) == used(back, use) == used(first, use)


def test_what_an_older_trunkline_took_with_a_nul_is_copied_without(database: Callable[[], str], tmp_path: Path) -> None:
    path, there = tmp_path / "old.db", database()

    async def sign(store: Store) -> None:
        told = event("sign_in_refused", detail="a\0b", address="::1")
        await store.accounts.enrol(PERSON, told)

    used(path, sign)
    assert different(copied(path, there)) == []
    back = tmp_path / "back.db"
    copied(there, back)

    async def details(store: Store) -> list[str]:
        return [one.detail for one in await store.accounts.events()]

    assert used(there, details) == used(back, details) == ["a\N{REPLACEMENT CHARACTER}b"]


def test_a_copy_of_a_copy_needs_no_default_portal(tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"

    async def replaced(store: Store) -> None:
        default = (await store.portals())[0]
        await found(store)
        await store.accounts.remove(default, event("portal.removed"))

    used(first, replaced)
    copied(first, second)

    async def portals(store: Store) -> list[int]:
        return list(await store.portals())

    assert used(second, portals) == used(first, portals) == [1_000_002]
    assert different(compared(first, second)) == []


@pytest.mark.parametrize("spare", [0, 1])
def test_events_go_on_after_those_that_were_forgotten(spare: int, database: Callable[[], str], tmp_path: Path) -> None:
    path, there, back = tmp_path / "first.db", database(), tmp_path / "back.db"

    async def forget(store: Store) -> None:
        for at in range(1, 6):
            await store.accounts.keep(Moves(events=(event(at=at),)))
        await store.accounts.forget(0, 6 - spare)

    used(path, forget)
    copied(path, there)
    copied(there, back)

    async def next_(store: Store) -> int:
        await store.accounts.keep(Moves(events=(event(at=9),)))
        return (await store.accounts.events())[-1].position

    assert used(there, next_) == used(back, next_) == 6


def test_searches_find_what_was_copied(store: Path, database: Callable[[], str], tmp_path: Path) -> None:
    there, back = database(), tmp_path / "back.db"
    used(there, _searched)  # so that there is an index, of nothing
    copied(store, there)
    copied(there, back)
    assert used(there, _searched) == used(back, _searched) == [211, 3]


async def _searched(store: Store) -> list[int]:
    """How many records searches find of two types, once they find all: a file's index is made while it is served."""
    portal = (await store.portals())[0]
    catalog = Catalog(portal, await store.definitions(portal))
    types = [catalog.type(type_id) for type_id in (CALLS, CONTACTS)]
    tally = await store.tally(portal)
    async with asyncio.timeout(SECONDS):
        while True:
            found = [(await store.search(type_, portal, Query(limit=200))).total for type_ in types]
            if found == [tally.get(type_.id, 0) for type_ in types]:
                return found
            await asyncio.sleep(0.05)
