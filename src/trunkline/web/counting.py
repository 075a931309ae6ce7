"""What takes a while to count, kept in memory: what is known is told at once, and counted anew when it is no more true.

One thing is counted at a time, so that figures leave the machine to those who write and read.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

import structlog
from msgspec import Struct

from trunkline.clock import Clock
from trunkline.crm.record import Moment
from trunkline.errors import IndexNotReady, Refusal, Unexpected

T = TypeVar("T")

MOST_KEPT = 64
"""Results that are remembered; the one that was not asked for the longest goes first."""

MOST_WAITING = 8
"""What is counted or waits for that; what is asked for beyond that has to be asked for again."""

PATIENCE = 0.05
"""Seconds that are waited for a count, which few records take less than."""

REST = 10
"""How many times as long as a count took nothing is counted anew for the same page."""

log = structlog.get_logger(__name__)


class Result(Struct, Generic[T], frozen=True):
    """What was counted, or why it could not be; `position` is that of the journal when it was asked for.

    `at` is the real time at which it was done, `done` the same in the nanoseconds of a clock that only grows, of which
    `took` are those that it took.
    """

    value: T | None
    refusal: Refusal | None
    position: int
    at: Moment
    done: int
    took: int


class Counting:
    """What was counted, and what is counted now, which is broken off at the end of the block that it is for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, Result[Any]] = OrderedDict()
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> "Counting":
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(
        self, key: Hashable, position: int, work: Callable[[], Awaitable[T]], *, lasts: bool = True
    ) -> tuple[Result[T] | None, bool]:
        """What is known of something, if it is, and whether it is what `work` would count now, at this position.

        What is not, is counted: for a moment that is waited for. What does not last is no longer true by itself.
        """
        if not self._is_current(key, position, lasts):
            self._begin(key, position, work)
        if key in self._tasks:
            await asyncio.wait([self._tasks[key]], timeout=PATIENCE)
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
        return known, known is not None and known.position == position

    def _is_current(self, key: Hashable, position: int, lasts: bool) -> bool:
        """Whether what is known is true, or was counted so lately that it has to do."""
        known = self._kept.get(key)
        if known is None:
            return False
        rests = self._clock.ticks() - known.done < REST * known.took
        return rests or (known.position == position and lasts and known.refusal is None)

    def _begin(self, key: Hashable, position: int, work: Callable[[], Awaitable[T]]) -> None:
        if key not in self._tasks and len(self._tasks) < MOST_WAITING:
            # In a context of its own: the time that it takes is not that of the request that asked first.
            task = asyncio.create_task(self._count(key, position, work), name="figures", context=Context())
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _count(self, key: Hashable, position: int, work: Callable[[], Awaitable[T]]) -> None:
        async with self._turn:
            began, value, refusal = self._clock.ticks(), None, None
            try:
                value = await work()
            except IndexNotReady:
                return
            except Refusal as cause:
                refusal = cause
            except Exception:
                log.exception("figures could not be counted")
                refusal = Unexpected()
            done = self._clock.ticks()
            self._kept[key] = Result(value, refusal, position, self._clock.real(), done, done - began)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
