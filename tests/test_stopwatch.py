"""Where the time of a request goes: all of it, and nothing twice."""

import asyncio
from collections.abc import Callable

from trunkline.stopwatch import Stopwatch, finding, start, stop, stopwatch


def ticking(*moments: int) -> Callable[[], int]:
    """A clock that shows one moment after the other."""
    left = iter(moments)
    return lambda: next(left)


def test_each_step_has_what_passed_since_the_one_before() -> None:
    watch = Stopwatch(ticking(10, 13, 20, 21, 30))
    for step in ("auth", "read", "auth", "render"):
        watch.lap(step)
    assert watch.spent == {"auth": 4, "read": 7, "render": 9}
    assert watch.total() == sum(watch.spent.values()) == 20


def test_what_passed_before_the_store_is_asked_is_for_checking_and_later_for_showing() -> None:
    watch = Stopwatch(ticking(0, 2, 5, 9))
    watch.ask()
    watch.lap("find")
    watch.ask()
    assert watch.spent == {"check": 2, "find": 3, "render": 4}


def test_a_request_has_its_own_and_nobody_else_sees_it() -> None:
    async def request(watch: Stopwatch) -> Stopwatch:
        token = start(watch)
        await asyncio.sleep(0)
        found = stopwatch()
        stop(token)
        assert stopwatch() is not watch
        return found

    async def both() -> None:
        one, other = Stopwatch(), Stopwatch()
        assert list(await asyncio.gather(request(one), request(other))) == [one, other]

    asyncio.run(both())


def test_a_read_that_fails_was_a_find_too() -> None:
    @finding
    async def read() -> None:
        raise KeyError

    async def test() -> None:
        watch = Stopwatch(ticking(0, 1, 3))
        token = start(watch)
        try:
            await read()
        except KeyError:
            stop(token)
        assert watch.spent == {"check": 1, "find": 2}

    asyncio.run(test())
