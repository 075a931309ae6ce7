"""The search index of all portals: it takes a query, sees to it that it can be answered, and answers."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Generic, NamedTuple, TypeVar

import asyncpg
import structlog
from msgspec.structs import replace

from trunkline.clock import Clock
from trunkline.crm.catalog import ObjectType, TypeData
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.logic import others
from trunkline.crm.query import Query
from trunkline.errors import IndexNotReady, SearchTooSlow
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.search import tables
from trunkline.store.postgres.search.answer import Answering, State, state
from trunkline.store.postgres.search.follow import Follower, Wanted
from trunkline.store.postgres.search.layout import Need
from trunkline.store.postgres.search.tables import Kept
from trunkline.store.postgres.search.upkeep import Upkeep
from trunkline.store.protocol import Hits
from trunkline.store.search.need import needed, searched

BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan; "
    "SET LOCAL statement_timeout = {}"
)
"""A plan is made for each search, because it is the values that decide how many match. It is one round trip."""

T = TypeVar("T")


class Ask(NamedTuple, Generic[T]):
    """What is asked of an index that has all that is wanted; it takes no longer than so many searches may."""

    work: Callable[[Answering, Mapping[str, Kept]], Awaitable[T]]
    searches: int = 1


LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

log = structlog.get_logger(__name__)


class SearchIndex:
    """Searches in the records of a database.

    `lag` is for how many seconds a change is not found, as with the real service. Without one a search first takes in
    all changes before it, or waits for another process that does, for at most `wait` seconds. A search takes at most
    `limit` seconds. `at_once` connections are used at once, so that slow searches leave some to others.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        types: Iterable[TypeData],
        *,
        lag: float = 0.0,
        wait: float = 10.0,
        limit: float = 10.0,
        at_once: int = 3,
    ) -> None:
        self._database = database
        self._lag = lag
        self._wait = wait
        self._limit = limit
        self._room = asyncio.Semaphore(at_once)
        self._follower = Follower(database, clock, {type_.type_id: type_ for type_ in types}, lag)
        self._upkeep = Upkeep(database, self._follower)
        self._turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._steps: dict[int, int] = defaultdict(int)

    async def search(self, portal: int, type_: ObjectType, query: Query) -> Hits:
        """The live records that a query asks for.

        Raises `IndexNotReady` when something that it asks for is still being indexed, `SearchTooSlow` when it takes
        too long, and `Unauthenticated` when the portal is not there (any more).
        """

        async def ask(answering: Answering, layouts: Mapping[str, Kept]) -> Hits:
            return await answering.answer(query, portal, type_, layouts)

        return await self._answered(portal, type_, wanted_of(query, type_), Ask(ask))

    async def tabulate(self, portal: int, type_: ObjectType, query: Query, cuts: Sequence[Cut]) -> Counted:
        """How many live records a query finds, and how many are in each part; raises what `search` does."""

        async def ask(answering: Answering, layouts: Mapping[str, Kept]) -> Counted:
            return await answering.tabulate(query, cuts, portal, type_, layouts)

        return await self._answered(portal, type_, wanted_of(query, type_, cuts), Ask(ask, len(cuts) + 1))

    async def _answered(self, portal: int, type_: ObjectType, wanted: Wanted, ask: Ask[T]) -> T:
        """What is answered once the index has come as far as it must."""
        deadline = asyncio.get_running_loop().time() + self._wait
        to = 0 if self._lag else None
        while True:
            made = self._steps[portal]
            found = await self._look(portal, wanted, ask, to)
            if not isinstance(found, State):
                return found
            to = found.head if to is None else to
            try:
                async with asyncio.timeout_at(deadline):
                    await self._advance(portal, wanted if found.unready(wanted) else None, made)
            except TimeoutError:
                return await self._settle(portal, type_, wanted, ask)

    async def _settle(self, portal: int, type_: ObjectType, wanted: Wanted, ask: Ask[T]) -> T:
        """The answer of an index that is behind."""
        found = await self._look(portal, wanted, ask, 0)
        if isinstance(found, State):
            raise IndexNotReady([type_.data.plural if name == type_.id else name for name in found.unready(wanted)])
        log.warning("a search finds only what the index has so far; it is behind", portal=portal)
        return found

    async def _look(self, portal: int, wanted: Wanted, ask: Ask[T], to: int | None) -> T | State:
        async with self._room:
            return await self._database.look(partial(self._attempt, portal, wanted, ask, to))

    async def _attempt(
        self, portal: int, wanted: Wanted, ask: Ask[T], to: int | None, connection: Connection
    ) -> T | State:
        """The answer, or how far the index has come when it has not come to a position, or has not all that is wanted.

        Without a position, it is the newest of the journal.
        """
        limit = self._limit * ask.searches
        try:
            async with asyncio.timeout(limit), moment(connection, self._limit):
                there = await state(connection, portal, wanted)
                if not there.reaches(to) or there.unready(wanted):
                    return there
                return await ask.work(Answering(connection, self._limit), there.layouts)
        except (TimeoutError, asyncpg.QueryCanceledError) as cause:
            raise SearchTooSlow(limit) from cause

    async def _advance(self, portal: int, wanted: Wanted | None, made: int) -> None:
        """Makes a step, but when somebody else in this process has made one since so many were made."""
        async with self._turns[portal], self._room:
            if self._steps[portal] == made:
                await self._follower.step(portal, wanted)
                self._steps[portal] += 1

    async def work(self) -> None:
        """Keeps the index up to the journal when there is room for that; for one process at a time, until cancelled."""
        await self._upkeep.work()

    async def lag(self, portal: int | None = None) -> int:
        """How many positions of the journal the index is behind, of one portal or of all together."""
        row = await self._database.one(tables.LAG, portal)
        return 0 if row is None else int(row[0])

    async def rebuild(self, portal: int) -> None:
        """Throws the index of a portal away and begins anew, as when its records were changed without the journal."""
        await self._database.write(partial(tables.renew, portal=portal))


@asynccontextmanager
async def moment(connection: Connection, limit: float) -> AsyncIterator[None]:
    """Lets a connection see one moment, and no statement take longer than so many seconds."""
    try:
        await connection.execute(BEGIN.format(round(limit * 1000)))
        yield
    finally:
        with suppress(*LOST):  # of a connection that is lost nothing is left to end
            await connection.execute("ROLLBACK")


def wanted_of(query: Query, type_: ObjectType, cuts: Sequence[Cut] = ()) -> Wanted:
    """What the index must have to answer a query, by object type; of some no more than that they are there."""
    wanted: dict[str, list[Need]] = {
        of.id: [(value,) for value in values] for of, values in needed(replace(query, words=()), type_, cuts).items()
    }
    for other in others(query.test):
        wanted.setdefault(other.id, [])
    words = searched(query, type_)
    if words:
        wanted[type_.id].append(words)
    return wanted
