"""Sequences of operations on records, through the whole line, against a model of them."""

import asyncio
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import client
from model import AT, NAMES, NOBODY, UNIQUES, Input, Model
from server import UNIQUE

CALLS = "/crm/v3/objects/calls"
PORTAL = "/_trunkline/portals/1000001"
OPERATOR = {"x-trunkline-secret": "secret"}
FIRST: list[Input] = [
    {"properties": {"hs_timestamp": AT, "hs_call_title": "a", "ref": "A"}},
    {"properties": {"hs_timestamp": AT, "other": "B"}},
    {"properties": {"hs_timestamp": AT, "hs_call_title": "c", "ref": "C", "other": "C"}},
    {"properties": {"hs_timestamp": AT}},
]
"""The records that are there before a sequence, so that most operations mean one that is."""

keys = st.sampled_from(["A", "B", "C", "D"])
values = st.fixed_dictionaries(
    {},
    optional={
        "hs_timestamp": st.sampled_from([AT, AT, AT, "", "tomorrow"]),
        "hs_call_title": st.sampled_from(["x", "y", "", None]),
        "ref": st.sampled_from(["A", "B", "C", "", None]),
        "other": st.sampled_from(["A", "B", "C", "", None]),
        "nope": st.just("1"),
    },
)
good = st.fixed_dictionaries(
    {"hs_timestamp": st.just(AT)}, optional={"hs_call_title": st.sampled_from(["x", "y"]), "other": keys}
)
numbers = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4])
"""Records by number, some more often, so that operations of one sequence meet."""


@st.composite
def batches(draw: st.DrawFn, addressed: st.SearchStrategy[Input]) -> list[Input]:
    """A batch of up to six inputs, most of them good, with trace ids or without."""
    traced = draw(st.booleans())
    batch = []
    for position in range(draw(st.integers(0, 6))):
        input_ = draw(addressed) | {"properties": draw(st.one_of(good, values))}
        if traced:
            input_["objectWriteTraceId"] = f"t{position}"
        batch.append(input_)
    return batch


by_key = st.fixed_dictionaries({"idProperty": st.sampled_from(["ref", "ref", "ref", "other"]), "id": keys})
by_number = st.fixed_dictionaries({"id": numbers})
operations = st.one_of(
    st.tuples(st.just("upsert"), batches(by_key)),
    st.tuples(st.just("create"), batches(st.just({}))),
    st.tuples(st.just("update"), batches(by_number)),
    st.tuples(st.just("patch"), st.tuples(numbers, values)),
    st.tuples(st.just("archive"), st.lists(numbers, max_size=2)),
    st.tuples(st.just("merge"), st.tuples(numbers, numbers)),
    st.tuples(st.just("merge"), st.tuples(numbers, numbers)),
    st.tuples(st.just("erase"), numbers),
)
turns = st.tuples(st.sampled_from(["mark", "mark", "rewind", "rewind", "rewind"]), st.none())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.just("upsert"), batches(by_key)), min_size=1, max_size=8))
def test_upserts_do_what_the_model_does(sequence: list[tuple[str, Any]]) -> None:
    asyncio.run(_compare(sequence))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(operations, min_size=4, max_size=8))
def test_operations_do_what_the_model_does(sequence: list[tuple[str, Any]]) -> None:
    asyncio.run(_compare([("create", FIRST), *sequence]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(operations, operations, turns), min_size=4, max_size=10))
def test_a_rewind_leads_back_to_what_the_model_was(sequence: list[tuple[str, Any]]) -> None:
    asyncio.run(_compare([("create", FIRST), ("mark", None), *sequence, ("rewind", None)]))


async def _compare(sequence: list[tuple[str, Any]]) -> None:
    model, ids = Model(), list[str]()
    async with client() as http:
        for name in UNIQUES:
            made = await http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": name})
            assert made.status_code == 201
        for operation, drawn in sequence:
            asked = _known(operation, drawn, len(ids))
            answer = await _ask(http, operation, asked, [*ids, "999"])
            status, done = model.answer(operation, asked)
            assert answer.status_code == status, answer.text
            del ids[len(model.entries) :]
            results = _results(answer)
            ids += [result["id"] for result in results[: len(done)] if result["id"] not in ids]
            assert [result["id"] for result in results] == [ids[number] for number, _ in done]
            if operation == "upsert":
                assert [result["new"] for result in results] == [new for _, new in done]
            assert len(ids) == len(model.entries)
            await _same(http, model, ids)


