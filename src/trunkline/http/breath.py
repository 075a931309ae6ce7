"""How those who read the journal share a process with those who write: they rest while somebody writes."""

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from math import inf
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")

SHARE = 0.1
"""Part of the event loop's time that all readers together take while somebody writes."""

QUIET = 0.05
"""Seconds after a commit, and between two, after which nobody writes any more: readers go on as fast as they can."""


class Breath:
    """Counts the time for which readers hold the event loop, and has them rest in proportion while somebody writes.

    One commit alone is no writing; readers make some, too. `ticks` is a clock in seconds that only grows.
    """

    def __init__(self, ticks: Callable[[], float] = perf_counter) -> None:
        self._ticks = ticks
        self._rested = -inf
        self._committed = (-inf, -inf)

    def wrote(self) -> None:
        """Something was committed."""
        self._committed = self._committed[1], self._ticks()

    def took(self, seconds: float) -> None:
        """Readers held the event loop for so long."""
        self._rested = max(self._rested, self._ticks()) + seconds * (1 / SHARE - 1)

    def due(self) -> float:
        """Seconds that readers have to rest now; 0 when nobody writes."""
        before, last = self._committed
        now = self._ticks()
        return max(0.0, self._rested - now) if now - last < QUIET and last - before < QUIET else 0.0

    async def rest(self) -> None:
        """Lets others go first; returns when readers have rested for what they took, or when nobody writes any more."""
        await asyncio.sleep(0)
        while (due := self.due()) > 0:
            await asyncio.sleep(min(due, QUIET))

    async def counted(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work of a reader comes to; the time is counted for which it holds the event loop."""
        return await _counted(self, work, self._ticks)


@types.coroutine
def _counted(breath: Breath, work: Coroutine[Any, Any, T], ticks: Callable[[], float]) -> Generator[Any, Any, T]:
    step: Callable[[], Any] = partial(work.send, None)
    while True:
        began = ticks()
        try:
            waits = step()
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            breath.took(ticks() - began)
        try:
            step = partial(work.send, (yield waits))
        except BaseException as cause:  # a cancellation, which is for the work
            step = partial(work.throw, cause)
