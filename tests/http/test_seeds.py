"""Seeds: portals with tokens, definitions, records and associations that are the same each time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from inprocess import client
from typer.testing import CliRunner

from trunkline.cli import app

CALLS = "/crm/v3/objects/calls"
TEXT = "pat-local-dialer"
REF: dict[str, Any] = {
    "name": "ref",
    "label": "Ref",
    "type": "string",
    "fieldType": "text",
    "groupName": "callinformation",
    "hasUniqueValue": True,
}
CONTACT: dict[str, Any] = {"id": 501, "properties": {"email": "ada@example.com"}}
CALL: dict[str, Any] = {
    "id": 9001,
    "properties": {"hs_timestamp": "2026-01-01T12:00:00Z", "ref": "A"},
    "associations": [{"to": "contacts/501"}],
}
SALES: dict[str, Any] = {
    "id": 42,
    "name": "sales",
    "tokens": [{"name": "dialer", "token": TEXT}],
    "properties": {"calls": [REF]},
    "records": {"calls": [CALL], "contacts": [CONTACT]},
}


def run(test: Callable[["Server"], Awaitable[None]]) -> None:
    """Runs a test against a new server."""

    async def inner() -> None:
        async with client() as http:
            await test(Server(http))

    asyncio.run(inner())


class Server:
    """A server, and the operator's hand on it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def control(self, path: str, body: object, method: str = "POST") -> httpx.Response:
        """What the control namespace answers."""
        headers = {"x-trunkline-secret": "secret"}
        return await self.http.request(method, f"/_trunkline{path}", json=body, headers=headers)

    async def seed(self, *portals: Any) -> httpx.Response:
        """The answer to a seed."""
        return await self.control("/seed", {"portals": portals})

    async def get(self, path: str, **query: str) -> httpx.Response:
        """What the seeded token sees."""
        return await self.http.get(path, params=query, headers={"authorization": f"Bearer {TEXT}"})


def test_a_portal_has_what_the_seed_says() -> None:
    async def test(server: Server) -> None:
        answer = await server.seed(SALES)
        assert answer.status_code == 200, answer.text
        counts = {"portal": 42, "properties": {"calls": 1}, "records": {"calls": 1, "contacts": 1}, "tokens": 1}
        assert answer.json() == {"results": [counts]}
        call = (await server.get(f"{CALLS}/A", idProperty="ref", associations="contacts")).json()
        assert call["id"] == "9001"
        assert [one["id"] for one in call["associations"]["contacts"]["results"]] == ["501"]
        found = await server.http.post(
            f"{CALLS}/search",
            json={"filterGroups": [{"filters": [{"propertyName": "ref", "operator": "EQ", "value": "A"}]}]},
            headers={"authorization": f"Bearer {TEXT}"},
        )
        assert [one["id"] for one in found.json()["results"]] == ["9001"]

    run(test)


def test_a_reset_leads_back_to_the_seed() -> None:
    async def test(server: Server) -> None:
        await server.seed(SALES)
        values = {"properties": {"hs_timestamp": "2026-01-01T12:00:00Z", "ref": "B"}}
        made = await server.http.post(CALLS, json=values, headers={"authorization": f"Bearer {TEXT}"})
        assert int(made.json()["id"]) > 9001
        assert (await server.get(f"{CALLS}/B", idProperty="ref")).status_code == 200
        assert (await server.control("/portals/42/reset", {})).json()["records"] == 1
        assert (await server.get(f"{CALLS}/B", idProperty="ref")).status_code == 404
        assert (await server.get(f"{CALLS}/A", idProperty="ref")).status_code == 200
        assert (await server.seed(SALES | {"replace": True})).status_code == 200
        assert (await server.get(f"{CALLS}/A", idProperty="ref")).json()["id"] == "9001"

    run(test)