def _known(operation: str, drawn: Any, count: int) -> Any:
    """What is asked, with the numbers of records that are not there made `NOBODY`."""

    def number(of: int) -> int:
        return of if of < count else NOBODY

    match operation:
        case "update":
            return [input_ | {"id": number(input_["id"])} for input_ in drawn]
        case "patch":
            return number(drawn[0]), drawn[1]
        case "archive":
            return [number(of) for of in drawn]
        case "merge":
            return number(drawn[0]), number(drawn[1])
        case "erase":
            return number(drawn)
    return drawn


async def _ask(http: httpx.AsyncClient, operation: str, asked: Any, ids: list[str]) -> httpx.Response:
    """Sends an operation; `ids` are those of the records by number, and at the end one that is nobody's."""
    match operation:
        case "update":
            inputs = [input_ | {"id": ids[input_["id"]]} for input_ in asked]
            return await http.post(f"{CALLS}/batch/update", json={"inputs": inputs})
        case "patch":
            return await http.patch(f"{CALLS}/{ids[asked[0]]}", json={"properties": asked[1]})
        case "archive":
            return await http.post(f"{CALLS}/batch/archive", json={"inputs": [{"id": ids[n]} for n in asked]})
        case "merge":
            both = {"primaryObjectId": ids[asked[0]], "objectIdToMerge": ids[asked[1]]}
            return await http.post(f"{CALLS}/merge", json=both)
        case "erase":
            return await http.post("/crm/objects/2025-09/calls/gdpr-delete", json={"objectId": ids[asked]})
        case "mark":
            return await http.post(f"{PORTAL}/checkpoints", json={"name": "model"}, headers=OPERATOR)
        case "rewind":
            return await http.post(f"{PORTAL}/rewind", json={"to": "model"}, headers=OPERATOR)
    return await http.post(f"{CALLS}/batch/{operation}", json={"inputs": asked})


def _results(answer: httpx.Response) -> list[dict[str, Any]]:
    """The records of an answer."""
    if answer.status_code >= 300 or not answer.content or PORTAL in str(answer.url):
        return []
    body = answer.json()
    return list(body["results"]) if "results" in body else [body]


async def _same(http: httpx.AsyncClient, model: Model, ids: list[str]) -> None:
    for state in ("live", "archived"):
        asked = {"properties": ",".join(NAMES), "propertiesWithHistory": "hs_call_title", "limit": "50"}
        page = await http.get(CALLS, params=asked | {"archived": str(state == "archived")})
        wanted = [(id_, entry) for id_, entry in zip(ids, model.entries, strict=True) if entry.state == state]
        shown = page.json()["results"]
        assert [record["id"] for record in shown] == [id_ for id_, _ in wanted]
        for record, (_, entry) in zip(shown, wanted, strict=True):
            kept = {name: record["properties"][name] or None for name in NAMES}
            assert kept == {name: entry.properties.get(name) for name in NAMES}
            assert [past["value"] for past in record["propertiesWithHistory"]["hs_call_title"]] == entry.titles
    await _same_by_id(http, model, ids)
    await _same_by_key(http, model, ids)


async def _same_by_id(http: httpx.AsyncClient, model: Model, ids: list[str]) -> None:
    for number, id_ in enumerate(ids):
        standing = model.standing(number)
        answer = await http.get(f"{CALLS}/{id_}")
        live = model.entries[standing].state == "live"
        assert (answer.status_code, answer.json().get("id")) == ((200, ids[standing]) if live else (404, None))


async def _same_by_key(http: httpx.AsyncClient, model: Model, ids: list[str]) -> None:
    for name in UNIQUES:
        holders = {
            entry.properties[name]: id_
            for id_, entry in zip(ids, model.entries, strict=True)
            if entry.state == "live" and name in entry.properties
        }
        asked = {"inputs": [{"id": key} for key in "ABCD"], "idProperty": name, "properties": [name]}
        answer = (await http.post(f"{CALLS}/batch/read", json=asked)).json()
        assert {record["properties"][name]: record["id"] for record in answer["results"]} == holders
