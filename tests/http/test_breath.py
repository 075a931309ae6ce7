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
    began, worked = hand.now, 0.0
    for _ in range(2000):
        breath.wrote()
        if breath.due():
            hand.now += 0.001
        else:
            hand.now += 0.003
            worked += 0.003
            breath.took(0.003)
    assert worked / (hand.now - began) == pytest.approx(SHARE, rel=0.1)


def test_they_need_not_rest_when_nobody_writes_any_more() -> None:
    hand = Hand()
    breath = Breath(hand)
    breath.took(10.0)
    breath.wrote()
    breath.took(10.0)
    breath.wrote()
    assert breath.due() == 0, "one commit is no writing"
    breath.took(10.0)
    assert breath.due() > 0
    hand.now += 2 * QUIET
    assert breath.due() == 0


def test_the_time_that_others_take_meanwhile_is_not_counted() -> None:
    hand = Hand()
    breath = Breath(hand)

    def write() -> None:
        breath.wrote()
        breath.wrote()

    async def hold() -> str:
        hand.now += 2
        await asyncio.sleep(0)
        hand.now += 3
        write()
        return "done"

    async def others() -> None:
        hand.now += 100

    async def test() -> None:
        work = asyncio.create_task(breath.counted(hold()))
        await asyncio.gather(work, others())
        assert work.result() == "done"
        # What is owed from before the others ran has passed meanwhile.
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
        breath.wrote()
        breath.wrote()
        breath.took(3600.0)
        await asyncio.wait_for(breath.rest(), 60)

    asyncio.run(test())


def test_it_takes_the_time_that_nobody_needs_also_while_somebody_writes() -> None:
    async def test() -> None:
        breath = Breath()

        async def write() -> None:
            while True:
                breath.wrote()
                await asyncio.sleep(0.001)

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.01)
        breath.wrote()
        breath.wrote()
        breath.took(3600.0)
        await asyncio.wait_for(breath.rest(), 60)
        writing.cancel()

    asyncio.run(test())
