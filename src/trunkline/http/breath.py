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


NAP = 0.002
PUNCTUAL = 0.001
"""Seconds of one piece of a rest, and by how much it may be longer if the event loop had nothing else to do."""


class Breath:
    """Counts the time for which readers hold the event loop, and has them rest in proportion while somebody writes.

    One commit alone is no writing; readers make some, too. A rest ends early when it is seen that the event loop has
    nothing else to do, as while those who write wait for the disk, or write less than they could. `ticks` is a clock in
    seconds that only grows.
    """

    def __init__(self, ticks: Callable[[], float] = perf_counter) -> None:
        self._ticks = ticks
        self._rested = -inf
        self._committed = (-inf, -inf)

    def wrote(self) -> None:
        """Something was committed."""
        self._committed = self._committed[1], self._ticks()

    def took(self, seconds: float) -> None:
        """Readers held the event loop for so long; it is nothing to rest for when nobody wrote."""
        if self.writing:
            self._rested = max(self._rested, self._ticks()) + seconds * (1 / SHARE - 1)

    @property
    def writing(self) -> bool:
        """Whether commits come one after another."""
        before, last = self._committed
        return self._ticks() - last < QUIET and last - before < QUIET

    def due(self) -> float:
        """Seconds that readers have to rest now; 0 when nobody writes."""
        return max(0.0, self._rested - self._ticks()) if self.writing else 0.0

    async def rest(self) -> None:
        """Lets others go first; returns when readers have rested for what they took, or when nobody needs the loop."""
        await asyncio.sleep(0)
        while self.due() > 0:
            before = self._ticks()
            await asyncio.sleep(NAP)
            if self._ticks() - before < NAP + PUNCTUAL:
                # Nobody else was at work, so what is owed hurt nobody.
                self._rested = before

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
