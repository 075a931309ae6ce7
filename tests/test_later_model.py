"""Batches carried out later, in chunks of any size, against the model: each input as if it had been sent alone."""

import asyncio
from typing import Any
from unittest.mock import patch

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idle import BATCH, LATER, Idle, Json, idle, link
from model import AT, NAMES, NOBODY, UNIQUES, Entry, Input, Model
from server import UNIQUE

from trunkline.http import later

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
sent = st.one_of(st.just({"hs_timestamp": AT, "hs_call_title": "x"}), st.just({"hs_timestamp": AT}), values)
numbers = st.integers(0, 5)
by_key = st.fixed_dictionaries(
    {"idProperty": st.sampled_from(["ref", "ref", "other"]), "id": keys, "properties": sent},
    optional={"objectWriteTraceId": keys},
)
operations = st.one_of(
    st.tuples(st.just("upsert"), st.lists(by_key, max_size=6)),
    st.tuples(st.just("upsert"), st.lists(by_key, max_size=6, unique_by=lambda one: (one["idProperty"], one["id"]))),
    st.tuples(st.just("create"), st.lists(st.fixed_dictionaries({"properties": sent}), max_size=4)),
    st.tuples(st.just("update"), st.lists(st.fixed_dictionaries({"id": numbers, "properties": sent}), max_size=6)),
    st.tuples(st.just("archive"), st.lists(st.fixed_dictionaries({"id": numbers}), max_size=3)),
)


class LaterModel(Model):
    """The model, with batches that are carried out later: an input that fails takes no other along."""

    def later(self, operation: str, batch: list[Input]) -> tuple[list[tuple[int, bool]], list[int]]:
        """For each input that goes in its record's number and whether it is new; and the positions that fail."""
        done: list[tuple[int, bool]] = []
        failed: list[int] = []
        for position, input_ in enumerate(batch):
            name, id_ = input_.get("idProperty"), input_.get("id")
            number = self._meant(operation, name, id_)
            if operation == "archive":
                if number is not None and self._live(number):
                    done.append((number, False))
                    self.entries[number].state = "archived"
            elif (
                number == NOBODY or number in [n for n, _ in done] or self.bad(number, input_["properties"], name, id_)
            ):
                failed.append(position)
            else:
                done.append((len(self.entries) if number is None else number, number is None))
                if number is None:
                    self.entries.append(Entry({} if name is None else {name: str(id_)}))
                self.entries[done[-1][0]].write(input_["properties"])
        return done, failed

    def _meant(self, operation: str, name: str | None, id_: Any) -> int | None:
        """The number of the record that an input means, None for a new one."""
        if operation == "upsert":
            return self._holder(str(name), id_)
        if operation == "create":
            return None
        return int(id_) if id_ < len(self.entries) and self._live(id_) else NOBODY


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(operations, st.sampled_from([1, 2, 3, 100])), min_size=1, max_size=8))
def test_batches_carried_out_later_do_what_the_model_does(
    sequence: list[tuple[tuple[str, list[Input]], int]],
) -> None:
    asyncio.run(_compare(sequence))


async def _compare(sequence: list[tuple[tuple[str, list[Input]], int]]) -> None:
    model, ids = LaterModel(), list[str]()
    async with idle() as server:
        for name in UNIQUES:
            made = await server.http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": name})
            assert made.status_code == 201
        for (operation, batch), chunk in sequence:
            with patch.object(later, "CHUNK", chunk):
                answer = await _ask(server.http, operation, batch, ids)
            if operation in ("upsert", "update") and _repeats(batch):
                assert answer.status_code == 400
                continue
            complete = await _finish(server, link(answer))
            done, failed = model.later(operation, batch)
            ids += [result["id"] for result in complete["results"] if result["id"] not in ids]
            assert [result["id"] for result in complete["results"]] == [ids[number] for number, _ in done]
            if operation == "upsert":
                assert [result["new"] for result in complete["results"]] == [new for _, new in done]
            assert [error["context"]["index"] for error in complete.get("errors", [])] == [[str(n)] for n in failed]
            assert complete.get("numErrors", 0) == len(failed)
            await _same(server.http, model, ids)


async def _ask(http: httpx.AsyncClient, operation: str, batch: list[Input], ids: list[str]) -> httpx.Response:
    """Sends a batch; records that are addressed by number are so by their ids, or by one that is nobody's."""
    asked = batch
    if operation in ("update", "archive"):
        asked = [one | {"id": ids[one["id"]] if one["id"] < len(ids) else str(one["id"] + 1)} for one in batch]
    return await http.post(f"{BATCH}/{operation}", json={"inputs": asked}, headers=LATER)


def _repeats(batch: list[Input]) -> bool:
    addresses = [(one.get("idProperty"), one["id"]) for one in batch]
    return len(set(addresses)) < len(addresses)


async def _finish(server: Idle, url: str) -> Json:
    """Carries out a job as if the server had been started anew before each chunk."""
    while (complete := await server.step(url))["status"] != "COMPLETE":
        pass
    return complete


async def _same(http: httpx.AsyncClient, model: Model, ids: list[str]) -> None:
    for state in ("live", "archived"):
        asked = {"properties": ",".join(NAMES), "limit": "100", "archived": str(state == "archived")}
        shown = (await http.get("/crm/v3/objects/calls", params=asked)).json()["results"]
        wanted = {id_: e.properties for id_, e in zip(ids, model.entries, strict=True) if e.state == state}
        assert [record["id"] for record in shown] == list(wanted)
        for record, properties in zip(shown, wanted.values(), strict=True):
            kept = {name: record["properties"][name] or None for name in NAMES}
            assert kept == {name: properties.get(name) for name in NAMES}
