"""A pace keeps inside a limit in whichever stretch of time one looks at, and comes close to it."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from trunkline.load.pace import INTERVAL, MOST, Pace


class Time:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def _entered(pace: Pace, time: Time, pauses: list[float]) -> list[float]:
    entered = []
    for pause in pauses:
        time.now += pause
        await pace.enter()
        entered.append(time.now)
    return entered


@given(st.integers(1, 5), st.lists(st.floats(0, 4), max_size=40))
def test_no_stretch_has_more_than_the_limit(most: int, pauses: list[float]) -> None:
    time = Time()
    entered = asyncio.run(_entered(Pace(most, 10, time.clock, time.sleep), time, pauses))
    for first in entered:
        assert sum(first <= one < first + 10 - 1e-6 for one in entered) <= most


def test_who_never_pauses_uses_all_of_the_limit() -> None:
    time = Time()
    entered = asyncio.run(_entered(Pace(5, 10, time.clock, time.sleep), time, [0.0] * 51))
    assert entered[-1] == 100


def test_a_limit_that_is_told_is_kept_unless_one_is_given() -> None:
    told = {MOST: "2", INTERVAL: "1000"}
    for given_, last in ((None, 2.0), (4, 10.0)):
        time = Time()
        pace = Pace(given_, 10, time.clock, time.sleep)
        pace.learn(told)
        pace.learn({MOST: "none"})
        assert asyncio.run(_entered(pace, time, [0.0] * 6))[-1] == last
