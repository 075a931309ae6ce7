"""When the index is worked on though nobody searches: when its portal is quiet, else now and then.

While a portal is written in all the time, a step is made after a while, and after each the portal rests for a few times
as long as the step took. What is put off is done faster later: a step takes many records at a time.
"""

import asyncio
from collections.abc import Iterable
from time import perf_counter

import structlog
from msgspec import Struct

from trunkline.errors import Unauthenticated
from trunkline.store.postgres.database import Database, Row
from trunkline.store.postgres.search import tables
from trunkline.store.postgres.search.follow import Follower

PAUSE = 0.2
"""Seconds between two looks at whether there is work; a portal is quiet when nothing came in that time."""

PATIENCE = 2.0
"""Seconds after which work begins although the portal is not quiet."""

REST = 2.0
"""How many times as long as a step took to rest after it while the portal is written in."""

RETRY = 1.0
"""Seconds until the next attempt after a step that failed, as on a full disk."""

log = structlog.get_logger(__name__)


class Watched(Struct):
    """A portal whose index is behind: the journal's position, since when it stands there, and when to work anyhow."""

    head: int
    since: float
    due: float


class Upkeep:
    """Keeps the index of all portals up to the journal, in one process."""

    def __init__(self, database: Database, follower: Follower) -> None:
        self._database = database
        self._follower = follower
        self._watched: dict[int, Watched] = {}

    async def work(self) -> None:
        """Works until it is cancelled; what fails is tried again."""
        self._watched.clear()
        while True:
            try:
                rows = await self._database.fetch(tables.BEHIND)
            except Exception as cause:  # whatever it is, the next attempt may do better
                log.error("the search index cannot be read", cause=repr(cause))
                await asyncio.sleep(RETRY)
                continue
            if not await self._round(self._due(rows)):
                await asyncio.sleep(PAUSE)

    def _due(self, rows: Iterable[Row]) -> list[int]:
        """The portals to work on now, of those that are behind: with their positions, and whether one is filled."""
        now = perf_counter()
        before, self._watched = self._watched, {}
        for portal, head, filling in rows:
            seen = before.get(portal, Watched(head, now, now + (0 if filling else PATIENCE)))
            since = seen.since if seen.head == head else now
            self._watched[portal] = Watched(head, since, seen.due)
        return [portal for portal, one in self._watched.items() if one.due <= now or now - one.since >= PAUSE]

    async def _round(self, portals: Iterable[int]) -> bool:
        """A step for each of these portals; says whether one of them left more to do."""
        more = False
        for portal in portals:
            began, watched = perf_counter(), self._watched[portal]
            try:
                progress = await self._follower.step(portal)
            except Unauthenticated:
                continue  # removed meanwhile
            except Exception as cause:  # whatever it is, the others must not wait for it
                log.error("the search index cannot be written", portal=portal, cause=repr(cause))
                watched.due = watched.since = perf_counter() + RETRY
                continue
            more = more or progress.more
            watched.due = perf_counter() + REST * (perf_counter() - began)
        return more
