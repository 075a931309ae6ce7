"""Those who read the journal rest while somebody writes, and only then."""

import asyncio

import pytest

from trunkline.http.breath import QUIET, SHARE, Breath


class Hand:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_readers_take_a_share_of_the_time_while_somebody_writes() -> None:
    hand = Hand()
    breath = Breath(hand)
    worked = rested = 0.0
    for _ in range(500):
        breath.wrote()
        hand.now += 0.001
        if due := breath.due():
            rested += min(due, 0.001)
        else:
            worked += 0.003
            breath.took(0.003)
    assert worked / (worked + rested) == pytest.approx(SHARE, rel=0.1)


def test_they_need_not_rest_when_nobody_writes_any_more() -> None:
    hand = Hand()
    breath = Breath(hand)
    breath.took(10.0)
    assert breath.due() == 0
    breath.wrote()
    assert breath.due() == 0, "one commit is no writing"
    breath.wrote()
    assert breath.due() > 0
    hand.now += 2 * QUIET
    assert breath.due() == 0


def test_the_time_that_others_take_meanwhile_is_not_counted() -> None:
    hand = Hand()
    breath = Breath(hand)

    async def hold() -> str:
        hand.now += 2
        await asyncio.sleep(0)
        hand.now += 3
        return "done"

    async def others() -> None:
        hand.now += 100

    async def test() -> None:
        work = asyncio.create_task(breath.counted(hold()))
        await asyncio.gather(work, others())
        assert work.result() == "done"
        # What is owed from before the others ran has passed meanwhile.
        breath.wrote()
        breath.wrote()
        assert breath.due() == pytest.approx(3 * (1 / SHARE - 1))

    asyncio.run(test())


def test_a_cancellation_and_a_failure_are_for_the_work() -> None:
    async def test() -> None:
        breath, ended = Breath(), list[str]()

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.append("canceled")
                raise

        task = asyncio.create_task(breath.counted(work()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["canceled"]

        async def fail() -> None:
            await asyncio.sleep(0)
            raise ValueError

        with pytest.raises(ValueError):
            await breath.counted(fail())

    asyncio.run(test())


def test_one_that_rests_goes_on_soon_after_the_writing_ended() -> None:
    async def test() -> None:
        breath = Breath()
        breath.took(3600.0)
        breath.wrote()
        breath.wrote()
        await asyncio.wait_for(breath.rest(), 60)

    asyncio.run(test())
