"""Property definitions and groups through the whole line: what needs more than one request, or no wire case can say."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest
from inprocess import client

from trunkline.clock import Clock
from trunkline.crm.property import Property
from trunkline.store.sqlite.store import SqliteStore

CALLS = "/crm/v3/properties/calls"
COLOUR = {"name": "colour", "label": "Colour", "type": "string", "fieldType": "text", "groupName": "call"}
GROUP = {"name": "mine", "label": "Mine"}
Test = Callable[[httpx.AsyncClient], Awaitable[None]]


def run(test: Test, **members: object) -> None:
    async def with_client() -> None:
        async with client(**members) as http:
            await test(http)

    asyncio.run(with_client())


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("properties=name,label", ["name", "label"]),
        ("properties=label&properties=name", ["name", "label"]),
        ("properties=modificationMetadata,nope", ["modificationMetadata"]),
    ],
)
def test_a_read_shows_the_members_asked_for(query: str, members: list[str]) -> None:
    async def test(http: httpx.AsyncClient) -> None:
        assert list((await http.get(f"{CALLS}/hs_call_title?{query}")).json()) == members
        listed = (await http.get(f"{CALLS}?{query}")).json()["results"]
        assert len(listed) > 50
        assert all(list(shown) == members for shown in listed)

    run(test)


@pytest.mark.parametrize("query", ["properties=", "properties=nope", "properties=hs_call_title"])
def test_names_that_are_no_members_are_passed_over(query: str) -> None:
    async def test(http: httpx.AsyncClient) -> None:
        assert (await http.get(f"{CALLS}?{query}")).json() == (await http.get(CALLS)).json()

    run(test)


def test_of_two_that_create_one_name_at_once_one_is_told() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        for path, body in ((CALLS, COLOUR), (f"{CALLS}/groups", GROUP)):
            answers = await asyncio.gather(*(http.post(path, json=body | {"label": str(n)}) for n in range(6)))
            assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
            made = next(answer.json() for answer in answers if answer.status_code == 201)
            assert (await http.get(f"{path}/{body['name']}")).json()["label"] == made["label"]

    run(test)


def test_a_property_and_the_archiving_of_its_group_do_not_miss_each_other() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        await http.post(f"{CALLS}/groups", json=GROUP)
        made, gone = await asyncio.gather(
            http.post(CALLS, json=COLOUR | {"groupName": "mine"}), http.delete(f"{CALLS}/groups/mine")
        )
        assert (made.status_code, gone.status_code) in {(201, 400), (400, 204)}

    run(test)


def test_a_change_that_changes_nothing_is_not_told(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"

    async def test(http: httpx.AsyncClient) -> None:
        made = (await http.post(CALLS, json=COLOUR)).json()
        await http.post(f"{CALLS}/groups", json=GROUP)
        for body in ({}, {"label": "Colour"}, COLOUR):
            assert (await http.patch(f"{CALLS}/colour", json=body)).json() == made
        await http.patch(f"{CALLS}/groups/mine", json=GROUP)
        await http.post(f"{CALLS}/batch/archive", json={"inputs": [{"name": "nope"}]})
        await http.post(f"{CALLS}/batch/create", json={"inputs": [COLOUR]})

    run(test, data=str(data))
    assert journal(data) == [("property.create", "colour"), ("group.create", "mine")]


def test_every_change_is_told_once(tmp_path: Path) -> None:
    data = tmp_path / "calls.db"
    size = COLOUR | {"name": "size"}

    async def test(http: httpx.AsyncClient) -> None:
        await http.post(f"{CALLS}/groups", json=GROUP)
        await http.patch(f"{CALLS}/groups/mine", json={"label": "Ours"})
        await http.delete(f"{CALLS}/groups/mine")
        await http.post(f"{CALLS}/batch/create", json={"inputs": [COLOUR, size]})
        await http.patch(f"{CALLS}/colour", json={"label": "Hue"})
        await http.delete(f"{CALLS}/colour")
        await http.post(f"{CALLS}/batch/archive", json={"inputs": [{"name": "size"}]})

    run(test, data=str(data))
    assert journal(data) == [
        ("group.create", "mine"),
        ("group.update", "mine"),
        ("group.archive", "mine"),
        ("property.create", "colour"),
        ("property.create", "size"),
        ("property.update", "colour"),
        ("property.archive", "colour"),
        ("property.archive", "size"),
    ]


def journal(data: Path) -> list[tuple[Any, ...]]:
    """The kinds of change in a store's journal, in order, each with the name of what changed."""
    connection = apsw.Connection(str(data))
    try:
        return connection.execute("SELECT kind, detail ->> 'name' FROM change ORDER BY position").fetchall()
    finally:
        connection.close()


