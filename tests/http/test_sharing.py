"""What several servers that share a store know of each other, and requests that wait for the store at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
from server import TOKEN, UNIQUE

from trunkline.app import build
from trunkline.clock import Clock
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.property import Group
from trunkline.errors import PropertyNotFound, Refusal, StoreClosing, Unauthenticated
from trunkline.http.call import State, state_of, with_newest
from trunkline.http.gate import Gate
from trunkline.identity.app import App
from trunkline.identity.credential import Credential, digest
from trunkline.identity.moves import Moves
from trunkline.settings import Settings
from trunkline.store.accounts import Accounts
from trunkline.store.sqlite.store import SqliteStore

CALLS = "/crm/v3/objects/calls"
AT = "2025-04-24T20:01:33Z"
CAR = {
    "name": "cars",
    "labels": {"singular": "Car", "plural": "Cars"},
    "primaryDisplayProperty": "model",
    "requiredProperties": ["model"],
    "properties": [{"name": "model", "label": "Model", "type": "string", "fieldType": "text"}],
    "associatedObjects": [],
}
GROUP = {"name": "mine", "label": "Mine"}


class SlowStore(SqliteStore):
    """A store whose definitions arrive some turns of the event loop after they were read; it counts the loads."""

    loads = 0
    turns = 0

    async def definitions(self, portal: int) -> Definitions:
        """What was there at first."""
        self.loads += 1
        found = await super().definitions(portal)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return found


class SlowAccounts:
    """Accounts whose credentials arrive only once they may, as they were when they were asked for."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.may = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._accounts, name)

    async def credential(self, digest: bytes) -> Credential | None:
        """The credential as it was."""
        found = await self._accounts.credential(digest)
        await self.may.wait()
        return found


