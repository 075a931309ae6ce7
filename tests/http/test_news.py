"""What a server does when it is told what another one changed. Here both are in this process, over one store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from idle import Idle, idle, told
from server import TOKEN, UNIQUE

from trunkline.app import build
from trunkline.http import worker
from trunkline.http.call import State, state_of
from trunkline.http.control import SECRET
from trunkline.http.news import heed
from trunkline.http.worker import working
from trunkline.settings import Settings
from trunkline.store.protocol import Notice

PROPERTIES = "/crm/v3/properties/calls"
LATE = UNIQUE | {"name": "late", "hasUniqueValue": False}
OPERATOR = {SECRET: "secret"}
EVERYTHING = Notice("all")
CALL = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z"}}

Test = Callable[[Idle, Idle], Coroutine[Any, Any, None]]


@asynccontextmanager
async def beside(server: Idle) -> AsyncIterator[Idle]:
    """Another server over the same store."""
    state = await state_of(server.store, server.clock, Settings(token=TOKEN), "secret")
    transport = httpx.ASGITransport(app=build(state), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        yield Idle(server.store, server.clock, http, state)


def run(test: Test) -> None:
    async def with_both() -> None:
        async with idle() as one, beside(one) as other:
            await test(one, other)

    asyncio.run(with_both())


async def version(state: State) -> int:
    """The version of the catalog that a server uses in the default portal."""
    return (await state.load((await state.store.portals())[0])).version


@pytest.mark.parametrize("kind", ["catalog", "all"])
def test_a_definition_of_another_is_seen(kind: Any) -> None:
    async def test(one: Idle, other: Idle) -> None:
        await version(other.state)
        (portal,) = other.state.catalogs
        await one.http.post(PROPERTIES, json=LATE)
        assert (await other.http.get(f"{PROPERTIES}/late")).status_code == 404
        heed(other.state, Notice(kind, portal if kind == "catalog" else 0))
        assert (await other.http.get(f"{PROPERTIES}/late")).status_code == 200

    run(test)


def test_a_catalog_is_compared_once_for_each_notice_and_loaded_when_it_is_another() -> None:
    async def test(one: Idle, other: Idle) -> None:
        await version(other.state)
        ((portal, before),) = other.state.catalogs.items()
        heed(other.state, EVERYTHING)
        assert await other.state.load(portal) is before
        assert other.state.doubts == {}
        heed(other.state, Notice("catalog", portal + 1))
        assert other.state.doubts == {}

    run(test)


def test_news_that_come_while_a_catalog_is_compared_are_not_lost() -> None:
    async def test(one: Idle, other: Idle) -> None:
        await version(other.state)
        (portal,) = other.state.catalogs
        second = Notice("catalog", portal, "second")
        heed(other.state, Notice("catalog", portal, "first"))
        async with other.state.loading[portal]:
            comparing = asyncio.create_task(other.state.load(portal))
            while not other.state.loading[portal]._waiters:
                await asyncio.sleep(0)
            heed(other.state, second)
        await comparing
        assert other.state.doubts == {portal: second}

    run(test)


@pytest.mark.parametrize("notice", [Notice("accounts"), EVERYTHING])
def test_a_token_that_another_revoked_is_refused(notice: Notice) -> None:
    async def test(one: Idle, other: Idle) -> None:
        body = {"name": "n", "scopes": ["crm.objects.contacts.read"]}
        made = (await one.http.post("/_trunkline/tokens", json=body, headers=OPERATOR)).json()
        bearer = {"authorization": f"Bearer {made['token']}"}
        assert (await other.http.get("/crm/v3/objects/calls", headers=bearer)).status_code == 200
        await one.http.delete(f"/_trunkline/tokens/{made['app']}", headers=OPERATOR)
        heed(other.state, notice)
        assert (await other.http.get("/crm/v3/objects/calls", headers=bearer)).status_code == 401

    run(test)


def test_a_portal_that_another_removed_is_forgotten() -> None:
    async def test(one: Idle, other: Idle) -> None:
        portal = await one.portal()
        bearer = await one.admit("another's", "crm.objects.contacts.read", portal=portal)
        assert (await other.http.get("/crm/v3/objects/calls", headers=bearer)).status_code == 200
        assert portal in other.state.catalogs
        await one.http.delete(f"/_trunkline/portals/{portal}", headers=OPERATOR)
        heed(other.state, Notice("portal", portal))
        assert portal not in other.state.catalogs
        assert (await other.http.get("/crm/v3/objects/calls", headers=bearer)).status_code == 401

    run(test)


@pytest.mark.parametrize("notice", [Notice("job"), EVERYTHING])
def test_a_job_that_another_enlisted_is_carried_out(notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK", 3600)

    async def test(one: Idle, other: Idle) -> None:
        async with working(one.state):
            # Once its own is done it looks for others only when it is told so.
            await _done(one, await _enlisted(one))
            assert one.state.leads
            url = await _enlisted(other)
            heed(one.state, notice)
            await _done(other, url)
        assert not one.state.leads

    run(test)


def test_a_job_of_which_no_news_came_is_carried_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOK", 0.01)

    async def test(one: Idle, other: Idle) -> None:
        async with working(one.state):
            await _done(one, await _enlisted(one))
            await _done(other, await _enlisted(other))

    run(test)


def test_a_job_that_another_canceled_goes_no_further() -> None:
    async def test(one: Idle, other: Idle) -> None:
        url = await one.enlist("create", [CALL] * 250)
        await one.step(url)
        assert (await other.http.delete(url)).status_code == 200
        assert (await one.finish(url))["status"] == "CANCELED"
        assert len(told(await other.http.get(url))["results"]) == 100

    run(test)


async def _enlisted(server: Idle) -> str:
    return await server.enlist("create", [CALL])


async def _done(server: Idle, url: str) -> None:
    async with asyncio.timeout(20):
        while told(await server.http.get(url))["status"] != "COMPLETE":
            await asyncio.sleep(0.001)
