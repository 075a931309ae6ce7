"""Exports: what the API reads, in a file; its link works for a few minutes, for whoever has it, and nobody else."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from idle import Idle, idle
from transfer import EXPORT, Json, carried, exported

from trunkline.clock import Clock
from trunkline.http import exporting
from trunkline.http.download import LIFE

AT = "2025-04-24T20:01:33Z"


class Late(Clock):
    """A clock that can be put forward."""

    ahead = 0

    def real(self) -> int:
        return super().real() + self.ahead


def run(test: Callable[[Idle], Awaitable[None]], **members: Any) -> None:
    async def whole() -> None:
        async with idle(**members) as server:
            await test(server)

    asyncio.run(whole())


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


async def calls(server: Idle, count: int, **values: str) -> None:
    for first in range(0, count, 100):
        numbers = range(first, min(first + 100, count))
        inputs = [
            {"properties": {"ext_ref": f"k{n}", "hs_timestamp": AT, "hs_call_title": f"call {n}"} | values}
            for n in numbers
        ]
        answer = await server.http.post("/crm/v3/objects/calls/batch/create", json={"inputs": inputs})
        assert answer.status_code == 201


async def begun(server: Idle, **members: Any) -> tuple[str, str]:
    """The id and the link of an export."""
    answer = await server.http.post(
        EXPORT, json={"exportType": "VIEW", "format": "CSV", "objectType": "calls"} | members
    )
    assert answer.status_code == 202, answer.text
    return answer.json()["id"], answer.json()["links"]["status"]


async def status(server: Idle, link: str) -> Json:
    answer = await server.http.get(link)
    assert answer.status_code == 200
    body: Json = answer.json()
    return body


def test_an_export_from_its_beginning_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "RECORDS", 2)

    async def test(server: Idle) -> None:
        await calls(server, 5)
        id_, link = await begun(server, exportName="Mine", objectProperties=["hs_call_title"])
        body = await status(server, link)
        assert list(body) == ["status", "requestedAt", "startedAt", "completedAt"]
        assert body["status"] == "PENDING"
        about = (await server.http.get(f"/crm/v3/exports/export/{id_}")).json()
        assert (about["exportState"], about["exportName"], about["objectType"]) == ("ENQUEUED", "Mine", "CALL")
        assert "recordCount" not in about
        await carried(server, id_, 1)
        assert (await status(server, link))["status"] == "PROCESSING"
        await carried(server, id_)
        body = await status(server, link)
        assert body["status"] == "COMPLETE"
        about = (await server.http.get(f"/crm/v3/exports/export/{id_}")).json()
        assert (about["exportState"], about["recordCount"], about["exportType"]) == ("DONE", 5, "VIEW")
        answer = await server.http.get(body["result"], headers={"authorization": ""})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "Mine.csv" in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"
        lines = table(answer.text)
        assert lines == [["Record ID", "Call title"], *([str(100_000_000_001 + n), f"call {n}"] for n in range(5))]

    run(test)


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_a_file_has_every_record_once_wherever_its_pieces_end(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "RECORDS", 2)

    async def test(server: Idle) -> None:
        await calls(server, count)
        everything = table(await exported(server, objectType="CALL", objectProperties=["ext_ref"]))
        assert [line[1] for line in everything[1:]] == [f"k{n}" for n in range(count)]

    run(test)


SEARCHES: list[tuple[Json | None, list[int]]] = [
    (None, [0, 1, 2, 3, 4, 5, 6]),
    ({}, [0, 1, 2, 3, 4, 5, 6]),
    ({"filters": [{"propertyName": "ext_ref", "operator": "IN", "values": ["k1", "k3", "k6"]}]}, [1, 3, 6]),
    (
        {
            "filterGroups": [
                {"filters": [{"propertyName": "ext_ref", "operator": "EQ", "value": "k5"}]},
                {"filters": [{"propertyName": "ext_ref", "operator": "EQ", "value": "k2"}]},
            ]
        },
        [2, 5],
    ),
    ({"query": "call"}, [0, 1, 2, 3, 4, 5, 6]),
    ({"query": "4"}, [4]),
    ({"sorts": ["-ext_ref"]}, [6, 5, 4, 3, 2, 1, 0]),
    ({"sorts": [{"propertyName": "ext_ref", "order": "DES"}], "limit": 1, "after": 5}, [6, 5, 4, 3, 2, 1, 0]),
    ({"sorts": [{"propertyName": "ext_ref", "order": "ASC"}]}, [0, 1, 2, 3, 4, 5, 6]),
]


@pytest.mark.parametrize(("search", "expected"), SEARCHES)
def test_an_export_has_what_a_search_finds(
    search: Json | None, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "RECORDS", 3)

    async def test(server: Idle) -> None:
        await calls(server, 7)
        given = {} if search is None else {"publicCrmSearchRequest": search}
        text = await exported(server, objectType="calls", objectProperties=["ext_ref"], **given)
        assert [line[1] for line in table(text)[1:]] == [f"k{n}" for n in expected]

    run(test)


def test_names_and_values_are_labels_unless_internal_ones_are_asked_for() -> None:
    async def test(server: Idle) -> None:
        await calls(server, 1, hs_call_direction="INBOUND", hs_call_title="=1+1")
        names = ["hs_call_title", "hs_call_direction", "hs_timestamp", "hs_call_body"]
        asked = {"objectType": "calls", "objectProperties": names}
        head, line = table(await exported(server, **asked))
        assert head == ["Record ID", "Call title", "Call direction", "Activity date", "Call notes"]
        assert line[1:] == ["=1+1", "Inbound", AT, ""]
        head, line = table(await exported(server, **asked, exportInternalValuesOptions=["NAMES", "VALUES"]))
        assert head == ["hs_object_id", *names]
        assert line[1:] == ["=1+1", "INBOUND", AT, ""]

    run(test)


def test_associated_records_come_with_their_ids() -> None:
    async def test(server: Idle) -> None:
        await calls(server, 2)
        for n in range(3):
            sent = {"properties": {"email": f"{n}@x.io"}}
            made = (await server.http.post("/crm/v3/objects/contacts", json=sent)).json()["id"]
            path = f"/crm/v4/objects/calls/100000000001/associations/default/contacts/{made}"
            await server.http.put(path)
        asked = {"objectType": "calls", "objectProperties": []}
        for other in ("CONTACT", ["contacts", "CONTACT"]):
            lines = table(await exported(server, **asked, associatedObjectType=other))
            ids = ";".join(str(100_000_000_001 + n) for n in range(3))
            assert lines == [["Record ID", "Associated Contact IDs"], ["100000000001", ids], ["100000000002", ""]]

    run(test)


@pytest.mark.parametrize("kind", ["MANUAL", "DYNAMIC"])
def test_a_list_is_exported_with_those_that_are_in_it(kind: str) -> None:
    async def test(server: Idle) -> None:
        await calls(server, 3)
        operation = {"operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": 100_000_000_001}
        filter_ = {"filterType": "PROPERTY", "property": "hs_object_id", "operation": operation}
        branch = {"filterBranchType": "AND", "filters": [filter_], "filterBranches": []}
        asked: Json = {"name": "some", "objectTypeId": "0-48", "processingType": kind}
        if kind == "DYNAMIC":
            asked["filterBranch"] = {"filterBranchType": "OR", "filters": [], "filterBranches": [branch]}
        made = (await server.http.post("/crm/v3/lists", json=asked)).json()["list"]["listId"]
        if kind == "MANUAL":
            ids = ["100000000002", "100000000003"]
            (await server.http.put(f"/crm/v3/lists/{made}/memberships/add", json=ids)).raise_for_status()
        view = {"objectType": "calls", "objectProperties": [], "exportType": "LIST", "listId": made}
        assert table(await exported(server, **view))[1:] == [["100000000002"], ["100000000003"]]
        other = {"exportType": "LIST", "format": "CSV", "objectType": "contacts", "listId": made}
        assert (await server.http.post(EXPORT, json=other)).status_code == 400

    run(test)


@pytest.mark.parametrize(
    ("members", "status_code"),
    [
        ({"objectType": "nope"}, 400),
        ({"objectProperties": ["nope"]}, 400),
        ({"associatedObjectType": "nope"}, 400),
        ({"format": "XLSX"}, 400),
        ({"exportType": "LIST"}, 400),
        ({"exportType": "LIST", "listId": "1"}, 404),
        ({"exportType": None}, 400),
        ({"exportInternalValuesOptions": ["ALL"]}, 400),
        ({"includeLabeledAssociations": True}, 400),
        ({"includePrimaryDisplayPropertyForAssociatedObjects": "true"}, 400),
        ({"publicCrmSearchRequest": []}, 400),
        ({"publicCrmSearchRequest": {"filters": 1}}, 400),
        ({"publicCrmSearchRequest": {"filters": [{"propertyName": "nope", "operator": "EQ", "value": "1"}]}}, 400),
        ({"publicCrmSearchRequest": {"sorts": ["a", "b"]}}, 400),
        ({"publicCrmSearchRequest": {"sorts": [{"propertyName": "nope", "order": "DES"}]}}, 400),
        ({"format": "csv", "language": "DE"}, 202),
    ],
)
def test_what_could_never_be_carried_out_is_refused_at_once(members: Json, status_code: int) -> None:
    async def test(server: Idle) -> None:
        asked = {"exportType": "VIEW", "format": "CSV", "objectType": "calls"} | members
        assert (await server.http.post(EXPORT, json=asked)).status_code == status_code
        assert bool(await server.store.jobs.open()) is (status_code == 202)

    run(test)


def test_a_link_works_for_five_minutes_and_each_answer_has_a_new_one() -> None:
    clock = Late()

    async def test(server: Idle) -> None:
        id_, link = await begun(server)
        await carried(server, id_)
        first = (await status(server, link))["result"]
        clock.ahead = LIFE - 60_000
        assert (await server.http.get(first)).status_code == 200
        second = (await status(server, link))["result"]
        assert second != first
        clock.ahead = LIFE + 60_000
        assert (await server.http.get(first)).status_code == 403
        assert (await server.http.get(second)).status_code == 200

    run(test, clock=clock)


def test_no_link_can_be_made_by_anybody_else() -> None:
    async def test(server: Idle) -> None:
        await calls(server, 1)
        id_, link = await begun(server)
        early = str(server.state.gate.seal("export 1000001-1-9999999999999"))
        assert (await server.http.get(f"/exports/1000001-1-9999999999999-{early}")).status_code == 403
        await carried(server, id_)
        good = (await status(server, link))["result"]
        portal, job, until, seal = good.rpartition("/")[2].split("-")
        wrong = [
            f"{portal}-{job}-{int(until) + 1}-{seal}",
            f"{portal}-{int(job) + 1}-{until}-{seal}",
            f"{int(portal) + 1}-{job}-{until}-{seal}",
            f"{portal}-{job}-{until}-{seal[:-1]}{'0' if seal[-1] != '0' else '1'}",
            f"{portal}-{job}-{until}-",
            f"{portal}-{job}-{until}-{seal.upper()}",
            f"0{portal}-{job}-{until}-{seal}",
            "",
        ]
        for ticket in wrong:
            answer = await server.http.get(f"/exports/{ticket}")
            assert answer.status_code == (403 if ticket else 404), ticket
        assert (await server.http.get(good)).status_code == 200

    run(test)


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        (["crm.export"], 403),
        (["crm.objects.contacts.read"], 403),
        (["crm.export", "crm.objects.companies.read"], 403),
        (["crm.export", "crm.objects.contacts.read"], 202),
    ],
)
def test_a_token_exports_what_it_may_read(scopes: list[str], code: int) -> None:
    async def test(server: Idle) -> None:
        headers = await server.admit("t", *scopes)
        asked: Json = {"exportType": "VIEW", "format": "CSV", "objectType": "contacts"}
        assert (await server.http.post(EXPORT, json=asked, headers=headers)).status_code == code
        more = asked | {"associatedObjectType": "companies"}
        assert (await server.http.post(EXPORT, json=more, headers=headers)).status_code == 403
        id_, link = await begun(server, objectType="companies")
        told = await server.http.get(link, headers=headers)
        readable = {"crm.export", "crm.objects.companies.read"} <= set(scopes)
        assert told.status_code == (200 if readable else 403)
        assert (await server.http.get(f"/crm/v3/exports/export/{id_}", headers=headers)).status_code == told.status_code

    run(test)


def test_the_exports_of_another_portal_are_not_there() -> None:
    async def test(server: Idle) -> None:
        id_, link = await begun(server)
        other = await server.admit("o", "crm.export", "crm.objects.contacts.read", portal=await server.portal())
        unknown = await server.http.get(link.replace(f"/{id_}/", "/77/"), headers=other)
        foreign = await server.http.get(link, headers=other)
        assert (foreign.status_code, unknown.status_code) == (403, 403)
        assert foreign.json()["message"].replace(f"exportId {id_} ", "exportId 77 ") == unknown.json()["message"]
        assert (await server.http.get(f"/crm/v3/exports/export/{id_}", headers=other)).status_code == 404
        asked = {"exportType": "VIEW", "format": "CSV", "objectType": "contacts"}
        assert (await server.http.post(EXPORT, json=asked, headers=other)).json()["id"] == "1"

    run(test)


def test_a_record_that_is_erased_leaves_the_files_of_exports_too(tmp_path: Path) -> None:
    async def test(server: Idle) -> None:
        await calls(server, 3)
        id_, link = await begun(server, objectProperties=["hs_call_title"])
        await carried(server, id_)
        erased = {"objectId": "100000000002"}
        assert (await server.http.post("/crm/objects/2025-09/calls/gdpr-delete", json=erased)).status_code == 204
        text = (await server.http.get((await status(server, link))["result"])).text
        assert [line[1] for line in table(text)] == ["Call title", "call 0", "call 2"]

    run(test, path=str(tmp_path / "calls.db"))


def test_an_export_of_a_property_that_was_archived_meanwhile_has_an_empty_column() -> None:
    async def test(server: Idle) -> None:
        await calls(server, 1)
        id_, link = await begun(server, objectProperties=["ext_ref", "hs_call_title"])
        await server.http.delete("/crm/v3/properties/calls/ext_ref")
        await carried(server, id_)
        lines = table((await server.http.get((await status(server, link))["result"])).text)
        assert lines == [["Record ID", "ext_ref", "Call title"], ["100000000001", "", "call 0"]]

    run(test)


def test_an_export_by_a_property_that_was_archived_meanwhile_fails() -> None:
    async def test(server: Idle) -> None:
        only = {"filters": [{"propertyName": "ext_ref", "operator": "EQ", "value": "k0"}]}
        id_, link = await begun(server, publicCrmSearchRequest=only)
        await server.http.delete("/crm/v3/properties/calls/ext_ref")
        await carried(server, id_)
        assert (await status(server, link))["status"] == "CANCELED"
        assert (await server.http.get(f"/crm/v3/exports/export/{id_}")).json()["exportState"] == "FAILED"

    run(test)


def test_ten_thousand_records_are_as_the_api_reads_them() -> None:
    async def test(server: Idle) -> None:
        await calls(server, 10_000)
        names = ["ext_ref", "hs_call_title", "hs_timestamp", "hs_lastmodifieddate"]
        text = await exported(server, objectType="calls", objectProperties=names)
        read: list[list[str]] = []
        query: dict[str, str] = {"limit": "100", "properties": ",".join(names)}
        while True:
            body = (await server.http.get("/crm/v3/objects/calls", params=query)).json()
            read += [[one["id"], *(one["properties"][name] for name in names)] for one in body["results"]]
            if "paging" not in body:
                break
            query["after"] = body["paging"]["next"]["after"]
        assert table(text)[1:] == read
        assert len(read) == 10_000

    run(test)
