"""Batches carried out later, in chunks of any size, against the model: each input as if it had been sent alone."""

import asyncio
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idle import BATCH, LATER, Idle, idle, link
from server import UNIQUE
from test_model import UNIQUES, Input, Model, batches

from trunkline.http import later


class LaterModel(Model):
    """The model, with a batch that is carried out later: an input that fails takes no other along."""

    def later(self, batch: list[Input]) -> tuple[list[tuple[int, bool]], list[int]]:
        """For each input that goes in its record's number and whether it is new; and the positions that fail."""
        done: list[tuple[int, bool]] = []
        failed: list[int] = []
        for position, input_ in enumerate(batch):
            name, id_, sent = input_["idProperty"], input_["id"], input_["properties"]
            number = self._holder(name, id_)
            if number in [reached for reached, _ in done] or self._bad(number, name, id_, sent):
                failed.append(position)
                continue
            new = number is None
            if number is None:
                self.records.append({name: id_})
                number = len(self.records) - 1
            self._write(self.records[number], sent)
            done.append((number, new))
        return done, failed


def addresses(batch: list[Input]) -> list[tuple[str, str]]:
    return [(input_["idProperty"], input_["id"]) for input_ in batch]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(batches(), st.sampled_from([1, 2, 3, 100])), min_size=1, max_size=8))
def test_batches_carried_out_later_do_what_the_model_does(sequence: list[tuple[list[Input], int]]) -> None:
    asyncio.run(_compare(sequence))


async def _compare(sequence: list[tuple[list[Input], int]]) -> None:
    model, ids = LaterModel(), list[str]()
    async with idle() as server:
        for name in UNIQUES:
            made = await server.http.post("/crm/v3/properties/calls", json=UNIQUE | {"name": name})
            assert made.status_code == 201
        for batch, chunk in sequence:
            with patch.object(later, "CHUNK", chunk):
                answer = await server.http.post(f"{BATCH}/upsert", json={"inputs": batch}, headers=LATER)
            if len(set(addresses(batch))) < len(batch):
                assert answer.status_code == 400
                continue
            complete = await _finish(server, link(answer))
            done, failed = model.later(batch)
            assert [result["new"] for result in complete["results"]] == [new for _, new in done]
            ids += [result["id"] for result in complete["results"] if result["new"]]
            assert [result["id"] for result in complete["results"]] == [ids[number] for number, _ in done]
            assert [error["context"]["index"] for error in complete.get("errors", [])] == [[str(n)] for n in failed]
            assert complete.get("numErrors", 0) == len(failed)
            await _same(server, model, ids)


async def _finish(server: Idle, url: str) -> dict[str, Any]:
    """Carries out a job as if the server had been started anew before each chunk."""
    while (complete := await server.step(url))["status"] != "COMPLETE":
        pass
    return complete


async def _same(server: Idle, model: Model, ids: list[str]) -> None:
    names = ["hs_timestamp", "hs_call_title", *UNIQUES]
    answer = await server.http.post(f"{BATCH}/read", json={"inputs": [{"id": id_} for id_ in ids], "properties": names})
    kept = {result["id"]: result["properties"] for result in answer.json()["results"]}
    assert len(kept) == len(model.records)
    for id_, expected in zip(ids, model.records, strict=True):
        assert {name: kept[id_][name] or None for name in names} == {name: expected.get(name) for name in names}
