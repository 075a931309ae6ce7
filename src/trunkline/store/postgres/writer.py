"""Batches of one portal on their way to the journal: those that wait together are written together.

Each portal has a lane. While a group of batches is written, the next ones gather; two groups are under way at a time,
so that the database has the second at hand when the first is done, whatever else the process is busy with.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

import asyncpg
from msgspec import Struct

from trunkline.crm.plan import Plan
from trunkline.errors import StoreClosing, Unauthenticated
from trunkline.footprint import Span, wrote
from trunkline.stopwatch import Stopwatch, stopwatch
from trunkline.store.postgres.database import UNDONE, Database
from trunkline.store.postgres.writing import Contested, apply, stretches
from trunkline.store.protocol import StaleCatalog

LARGEST_GROUP = 16
"""Batches written together; more would make the first of them wait too long."""

ABREAST = 2
"""Groups of one portal that are under way at a time; the portal's lock lets one in after the other."""

ALONE = (Contested, StaleCatalog, Unauthenticated, asyncpg.PostgresError)
"""What undoes a whole group although perhaps one batch alone is to blame."""


class Waiting(Struct):
    """A batch that waits to be written, checked against a version of the catalog."""

    type: str
    version: int
    plan: Plan
    done: "asyncio.Future[list[Span]]"
    watch: Stopwatch


class Lane(Struct):
    """The batches of one portal, and how many groups of them are under way."""

    waiting: deque[Waiting]
    abreast: int = 0


class Writer:
    """Writes plans. `grouped` is told of each group how many batches it had."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.grouped: Callable[[int], None] = lambda size: None
        self._lanes: dict[int, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def submit(self, portal: int, type_id: str, version: int, plan: Plan) -> None:
        """Writes what a plan says of records and unique values, and returns once that is committed.

        Raises `Contested`, `StaleCatalog`, `StoreUnreachable`, `StoreFull`, and `StoreClosing` after `close`.
        """
        if self._closing:
            raise StoreClosing
        one = Waiting(type_id, version, plan, asyncio.get_running_loop().create_future(), stopwatch())
        lane = self._lanes.setdefault(portal, Lane(deque()))
        lane.waiting.append(one)
        if lane.abreast < ABREAST:
            lane.abreast += 1
            task = asyncio.create_task(self._serve(portal, lane), name="writer")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for span in await one.done:
            wrote(*span)
        one.watch.lap("apply")

    async def close(self) -> None:
        """Writes what was submitted and takes no more."""
        self._closing = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, portal: int, lane: Lane) -> None:
        try:
            while group := _next(lane.waiting):
                await self._write(portal, group)
        finally:
            lane.abreast -= 1
            if not lane.abreast and not lane.waiting:
                self._lanes.pop(portal, None)

    async def _write(self, portal: int, group: list[Waiting]) -> None:
        """Writes batches as one; when that fails each is tried alone, so that none suffers for another."""
        pieces = [(one.type, one.plan) for one in group]
        for one in group:
            one.watch.lap("wait")
        work = partial(apply, portal=portal, version=group[0].version, pieces=pieces)
        try:
            last = await self._database.call(work)
        except Exception as cause:
            if len(group) > 1 and isinstance(cause, ALONE) and not isinstance(cause, UNDONE):
                for one in group:
                    await self._write(portal, [one])
                return
            for one in group:
                if not one.done.done():
                    one.done.set_exception(cause)
            return
        self.grouped(len(group))
        for one, spans in zip(group, stretches(pieces, last), strict=True):
            if not one.done.done():
                one.done.set_result(spans)


def _next(waiting: deque[Waiting]) -> list[Waiting]:
    """The batches that are written next: in their order, all against one version of the catalog, none given up."""
    group: list[Waiting] = []
    while waiting and len(group) < LARGEST_GROUP and (not group or waiting[0].version == group[0].version):
        one = waiting.popleft()
        if not one.done.done():
            group.append(one)
    return group