def test_groups_and_definitions_outlast_the_server(tmp_path: Path) -> None:
    data = str(tmp_path / "calls.db")
    kept: dict[str, Any] = {}
    paths = [f"{CALLS}/groups", CALLS, f"{CALLS}?archived=true"]

    async def before(http: httpx.AsyncClient) -> None:
        for name in ("mine", "gone"):
            await http.post(f"{CALLS}/groups", json=GROUP | {"name": name})
        await http.patch(f"{CALLS}/groups/call", json={"label": "Phone calls"})
        await http.delete(f"{CALLS}/groups/gone")
        inputs = [
            COLOUR | {"groupName": "mine"},
            COLOUR | {"name": "old"},
            COLOUR
            | {"name": "sum", "type": "number", "fieldType": "number", "calculationFormula": "2hs_call_duration"},
        ]
        assert (await http.post(f"{CALLS}/batch/create", json={"inputs": inputs})).status_code == 201
        await http.delete(f"{CALLS}/old")
        await http.patch(f"{CALLS}/hs_activity_type", json={"options": [{"label": "Demo", "value": "demo"}]})
        kept.update({path: (await http.get(path)).json() for path in paths})

    async def after(http: httpx.AsyncClient) -> None:
        for path in paths:
            assert (await http.get(path)).json() == kept[path]

    run(before, data=data)
    assert {group["name"] for group in kept[paths[0]]["results"]} >= {"mine", "call"}
    assert [old["name"] for old in kept[paths[2]]["results"]] == ["old"]
    run(after, data=data)


def test_a_store_whose_definitions_name_unknown_groups_opens(tmp_path: Path) -> None:
    data = str(tmp_path / "calls.db")

    async def from_before() -> None:
        store = SqliteStore(data, Clock())
        await store.open()
        old = Property(
            name="old", label="Old", type="string", field_type="text", group_name="forgotten", hubspot_defined=False
        )
        await store.define((await store.portals())[0], "0-48", 1, [old], "property.create", 1)
        await store.close()

    async def test(http: httpx.AsyncClient) -> None:
        assert (await http.get(f"{CALLS}/old")).json()["groupName"] == "forgotten"
        assert (await http.get(f"{CALLS}/groups/forgotten")).status_code == 404
        assert (await http.patch(f"{CALLS}/old", json={"label": "New"})).json()["label"] == "New"
        assert (await http.post(f"{CALLS}/groups", json=GROUP | {"name": "forgotten"})).status_code == 201
        assert (await http.delete(f"{CALLS}/groups/forgotten")).status_code == 400

    asyncio.run(from_before())
    run(test, data=data)


def test_a_full_error_is_not_told_inside_another() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        full = {"x-trunkline-detail": "full"}
        plain = (await http.delete(f"{CALLS}/groups/call")).json()
        inner = json.loads(plain["message"])
        assert inner["correlationId"] == plain["correlationId"]
        body = (await http.delete(f"{CALLS}/groups/call", headers=full)).json()
        assert body["message"] == inner["message"]
        assert body["subCategory"] == inner["subCategory"] == "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
        explained = (await http.get(body["links"]["explanation"])).json()
        assert explained["status"] == 400
        batch = {"inputs": [COLOUR | {"name": "hs_x"}]}
        (one,) = (await http.post(f"{CALLS}/batch/create", json=batch, headers=full)).json()["errors"]
        assert one["errors"][0]["code"] == "RESERVED_PROPERTY_NAME"

    run(test)


def test_definitions_of_other_types_are_their_own() -> None:
    async def test(http: httpx.AsyncClient) -> None:
        await http.post(f"{CALLS}/groups", json=GROUP)
        await http.post(CALLS, json=COLOUR)
        assert (await http.get("/crm/v3/properties/contacts/colour")).status_code == 404
        assert (await http.get("/crm/v3/properties/contacts/groups/mine")).status_code == 404
        assert (await http.get("/crm/v3/properties/contacts/groups/contactinformation")).status_code == 200

    run(test)
