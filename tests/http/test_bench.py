"""The workbench of a portal: its clock, its checkpoints, and what was changed since one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from inprocess import client

CALLS = "/crm/v3/objects/calls"
PORTAL = "/portals/1000001"
NOON = "2026-01-01T12:00:00Z"


def run(test: Callable[["Bench"], Awaitable[None]]) -> None:
    """Runs a test against a new server."""

    async def inner() -> None:
        async with client() as http:
            await test(Bench(http))

    asyncio.run(inner())


class Bench:
    """A server, and the operator's hand on it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """What the control namespace answers."""
        headers = {"x-trunkline-secret": "secret"}
        return await self.http.request(method, f"/_trunkline{path}", json=body, headers=headers)

    async def turn(self, **what: object) -> Any:
        """What the clock shows then."""
        answer = await self.control("POST", f"{PORTAL}/clock", what)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def call(self, title: str) -> Any:
        """A new call."""
        values = {"hs_timestamp": "1767268800000", "hs_call_title": title}
        answer = await self.http.post(CALLS, json={"properties": values})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def changes(self, query: str = "") -> Any:
        """What was changed."""
        return (await self.control("GET", f"{PORTAL}/changes{query}")).json()


def test_a_frozen_clock_stands_in_all_answers() -> None:
    async def test(bench: Bench) -> None:
        assert await bench.turn(freeze=NOON) | {"offset": 0} == {"now": NOON, "frozen": True, "offset": 0}
        assert (await bench.call("a"))["createdAt"] == NOON
        assert (await bench.turn(advance=90.5))["now"] == "2026-01-01T12:01:30.500Z"
        assert (await bench.call("b"))["createdAt"] == "2026-01-01T12:01:30.500Z"
        answer = await bench.http.post(f"{CALLS}/batch/read", json={"properties": [], "inputs": []})
        assert answer.json()["startedAt"] == "2026-01-01T12:01:30.500Z"

    run(test)


def test_a_clock_goes_on_from_where_it_is_set() -> None:
    async def test(bench: Bench) -> None:
        shown = await bench.turn(set=NOON)
        assert not shown["frozen"]
        assert shown["now"].startswith("2026-01-01T12:00:0")
        stopped = await bench.turn(freeze=True)
        assert stopped["now"].startswith("2026-01-01T12:00:")
        assert (await bench.control("GET", f"{PORTAL}/clock")).json() == stopped
        assert await bench.turn(release=True) | {"now": ""} == {"now": "", "frozen": False, "offset": 0}

    run(test)


def test_the_clock_of_another_portal_is_not_touched() -> None:
    async def test(bench: Bench) -> None:
        other = (await bench.control("POST", "/portals", {"name": "other"})).json()["id"]
        await bench.turn(freeze=NOON)
        shown = (await bench.control("GET", f"/portals/{other}/clock")).json()
        assert not shown["frozen"] and shown["now"] != NOON

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"freeze": NOON, "advance": 1},
        {"freeze": "yesterday"},
        {"set": "12:00"},
        {"advance": -1e10},
        {"advance": 3e11},
        {"release": False},
        {"freez": True},
    ],
)
def test_a_turn_that_means_nothing_is_refused(body: object) -> None:
    async def test(bench: Bench) -> None:
        before = await bench.turn(freeze=NOON)
        answer = await bench.control("POST", f"{PORTAL}/clock", body)
        assert answer.status_code == 400, answer.text
        assert (await bench.control("GET", f"{PORTAL}/clock")).json() == before

    run(test)


def test_a_rate_limit_is_over_when_the_clock_has_moved() -> None:
    async def test(bench: Bench) -> None:
        await bench.control("PATCH", PORTAL, {"limits": "hubspot"})
        await bench.turn(freeze=NOON)
        search = f"{CALLS}/search"
        statuses = [(await bench.http.post(search, json={})).status_code for _ in range(9)]
        assert statuses[-1] == 429
        await bench.turn(advance=1)
        assert (await bench.http.post(search, json={})).status_code == 200

    run(test)


def test_what_was_changed_since_a_checkpoint_is_told_and_undone() -> None:
    async def test(bench: Bench) -> None:
        first = await bench.call("a")
        made = await bench.control("POST", f"{PORTAL}/checkpoints", {"name": "x"})
        assert made.status_code == 201 and made.json()["name"] == "x"
        assert (await bench.changes("?since=x"))["results"] == []
        second = await bench.call("b")
        await bench.http.patch(f"{CALLS}/{first['id']}", json={"properties": {"hs_call_title": "c"}})
        definition = {
            "name": "own",
            "label": "Own",
            "type": "string",
            "fieldType": "text",
            "groupName": "callinformation",
        }
        assert (await bench.http.post("/crm/v3/properties/calls", json=definition)).status_code == 201
        created, updated, defined = (await bench.changes("?since=x"))["results"]
        assert (created["kind"], created["ids"], created["objectType"]) == ("create", [second["id"]], "calls")
        assert (updated["kind"], updated["id"]) == ("update", first["id"])
        assert updated["values"]["hs_call_title"] == {"from": "a", "to": "c"}
        assert updated["appName"] == "fixed token"
        assert defined["definition"]["name"] == "own"
        page = await bench.changes("?since=x&limit=2")
        assert len(page["results"]) == 2
        rest = await bench.changes(f"?since=x&after={page['paging']['next']['after']}")
        assert rest["results"] == [defined]
        done = await bench.control("POST", f"{PORTAL}/rewind", {"to": "x"})
        assert done.json() == {"records": 2, "definitions": 1, "lists": 0}
        assert (await bench.http.get(f"{CALLS}/{second['id']}")).status_code == 404
        shown = await bench.http.get(f"{CALLS}/{first['id']}", params={"properties": "hs_call_title"})
        assert shown.json()["properties"]["hs_call_title"] == "a"
        assert shown.json()["updatedAt"] == first["updatedAt"]
        assert (await bench.http.get("/crm/v3/properties/calls/own")).status_code == 404
        assert (await bench.changes("?since=x"))["results"] == []
        assert [one["kind"] for one in (await bench.changes())["results"]] == ["create"]
        assert (await bench.call("d"))["id"] > second["id"]

    run(test)


def test_a_reset_without_a_seed_empties_the_portal() -> None:
    async def test(bench: Bench) -> None:
        await bench.call("a")
        assert (await bench.control("POST", f"{PORTAL}/reset")).json() == {"records": 1, "definitions": 0, "lists": 0}
        assert (await bench.http.get(CALLS)).json()["results"] == []

    run(test)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"{PORTAL}/rewind", {"to": "nowhere"}, 404),
        ("POST", f"{PORTAL}/rewind", {}, 400),
        ("DELETE", f"{PORTAL}/checkpoints/nowhere", None, 404),
        ("GET", f"{PORTAL}/changes?since=nowhere", None, 404),
        ("GET", f"{PORTAL}/changes?limit=0", None, 400),
        ("GET", "/portals/17/changes", None, 404),
        ("GET", "/portals/17/clock", None, 404),
        ("POST", "/portals/17/reset", None, 404),
        ("POST", f"{PORTAL}/checkpoints", {"name": ""}, 400),
    ],
)
def test_what_is_not_there_is_told(method: str, path: str, body: object, status: int) -> None:
    async def test(bench: Bench) -> None:
        assert (await bench.control(method, path, body)).status_code == status

    run(test)
