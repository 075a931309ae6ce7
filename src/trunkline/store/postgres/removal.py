"""Taking away what a removed portal leaves behind, in short transactions, while other portals are served.

Nobody writes in the portal any more: with its row of `head` went the lock that each write takes first. Something of it
counts as left until `cleared` is set, so a removal that was interrupted goes on wherever the work is done next.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from time import perf_counter

import structlog

from trunkline.crm.record import Moment
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.search.tables import STOP
from trunkline.store.protocol import Notice

ROWS = 500
"""Rows that go in one transaction, at most."""

LARGE = 20
"""The same of chunks of jobs, which may have megabytes each."""

PAUSE = 60.0
"""Seconds after which is looked again, though nobody told of a portal that was removed."""

RETRY = 1.0
"""Seconds until the next attempt after one that failed, as when the server is not there."""

LEFT = "SELECT id FROM portal WHERE removed IS NOT NULL AND cleared IS NULL ORDER BY id"
DONE = "UPDATE portal SET cleared = $2 WHERE id = $1"

log = structlog.get_logger(__name__)

TABLES = (
    "record",
    "unique_value",
    "change",
    "association",
    "departed",
    "definition",
    "job_chunk",
    "job",
    "counter",
    "list_member",
    "list",
    "list_folder",
    "search_layout",
    "search_entry",
    "search_words",
    "note",
    "checkpoint",
    "kept_record",
    "kept_unique_value",
    "kept_association",
    "kept_departed",
    "kept_definition",
    "kept_list",
    "kept_list_folder",
    "kept_list_member",
)
"""All that is a portal's own."""

DELETE = "DELETE FROM {0} WHERE portal = $1 AND ctid = ANY (ARRAY (SELECT ctid FROM {0} WHERE portal = $1 LIMIT $2))"
"""Rows stay where they are, since nobody changes them any more."""


class Removal:
    """Works off the removed portals of a database, those that were left of the last time included."""

    def __init__(self, database: Database, now: Callable[[], Moment]) -> None:
        self._database = database
        self._now = now
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Tells that a portal was removed."""
        self._wake.set()

    def hear(self, notice: Notice) -> None:
        """Takes in what another process changed."""
        if notice.kind in ("portal", "all"):
            self.wake()

    async def serve(self) -> None:
        """Does the work as it comes, without end. Two that do it at once are in each other's way, but do no harm."""
        while True:
            self._wake.clear()
            try:
                for row in await self._database.fetch(LEFT):
                    await self._clear(row[0])
            except Exception as cause:  # whatever it is, the next attempt may do better, and nobody waits for it
                log.error("a removed portal is still there in part", exc_info=cause)
                await asyncio.sleep(RETRY)
                continue
            await self._told()

    async def _told(self) -> None:
        try:
            async with asyncio.timeout(PAUSE):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _clear(self, portal: int) -> None:
        """All that is left of one portal."""
        await self._database.call(partial(_stop, portal))
        for table in TABLES:
            await self._turns(portal, DELETE.format(table), LARGE if table == "job_chunk" else ROWS)
        await self._database.call(partial(_execute, DONE, portal, self._now()))
        log.info("a removed portal is gone from the database", portal=portal)

    async def _turns(self, portal: int, delete: str, rows: int) -> None:
        """Removes rows until there are no more, and rests after each turn for as long as it took."""
        more = True
        while more:
            began = perf_counter()
            more = await self._database.call(partial(_execute, delete, portal, rows)) == f"DELETE {rows}"
            await asyncio.sleep(perf_counter() - began)


async def _stop(portal: int, connection: Connection) -> None:
    """Lets nobody work on the search index of a portal any more."""
    await connection.execute(STOP, portal)


async def _execute(statement: str, portal: int, bound: int, connection: Connection) -> str:
    return await connection.execute(statement, portal, bound)
