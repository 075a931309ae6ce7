"""The old engagements API over records of several types."""

import asyncio
from typing import Any

import httpx
import pytest
from inprocess import client

from trunkline.crm.engagement import table

ENGAGEMENTS = "/engagements/v1/engagements"
NAMES = [kind.name for kind in table().kinds]
PLURALS = {
    "CALL": "calls",
    "NOTE": "notes",
    "TASK": "tasks",
    "MEETING": "meetings",
    "EMAIL": "emails",
    "INCOMING_EMAIL": "emails",
    "FORWARDED_EMAIL": "emails",
}


async def _made(http: httpx.AsyncClient, name: str, **parts: Any) -> dict[str, Any]:
    answer = await http.post(ENGAGEMENTS, json={"engagement": {"type": name}, **parts})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _token(http: httpx.AsyncClient, *scopes: str) -> dict[str, str]:
    asked = {"name": "some", "scopes": scopes}
    made = await http.post("/_trunkline/tokens", json=asked, headers={"x-trunkline-secret": "secret"})
    return {"authorization": f"Bearer {made.json()['token']}"}


def test_each_kind_is_made_read_and_archived_by_an_id_of_its_own() -> None:
    async def test() -> None:
        async with client() as http:
            made = [await _made(http, name) for name in NAMES]
            ids = [one["engagement"]["id"] for one in made]
            assert len(set(ids)) == len(NAMES)
            for name, one, id_ in zip(NAMES, made, ids, strict=True):
                assert one["engagement"]["type"] == name
                assert (await http.get(f"{ENGAGEMENTS}/{id_}")).json() == one
                assert (await http.get(f"/crm/v3/objects/{PLURALS[name]}/{id_}")).status_code == 200
                assert (await http.delete(f"{ENGAGEMENTS}/{id_}")).status_code == 204
                assert (await http.get(f"{ENGAGEMENTS}/{id_}")).status_code == 404
                assert (await http.get(f"/crm/v3/objects/{PLURALS[name]}/{id_}")).status_code == 404

    asyncio.run(test())


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_have_every_engagement_once(limit: int) -> None:
    async def test() -> None:
        async with client() as http:
            ids = [(await _made(http, name))["engagement"]["id"] for name in [*NAMES, *NAMES]]
            found, offset, more = [], 0, True
            while more:
                page = (await http.get(f"{ENGAGEMENTS}/paged", params={"limit": limit, "offset": offset})).json()
                found += [one["engagement"]["id"] for one in page["results"]]
                offset, more = page["offset"], page["hasMore"]
                assert len(page["results"]) <= limit
            assert found == ids

    asyncio.run(test())


def test_recent_ones_come_latest_first_whatever_their_type() -> None:
    async def test() -> None:
        async with client() as http:
            made = [(await _made(http, name))["engagement"] for name in [*NAMES, *NAMES]]
            first = made[0]["id"]
            await http.patch(f"{ENGAGEMENTS}/{first}", json={"metadata": {"body": "late"}})
            found, offset, more = [], 0, True
            while more:
                asked = {"count": 3, "offset": offset}
                page = (await http.get(f"{ENGAGEMENTS}/recent/modified", params=asked)).json()
                found += [(-one["engagement"]["lastUpdated"], -one["engagement"]["id"]) for one in page["results"]]
                offset, more = page["offset"], page["hasMore"]
                assert page["total"] == len(made)
            assert found == sorted(found)
            assert {-id_ for _, id_ in found} == {one["id"] for one in made}
            latest = -found[0][0]
            page = (await http.get(f"{ENGAGEMENTS}/recent/modified", params={"since": latest})).json()
            assert (page["results"], page["total"], page["hasMore"]) == ([], 0, False)

    asyncio.run(test())


def test_what_a_token_may_not_read_is_not_there_for_it() -> None:
    async def test() -> None:
        async with client() as http:
            ids = {name: (await _made(http, name))["engagement"]["id"] for name in NAMES}
            none = await _token(http, "crm.objects.deals.read", "crm.objects.deals.write")
            for method, path in (("GET", "paged"), ("GET", str(ids["CALL"])), ("DELETE", str(ids["CALL"]))):
                assert (await http.request(method, f"{ENGAGEMENTS}/{path}", headers=none)).status_code == 403
            reader = await _token(http, "crm.objects.contacts.read")
            assert (await http.delete(f"{ENGAGEMENTS}/{ids['CALL']}", headers=reader)).status_code == 403
            assert (await http.get(f"{ENGAGEMENTS}/{ids['CALL']}", headers=reader)).status_code == 200

    asyncio.run(test())


def test_ids_go_on_after_a_restart(tmp_path: Any) -> None:
    async def made(*names: str) -> list[int]:
        async with client(data=str(tmp_path / "some.db")) as http:
            return [(await _made(http, name))["engagement"]["id"] for name in names]

    first = asyncio.run(made("CALL", "CALL", "NOTE"))
    ids = [*first, *asyncio.run(made("CALL")), *asyncio.run(made("NOTE", "TASK"))]
    assert ids == list(range(first[0], first[0] + 6))
