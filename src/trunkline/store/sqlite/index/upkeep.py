"""When the index is worked on: at once when a search waits for it, else when the writer leaves room.

While the writer is busy and nobody searches, a step is made now and then, and after each the worker rests for a few
times as long as the step took. What is put off is done faster later: a step takes many records at a time.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import Protocol, TypeVar

import apsw
import structlog

from trunkline.clock import Clock
from trunkline.store.search.form import Value
from trunkline.store.sqlite.index.follow import Follower, Progress

T = TypeVar("T")

PAUSE = 0.2
"""Seconds between two looks at whether there is work; the writer is quiet when nothing came in that time."""

PATIENCE = 2.0
"""Seconds after which work begins although the writer is not quiet."""

REST = 2.0
"""How many times as long as a step took to rest after it while the writer is busy."""

RETRY = 1.0
"""Seconds until the next attempt after a step that failed, as on a full disk."""

LONGEST = 60.0
"""Seconds that are waited for the index to follow on its own, by those who are in no hurry."""

log = structlog.get_logger(__name__)


class Upkeep(Protocol):
    """Keeps one index up to the journal."""

    def note(self, position: int) -> None:
        """Tells a position of the journal that is committed."""

    def lag(self) -> int:
        """Positions of the journal that were noted and are not in the index."""

    async def reach(self, slot: int, wanted: Collection[Value]) -> Progress:
        """Waits, for a bounded time, until a collection has what is wanted and all that was noted before."""

    async def followed(self) -> None:
        """Waits, for a bounded time, until the index has followed all that was noted before."""

    async def renew(self) -> None:
        """Throws the index away and begins anew."""

    async def close(self) -> None:
        """Lets go of the index."""


class Immediate:
    """Upkeep of a store in memory: all that is due is done before a search, by itself."""

    def __init__(self, follower: Follower, clock: Clock, lag: float) -> None:
        self._follower = follower
        self._clock = clock
        self._lag = lag
        self._known = follower.progress.position

    def note(self, position: int) -> None:
        """Tells a position of the journal that is committed."""
        self._known = max(self._known, position)

    def lag(self) -> int:
        """Positions of the journal that were noted and are not in the index."""
        return max(0, self._known - self._follower.progress.position)

    async def reach(self, slot: int, wanted: Collection[Value]) -> Progress:
        """Does what is due."""
        follower = self._follower
        if lacking(follower.progress, slot, wanted):
            follower.widen(slot, wanted)
        to = goal(follower, self._known, self._clock, self._lag)
        while follower.progress.position < to or not follower.progress.idle:
            follower.step(to)
        return follower.progress

    async def followed(self) -> None:
        """Does what is due."""
        await self.reach(0, ())

    async def renew(self) -> None:
        """Throws the index away; the next search makes it anew."""
        self._follower.renew()

    async def close(self) -> None:
        """The index is part of the store, and goes with it."""


class Concurrent:
    """Upkeep of a store in a file: a thread of its own, and a task that says what it does when."""

    def __init__(self, clock: Clock, *, lag: float, wait: float) -> None:
        self._clock = clock
        self._lag = lag
        self._wait = wait
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search-index")
        self._wake = asyncio.Event()
        self._stepped = asyncio.Event()
        self._waiting = 0
        self._closing = False

    async def open(self, make: Callable[[], Follower]) -> None:
        """Makes the follower in the thread and begins."""
        self._follower = await self._in_thread(make)
        self._known = self._follower.progress.position
        self._task = asyncio.create_task(self._watch(), name="search index")

    def note(self, position: int) -> None:
        """Tells a position of the journal that is committed; no more is done, because each commit tells."""
        self._known = max(self._known, position)

    def lag(self) -> int:
        """Positions of the journal that were noted and are not in the index."""
        return max(0, self._known - self._follower.progress.position)

    async def reach(self, slot: int, wanted: Collection[Value]) -> Progress:
        """Waits until a collection has what is wanted and all that was noted before, or until it has waited enough."""
        to = 0 if self._lag else self._known
        if not self._has(to, slot, wanted):
            self._waiting += 1
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._until_it_has(to, slot, wanted), self._wait)
            finally:
                self._waiting -= 1
        return self._follower.progress

    def _has(self, to: int, slot: int, wanted: Collection[Value]) -> bool:
        progress = self._follower.progress
        if progress.building or progress.position < to:
            return False
        return not wanted or (slot in progress.layouts and not progress.layouts[slot].unready(wanted))

    async def _until_it_has(self, to: int, slot: int, wanted: Collection[Value]) -> None:
        if lacking(self._follower.progress, slot, wanted):
            await self._in_thread(lambda: self._follower.widen(slot, wanted))
        while not self._has(to, slot, wanted):
            self._wake.set()
            await self._stepped.wait()

    async def followed(self) -> None:
        """Waits until the index has followed all that was noted before, or for long enough."""
        to = self._known
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while self._follower.progress.position < to:
                    await self._stepped.wait()

    async def renew(self) -> None:
        """Throws the index away and begins anew."""
        await self._in_thread(self._follower.renew)
        self._wake.set()

    async def close(self) -> None:
        """Breaks off the step under way and lets go of the file."""
        self._closing = True
        self._wake.set()
        while (await asyncio.wait([self._task], timeout=0.02))[1]:
            self._follower.interrupt()
        await self._in_thread(self._follower.close)
        self._thread.shutdown()
        self._task.result()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _watch(self) -> None:
        rested, seen = perf_counter(), self._known
        while not self._closing:
            await self._pause(PAUSE)
            quiet, seen = seen == self._known, self._known
            progress = self._follower.progress
            if progress.idle and progress.position >= self._known:
                rested = perf_counter()
            elif self._waiting or quiet or not progress.idle or perf_counter() - rested > PATIENCE:
                await self._work()
                rested = perf_counter()

    async def _pause(self, seconds: float) -> None:
        """Waits, until somebody waits for the index."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()

    async def _work(self) -> None:
        """Steps until there is nothing to do."""
        while not self._closing:
            try:
                known, began = self._known, perf_counter()
                if not await self._in_thread(self._step):
                    return
            except Exception as cause:  # whatever it is, the next attempt may do better, and writes must go on
                await self._recover(cause)
                continue
            finally:
                self._stepped.set()
                self._stepped = asyncio.Event()
            if known != self._known:
                await self._pause(REST * (perf_counter() - began))

    def _step(self) -> bool:
        """One step, if there is one to make."""
        to = goal(self._follower, self._known, self._clock, self._lag)
        if self._follower.progress.position >= to and self._follower.progress.idle:
            return False
        self._follower.step(to)
        return True

    async def _recover(self, cause: Exception) -> None:
        if self._closing:
            return
        log.error("the search index cannot be written", cause=repr(cause))
        if isinstance(cause, (apsw.CorruptError, apsw.NotADBError)):
            await self._in_thread(self._follower.renew)
        await asyncio.sleep(RETRY)


def lacking(progress: Progress, slot: int, wanted: Collection[Value]) -> bool:
    """Whether a collection has no place yet for something that is wanted."""
    layout = progress.layouts.get(slot)
    return bool(wanted) and (layout is None or any(layout.part(value) is None for value in wanted))


def goal(follower: Follower, known: int, clock: Clock, lag: float) -> int:
    """The position to work up to: the newest that is old enough."""
    if not lag:
        return known
    aged = follower.aged(clock.now() - round(lag * 1000))
    return known if aged is None else min(aged, known)
