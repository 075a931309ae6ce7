"""Batches that are carried out later: taken, carried out chunk by chunk, told of, canceled, and never applied twice."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from idle import BATCH, LATER, Json, idle, link, told
from inprocess import client
from server import UNIQUE
from structlog.testing import capture_logs

from trunkline.clock import Clock
from trunkline.http import later, worker
from trunkline.http.carrying import carry_chunk
from trunkline.http.worker import working

AT = "2025-04-24T20:01:33Z"
VERSIONS = ("/crm/v3/objects", "/crm/objects/2025-09", "/crm/objects/2026-03", "/crm/objects/2026-09")
OPERATIONS = ("create", "read", "update", "upsert", "archive")
DONE = ("COMPLETE", "CANCELED")


class Late(Clock):
    """A clock that can be put forward."""

    ahead = 0

    def real(self) -> int:
        return super().real() + self.ahead


def input_(key: str, title: str = "t", **members: Any) -> Json:
    return {"idProperty": "ext_ref", "id": key, "properties": {"hs_timestamp": AT, "hs_call_title": title}} | members


def keys(body: Json) -> list[str]:
    return [result["properties"]["ext_ref"] for result in body["results"]]


async def done(http: httpx.AsyncClient, url: str) -> Json:
    """What a job tells once a worker has carried it out."""
    while (body := told(await http.get(url)))["status"] not in DONE:
        await asyncio.sleep(0)
    return body


async def stored(http: httpx.AsyncClient, *refs: str) -> dict[str, str]:
    """By key, the titles of the calls that are there."""
    found: dict[str, str] = {}
    for start in range(0, len(refs), 100):
        inputs = [{"id": ref} for ref in refs[start : start + 100]]
        body = {"idProperty": "ext_ref", "properties": ["ext_ref", "hs_call_title"], "inputs": inputs}
        answer = await http.post(f"{BATCH}/read", json=body)
        found |= {r["properties"]["ext_ref"]: r["properties"]["hs_call_title"] for r in answer.json()["results"]}
    return found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two inputs."""
    monkeypatch.setattr(later, "CHUNK", 2)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([], False),
        (["respond-async"], True),
        (["Respond-ASYNC"], True),
        ([" respond-async , wait=10"], True),
        (['return=minimal, respond-async;why=not; x="a;b,c"'], True),
        (["wait=10", "respond-async"], True),
        (['foo="a, respond-async"'], False),
        (['foo="a \\" b", respond-async'], True),
        (['respond-async=""'], True),
        (["respond-async = "], True),
        (["respond-async=false"], False),
        (["respond-async=no, respond-async"], False),
        (["respond-asynchronously"], False),
        (["return=respond-async"], False),
        (["wait;respond-async"], False),
        ([""], False),
        ([",,;=,"], False),
        (['"respond-async'], False),
    ],
)
def test_the_preference_is_read_as_rfc_7240_writes_it(headers: list[str], wanted: bool) -> None:
    async def test() -> None:
        async with idle() as server:
            pairs = [("prefer", text) for text in headers]
            answer = await server.http.post(f"{BATCH}/upsert", json={"inputs": [input_("A")]}, headers=pairs)
            assert answer.status_code == (202 if wanted else 200), answer.text
            assert answer.headers.get("preference-applied") == ("respond-async" if wanted else None)

    asyncio.run(test())


