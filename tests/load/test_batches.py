"""Order, and keys apart."""

import asyncio
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from trunkline.load.batches import Batch, Batches
from trunkline.load.flight import Flight
from trunkline.load.mapping import Call
from trunkline.load.rows import Row

KEYS = st.lists(st.sampled_from("abcdefABC"), max_size=60)
SIZES = st.integers(1, 5)
WINDOWS = st.integers(1, 4)


def calls_of(keys: list[str]) -> list[Call]:
    return [Call(key, {}, Row(line, (), ())) for line, key in enumerate(keys)]


def lines(batch: Batch) -> list[int]:
    return [call.row.line for call in batch.calls]


@given(KEYS, SIZES, WINDOWS, st.data())
def test_whatever_is_taken_when(keys: list[str], size: int, window: int, data: st.DataObject) -> None:
    batches, out, order = Batches(size, window), list[Batch](), list[Call]()

    def step(partial: bool) -> None:
        batch = batches.take(partial)
        if batch is not None:
            taken = [call.key.casefold() for call in batch.calls]
            assert len(taken) == len(set(taken)) <= size
            assert not set(taken) & {call.key.casefold() for other in out for call in other.calls}
            out.append(batch)
        elif partial:
            assert out, "a partial batch is refused only while another is out"
        if out and (batch is None or data.draw(st.booleans())):
            back = out.pop(data.draw(st.integers(0, len(out) - 1)))
            order.extend(back.calls)
            batches.done(back)

    for call in calls_of(keys):
        while not batches.add(call):
            step(partial=True)
        step(partial=False)
    while batches.waiting:
        step(partial=True)
    order += [call for batch in out for call in batch.calls]

    assert sorted(call.row.line for call in order) == list(range(len(keys)))
    for key in set(map(str.casefold, keys)):
        mine = [call.row.line for call in order if call.key.casefold() == key]
        assert mine == sorted(mine)


@given(KEYS, SIZES, WINDOWS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_flight_keeps_each_keys_rows_in_turn(
    keys: list[str], size: int, window: int, limit: int, chance: Random
) -> None:
    flying: set[str] = set()
    last: dict[str, int] = {}
    sent: list[int] = []

    async def send(calls: list[Call]) -> None:
        mine = {call.key.casefold() for call in calls}
        assert not mine & flying
        flying.update(mine)
        assert len(sent) <= len(keys)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        for call in calls:
            assert call.row.line > last.get(call.key.casefold(), -1)
            last[call.key.casefold()] = call.row.line
            sent.append(call.row.line)
        flying.difference_update(mine)

    async def fly() -> None:
        flight = Flight(Batches(size, window), send, limit)
        for call in calls_of(keys):
            await flight.put(call)
        await flight.finish()

    asyncio.run(fly())
    assert sorted(sent) == list(range(len(keys)))
    assert last == {key.casefold(): line for line, key in enumerate(keys)}


def test_three_rows_of_each_call_make_full_batches() -> None:
    batches, taken = Batches(size=10), list[int]()
    for call in calls_of([f"{number}" for number in range(100) for _ in range(3)]):
        assert batches.add(call)
        while (batch := batches.take()) is not None:
            taken.append(len(batch.calls))
            batches.done(batch)
    while (batch := batches.take(partial=True)) is not None:
        taken.append(len(batch.calls))
        batches.done(batch)
    assert taken == [10] * 30


def test_a_batch_that_waits_does_not_hold_up_others() -> None:
    batches = Batches(size=2)
    for call in calls_of(["a", "b", "a", "b", "c", "d"]):
        assert batches.add(call)
    first, second = batches.take(), batches.take()
    assert first is not None
    assert second is not None
    assert (lines(first), lines(second), batches.take()) == ([0, 1], [4, 5], None)
    batches.done(first)
    third = batches.take()
    assert third is not None
    assert lines(third) == [2, 3]


def test_the_window_bounds_what_is_kept() -> None:
    batches = Batches(size=2, window=3)
    assert [batches.add(call) for call in calls_of(["a"] * 5)] == [True, True, True, False, False]


def test_what_send_raises_comes_out() -> None:
    async def send(calls: list[Call]) -> None:
        raise LookupError(calls[0].key)

    async def fly() -> str:
        flight = Flight(Batches(size=1), send, 4)
        try:
            for call in calls_of(["a", "b"]):
                await flight.put(call)
            await flight.finish()
        except LookupError as cause:
            await flight.land(1)
            return str(cause)
        return "nothing"

    assert asyncio.run(fly()) == "a"


def test_landing_drops_what_does_not_answer() -> None:
    async def fly() -> list[str]:
        told: list[str] = []

        async def send(calls: list[Call]) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told.append(calls[0].key)
                raise

        flight = Flight(Batches(size=1), send, 4)
        for call in calls_of(["a", "b"]):
            await flight.put(call)
        await flight.land(0)
        return sorted(told)

    assert asyncio.run(fly()) == ["a", "b"]
