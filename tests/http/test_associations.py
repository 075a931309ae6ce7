"""A record with more associations than one page has: every page of every operation that shows them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from inprocess import client

AT = "2025-04-24T20:01:33Z"
MANY = 1_100
TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}

Read = Callable[[httpx.AsyncClient, str], Awaitable[list[list[str]]]]


async def tied(http: httpx.AsyncClient) -> tuple[str, list[str]]:
    """A contact with many calls, each tied to it as it is created, and their ids."""
    contact = (await http.post("/crm/v3/objects/contacts", json={"properties": {"email": "a@b.org"}})).json()["id"]
    one = {"properties": {"hs_timestamp": AT}, "associations": [{"to": {"id": contact}, "types": [TO_CONTACT]}]}
    calls: list[str] = []
    for _ in range(MANY // 100):
        made = await http.post("/crm/v3/objects/calls/batch/create", json={"inputs": [one] * 100})
        assert made.status_code == 201, made.text
        calls += [result["id"] for result in made.json()["results"]]
    return contact, calls


async def by_link(http: httpx.AsyncClient, first: Any, key: str) -> list[list[str]]:
    """The ids of a page and of those that follow it, each by the address that the one before it gave."""
    pages = [[entry[key] for entry in first.get("results", first.get("to"))]]
    while "paging" in first:
        answer = await http.get(first["paging"]["next"]["link"])
        assert answer.status_code == 200, answer.text
        first = answer.json()
        pages.append([entry[key] for entry in first["results"]])
    return pages


async def beside_a_record(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    read = await http.get(f"/crm/v3/objects/contacts/{contact}", params={"associations": "calls"})
    return await by_link(http, read.json()["associations"]["calls"], "id")


async def in_a_list(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    [record] = (await http.get("/crm/v3/objects/contacts", params={"associations": "0-48"})).json()["results"]
    return await by_link(http, record["associations"]["calls"], "id")


async def by_names(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    return await by_link(http, (await http.get(f"/crm/v3/objects/contacts/{contact}/associations/calls")).json(), "id")


async def in_a_batch_by_names(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    answer = await http.post("/crm/v3/associations/contacts/calls/batch/read", json={"inputs": [{"id": contact}]})
    return await by_link(http, answer.json()["results"][0], "id")


async def with_labels(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    page = await http.get(f"/crm/v4/objects/contacts/{contact}/associations/calls", params={"limit": 400})
    return await by_link(http, page.json(), "toObjectId")


async def in_a_dated_version(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    page = await http.get(f"/crm/objects/2026-03/contacts/{contact}/associations/calls")
    return await by_link(http, page.json(), "toObjectId")


async def in_a_batch_with_labels(http: httpx.AsyncClient, contact: str) -> list[list[str]]:
    asked: dict[str, str] | None = {"id": contact}
    pages = []
    while asked:
        answer = await http.post("/crm/v4/associations/contacts/calls/batch/read", json={"inputs": [asked]})
        [result] = answer.json()["results"]
        pages.append([entry["toObjectId"] for entry in result["to"]])
        asked = {"id": contact, "after": result["paging"]["next"]["after"]} if "paging" in result else None
    return pages


@pytest.mark.parametrize(
    ("read", "sizes"),
    [
        (beside_a_record, [500, 500, 100]),
        (in_a_list, [500, 500, 100]),
        (by_names, [500, 500, 100]),
        (in_a_batch_by_names, [500, 500, 100]),
        (with_labels, [400, 400, 300]),
        (in_a_dated_version, [500, 500, 100]),
        (in_a_batch_with_labels, [500, 500, 100]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_associated_record_is_on_one_page(read: Read, sizes: list[int]) -> None:
    async def test() -> None:
        async with client() as http:
            contact, calls = await tied(http)
            pages = await read(http, contact)
            assert [len(page) for page in pages] == sizes
            assert [id_ for page in pages for id_ in page] == calls

    asyncio.run(test())