def test_a_job_from_its_beginning_to_its_end(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            sent = {"inputs": [input_(key) for key in "ABCDE"]}
            answer = await server.http.post(f"{BATCH}/upsert", json=sent, headers=LATER)
            assert list(answer.json()) == ["status", "results", "requestedAt", "links"]
            assert (answer.json()["status"], answer.json()["results"]) == ("PENDING", [])
            url = link(answer)
            assert answer.headers["location"] == url
            assert url.startswith(f"http://test{BATCH}/requests/")
            assert told(await server.http.get(url)) == answer.json()
            assert await stored(server.http, *"ABCDE") == {}
            first = await server.step(url)
            assert list(first) == ["status", "results", "requestedAt", "startedAt", "links"]
            assert (first["status"], first["results"]) == ("PROCESSING", [])
            assert (await server.step(url))["status"] == "PROCESSING"
            assert sorted(await stored(server.http, *"ABCDE")) == list("ABCD")
            last = await server.step(url)
            assert list(last) == ["status", "results", "requestedAt", "startedAt", "completedAt", "links"]
            assert last["status"] == "COMPLETE"
            assert keys(last) == list("ABCDE")
            assert all(result["new"] for result in last["results"])
            assert last["requestedAt"] == answer.json()["requestedAt"]
            assert last["links"] == {"status": url}
            assert await server.finish(url) == last
            assert told(await server.http.get(url + "/?x=y")) == last

    asyncio.run(test())


def test_canceled_in_the_midst_it_lists_what_was_written(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_("A"), input_("B", properties={"nope": 1}), input_("C")])
            assert (await server.step(url))["status"] == "PROCESSING"
            canceled = told(await server.http.delete(url))
            assert canceled["status"] == "CANCELED"
            assert keys(canceled) == ["A"]
            assert (canceled["numErrors"], len(canceled["errors"])) == (1, 1)
            assert canceled["completedAt"]
            assert await server.finish(url) == canceled
            assert told(await server.http.delete(url)) == canceled
            assert await stored(server.http, *"ABC") == {"A": "t"}

    asyncio.run(test())


def test_canceled_before_it_began_it_lists_nothing() -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_("A")])
            canceled = told(await server.http.delete(url))
            assert list(canceled) == ["status", "results", "requestedAt", "completedAt", "links"]
            assert (canceled["status"], canceled["results"]) == ("CANCELED", [])
            assert await server.finish(url) == canceled
            assert await stored(server.http, "A") == {}

    asyncio.run(test())


def test_a_complete_one_stays_as_it_is() -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_("A")])
            complete = await server.finish(url)
            assert told(await server.http.delete(url)) == complete
            assert told(await server.http.get(url)) == complete

    asyncio.run(test())


