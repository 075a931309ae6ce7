"""Sequences of upserts, through the whole line, against a model that a reader can hold in the head."""

import asyncio
from copy import deepcopy
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import client
from server import UNIQUE

AT = "2025-04-24T20:01:33Z"
UNIQUES = ("ref", "other")

Properties = dict[str, str | None]
Input = dict[str, Any]

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


@st.composite
def batches(draw: st.DrawFn) -> list[Input]:
    """A batch of up to six inputs, most of them good, with trace ids or without."""
    traced = draw(st.booleans())
    batch = []
    for position in range(draw(st.integers(0, 6))):
        name = draw(st.sampled_from(["ref", "ref", "ref", "other"]))
        sent = draw(st.one_of(st.just({"hs_timestamp": AT}), values))
        input_ = {"idProperty": name, "id": draw(keys), "properties": sent}
        if traced:
            input_["objectWriteTraceId"] = f"t{position}"
        batch.append(input_)
    return batch


class Model:
    """The records, in the order of their creation, each a plain dictionary of what is set."""

    def __init__(self) -> None:
        self.records: list[Properties] = []

    def upsert(self, batch: list[Input]) -> tuple[int, list[tuple[int, bool]]]:
        """The status, and for each input that goes in its record's number and whether it is new."""
        before = deepcopy(self.records)
        addressed = [(input_["idProperty"], input_["id"]) for input_ in batch]
        done: list[tuple[int, bool]] = []
        reached: list[int] = []
        failures = 0
        for name, id_ in addressed if len(set(addressed)) == len(addressed) else []:
            sent = batch[addressed.index((name, id_))]["properties"]
            number = self._holder(name, id_)
            if number in reached:
                self.records = before
                return 400, []
            if number is not None:
                reached.append(number)
            if self._bad(number, name, id_, sent):
                failures += 1
                continue
            new = number is None
            if number is None:
                self.records.append({name: id_})
                number = len(self.records) - 1
                reached.append(number)
            self._write(self.records[number], sent)
            done.append((number, new))
        refused = len(set(addressed)) < len(addressed)
        if refused or (failures and not all("objectWriteTraceId" in input_ for input_ in batch)):
            self.records = before
            return 400, []
        return (207 if failures else 200), done

    def _holder(self, name: str, value: str | None) -> int | None:
        return next((n for n, record in enumerate(self.records) if value and record.get(name) == value), None)

    def _bad(self, number: int | None, name: str, id_: str, sent: Properties) -> bool:
        time = sent.get("hs_timestamp", "" if number is None else AT)
        if time in ("", None, "tomorrow") or "nope" in sent or sent.get(name, id_) != id_:
            return True
        return any(self._holder(other, sent.get(other)) not in (None, number) for other in UNIQUES if other in sent)

    @staticmethod
    def _write(record: Properties, sent: Properties) -> None:
        for name, value in sent.items():
            if value:
                record[name] = value
            else:
                record.pop(name, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(batches(), min_size=1, max_size=8))
def test_upserts_do_what_the_model_does(sequence: list[list[Input]]) -> None:
    asyncio.run(_compare(sequence))


async def _compare(sequence: list[list[Input]]) -> None:
    model, ids = Model(), list[str]()
    async with client() as http:
        for name in UNIQUES:
            made = await http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": name})
            assert made.status_code == 201
        for batch in sequence:
            answer = await http.post("/crm/v3/objects/calls/batch/upsert", json={"inputs": batch})
            status, done = model.upsert(batch)
            assert answer.status_code == status, answer.text
            results = answer.json().get("results", [])
            assert [result["new"] for result in results] == [new for _, new in done]
            ids += [result["id"] for result in results if result["new"]]
            assert [result["id"] for result in results] == [ids[number] for number, _ in done]
            await _same(http, model, ids)


async def _same(http: httpx.AsyncClient, model: Model, ids: list[str]) -> None:
    names = ["hs_timestamp", "hs_call_title", *UNIQUES]
    assert len(ids) == len(model.records) == len(set(ids))
    for id_, expected in zip(ids, model.records, strict=True):
        answer = await http.get(f"/crm/v3/objects/calls/{id_}", params={"properties": ",".join(names)})
        properties = answer.json()["properties"]
        assert {name: properties[name] or None for name in names} == {name: expected.get(name) for name in names}
        for name in UNIQUES:
            if expected.get(name):
                by = await http.get(f"/crm/v3/objects/calls/{expected[name]}", params={"idProperty": name})
                assert by.json()["id"] == id_
