"""Imports: files become records in the background, each row once, and what is wrong with a row is told of that row."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from idle import Idle, idle
from inprocess import client
from transfer import (
    EMAIL,
    FIRST,
    IMPORTS,
    Json,
    brief,
    carried,
    column,
    done,
    faults,
    file,
    post,
    records,
    started,
    told,
)

from trunkline.crm import portion
from trunkline.http.worker import Course, working

DOMAIN, NAME = column("Domain", "domain", "0-2"), column("Company", "name", "0-2")
ID = column("Id", None, columnType="HUBSPOT_OBJECT_ID")


def run(test: Callable[[Idle], Awaitable[None]], **members: Any) -> None:
    async def whole() -> None:
        async with idle(**members) as server:
            await test(server)

    asyncio.run(whole())


def counters(body: Json, *names: str) -> list[int]:
    return [body["metadata"]["counters"].get(name, 0) for name in names]


def test_an_import_from_its_beginning_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portion, "LARGEST", 2)

    async def test(server: Idle) -> None:
        asked = {"name": "May", "files": [file("f.csv", EMAIL, FIRST)]}
        answer = await post(server.http, asked, {"f.csv": "Email,First,More\na@x.io,A,\nbad,B,\nc@x.io,C,\n"})
        body = answer.json()
        assert (answer.status_code, body["state"], body["importSource"]) == (200, "STARTED", "API")
        assert (body["importRequestJson"], body["importName"], body["optOutImport"]) == (asked, "May", False)
        assert body["metadata"] == {"objectLists": [], "counters": {}, "fileIds": ["101"]}
        assert body["mappedObjectTypeIds"] == ["0-1"]
        assert body["createdAt"] == body["updatedAt"]
        assert await told(server.http, "1") == body
        assert await records(server.http, "contacts", "email") == []
        await carried(server, "1", 1)
        half = await told(server.http, "1")
        assert half["state"] == "PROCESSING"
        sizes = ("TOTAL_ROWS", "MAPPED_COLUMNS", "UNMAPPED_COLUMNS", "CREATED_OBJECTS", "ERRORS")
        assert counters(half, *sizes) == [3, 2, 1, 1, 1]
        await carried(server, "1")
        last = await told(server.http, "1")
        assert (last["state"], counters(last, *sizes)) == ("DONE", [3, 2, 1, 2, 1])
        assert counters(last, "UPDATED_OBJECTS", "UNIQUE_OBJECTS_WRITTEN", "PROPERTY_VALUES_EMITTED") == [0, 2, 2]
        assert await records(server.http, "contacts", "email", "firstname") == [["a@x.io", "A"], ["c@x.io", "C"]]

    run(test)


def test_what_an_error_tells() -> None:
    async def test(server: Idle) -> None:
        _, (error,) = await done(server, "Email,First\nbad,B\n", EMAIL, FIRST)
        assert error == {
            "id": "0",
            "createdAt": error["createdAt"],
            "errorType": "INVALID_EMAIL",
            "errorMessage": "Email address bad is invalid",
            "invalidValue": "bad",
            "invalidValueToDisplay": "bad",
            "knownColumnNumber": 0,
            "objectType": "CONTACT",
            "objectTypeId": "0-1",
            "sourceData": {
                "fileId": 101,
                "lineNumber": 2,
                "rowData": ["bad", "B"],
                "additionalRowData": [],
                "containsEncryptedProperties": False,
            },
        }
        query = {"includeErrorMessage": "false", "includeRowData": "false"}
        (less,) = (await server.http.get(f"{IMPORTS}/1/errors", params=query)).json()["results"]
        assert "errorMessage" not in less and less["sourceData"]["rowData"] == []

    run(test)


def test_errors_come_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portion, "LARGEST", 3)

    async def test(server: Idle) -> None:
        lines = "".join(f"{'bad' if n % 3 else f'{n}@x.io'},{n}\n" for n in range(20))
        _, errors = await done(server, f"Email,First\n{lines}", EMAIL, FIRST)
        assert [e["sourceData"]["rowData"][1] for e in errors] == [str(n) for n in range(20) if n % 3]
        assert await faults(server.http, "1", limit=4) == errors
        assert len({e["id"] for e in errors}) == len(errors)

    run(test)


CREATE, UPDATE = {"importOperations": {"0-1": "CREATE"}}, {"importOperations": {"0-1": "UPDATE"}}
ROWS: list[tuple[str, list[Json], Json, list[tuple[Any, ...]], list[list[str | None]]]] = [
    ("Email,First\nOLD@x.io ,New\n", [EMAIL, FIRST], {}, [], [["old@x.io", "New"]]),
    ("Email,First\nold@x.io,New\n", [column("Email", "email"), FIRST], {}, [], [["old@x.io", "New"]]),
    ("Email,First\nold@x.io,\n", [EMAIL, FIRST], {}, [], [["old@x.io", "Old"]]),
    ("Email,First\n,Nobody\n", [EMAIL, FIRST], {}, [], [["old@x.io", "Old"], [None, "Nobody"]]),
    ("Email,First\n,\n", [EMAIL, FIRST], {}, [], [["old@x.io", "Old"]]),
    (
        "Email,First\nold@x.io,New\n",
        [EMAIL, FIRST],
        CREATE,
        [("CREATE_ONLY_IMPORT", 2, 0, "old@x.io")],
        [["old@x.io", "Old"]],
    ),
    (
        "Email,First\nnew@x.io,New\n",
        [EMAIL, FIRST],
        UPDATE,
        [("UPDATE_ONLY_IMPORT", 2, 0, "new@x.io")],
        [["old@x.io", "Old"]],
    ),
    ("Email,First\n,New\n", [EMAIL, FIRST], UPDATE, [("INVALID_ALTERNATE_ID", 2, 0, None)], [["old@x.io", "Old"]]),
    ("Id,First\n100000000001,New\n", [ID, FIRST], UPDATE, [], [["old@x.io", "New"]]),
    ("Id,First\n,New\n", [ID, FIRST], {}, [], [["old@x.io", "Old"], [None, "New"]]),
    ("Id,First\n,New\n", [ID, FIRST], UPDATE, [("INVALID_OBJECT_ID", 2, 0, None)], [["old@x.io", "Old"]]),
    ("Id,First\n77,New\n", [ID, FIRST], {}, [("INVALID_OBJECT_ID", 2, 0, "77")], [["old@x.io", "Old"]]),
    ("Id,First\nx,New\n", [ID, FIRST], {}, [("INVALID_OBJECT_ID", 2, 0, "x")], [["old@x.io", "Old"]]),
    (
        "Id,First\n100000000001,New\n",
        [ID, FIRST],
        CREATE,
        [("CREATE_ONLY_IMPORT", 2, 0, "100000000001")],
        [["old@x.io", "Old"]],
    ),
    (
        "Email,First\na@x.io,A,x\nb@x.io\nc@x.io,C\n",
        [EMAIL, FIRST],
        {},
        [("INCORRECT_NUMBER_OF_COLUMNS", 2, None, None), ("INCORRECT_NUMBER_OF_COLUMNS", 3, None, None)],
        [["old@x.io", "Old"], ["c@x.io", "C"]],
    ),
    (
        "Email,First,Born\na@x.io,A,31/12/2024\nb@x.io,B,12/31/2024\n",
        [EMAIL, FIRST, column("Born", "closedate")],
        {},
        [("COULD_NOT_PARSE_DATE", 2, 2, "31/12/2024")],
        [["old@x.io", "Old"], ["b@x.io", "B"]],
    ),
    (
        "Email,First,Stage\na@x.io,A,nothing\nb@x.io,B,Customer\n",
        [EMAIL, FIRST, column("Stage", "lifecyclestage")],
        {},
        [("INVALID_ENUMERATION_OPTION", 2, 2, "nothing")],
        [["old@x.io", "Old"], ["b@x.io", "B"]],
    ),
    (
        "Email,First\ntwice@x.io,One\nTwice@x.io,Two\n",
        [EMAIL, FIRST],
        {},
        [],
        [["old@x.io", "Old"], ["twice@x.io", "Two"]],
    ),
    ("a@x.io,A\n", [EMAIL, FIRST], {"header": False}, [], [["old@x.io", "Old"], ["a@x.io", "A"]]),
    ("First,Other,Email\nA,x,a@x.io\n", [EMAIL, FIRST], {}, [], [["old@x.io", "Old"], ["a@x.io", "A"]]),
]


@pytest.mark.parametrize(("content", "columns", "members", "errors", "left"), ROWS)
def test_rows_become_records(
    content: str, columns: list[Json], members: Json, errors: list[tuple[Any, ...]], left: list[list[str | None]]
) -> None:
    async def test(server: Idle) -> None:
        old = {"properties": {"email": "old@x.io", "firstname": "Old"}}
        assert (await server.http.post("/crm/v3/objects/contacts", json=old)).status_code == 201
        given = dict(members)
        if "header" in given:
            given["files"] = [file("f.csv", *columns, header=given.pop("header"))]
        body, told_ = await done(server, content, *columns, **given)
        assert body["state"] == "DONE"
        assert brief(told_) == errors
        assert await records(server.http, "contacts", "email", "firstname") == left

    run(test)


def test_a_required_property_and_a_unique_value_are_asked_of_rows_too() -> None:
    async def test(server: Idle) -> None:
        key = column("Key", "ext_ref", "0-48", columnType="HUBSPOT_ALTERNATE_ID")
        title, at = column("Title", "hs_call_title", "0-48"), column("At", "hs_timestamp", "0-48")
        lines = "A,first,2025-04-24\nB,no time,\nA,again,\n"
        body, errors = await done(server, f"Key,Title,At\n{lines}", key, title, at)
        assert brief(errors) == [("MISSING_REQUIRED_PROPERTY", 3, None, None)]
        names = ("CREATED_OBJECTS", "UPDATED_OBJECTS", "UNIQUE_OBJECTS_WRITTEN", "ERRORS")
        assert counters(body, *names) == [1, 1, 1, 1]
        assert await records(server.http, "calls", "ext_ref", "hs_call_title") == [["A", "again"]]
        both = [column("Id", None, "0-48", columnType="HUBSPOT_OBJECT_ID"), column("Key", "ext_ref", "0-48"), at]
        _, errors = await done(server, "Id,Key,At\n,A,2025-04-24\n", *both)
        assert brief(errors) == [("DUPLICATE_UNIQUE_PROPERTY_VALUE", 2, 1, "A")]
        read = await server.http.get("/crm/v3/objects/calls/A?idProperty=ext_ref&propertiesWithHistory=hs_call_title")
        assert len(read.json()["propertiesWithHistory"]["hs_call_title"]) == 2

    run(test)


def test_companies_are_found_by_their_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portion, "LARGEST", 2)

    async def test(server: Idle) -> None:
        for name in ("Twin", "Twin", "Old"):
            sent = {"properties": {"name": name, "domain": f"{name.lower()}.io"}}
            await server.http.post("/crm/v3/objects/companies", json=sent)
        lines = "OLD.io,Renamed\ntwin.io,Which\nnew.io,One\nx.io,X\nNew.io,Two\nnew.io,Three\n"
        body, errors = await done(server, f"Domain,Company\n{lines}", DOMAIN, NAME)
        assert brief(errors) == [("MULTIPLE_COMPANIES_WITH_THIS_DOMAIN", 3, 0, "twin.io")]
        assert counters(body, "CREATED_OBJECTS", "UPDATED_OBJECTS", "UNIQUE_OBJECTS_WRITTEN") == [2, 3, 3]
        left = [["Twin"], ["Twin"], ["Renamed"], ["Three"], ["X"]]
        assert await records(server.http, "companies", "name") == left
        await done(server, "Domain,Company\nold.io,No\nz.io,No\n", DOMAIN, NAME, importOperations={"0-2": "CREATE"})
        assert brief(await faults(server.http, "2")) == [("CREATE_ONLY_IMPORT", 2, 0, "old.io")]
        await done(server, "Domain,Company\nq.io,No\n", DOMAIN, NAME, importOperations={"companies": "UPDATE"})
        assert brief(await faults(server.http, "3")) == [("UPDATE_ONLY_IMPORT", 2, 0, "q.io")]

    run(test)


@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_a_domain_that_an_earlier_row_had_is_found_however_late_searches_are(lag: float) -> None:
    async def test(server: Idle) -> None:
        await done(server, "Domain,Company\nnew.io,One\nnew.io,Two\n", DOMAIN, NAME)
        assert await records(server.http, "companies", "name") == [["Two"]]

    run(test, search_lag=lag)


async def tied(server: Idle, source: str, id_: int, target: str) -> list[tuple[int, list[str | None]]]:
    body = (await server.http.get(f"/crm/v4/objects/{source}/{id_}/associations/{target}")).json()
    return [(int(one["toObjectId"]), [kind["label"] for kind in one["associationTypes"]]) for one in body["results"]]


def test_the_records_of_one_row_are_associated() -> None:
    async def test(server: Idle) -> None:
        lines = "a@x.io,Acme,acme.io\nb@x.io,Acme,acme.io\nc@x.io,,\nbad,Other,other.io\n"
        body, _ = await done(server, f"Email,Company,Domain\n{lines}", EMAIL, NAME, DOMAIN)
        assert counters(body, "CREATED_OBJECTS", "ASSOCIATIONS_CREATED", "ERRORS") == [5, 2, 1]
        assert await records(server.http, "companies", "name") == [["Acme"], ["Other"]]
        first = 100_000_000_001
        ties = [await tied(server, "contacts", first + n, "companies") for n in range(3)]
        assert [[id_ for id_, _ in some] for some in ties] == [[first], [first], []]
        body, _ = await done(server, f"Email,Company,Domain\n{lines}", EMAIL, NAME, DOMAIN)
        assert counters(body, "CREATED_OBJECTS", "UPDATED_OBJECTS") == [0, 5]

    run(test)


def test_labels_of_associations() -> None:
    async def test(server: Idle) -> None:
        made = {"name": "boss", "label": "Boss", "inverseLabel": "Led by"}
        assert (await server.http.post("/crm/v4/associations/contacts/companies/labels", json=made)).status_code == 200
        label = column("As", None, columnType="FLEXIBLE_ASSOCIATION_LABEL", toColumnObjectTypeId="0-2")
        lines = "a@x.io,acme.io,boss\nb@x.io,acme.io,Nobody\nc@x.io,acme.io,\n"
        _, errors = await done(server, f"Email,Domain,As\n{lines}", EMAIL, DOMAIN, label)
        assert brief(errors) == [("ASSOCIATION_LABEL_NOT_FOUND", 3, 2, "Nobody")]
        ties = [await tied(server, "contacts", 100_000_000_001 + n, "companies") for n in range(3)]
        assert [sorted(map(str, labels)) for some in ties for _, labels in some] == [
            ["Boss", "None"],
            ["None"],
            ["None"],
        ]

    run(test)


def test_files_are_associated_by_a_common_column() -> None:
    async def test(server: Idle) -> None:
        key = {"associationTypeId": 280, "associationCategory": "HUBSPOT_DEFINED"}
        common = column("Mail", None, "0-2", toColumnObjectTypeId="0-1", foreignKeyType=key)
        files = [
            file("companies.csv", NAME, DOMAIN, common),
            file("people.csv", EMAIL | {"associationIdentifierColumn": True}, FIRST),
        ]
        content = {
            "people.csv": "Email,First\na@x.io,A\nb@x.io,B\n",
            "companies.csv": "Company,Domain,Mail\nAcme,acme.io,A@x.io\nSolo,solo.io,z@x.io\nNone,none.io,\n",
        }
        answer = await post(server.http, {"name": "both", "files": files}, content)
        assert answer.json()["metadata"]["fileIds"] == ["101", "102"]
        await carried(server, "1")
        errors = await faults(server.http, "1")
        assert brief(errors) == [("FAILED_TO_FIND_RECORD_FOR_ASSOCIATIONS", 3, 2, "z@x.io")]
        assert [e["sourceData"]["fileId"] for e in errors] == [101]
        first = 100_000_000_001
        assert [id_ for id_, _ in await tied(server, "contacts", first, "companies")] == [first]
        assert counters(await told(server.http, "1"), "TOTAL_ROWS", "ASSOCIATIONS_CREATED") == [5, 1]

    run(test)


@pytest.mark.parametrize(
    ("asked", "files", "code", "line"),
    [
        ({}, {"g.csv": "Email\n"}, "FILE_NOT_FOUND", 0),
        ({}, {"f.csv": ""}, "INVALID_FILE_TYPE", 1),
        ({}, {"f.csv": b"Email,First\na@x.io,\xff\n"}, "INVALID_FILE_TYPE", 1),
        ({}, {"f.csv": "Mail,First\na@x.io,A\n"}, "INVALID_COLUMN_CONFIGURATION", 1),
        ({}, {"f.csv": "Email,First\na@x.io,A\n" + 200_000 * "x"}, "COULD_NOT_PARSE_ROW", 3),
        ({"files": [file("f.csv", EMAIL, FIRST, header=False)]}, {"f.csv": "a\n"}, "INVALID_COLUMN_CONFIGURATION", 1),
    ],
)
def test_an_import_of_a_file_that_cannot_be_read_fails_and_writes_nothing(
    asked: Json, files: dict[str, str | bytes], code: str, line: int
) -> None:
    async def test(server: Idle) -> None:
        answer = await post(server.http, {"name": "x", "files": [file("f.csv", EMAIL, FIRST)]} | asked, files)
        assert (answer.status_code, answer.json()["state"]) == (200, "STARTED")
        await carried(server, "1")
        body = await told(server.http, "1")
        assert (body["state"], counters(body, "ERRORS")) == ("FAILED", [1])
        (error,) = await faults(server.http, "1")
        assert (error["errorType"], error["sourceData"]["lineNumber"]) == (code, line)
        assert await records(server.http, "contacts", "email") == []

    run(test)


WRONG: list[tuple[Json, str]] = [
    ({"files": []}, "at least one file"),
    ({"files": [file("f.csv")]}, "at least one mapped column"),
    ({"files": [file("f.csv", EMAIL, fileFormat="SPREADSHEET")]}, "CSV alone"),
    ({"files": [file("f.csv", EMAIL | {"columnType": "ASSOCIATION_KEYS"})]}, "ASSOCIATION_KEYS"),
    ({"files": [file("f.csv", column("A", "nope"))]}, 'Property "nope" does not exist'),
    ({"files": [file("f.csv", column("A", "hs_object_id"))]}, "read only"),
    ({"files": [file("f.csv", FIRST | {"columnType": "HUBSPOT_ALTERNATE_ID"})]}, "not unique"),
    ({"files": [file("f.csv", EMAIL, ID)]}, "More than one column says"),
    ({"files": [file("f.csv", FIRST, FIRST)]}, 'mapped to the property "firstname"'),
    ({"files": [file("f.csv", FIRST)], "importOperations": {"0-1": "UPDATE"}}, "No column says"),
    ({"files": [file("f.csv", EMAIL)], "importOperations": {"0-1": "MERGE"}}, "CREATE, UPDATE or UPSERT"),
    ({"files": [file("f.csv", EMAIL)], "importOperations": {"x": "CREATE"}}, "infer object type from: x"),
    ({"files": [file("f.csv", column("A", "name", "x"))]}, "infer object type from: x"),
    ({"files": [file("f.csv", EMAIL)], "dateFormat": "YEAR"}, "dateFormat"),
    ({"files": [file("f.csv", EMAIL)], "timeZone": "Mars/Base"}, "no time zone"),
    ({"files": [file("f.csv", EMAIL)], "createContactListFromImport": True}, "Lists"),
    ({"files": [file("f.csv", EMAIL, column("B", None, toColumnObjectTypeId="0-2"))]}, "associationIdentifierColumn"),
    ({"files": [file("f.csv", EMAIL, column("B", None, columnType="FLEXIBLE_ASSOCIATION_LABEL"))]}, "toColumnObject"),
    ({"files": [file("f.csv", EMAIL)] * 51}, "at most 50 files"),
    ({"files": "x"}, "Invalid input JSON"),
]


@pytest.mark.parametrize(("asked", "words"), WRONG)
def test_what_could_never_be_carried_out_is_refused_at_once(asked: Json, words: str) -> None:
    async def test(server: Idle) -> None:
        answer = await post(server.http, asked, {"f.csv": "Email\na@x.io\n"})
        assert answer.status_code == 400, answer.text
        assert words in answer.json()["message"]
        assert (await server.http.get(IMPORTS)).json() == {"results": []}

    run(test)


def test_canceled_in_the_midst_what_was_written_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portion, "LARGEST", 1)

    async def test(server: Idle) -> None:
        id_ = await started(server.http, "Email\na@x.io\nb@x.io\n", EMAIL)
        await carried(server, id_, 1)
        answer = await server.http.post(f"{IMPORTS}/{id_}/cancel")
        assert list(answer.json()) == ["status", "requestedAt", "startedAt", "completedAt"]
        assert answer.json()["status"] == "CANCELED"
        await carried(server, id_)
        assert (await told(server.http, id_))["state"] == "CANCELED"
        assert await records(server.http, "contacts", "email") == [["a@x.io"]]
        assert (await server.http.post(f"{IMPORTS}/{id_}/cancel")).json() == answer.json()
        body, _ = await done(server, "Email\nc@x.io\n", EMAIL)
        again = await server.http.post(f"{IMPORTS}/{body['id']}/cancel")
        assert again.json()["status"] == "COMPLETE"
        assert (await told(server.http, body["id"]))["state"] == "DONE"

    run(test)


def test_the_fourth_import_waits_for_one_of_the_others() -> None:
    async def test(server: Idle) -> None:
        ids = [await started(server.http, f"Email\n{n}@x.io\n", EMAIL) for n in range(5)]
        assert [(await told(server.http, id_))["state"] for id_ in ids] == ["STARTED"] * 3 + ["DEFERRED"] * 2
        await carried(server, ids[1])
        states = [(await told(server.http, id_))["state"] for id_ in ids]
        assert states == ["STARTED", "DONE", "STARTED", "STARTED", "DEFERRED"]

    run(test)


def test_a_worker_lets_three_imports_of_a_portal_in_at_once_and_carries_out_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside: set[tuple[int, str]] = set()
    most = 0
    step = Course.step

    async def watched(course: Course) -> bool:
        nonlocal most
        inside.add(course._key)
        most = max(most, len(inside))
        more = await step(course)
        if not more:
            inside.discard(course._key)
        return more

    monkeypatch.setattr(Course, "step", watched)

    async def test(server: Idle) -> None:
        ids = [await started(server.http, f"Email\n{n}@x.io\n", EMAIL) for n in range(7)]
        async with working(server.state):
            for id_ in ids:
                while (await told(server.http, id_))["state"] != "DONE":
                    await asyncio.sleep(0)
        assert len(await records(server.http, "contacts", "email")) == 7

    run(test)
    assert most == 3


def test_imports_are_listed_page_by_page_and_by_portal() -> None:
    async def test(server: Idle) -> None:
        for n in range(5):
            await started(server.http, f"Email\n{n}@x.io\n", EMAIL)
        other = await server.admit("o", "crm.import", "crm.objects.contacts.write", portal=await server.portal())
        assert (await server.http.get(IMPORTS, headers=other)).json() == {"results": []}
        for path in ("", "/errors"):
            assert (await server.http.get(f"{IMPORTS}/1{path}", headers=other)).status_code == 404
        assert (await server.http.post(f"{IMPORTS}/1/cancel", headers=other)).status_code == 404
        own = await post(server.http, {"name": "own", "files": [file("f.csv", EMAIL)]}, {"f.csv": "E\n"}, headers=other)
        assert own.json()["id"] == "1"
        first = (await server.http.get(IMPORTS, params={"limit": 2})).json()
        rest = (await server.http.get(first["paging"]["next"]["link"].replace("limit=2", "limit=9"))).json()
        assert [one["id"] for one in (*first["results"], *rest["results"])] == list("12345")
        assert "paging" not in rest

    run(test)


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["crm.import"], 403),
        (["crm.objects.contacts.write"], 403),
        (["crm.import", "crm.objects.contacts.read"], 403),
        (["crm.import", "crm.objects.contacts.write"], 200),
    ],
)
def test_a_token_imports_into_what_it_may_write(scopes: list[str], status: int) -> None:
    async def test(server: Idle) -> None:
        headers = await server.admit("t", *scopes)
        asked = {"name": "x", "files": [file("f.csv", EMAIL)]}
        answer = await post(server.http, asked, {"f.csv": "Email\na@x.io\n"}, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 200:
            more = {"name": "x", "files": [file("f.csv", EMAIL), file("g.csv", DOMAIN)]}
            files = {"f.csv": "Email\n", "g.csv": "Domain\n"}
            assert (await post(server.http, more, files, headers=headers)).status_code == 403

    run(test)


@pytest.mark.parametrize("version", ["/crm/v3/imports", "/crm/imports/2025-09", "/crm/imports/2026-03"])
def test_every_version_has_the_same(version: str) -> None:
    async def test(server: Idle) -> None:
        asked = {"name": "x", "files": [file("f.csv", EMAIL)]}
        made = (await post(server.http, asked, {"f.csv": "Email\na@x.io\n"}, path=version)).json()
        assert (await server.http.get(f"{version}/{made['id']}")).json() == made
        assert (await server.http.get(version)).json() == {"results": [made]}

    run(test)


def test_an_import_that_is_carried_out_when_its_type_lost_a_property_tells_so() -> None:
    async def test(server: Idle) -> None:
        own = {"name": "size", "label": "S", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
        await server.http.post("/crm/v3/properties/contacts", json=own)
        id_ = await started(server.http, "Email,Size\na@x.io,L\n", EMAIL, column("Size", "size"))
        await server.http.delete("/crm/v3/properties/contacts/size")
        await carried(server, id_)
        (error,) = await faults(server.http, id_)
        assert (await told(server.http, id_))["state"] == "DONE"
        assert error["errorType"] == "PROPERTY_DEFINITION_NOT_FOUND"

    run(test)


def test_an_import_is_no_batch_and_no_export(tmp_path: Path) -> None:
    async def test(server: Idle) -> None:
        id_ = await started(server.http, "Email\na@x.io\n", EMAIL)
        assert (await server.http.get(f"/crm/v3/objects/contacts/batch/requests/{id_}")).status_code == 404
        assert (await server.http.delete(f"/crm/v3/objects/contacts/batch/requests/{id_}")).status_code == 404
        assert (await server.http.get(f"/crm/v3/exports/export/{id_}")).status_code == 404

    run(test, path=str(tmp_path / "calls.db"))


def test_the_form_may_come_in_any_pieces_and_must_be_one() -> None:
    async def test() -> None:
        async with client() as http:
            answer = await http.post(IMPORTS, json={})
            assert answer.status_code == 415
            headers = {"content-type": "multipart/form-data; boundary=b"}
            for content in (b"", b"--b", b"--b\r\nno header\r\n--b--", b"\xff" * 100):
                answer = await http.post(IMPORTS, content=content, headers=headers)
                assert answer.status_code == 400, content
            large = await post(http, {"name": "x"}, {"f.csv": b"x" * 17 * 1024 * 1024})
            assert large.status_code == 413

    asyncio.run(test())