@asynccontextmanager
async def opened() -> AsyncIterator[SlowStore]:
    store = SlowStore(":memory:", Clock())
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def server(store: SqliteStore) -> tuple[State, httpx.AsyncClient]:
    """One of the servers over a store, and its client."""
    state = await state_of(store, Clock(), Settings(token=TOKEN), "secret")
    transport = httpx.ASGITransport(app=build(state), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {TOKEN}"}
    return state, httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


@pytest.mark.parametrize(
    ("operation", "input_", "later"),
    [
        ("upsert", {"id": "A", "idProperty": UNIQUE["name"], "properties": {"hs_timestamp": AT}}, False),
        ("upsert", {"id": "A", "idProperty": UNIQUE["name"], "properties": {"hs_timestamp": AT}}, True),
        ("create", {"properties": {"hs_timestamp": AT, UNIQUE["name"]: "A"}}, False),
        ("read", {"id": "A"}, False),
        ("read", {"id": "A"}, True),
    ],
)
def test_what_one_server_defines_the_others_take(operation: str, input_: dict[str, Any], later: bool) -> None:
    async def test() -> None:
        async with opened() as store:
            (_, one), (_, other) = await server(store), await server(store)
            async with one, other:
                assert (await other.get(CALLS)).status_code == 200
                assert (await one.post("/crm/v3/properties/calls", json=UNIQUE)).status_code == 201
                body: dict[str, Any] = {"inputs": [input_]}
                if operation == "read":
                    body |= {"idProperty": UNIQUE["name"], "properties": []}
                headers = {"prefer": "respond-async"} if later else {}
                answer = await other.post(f"{CALLS}/batch/{operation}", json=body, headers=headers)
            at_once = {"read": 207, "create": 201, "upsert": 200}[operation]
            assert answer.status_code == (202 if later else at_once), answer.text

    asyncio.run(test())


def test_a_custom_object_of_one_server_is_known_to_the_others() -> None:
    async def test() -> None:
        async with opened() as store:
            (_, one), (_, other) = await server(store), await server(store)
            async with one, other:
                assert (await other.get(CALLS)).status_code == 200
                assert (await other.get("/crm/v3/objects/cars")).status_code == 400
                assert (await one.post("/crm/v3/schemas", json=CAR)).status_code == 201
                assert (await other.get("/crm/v3/objects/cars")).status_code == 200

    asyncio.run(test())


def test_what_is_refused_with_the_newest_catalog_stays_refused() -> None:
    async def test() -> None:
        async with opened() as store:
            (_, one), (state, other) = await server(store), await server(store)
            async with one, other:
                assert (await other.get(CALLS)).status_code == 200
                assert (await one.post("/crm/v3/properties/calls", json=UNIQUE)).status_code == 201
                before = store.loads
                body = {"inputs": [{"id": "A", "idProperty": "nobody", "properties": {"hs_timestamp": AT}}]}
                refused = [await other.post(f"{CALLS}/batch/upsert", json=body) for _ in range(2)]
            assert [answer.status_code for answer in refused] == [400, 400]
            assert store.loads == before + 1
            assert state.catalog((await store.portals())[0]).version == 2

    asyncio.run(test())


@pytest.mark.parametrize(("refusal", "attempts"), [(PropertyNotFound("x"), 2), (StoreClosing(), 1)])
def test_only_what_is_refused_is_tried_with_a_newer_catalog_not_what_failed(refusal: Refusal, attempts: int) -> None:
    async def test() -> None:
        async with opened() as store:
            (state, http), portal = await server(store), (await store.portals())[0]
            versions: list[int] = []

            async def attempt(catalog: Catalog) -> None:
                versions.append(catalog.version)
                raise refusal

            async with http:
                assert (await http.get(CALLS)).status_code == 200
                await store.define(portal, "0-48", 1, [Group("mine", "Mine", 3)], "group.create", 5)
                with pytest.raises(type(refusal)):
                    await with_newest(state, portal, attempt)
            assert versions == [1, 2][:attempts]

    asyncio.run(test())


def test_requests_that_need_a_catalog_at_once_load_it_once() -> None:
    async def test() -> None:
        async with opened() as store:
            state, http = await server(store)
            portal = (await store.portals())[0]
            with pytest.raises(Unauthenticated):
                state.catalog(portal)
            store.turns = 5
            async with http:
                answers = await asyncio.gather(*(http.get(CALLS) for _ in range(8)))
            assert {answer.status_code for answer in answers} == {200}
            assert store.loads == 1
            state.forget(portal)
            with pytest.raises(Unauthenticated):
                state.catalog(portal)

    asyncio.run(test())


def test_no_older_catalog_takes_the_place_of_a_newer_one() -> None:
    async def test() -> None:
        async with opened() as store:
            (state, http), portal = await server(store), (await store.portals())[0]
            store.turns = 5
            early = asyncio.create_task(state.load(portal))
            await asyncio.sleep(0)
            assert store.loads == 1
            store.turns = 0
            async with http:
                assert (await http.post("/crm/v3/properties/calls/groups", json=GROUP)).status_code == 201
            assert (await early).version == 1
            assert state.catalog(portal).version == 2
            assert "mine" in state.catalog(portal).type("calls").groups

    asyncio.run(test())


def test_a_token_that_ends_while_it_is_looked_up_is_not_remembered() -> None:
    async def test() -> None:
        async with opened() as store:
            portal = (await store.portals())[0]
            held = Credential(digest=digest("t"), kind="private", portal=portal, scopes=("x",), created=0)
            await store.accounts.register(
                App(portal=portal, name="a", scopes=("x",), created=0), Moves(credentials=(held,))
            )
            accounts = SlowAccounts(store.accounts)
            gate = Gate(cast(Accounts, accounts), "secret", Clock())
            early = asyncio.create_task(gate.holder("t"))
            await asyncio.sleep(0)
            await store.accounts.keep(Moves(end=(held.digest,)))
            gate.forget()
            accounts.may.set()
            assert await early is not None
            assert await gate.holder("t") is None

    asyncio.run(test())
