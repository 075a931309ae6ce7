"""Webhook settings and subscriptions, as an app or an operator sets them, in each version of the API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from inprocess import client

from trunkline.http.control import SECRET

HOOKS = "/webhooks/v3/1"
PLACES = ("/webhooks/v3", "/app-webhooks/2025-09", "/webhooks/2026-03", "/app-webhooks/2026-09")
TARGET = {"targetUrl": "https://example.com/hook", "throttling": {"maxConcurrentRequests": 10, "period": "SECONDLY"}}


def run(test: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def body() -> None:
        async with client() as api:
            await test(api)

    asyncio.run(body())


@pytest.mark.parametrize("place", PLACES)
def test_settings_and_subscriptions_are_kept_in_each_version(place: str) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        app = f"{place}/1"
        assert (await api.get(f"{app}/settings")).status_code == 404
        made = (await api.put(f"{app}/settings", json=TARGET)).json()
        assert (made["targetUrl"], made["throttling"]) == (TARGET["targetUrl"], TARGET["throttling"])
        assert (await api.get(f"{app}/settings")).json() == made

        asked = {"eventType": "contact.propertyChange", "propertyName": "email", "active": True}
        one = await api.post(f"{app}/subscriptions", json=asked)
        assert one.status_code == 201
        assert asked.items() <= one.json().items()
        two = (await api.post(f"{app}/subscriptions", json={"eventType": "deal.creation"})).json()
        assert (two["active"], two["objectTypeId"]) == (False, "0-3")
        assert (await api.get(f"{app}/subscriptions")).json() == {"results": [one.json(), two]}

        switched = await api.patch(f"{app}/subscriptions/{two['id']}", json={"active": True})
        assert switched.json()["active"] is True
        assert (await api.get(f"{app}/subscriptions/{two['id']}")).json() == switched.json()
        assert (await api.delete(f"{app}/subscriptions/{two['id']}")).status_code == 204
        gone = await api.get(f"{app}/subscriptions/{two['id']}")
        assert (gone.status_code, gone.json()["category"]) == (404, "SUBSCRIPTION_ID_NOT_FOUND")
        assert (await api.delete(f"{app}/settings")).status_code == 204
        assert (await api.get(f"{app}/settings")).status_code == 404

    run(test)


@pytest.mark.parametrize(("place", "status"), [*zip(PLACES, (207, 200, 207, 200), strict=True)])
def test_a_batch_switches_those_that_are_there(place: str, status: int) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        app = f"{place}/1"
        await api.post(f"{app}/subscriptions", json={"eventType": "contact.creation"})
        inputs = [{"id": 1, "active": True}, {"id": 77, "active": True}]
        answer = await api.post(f"{app}/subscriptions/batch/update", json={"inputs": inputs})
        assert answer.status_code == status
        told = answer.json()
        assert [(one["id"], one["active"]) for one in told["results"]] == [("1", True)]
        assert told["errors"][0]["message"] == "Failed to find subscriptions by id `77`."

    run(test)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"targetUrl": "http://example.com/hook"}, "targetUrl"),
        ({"targetUrl": "https://user:pass@example.com/"}, "targetUrl"),
        ({"targetUrl": "ftp://example.com/"}, "targetUrl"),
        ({"targetUrl": "https:///hook"}, "targetUrl"),
        ({"throttling": {"maxConcurrentRequests": 0}}, "throttling.maxConcurrentRequests"),
        ({"throttling": {"maxConcurrentRequests": 101}}, "throttling.maxConcurrentRequests"),
    ],
)
def test_settings_that_break_a_rule_are_refused(body: dict[str, Any], field: str) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        headers = {"x-trunkline-detail": "full"}
        answer = await api.put(f"{HOOKS}/settings", json=TARGET | body, headers=headers)
        assert (answer.status_code, answer.json()["category"], answer.json()["in"]) == (400, "VALIDATION_ERROR", field)
        assert (await api.get(f"{HOOKS}/settings")).status_code == 404

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        {"eventType": "contact.explosion"},
        {"eventType": "product.associationChange"},
        {"eventType": "contact.propertyChange"},
        {"eventType": "object.creation"},
        {"eventType": "object.creation", "objectTypeId": "contacts"},
    ],
)
def test_subscriptions_that_break_a_rule_are_refused(body: dict[str, Any]) -> None:
    async def test(api: httpx.AsyncClient) -> None:
        await api.post(f"{HOOKS}/subscriptions", json={"eventType": "contact.creation"})
        answer = await api.post(f"{HOOKS}/subscriptions", json=body)
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
        assert len((await api.get(f"{HOOKS}/subscriptions")).json()["results"]) == 1

    run(test)


async def app_with(api: httpx.AsyncClient, *scopes: str, portal: int = 1_000_001) -> tuple[int, dict[str, str]]:
    """A new private app: its id, and the headers of its token."""
    body = {"name": "app", "scopes": scopes, "portal": portal}
    made = (await api.post("/_trunkline/tokens", json=body, headers={SECRET: "secret"})).json()
    return made["app"], {"authorization": f"Bearer {made['token']}"}


def test_an_app_needs_the_scopes_and_is_not_shown_those_of_another_portal() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        app, own = await app_with(api, "developers-read", "developers-write")
        reader, reading = await app_with(api, "developers-read")
        portal = (await api.post("/_trunkline/portals", json={"name": "b"}, headers={SECRET: "secret"})).json()["id"]
        _, foreign = await app_with(api, "developers-read", "developers-write", portal=portal)

        settings = f"/webhooks/v3/{app}/settings"
        assert (await api.put(settings, json=TARGET, headers=own)).status_code == 200
        assert (await api.get(settings, headers=own)).status_code == 200
        assert (await api.get(settings, headers=reading)).status_code == 200
        assert (await api.put(settings, json=TARGET, headers=reading)).status_code == 403
        assert (await api.get(settings, headers=foreign)).status_code == 404
        assert (await api.get(f"/webhooks/v3/{reader}/settings", headers=own)).status_code == 404
        assert (await api.get("/webhooks/v3/x/settings", headers=own)).status_code == 400
        assert (await api.get("/webhooks/v3/999999/settings")).status_code == 404

    run(test)


def test_a_subscription_to_the_same_is_the_same() -> None:
    async def test(api: httpx.AsyncClient) -> None:
        asked = {"eventType": "contact.creation"}
        first = (await api.post(f"{HOOKS}/subscriptions", json=asked)).json()
        second = (await api.post(f"{HOOKS}/subscriptions", json=asked | {"active": True})).json()
        assert (first["id"], first["active"], second["id"], second["active"]) == ("1", False, "1", True)
        for _ in range(2):
            assert (await api.delete(f"{HOOKS}/subscriptions/1")).status_code == 204
        assert (await api.get(f"{HOOKS}/subscriptions")).json() == {"results": []}

    run(test)