def test_a_cancel_that_meets_a_chunk_counts_it_whole_or_not_at_all(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            for number in range(10):
                url = await server.enlist("upsert", [input_(f"{number}-{n}") for n in range(6)])
                await asyncio.gather(server.step(url, 1 + number % 3), server.http.delete(url))
                body = told(await server.http.get(url))
                assert body["status"] in DONE
                there = await stored(server.http, *(f"{number}-{n}" for n in range(6)))
                assert sorted(there) == keys(body)
                assert len(there) % 2 == 0

    asyncio.run(test())


async def _prepared(http: httpx.AsyncClient) -> list[str]:
    """The ids of three calls, P, Q and R, of which the last is archived."""
    made = await http.post(f"{BATCH}/upsert", json={"inputs": [input_(key, "old") for key in "PQR"]})
    ids = [result["id"] for result in made.json()["results"]]
    await http.delete(f"/crm/v3/objects/calls/{ids[2]}")
    return ids


def _inputs(operation: str, ids: list[str]) -> list[Json]:
    """One good input and one bad one for each operation, as far as it knows bad ones."""
    match operation:
        case "create":
            good, bad = {"hs_timestamp": AT, "hs_call_title": "new"}, {"hs_call_title": "no time"}
            return [{"properties": good, "objectWriteTraceId": "a"}, {"properties": bad, "objectWriteTraceId": "b"}]
        case "update":
            good = {"hs_call_title": "new"}
            return [{"id": ids[0], "properties": good}, {"id": ids[2], "properties": good}]
        case "upsert":
            return [input_("P", "new"), input_("S", properties={"hs_timestamp": "x"})]
        case _:
            return [{"id": ids[0]}, {"id": ids[2]}]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_batch_can_be_carried_out_later_in_every_version(operation: str, version: str) -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            ids = await _prepared(http)
            body = {"inputs": _inputs(operation, ids), "properties": ["hs_call_title"]}
            answer = await http.post(f"{version}/calls/batch/{operation}", json=body, headers=LATER)
            url = link(answer)
            assert url.startswith(f"http://test{version}/calls/batch/requests/")
            complete = await done(http, url)
            assert complete["status"] == "COMPLETE"
            title = "old" if operation in ("read", "archive") else "new"
            (result,) = complete["results"]
            assert result["properties"].get("hs_call_title", title) == title
            assert result["archived"] == (operation == "archive")
            assert ("archivedAt" in result) == (operation == "archive")
            assert ("new" in result) == (operation == "upsert")
            failed = [error["context"]["index"] for error in complete.get("errors", [])]
            assert failed == ([] if operation == "archive" else [["1"]])

    asyncio.run(test())


def test_results_are_those_of_the_same_batch_at_once() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            inputs = [input_("A", objectWriteTraceId="1"), input_("B", properties={"x": 1}, objectWriteTraceId="2")]
            await http.post(f"{BATCH}/upsert", json={"inputs": inputs[:1]})
            for query in ({}, {"properties": "hs_call_direction,hs_createdate"}):
                at_once = (await http.post(f"{BATCH}/upsert", json={"inputs": inputs}, params=query)).json()
                answer = await http.post(f"{BATCH}/upsert", json={"inputs": inputs}, params=query, headers=LATER)
                complete = await done(http, link(answer))
                assert complete["results"] == at_once["results"]
                (error,) = at_once["errors"]
                error["context"] |= {"index": ["1"], "ids": ["B"]}
                assert complete["errors"] == [error]
                assert complete["numErrors"] == at_once["numErrors"]

    asyncio.run(test())


def test_errors_say_which_input_of_the_whole_failed(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            inputs = [input_(key) for key in "ABCD"] + [input_("E", properties={"hs_timestamp": "x"})]
            sent = {"inputs": [*inputs, input_("F", properties={"hs_timestamp": "y"}, objectWriteTraceId="f")]}
            headers = LATER | {"x-trunkline-detail": "full"}
            complete = await server.finish(link(await server.http.post(f"{BATCH}/upsert", json=sent, headers=headers)))
            first, second = complete["errors"]
            assert first["context"] == {"ids": ["E"], "index": ["4"]}
            assert second["context"] == {"ids": ["F"], "index": ["5"], "objectWriteTraceId": ["f"]}
            assert first["in"] == "inputs[4].properties.hs_timestamp"
            assert first["id"] and first["links"]["explanation"]
            plain = await server.finish(await server.enlist("upsert", sent["inputs"]))
            assert list(plain["errors"][0]) == ["status", "category", "message", "context"]

    asyncio.run(test())


def test_ids_that_reach_nobody_are_told_one_by_one(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            for operation in ("read", "update"):
                asked: list[Json] = [{"id": number, "properties": {}} for number in (7, 8, 9)]
                complete = await server.finish(await server.enlist(operation, asked))
                assert [error["context"] for error in complete["errors"]] == [
                    {"ids": [str(n + 7)], "index": [str(n)]} for n in range(3)
                ]
                assert complete["errors"][0]["category"] == "OBJECT_NOT_FOUND"

    asyncio.run(test())


REFUSED = [
    ("upsert", b"%", None),
    ("upsert", b'{"inputs": [{}]}', None),
    ("upsert", {"inputs": [input_("A"), input_("A")]}, "VALIDATION_ERROR"),
    ("upsert", {"inputs": [input_(" ")]}, "VALIDATION_ERROR"),
    ("upsert", {"inputs": [input_("A", idProperty="nope")]}, "VALIDATION_ERROR"),
    ("upsert", {"inputs": [input_("A", idProperty="hs_call_title")]}, "VALIDATION_ERROR"),
    ("upsert", {"inputs": [input_("1", idProperty="amount"), input_("1.0", idProperty="amount")]}, "VALIDATION_ERROR"),
    ("upsert", {"inputs": [input_(str(n)) for n in range(10_001)]}, "VALIDATION_ERROR"),
    ("update", {"inputs": [input_("A"), input_("A")]}, "VALIDATION_ERROR"),
    ("create", {"inputs": [{"properties": {}}] * 10_001}, "VALIDATION_ERROR"),
    ("create", {"inputs": [{"properties": {}, "associations": 7}]}, None),
    ("read", {"inputs": [{"id": str(n)} for n in range(10_001)]}, "VALIDATION_ERROR"),
    ("read", {"inputs": [{"id": "A"}], "idProperty": "nope"}, "VALIDATION_ERROR"),
    ("read", {"inputs": [{"id": "A"}], "idProperty": "hs_call_title"}, "VALIDATION_ERROR"),
    ("archive", {"inputs": [{"id": "A"}]}, "VALIDATION_ERROR"),
    ("archive", {"inputs": [{"id": str(n)} for n in range(10_001)]}, "VALIDATION_ERROR"),
]


@pytest.mark.parametrize(("operation", "sent", "category"), REFUSED, ids=[f"{r[0]}-{n}" for n, r in enumerate(REFUSED)])
def test_what_refuses_the_whole_refuses_it_at_once(operation: str, sent: bytes | Json, category: str | None) -> None:
    async def test() -> None:
        async with idle() as server:
            number = {"name": "amount", "type": "number", "fieldType": "number"}
            await server.http.post("/crm/v3/properties/calls", json=UNIQUE | number)
            content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
            headers = LATER | {"content-type": "application/json"}
            answer = await server.http.post(f"{BATCH}/{operation}", content=content, headers=headers)
            assert answer.status_code == 400, answer.text
            assert answer.json().get("category") == category
            assert await server.store.jobs.open() == []

    asyncio.run(test())


def test_ten_thousand_inputs_are_taken() -> None:
    async def test() -> None:
        async with idle() as server:
            inputs = [input_(str(n)) for n in range(10_000)]
            url = await server.enlist("upsert", inputs)
            assert keys(await server.finish(url)) == [str(n) for n in range(10_000)]
            answer = await server.http.post(f"{BATCH}/upsert", json={"inputs": [*inputs, input_("x")]}, headers=LATER)
            assert "supported in a batch is 10000." in answer.json()["message"]
            answer = await server.http.post(f"{BATCH}/upsert", json={"inputs": inputs[:101]})
            assert "supported in a batch is 100." in answer.json()["message"]

    asyncio.run(test())


@pytest.mark.parametrize("body", [b"{}", b'{"inputs": []}', b'{"inputs": null}', b'\xef\xbb\xbf{"inputs": []}'])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_batch_that_asks_for_nothing_is_complete_soon(operation: str, body: bytes) -> None:
    async def test() -> None:
        async with client() as http:
            headers = LATER | {"content-type": "application/json"}
            complete = await done(http, link(await http.post(f"{BATCH}/{operation}", content=body, headers=headers)))
            assert (complete["status"], complete["results"]) == ("COMPLETE", [])

    asyncio.run(test())


def test_of_two_inputs_with_one_name_the_last_counts() -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            twice = json.dumps({"inputs": [input_("A")]})[:-1] + ", " + json.dumps({"inputs": [input_("B")]})[1:]
            headers = LATER | {"content-type": "application/json"}
            answer = await http.post(f"{BATCH}/upsert", content="\ufeff" + twice, headers=headers)
            assert keys(await done(http, link(answer))) == ["B"]

    asyncio.run(test())


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_an_input_that_reaches_a_record_again_fails_alone(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "CHUNK", chunk)

    async def test() -> None:
        async with idle() as server:
            await server.http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": "other"})
            both = input_("A", "first")
            both["properties"]["other"] = "B"
            inputs = [both, input_("C"), input_("B", "second", idProperty="other"), input_("D")]
            for _ in range(2):
                complete = await server.finish(await server.enlist("upsert", inputs))
                (error,) = complete["errors"]
                assert error["message"].startswith("Duplicate IDs found in batch input: [")
                assert error["context"]["index"] == ["2"]
                assert await stored(server.http, *"ACD") == {"A": "first", "C": "t", "D": "t"}

    asyncio.run(test())


@pytest.mark.parametrize("chunk", [1, 100])
def test_an_input_that_failed_does_not_count_as_the_first(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "CHUNK", chunk)

    async def test() -> None:
        async with idle() as server:
            await server.http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": "other"})
            both = input_("A", "old")
            both["properties"]["other"] = "B"
            await server.http.post(f"{BATCH}/upsert", json={"inputs": [both]})
            inputs = [input_("A", properties={"hs_timestamp": "x"}), input_("B", "new", idProperty="other")]
            complete = await server.finish(await server.enlist("upsert", inputs))
            assert [error["context"]["index"] for error in complete["errors"]] == [["0"]]
            assert await stored(server.http, "A") == {"A": "new"}

    asyncio.run(test())


def test_a_record_that_is_asked_for_twice_is_read_once(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            id_ = (await _prepared(server.http))[0]
            asked = [{"id": id_}, {"id": f"0{id_}"}, {"id": "7"}, {"id": id_}, {"id": "7"}]
            complete = await server.finish(await server.enlist("read", asked))
            assert [result["id"] for result in complete["results"]] == [id_]
            assert [error["context"]["index"] for error in complete["errors"]] == [["2"], ["4"]]

    asyncio.run(test())


def test_what_an_archive_took_away_is_listed_in_the_order_of_the_inputs(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            first, second, gone = await _prepared(server.http)
            asked = [{"id": id_} for id_ in (second, first, second, gone, "7", first)]
            complete = await server.finish(await server.enlist("archive", asked))
            assert [result["id"] for result in complete["results"]] == [second, first]
            assert "errors" not in complete
            assert (await server.http.get(f"/crm/v3/objects/calls/{first}")).status_code == 404

    asyncio.run(test())


def test_a_read_keeps_all_that_its_body_asks(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            first, second, gone = await _prepared(server.http)
            await server.http.post(f"{BATCH}/upsert", json={"inputs": [input_("Q", "newer")]})
            asked = {"idProperty": "ext_ref", "properties": ["ext_ref"], "propertiesWithHistory": ["hs_call_title"]}
            url = await server.enlist("read", [{"id": "P"}, {"id": "X"}, {"id": "Q"}, {"id": "R"}], **asked)
            complete = await server.finish(url)
            assert [result["id"] for result in complete["results"]] == [first, second]
            assert keys(complete) == ["P", "Q"]
            values = [entry["value"] for entry in complete["results"][1]["propertiesWithHistory"]["hs_call_title"]]
            assert values == ["newer", "old"]
            body = {"inputs": [{"id": id_} for id_ in (first, second, gone)]}
            answer = await server.http.post(f"{BATCH}/read?archived=true&properties=ext_ref", json=body, headers=LATER)
            assert keys(await server.finish(link(answer))) == ["R"]

    asyncio.run(test())


def test_a_write_shows_properties_and_no_histories() -> None:
    async def test() -> None:
        async with idle() as server:
            query = "properties=hs_call_direction&propertiesWithHistory=hs_call_title"
            sent = {"inputs": [input_(str(n)) for n in range(51)]}
            answer = await server.http.post(f"{BATCH}/upsert?{query}", json=sent, headers=LATER)
            complete = await server.finish(link(answer))
            assert len(complete["results"]) == 51
            assert complete["results"][0]["properties"]["hs_call_direction"] is None
            assert "propertiesWithHistory" not in complete["results"][0]

    asyncio.run(test())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{root}/calls/batch/requests/nope", 404),
        ("{root}/calls/batch/requests/00000000-0000-7000-8000-000000000000", 404),
        ("{root}/calls/batch/requests/%00", 404),
        ("{root}/calls/batch/requests/%F0%9F%92%A9", 404),
        ("{root}/contacts/batch/requests/{job}", 404),
        ("{root}/butterflies/batch/requests/{job}", 400),
        ("{root}/0-48/batch/requests/{job}", 200),
        ("{root}/CALL/batch/requests/{job}", 200),
        ("/crm/objects/2026-09/calls/batch/requests/{job}", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_whose_job_a_link_means(method: str, path: str, status: int) -> None:
    async def test() -> None:
        async with idle() as server:
            job = (await server.enlist("upsert", [input_("A")])).rpartition("/")[2]
            answer = await server.http.request(method, path.format(root="/crm/v3/objects", job=job))
            assert answer.status_code == status, answer.text
            canceled = method == "DELETE" and status == 200
            assert bool(await server.store.jobs.open()) != canceled

    asyncio.run(test())


def test_another_portal_never_sees_a_job() -> None:
    async def test() -> None:
        async with idle() as server:
            other = await server.admit("other", "*", portal=await server.portal())
            url = await server.enlist("upsert", [input_("A")])
            for method in ("GET", "DELETE"):
                assert (await server.http.request(method, url, headers=other)).status_code == 404
            assert (await server.finish(url))["status"] == "COMPLETE"

    asyncio.run(test())


@pytest.mark.parametrize(
    ("operation", "scope", "status"),
    [
        ("upsert", "read", 403),
        ("archive", "read", 403),
        ("upsert", "write", 200),
        ("read", "read", 200),
        ("read", "write", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_job_needs_the_scope_of_its_operation(method: str, operation: str, scope: str, status: int) -> None:
    async def test() -> None:
        async with idle() as server:
            header = await server.admit("x", f"crm.objects.contacts.{scope}")
            nothing = await server.admit("y", "crm.objects.deals.read")
            url = await server.enlist(operation, [])
            assert (await server.http.request(method, url, headers=nothing)).status_code == 403
            answer = await server.http.request(method, url, headers=header)
            assert answer.status_code == status, answer.text
            assert len(await server.store.jobs.open()) == (0 if method == "DELETE" and status == 200 else 1)
            unknown = await server.http.request(method, f"{BATCH}/requests/nope", headers=header)
            assert unknown.status_code == 404

    asyncio.run(test())


def test_other_methods_on_the_link() -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_("A")])
            assert (await server.http.head(url)).status_code == 200
            for method in ("POST", "PUT", "PATCH"):
                answer = await server.http.request(method, url, json={})
                assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html;charset=utf-8")
            nothing = await server.http.get(f"{BATCH}/requests")
            assert nothing.status_code == 404

    asyncio.run(test())


def test_a_portal_may_have_so_many_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "MOST_OPEN", 2)

    async def test() -> None:
        async with idle() as server:
            first, _ = [await server.enlist("upsert", [input_(key)]) for key in "AB"]
            answer = await server.http.post(f"{BATCH}/upsert", json={"inputs": [input_("C")]}, headers=LATER)
            assert answer.status_code == 429
            assert answer.json()["category"] == "RATE_LIMITS"
            assert (await server.http.post(f"{BATCH}/upsert", json={"inputs": [input_("D")]})).status_code == 200
            await server.http.delete(first)
            await server.enlist("upsert", [input_("C")])
            assert len(await server.store.jobs.open()) == 2

    asyncio.run(test())


def test_jobs_take_turns(small: None) -> None:
    async def test() -> None:
        async with client() as http:
            await http.post("/crm/v3/properties/calls", json=UNIQUE)
            long = link(
                await http.post(f"{BATCH}/upsert", json={"inputs": [input_(str(n)) for n in range(40)]}, headers=LATER)
            )
            short = link(await http.post(f"{BATCH}/upsert", json={"inputs": [input_("short")]}, headers=LATER))
            (one,), many = (await done(http, short))["results"], (await done(http, long))["results"]
            # Ids are given in order: the short one was carried out before the long one was half done.
            assert int(one["id"]) < int(many[20]["id"])

    asyncio.run(test())


def test_one_chunk_at_a_time_is_ahead_of_other_requests(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most = 0, 0

    async def watched(*given: Any) -> list[int]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await carry_chunk(*given)
        finally:
            under_way -= 1

    monkeypatch.setattr(worker, "carry_chunk", watched)

    async def test() -> None:
        async with idle() as server:
            urls = [await server.enlist("upsert", [input_(f"{n}-{m}") for m in range(10)]) for n in range(5)]
            async with working(server.state):
                for url in urls:
                    assert (await done(server.http, url))["status"] == "COMPLETE"
        assert most == 1

    asyncio.run(test())


def test_a_restart_goes_on_where_it_stood(small: None, tmp_path: Any) -> None:
    path = str(tmp_path / "calls.db")

    async def test() -> None:
        async with idle(path) as server:
            url = await server.enlist("upsert", [input_(str(n)) for n in range(9)])
            untouched = await server.enlist("upsert", [input_("other")])
            await server.step(url, 2)
        async with idle(path) as server:
            assert (await server.step(url))["status"] == "PROCESSING"
        async with idle(path) as server, working(server.state):
            complete = await done(server.http, url)
            assert keys(complete) == [str(n) for n in range(9)]
            assert all(result["new"] for result in complete["results"])
            assert keys(await done(server.http, untouched)) == ["other"]
        async with idle(path) as server:
            assert told(await server.http.get(url)) == complete

    asyncio.run(test())


def test_a_restart_remembers_which_records_were_reached(small: None, tmp_path: Any) -> None:
    path = str(tmp_path / "calls.db")

    async def test() -> None:
        async with idle(path) as server:
            id_ = (await _prepared(server.http))[0]
            inputs = [input_("P", "first"), input_("X"), {"id": id_, "properties": {"hs_call_title": "second"}}]
            url = await server.enlist("upsert", inputs)
            await server.step(url)
        async with idle(path) as server:
            complete = await server.finish(url)
            assert [error["context"]["index"] for error in complete["errors"]] == [["2"]]
            assert await stored(server.http, "P") == {"P": "first"}

    asyncio.run(test())


def test_a_full_disk_is_waited_out(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.0001)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.001)

    async def test() -> None:
        async with idle() as server:
            big = [input_(str(n), properties={"hs_timestamp": AT, "hs_call_body": "x" * 60_000}) for n in range(12)]
            url = await server.enlist("upsert", big)
            pages = server.sqlite._connection.pragma("page_count")
            server.sqlite._connection.pragma("max_page_count", pages + 40)
            with capture_logs() as logs:
                async with working(server.state):
                    while not any(log["event"] == "batch is tried again" for log in logs):
                        await asyncio.sleep(0)
                    assert told(await server.http.get(url))["status"] in ("PENDING", "PROCESSING")
                    server.sqlite._connection.pragma("max_page_count", 1_000_000)
                    complete = await done(server.http, url)
            assert "StoreFull" in repr(logs[0]["exc_info"])
            assert complete["status"] == "COMPLETE"
            assert keys(complete) == [str(n) for n in range(12)]
            assert all(result["new"] for result in complete["results"])

    asyncio.run(test())


@pytest.mark.parametrize(
    "spoil", ["UPDATE job SET asked = x'c1'", "UPDATE job SET asked = x'80'", "UPDATE job_chunk SET inputs = x'5b'"]
)
def test_what_an_older_version_kept_otherwise_is_canceled(spoil: str) -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_("A")])
            server.sqlite._connection.execute(spoil)
            good = await server.enlist("upsert", [input_("B")])
            with capture_logs() as logs:
                async with working(server.state):
                    assert (await done(server.http, good))["status"] == "COMPLETE"
                    while await server.store.jobs.open():
                        await asyncio.sleep(0)
            assert [log["event"] for log in logs] == ["batch cannot be read and is canceled"]
            job = await server.store.jobs.get((await server.store.portals())[0], url.rpartition("/")[2])
            assert job is not None and job.state == "CANCELED"
            assert await stored(server.http, "A") == {}

    asyncio.run(test())


@pytest.mark.parametrize(
    ("operation", "inputs", "why"),
    [
        ("upsert", [input_("P"), input_("S")], '"ext_ref" does not exist'),
        ("update", [input_("P"), input_("S")], "they may be deleted or not exist"),
        ("read", [{"id": "P"}, {"id": "S"}], '"ext_ref" does not exist'),
    ],
)
def test_a_property_that_went_away_meanwhile_fails_each_input(operation: str, inputs: list[Json], why: str) -> None:
    async def test() -> None:
        async with idle() as server:
            await _prepared(server.http)
            members = {"idProperty": "ext_ref"} if operation == "read" else {}
            url = await server.enlist(operation, inputs, **members)
            assert (await server.http.delete("/crm/v3/properties/calls/ext_ref")).status_code == 204
            complete = await server.finish(url)
            assert complete["status"] == "COMPLETE"
            assert complete["results"] == []
            assert [error["context"]["index"] for error in complete["errors"]] == [["0"], ["1"]]
            assert all(why in error["message"].replace("\\", "") for error in complete["errors"])

    asyncio.run(test())


def test_a_definition_that_changes_meanwhile_counts(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            inputs = [input_(str(n), properties={"hs_timestamp": AT, "late": "x"}) for n in range(4)]
            url = await server.enlist("upsert", inputs)
            await server.step(url)
            stale = await server.state.load((await server.store.portals())[0])
            await server.http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": "late", "hasUniqueValue": False})
            server.state.catalogs[stale.portal] = stale
            complete = await server.step(url)
            assert [error["context"]["index"] for error in complete["errors"]] == [["0"], ["1"]]
            assert [result["properties"]["late"] for result in complete["results"]] == ["x", "x"]

    asyncio.run(test())


def test_what_was_completed_long_ago_is_forgotten() -> None:
    async def test() -> None:
        clock = Late()
        async with idle(clock=clock, job_days=2) as server, working(server.state):
            url = await server.enlist("upsert", [input_("A")])
            await done(server.http, url)
            clock.ahead = 2 * worker.DAY - 60_000
            await done(server.http, await server.enlist("upsert", [input_("B")]))
            assert (await server.http.get(url)).status_code == 200
            clock.ahead = 2 * worker.DAY + 60_000
            await done(server.http, await server.enlist("upsert", [input_("C")]))
            assert (await server.http.get(url)).status_code == 404
            assert sorted(await stored(server.http, *"ABC")) == list("ABC")

    asyncio.run(test())


def test_an_erased_record_is_taken_out_of_what_batches_told(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            titles = ["keep", "SECRET", 'ends with /record/0-48/100000000002"', "/record/0-48/100000000002"]
            inputs = [input_(str(n), title) for n, title in enumerate(titles)]
            written = await server.enlist("upsert", [*inputs, input_("bad", properties={})])
            ids = [result["id"] for result in (await server.finish(written))["results"]]
            body = {"inputs": [{"id": ids[1]}, {"id": ids[0]}, {"id": ids[2]}], "properties": ["hs_call_title"]}
            half = link(await server.http.post(f"{BATCH}/read", json=body, headers=LATER))
            await server.step(half)
            others = [{"properties": {"email": f"{n}@example.com"}} for n in range(2)]
            path = "/crm/v3/objects/contacts/batch/create"
            contacts = link(await server.http.post(path, json={"inputs": others}, headers=LATER))
            assert ids[1] in [result["id"] for result in (await server.finish(contacts))["results"]]
            erasure = {"objectId": ids[1]}
            answer = await server.http.post("/crm/objects/2025-09/calls/gdpr-delete", json=erasure)
            assert answer.status_code == 204, answer.text
            left = told(await server.http.get(written))
            assert keys(left) == ["0", "2", "3"]
            assert left["numErrors"] == 1
            assert [result["id"] for result in (await server.finish(half))["results"]] == [ids[0], ids[2]]
            assert len(told(await server.http.get(contacts))["results"]) == 2
            kept = server.sqlite._connection.execute("SELECT outcome FROM job_chunk").fetchall()
            assert "SECRET" not in repr(kept)

    asyncio.run(test())


def test_a_worker_that_stops_in_the_midst_loses_nothing(small: None) -> None:
    async def test() -> None:
        async with idle() as server:
            url = await server.enlist("upsert", [input_(str(n)) for n in range(60)])
            stops, key = 0, ((await server.store.portals())[0], url.rpartition("/")[2])
            while (job := await server.store.jobs.get(*key)) is not None and job.completed is None:
                async with working(server.state):
                    # At least one chunk is carried out each time, and the next one is under way.
                    while await server.store.jobs.get(*key) == job:
                        await asyncio.sleep(0)
                    for _ in range(stops % 5):
                        await asyncio.sleep(0)
                stops += 1
            complete = told(await server.http.get(url))
            assert stops > 5
            assert keys(complete) == [str(n) for n in range(60)]
            assert all(result["new"] for result in complete["results"])

    asyncio.run(test())
