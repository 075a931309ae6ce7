"""What takes a while to count is counted once at a time, and remembered within bounds."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from trunkline.clock import Clock
from trunkline.errors import IndexNotReady, SearchTooSlow
from trunkline.web import counting
from trunkline.web.counting import Counting


class Still(Clock):
    """A clock whose ticks are set."""

    now_at = 0

    def ticks(self) -> int:
        return self.now_at


class Work:
    """Something to count: it is done when it is let go, and says how often it was begun."""

    def __init__(self) -> None:
        self.begun = self.running = self.most = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await self.go.wait()
        self.running -= 1
        return self.begun


def run(test: Callable[[Counting, Still, Work], Awaitable[None]], patience: float = 0.0) -> None:
    async def prepared() -> None:
        clock = Still()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counting, "PATIENCE", patience)
            await test(Counting(clock), clock, Work())

    asyncio.run(prepared())


async def settled(counter: Counting) -> None:
    """Waits until nothing is counted."""
    while counter._tasks:
        await asyncio.wait(list(counter._tasks.values()))
        await asyncio.sleep(0)


def test_what_is_not_known_is_counted_while_nobody_waits() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        assert await counter.ask("a", 1, work) == (None, False)
        assert await counter.ask("a", 1, work) == (None, False)
        work.go.set()
        await settled(counter)
        known, current = await counter.ask("a", 1, work)
        assert known is not None
        assert (known.value, current, work.begun) == (1, True, 1)

    run(test)


def test_what_is_no_more_true_is_told_until_it_is_counted_anew() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        work.go.set()
        await counter.ask("a", 1, work)
        await settled(counter)
        work.go.clear()
        known, current = await counter.ask("a", 2, work)
        assert known is not None
        assert (known.value, known.position, current) == (1, 1, False)
        work.go.set()
        await settled(counter)
        known, current = await counter.ask("a", 2, work)
        assert known is not None
        assert (known.value, known.position, current) == (2, 2, True)

    run(test)


def test_after_a_long_count_comes_a_rest() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        await counter.ask("a", 1, work)
        clock.now_at = 1_000
        work.go.set()
        await settled(counter)
        clock.now_at = 1_000 + 1_000 * counting.REST - 1
        await counter.ask("a", 2, work)
        await settled(counter)
        assert work.begun == 1
        clock.now_at += 1
        await counter.ask("a", 2, work)
        await settled(counter)
        assert work.begun == 2

    run(test)


def test_one_is_counted_at_a_time_and_few_wait() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        for key in range(3 * counting.MOST_WAITING):
            await counter.ask(key, 1, work)
        work.go.set()
        await settled(counter)
        assert (work.begun, work.most) == (counting.MOST_WAITING, 1)

    run(test)


def test_few_results_are_kept_the_newest() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        work.go.set()
        for key in range(counting.MOST_KEPT):
            await counter.ask(key, 1, work)
            await settled(counter)
        await counter.ask(0, 1, work)
        await counter.ask("more", 1, work)
        await settled(counter)
        assert work.begun == counting.MOST_KEPT + 1
        assert len(counter._kept) == counting.MOST_KEPT
        assert 0 in counter._kept
        assert 1 not in counter._kept

    run(test)


def test_a_short_count_is_waited_for() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        work.go.set()
        known, current = await counter.ask("a", 1, work)
        assert known is not None
        assert (known.value, current) == (1, True)

    run(test, patience=60.0)


def test_what_does_not_last_is_counted_anew() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        work.go.set()
        for _ in range(2):
            await counter.ask("a", 1, work, lasts=False)
            await settled(counter)
        assert work.begun == 2

    run(test)


def test_a_failure_is_told_and_tried_again() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        causes: list[Exception] = [SearchTooSlow(10), ValueError("odd"), IndexNotReady(["a"])]
        told = []

        async def fail() -> int:
            raise causes[0]

        while causes:
            known, _ = await counter.ask(len(causes), 1, fail)
            told.append(None if known is None or known.refusal is None else known.refusal.status)
            del causes[0]
        assert told == [503, 500, None]
        work.go.set()
        known, current = await counter.ask(3, 1, work)
        assert known is not None
        assert (known.value, known.refusal, current) == (1, None, True)

    run(test, patience=60.0)


def test_what_is_counted_at_the_end_is_broken_off() -> None:
    async def test(counter: Counting, clock: Still, work: Work) -> None:
        async with counter:
            for key in range(3):
                await counter.ask(key, 1, work)
            await asyncio.sleep(0)
        assert not counter._tasks
        assert (work.begun, counter._kept) == (1, {})

    run(test)
