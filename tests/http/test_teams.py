"""Teams: the operator makes them; owners show them, and so do the records that their people own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from inprocess import client

from trunkline.identity.person import OWNER

PASSWORD = "a long password"
DERIVED = "hubspot_team_id,hs_all_team_ids,hs_all_accessible_team_ids"


def run(test: Callable[["Made"], Awaitable[None]]) -> None:
    """Runs a test against a new server."""

    async def inner() -> None:
        async with client() as http:
            await test(Made(http))

    asyncio.run(inner())


class Made:
    """A server, and the operator's hand on it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """What the control namespace answers."""
        headers = {"x-trunkline-secret": "secret"}
        return await self.http.request(method, f"/_trunkline{path}", json=body, headers=headers)

    async def person(self, email: str, portal: int = 1_000_001) -> int:
        """A new person, by number."""
        answer = await self.control("POST", "/users", {"email": email, "password": PASSWORD, "portals": [portal]})
        return int(answer.json()["id"])

    async def team(self, name: str, **lists: object) -> dict[str, Any]:
        """A new team."""
        answer = await self.control("POST", "/teams", {"name": name, **lists})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def call(self, **values: object) -> str:
        """A new call, by id."""
        sent = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z", **values}}
        return str((await self.http.post("/crm/v3/objects/calls", json=sent)).json()["id"])

    async def shown(self, id_: str) -> dict[str, Any]:
        """The teams that a call shows."""
        found = (await self.http.get(f"/crm/v3/objects/calls/{id_}?properties={DERIVED}")).json()["properties"]
        return {name: found[name] for name in DERIVED.split(",")}

    async def owner(self, id_: int) -> dict[str, Any]:
        """An owner."""
        return dict((await self.http.get(f"/crm/v3/owners/{id_}")).json())


def test_owners_and_records_show_the_teams() -> None:
    async def test(made: Made) -> None:
        ada = await made.person("ada@example.com")
        owned, other, nobodys = (
            await made.call(hubspot_owner_id=ada),
            await made.call(hubspot_owner_id=OWNER),
            await made.call(),
        )
        assert "teams" not in await made.owner(ada)
        none = dict.fromkeys(DERIVED.split(","))
        assert await made.shown(owned) == none
        east = await made.team("East", others=[ada])
        west = await made.team("West", members=[ada])
        assert (east["id"], west["id"]) == (1, 2)
        assert (await made.owner(ada))["teams"] == [
            {"id": "2", "name": "West", "primary": True},
            {"id": "1", "name": "East", "primary": False},
        ]
        listed = (await made.http.get("/crm/v3/owners")).json()["results"]
        assert ["teams" in one for one in listed] == [False, True]
        assert list((await made.shown(owned)).values()) == ["2", "2;1", "2;1"]
        assert await made.shown(other) == await made.shown(nobodys) == none
        made_now = {"properties": {"hs_timestamp": "2025-04-24T20:01:33Z", "hubspot_owner_id": str(ada)}}
        answer = await made.http.post("/crm/v3/objects/calls", json=made_now)
        assert answer.json()["properties"]["hubspot_team_id"] == "2"
        made_now["properties"]["hubspot_owner_id"] = str(OWNER)
        assert (
            "hubspot_team_id" not in (await made.http.post("/crm/v3/objects/calls", json=made_now)).json()["properties"]
        )

    run(test)


def test_a_search_finds_the_records_of_a_team_also_when_it_changes() -> None:
    async def test(made: Made) -> None:
        ada = await made.person("ada@example.com")
        owned = await made.call(hubspot_owner_id=ada)
        await made.call(hubspot_owner_id=OWNER)
        asked = {"filterGroups": [{"filters": [{"propertyName": "hubspot_team_id", "operator": "EQ", "value": "1"}]}]}

        async def found() -> list[str]:
            answer = await made.http.post("/crm/v3/objects/calls/search", json=asked)
            return [one["id"] for one in answer.json()["results"]]

        assert await found() == []
        await made.team("East", members=[ada])
        assert await found() == [owned]
        await made.control("PATCH", "/teams/1", {"members": []})
        assert await found() == []

    run(test)


def test_a_main_team_is_one() -> None:
    async def test(made: Made) -> None:
        ada, grace = await made.person("ada@example.com"), await made.person("grace@example.com")
        await made.team("East", members=[ada, grace])
        await made.team("West", members=[ada], others=[grace])
        listed = (await made.control("GET", "/teams")).json()["results"]
        assert [(team["name"], team["members"], team["others"]) for team in listed] == [
            ("East", [grace], []),
            ("West", [ada], [grace]),
        ]
        assert [team["primary"] for team in (await made.owner(grace))["teams"]] == [True, False]

    run(test)


def test_a_team_is_changed_and_removed_and_its_number_is_not_given_again() -> None:
    async def test(made: Made) -> None:
        await made.team("East", members=[OWNER])
        changed = (await made.control("PATCH", "/teams/1", {"name": "Far East"})).json()
        assert (changed["name"], changed["members"]) == ("Far East", [OWNER])
        assert (await made.control("DELETE", "/teams/1")).status_code == 204
        assert "teams" not in await made.owner(OWNER)
        assert (await made.team("West"))["id"] == 2
        for method in ("PATCH", "DELETE"):
            assert (await made.control(method, "/teams/1", {})).status_code == 404
        kinds = [event["kind"] for event in (await made.control("GET", "/events")).json()["results"]]
        assert [kind for kind in kinds if "team" in kind] == [
            "team.created",
            "team.changed",
            "team.removed",
            "team.created",
        ]

    run(test)


def test_the_teams_of_another_portal_are_its_own() -> None:
    async def test(made: Made) -> None:
        other = (await made.control("POST", "/portals", {"name": "Other"})).json()["id"]
        ada = await made.person("ada@example.com", other)
        assert (await made.team("Theirs", portal=other, members=[ada, OWNER]))["id"] == 1
        assert (await made.control("GET", "/teams")).json() == {"results": []}
        assert len((await made.control("GET", f"/teams?portal={other}")).json()["results"]) == 1
        assert "teams" not in await made.owner(OWNER)
        assert (await made.team("Ours"))["id"] == 1
        assert (await made.control("POST", "/teams", {"name": "x", "members": [ada]})).status_code == 400

    run(test)


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x", "members": [7]}, {"name": "x", "others": [7]}, {"name": "x", "portal": 7}]
)
def test_a_team_that_cannot_be(body: dict[str, object]) -> None:
    async def test(made: Made) -> None:
        assert (await made.control("POST", "/teams", body)).status_code == 400
        assert (await made.control("GET", "/teams")).json() == {"results": []}

    run(test)


def test_somebody_who_was_removed_stays_an_owner_and_keeps_the_team() -> None:
    async def test(made: Made) -> None:
        ada = await made.person("ada@example.com")
        await made.team("East", members=[ada])
        owned = await made.call(hubspot_owner_id=ada)
        await made.control("DELETE", f"/users/{ada}")
        archived = (await made.http.get("/crm/v3/owners?archived=true")).json()["results"]
        assert [(one["id"], one["archived"], "userId" in one) for one in archived] == [(str(ada), True, False)]
        assert (await made.shown(owned))["hubspot_team_id"] == "1"

    run(test)