def test_a_seed_of_a_portal_that_is_there() -> None:
    async def test(server: Server) -> None:
        answer = await server.control("/portals/1000001/seed", {"records": {"contacts": [CONTACT]}})
        assert answer.json()["records"] == {"contacts": 1}
        assert (await server.http.get("/crm/v3/objects/contacts/501")).status_code == 200

    run(test)


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"records": {"calls": [CALL]}}, 400, "records.calls: "),
        ({"records": {"calls": [CALL, CALL], "contacts": [CONTACT]}}, 400, "An id is given to two records."),
        ({"records": {"calls": [{"id": 1, "properties": {}}]}}, 400, "hs_timestamp"),
        ({"records": {"nothings": []}}, 200, ""),
        ({"records": {"nothings": [{"id": 1}]}}, 400, "records.nothings: "),
        ({"records": {"calls": [CALL | {"id": 10**12}]}}, 400, "Invalid input JSON"),
        ({"properties": {"calls": [REF, REF | {"type": "number", "fieldType": "number"}]}}, 400, "properties.calls: "),
        ({"properties": {"calls": [{"name": "x"}]}}, 400, "properties.calls: "),
        ({"tokens": [{"name": "t", "token": "short"}]}, 400, "Invalid input JSON"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_a_seed_that_fails_leaves_nothing(change: Any, status: int, why: str) -> None:
    async def test(server: Server) -> None:
        asked = {"id": 42, "name": "sales"} | change
        answer = await server.seed(asked)
        assert answer.status_code == status, answer.text
        assert why in answer.json().get("message", "")
        if status == 200:
            return
        await server.control("/portals", {"name": "sales", "id": 42})
        changes = (await server.control("/portals/42/changes", None, "GET")).json()["results"]
        assert changes == []
        assert (await server.control("/portals/42/checkpoints", None, "GET")).json()["results"] == []
        assert (await server.seed(SALES)).status_code == 200

    run(test)


def test_ids_and_tokens_that_are_taken_are_told() -> None:
    async def test(server: Server) -> None:
        await server.seed(SALES)
        again = await server.seed(SALES)
        assert again.status_code == 400
        assert "There is a record with the id 9001 already." in again.json()["message"]
        other = await server.seed({"id": 43, "name": "other", "tokens": SALES["tokens"]})
        assert (other.status_code, other.json()["message"]) == (409, "The token dialer is not free.")
        assert (await server.control("/portals", {"name": "again", "id": 42})).status_code == 409

    run(test)


SEED = """
portals:
- id: 42
  name: sales
  tokens:
  - {name: dialer, token: pat-local-dialer}
  properties:
    calls:
    - {name: ref, label: Ref, type: string, fieldType: text, groupName: callinformation, hasUniqueValue: true}
  records:
    calls:
    - {id: 9001, properties: {hs_timestamp: 2026-01-01T12:00:00Z, ref: A, hs_call_duration: 1000}}
"""


def test_the_verbs_of_the_command_line(tmp_path: Path) -> None:
    def told(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "--data", str(tmp_path / "calls.db")])
        assert result.exit_code == 0, result.output
        return result.output.strip()

    (tmp_path / "seed.yaml").write_text(SEED)
    assert told("seed", str(tmp_path / "seed.yaml")) == "portal 42: 1 calls, 1 properties, 1 tokens"
    assert told("checkpoint", "x", "--portal", "42") == ""
    assert [line.split("\t")[0] for line in told("checkpoint", "--portal", "42").splitlines()] == ["seed", "x"]
    assert told("changes", "--since", "x", "--portal", "42") == ""
    assert "create\tcalls\tfixed token\t9001" in told("changes", "--portal", "42")
    assert told("rewind", "x", "--portal", "42") == "0 records, 0 definitions, 0 lists"
    assert told("seed", str(tmp_path / "seed.yaml"), "--replace") == "portal 42: 1 calls, 1 properties, 1 tokens"
    assert told("checkpoint", "seed", "--forget", "--portal", "42") == ""
    assert told("reset", "--portal", "42") == "1 records, 1 definitions, 0 lists"
    assert told("clock", "freeze", "2026-01-01T00:00:00Z", "--portal", "42") == "2026-01-01T00:00:00Z\tfrozen"
    assert told("clock", "advance", "60", "--portal", "42") == "2026-01-01T00:01:00Z\tfrozen"
    assert told("clock", "show", "--portal", "42") == "2026-01-01T00:01:00Z\tfrozen"
    assert told("clock", "set", "2026-02-01T00:00:00Z", "--portal", "42") == "2026-02-01T00:00:00Z\tfrozen"
    assert told("clock", "release", "--portal", "42").endswith("\trunning")
