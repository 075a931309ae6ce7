"""Who fails again and again is told ever later; nobody waits here for real."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import TooManyFailures
from trunkline.http import brake as brakes
from trunkline.http.brake import FREE, LONGEST, MINUTE, PLACES, WAITING, WAITING_OF_ONE, Brake
from trunkline.http.brake import REMEMBERED as TIMES

EACH = MINUTE / FREE
REMEMBERED = TIMES * FREE
DELAYS = [0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 3.0]


class Hours:
    """A time that passes when it is told to, and a record of who was made to wait."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def brake(self) -> Brake:
        return Brake(lambda: self.now, self.sleep)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await test()

    asyncio.run(whole())


async def fail(brake: Brake, who: str, times: int) -> None:
    for _ in range(times):
        await brake.failed(who)


async def assert_refused(brake: Brake, who: str) -> None:
    """A failure is refused at once, without waiting."""
    with pytest.raises(TooManyFailures):
        async with asyncio.timeout(0):
            await brake.failed(who)


def slept(*failures: tuple[float, str, int]) -> list[float]:
    """How long failures wait, each so many seconds after the one before, of whom, and how often."""
    hours = Hours()

    async def test() -> None:
        brake = hours.brake()
        for after, who, times in failures:
            hours.now += after
            await fail(brake, who, times)

    run(test)
    return hours.slept


@pytest.mark.parametrize(
    ("failures", "delays"),
    [
        ([(0, "a", FREE)], []),
        ([(0, "a", FREE + 7)], DELAYS),
        ([(0, "a", FREE), (EACH, "a", 1), (EACH, "a", 1)], []),
        ([(0, "a", 1), (10 * MINUTE, "a", FREE + 2)], DELAYS[:2]),
        ([(0, "a", FREE + 3), (MINUTE + 3 * EACH, "a", FREE + 1)], [*DELAYS[:3], 0.1]),
        ([(0, "a", FREE + 3), (EACH / 2, "a", 1)], [*DELAYS[:3], 0.8]),
        ([(0, "a", FREE + 3), (EACH * 2, "a", 1)], [*DELAYS[:3], 0.2]),
        ([(0, "a", FREE), (0, "b", FREE), (0, "", FREE)], []),
        ([(0, "a", FREE), (0, "b", FREE + 1), (0, "a", 2)], [0.1, 0.1, 0.2]),
        ([(0, "2001:db8::1", FREE), (0, "2001:db8::2", 1), (0, "2001:db8:0:1::1", 1)], [0.1]),
        ([(0, "192.0.2.1", FREE), (0, "::ffff:192.0.2.1", 1), (0, "::ffff:192.0.2.2", 1)], [0.1]),
        ([(0, "user 5", FREE + 1)], [0.1]),
    ],
)
def test_how_long_a_failure_waits(failures: list[tuple[float, str, int]], delays: list[float]) -> None:
    assert slept(*failures) == delays


def test_what_somebody_did_is_forgotten_in_a_few_minutes() -> None:
    worst = slept((0, "a", 5_000))
    assert len(worst) == 5_000 - FREE and worst[-1] == LONGEST
    assert slept((0, "a", 5_000), (REMEMBERED * EACH, "a", FREE)) == worst


@given(st.lists(st.integers(0, 30), max_size=120))
def test_who_fails_no_more_often_than_is_free_never_waits(gaps: list[int]) -> None:
    times: list[int] = []
    now = 0
    for gap in gaps:
        now += gap
        # As a person would who counts: no more than the free ones in any minute.
        if sum(time > now - MINUTE for time in times) < FREE:
            times.append(now)
    gaps_taken = [after - before for before, after in pairwise([0, *times])]
    assert slept(*((gap, "a", 1) for gap in gaps_taken)) == []


@given(st.lists(st.floats(0, 5), min_size=1, max_size=120))
def test_a_wait_is_bounded_and_grows_while_failures_come_at_once(gaps: list[float]) -> None:
    assert all(0 < delay <= LONGEST for delay in slept(*((gap, "a", 1) for gap in gaps)))
    at_once = slept((0, "a", len(gaps)))
    assert at_once == sorted(at_once)


def test_no_more_places_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brakes, "PLACES", 3)
    hours = Hours()

    async def test() -> None:
        brake = hours.brake()
        await fail(brake, "first", FREE)
        for number in range(10):
            await fail(brake, f"10.0.0.{number}", FREE)
            await fail(brake, "often", 1)
        assert len(brake) == 3
        assert hours.slept == []
        await fail(brake, "first", FREE)
        assert hours.slept == []
        await fail(brake, "often", FREE)
        assert len(hours.slept) == 10

    run(test)
    assert PLACES == 10_000


class Bed:
    """Sleep that ends when it is told to."""

    def __init__(self) -> None:
        self.sleepers: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        self.sleepers.append(asyncio.get_running_loop().create_future())
        await self.sleepers[-1]

    async def fall_asleep(self, brake: Brake, who: str, times: int) -> "list[asyncio.Task[None]]":
        """Failures that wait at once."""
        tasks = [asyncio.create_task(brake.failed(who)) for _ in range(times)]
        await asyncio.sleep(0)
        return tasks


def test_only_so_many_of_one_place_wait_at_once() -> None:
    async def test() -> None:
        bed = Bed()
        brake = Brake(lambda: 0.0, bed.sleep)
        await fail(brake, "a", FREE)
        tasks = await bed.fall_asleep(brake, "a", WAITING_OF_ONE)
        with pytest.raises(TooManyFailures):
            brake.require("a")
        await assert_refused(brake, "a")
        brake.require("b")
        await fail(brake, "b", FREE)
        bed.sleepers[0].set_result(None)
        tasks[1].cancel()
        await asyncio.gather(*tasks[:2], return_exceptions=True)
        tasks += await bed.fall_asleep(brake, "a", 2)
        await assert_refused(brake, "a")
        for sleeper in bed.sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        await asyncio.gather(*tasks, return_exceptions=True)
        brake.require("a")
        assert not brake._waiting

    run(test)


def test_only_so_many_of_all_wait_at_once() -> None:
    async def test() -> None:
        bed = Bed()
        brake = Brake(lambda: 0.0, bed.sleep)
        tasks: list[asyncio.Task[None]] = []
        for number in range(WAITING // WAITING_OF_ONE):
            await fail(brake, f"10.0.0.{number}", FREE)
            tasks += await bed.fall_asleep(brake, f"10.0.0.{number}", WAITING_OF_ONE)
        assert len(bed.sleepers) == WAITING
        await fail(brake, "10.0.1.0", FREE)
        await assert_refused(brake, "10.0.1.0")
        for sleeper in bed.sleepers:
            sleeper.set_result(None)
        await asyncio.gather(*tasks)
        assert not brake._waiting

    run(test)


def test_without_a_time_of_its_own_it_has_the_loops() -> None:
    async def test() -> None:
        brake = Brake()
        before = asyncio.get_running_loop().time()
        await fail(brake, "a", FREE)
        assert brake._forgotten["a"] >= before + MINUTE

    run(test)
