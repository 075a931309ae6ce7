"""What became of each input of a batch, however the service tells it."""

import asyncio
from collections.abc import Mapping

import pytest
from load.standin import UPSERT, StandIn

from trunkline.load.remote import Remote
from trunkline.load.verdict import Batch, Refused, Verdicts, Written


def written(service: StandIn, inputs: Mapping[str, dict[str, object]]) -> Verdicts:
    async def write() -> Verdicts:
        found: Verdicts = {}
        async with Remote(service.url, None, halt=asyncio.Event(), note=lambda text: None) as remote:
            async for portion in Batch(remote, UPSERT, inputs).verdicts():
                assert not portion.keys() & found.keys(), "an input is told of twice"
                found |= portion
        return found

    return asyncio.run(write())


def inputs(count: int, **values: str) -> dict[str, dict[str, object]]:
    """Inputs by trace ids that are not their keys; the key is among the values too, as a service echoes these only."""
    return {
        f"t{n}": {"idProperty": "call_key", "id": f"K{n}", "properties": {"call_key": f"K{n}", **values}}
        for n in range(count)
    }


def ids(service: StandIn) -> dict[str, str]:
    return {f"t{key[1:]}": record["hs_object_id"] for key, record in service.records.items()}


def test_results_in_another_order_are_found_by_their_key(service: StandIn) -> None:
    found = written(service, inputs(5))
    assert found == {trace: Written(id_, True) for trace, id_ in ids(service).items()}
    assert written(service, inputs(5)) == {trace: Written(id_, False) for trace, id_ in ids(service).items()}


@pytest.mark.parametrize("manner", ["207", "400", "unnamed"])
def test_each_input_has_its_own_verdict(service: StandIn, manner: str) -> None:
    service.manner = manner
    service.judge = lambda given: "no" if given["id"] in ("K1", "K6") else None
    asked = inputs(8)
    found = written(service, asked)
    refused = {trace: one for trace, one in found.items() if isinstance(one, Refused)}
    alone = manner == "400"
    assert refused == {trace: Refused(asked[trace], "no", alone) for trace in ("t1", "t6")}
    rest = {trace: one for trace, one in found.items() if trace not in refused}
    assert rest == {trace: Written(id_, True) for trace, id_ in ids(service).items()}


def test_results_that_name_nothing_are_counted(service: StandIn) -> None:
    written(service, {"t0": inputs(1)["t0"]})
    found = written(service, {f"u{n}": {"idProperty": "call_key", "id": f"K{n}", "properties": {}} for n in range(3)})
    assert sorted(one.new for one in found.values() if isinstance(one, Written)) == [False, True, True]
    assert {one.id for one in found.values() if isinstance(one, Written)} == {""}
