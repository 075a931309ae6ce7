"""The search index of one store: it takes a query, waits until it can answer it, and answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import apsw
import structlog

from trunkline.clock import Clock
from trunkline.crm.catalog import ObjectType, TypeData
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.query import Query
from trunkline.errors import IndexNotReady
from trunkline.store.protocol import Hits
from trunkline.store.search.form import Value
from trunkline.store.search.need import needed
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import MEMORY, connect
from trunkline.store.sqlite.index.answer import answer, tabulate
from trunkline.store.sqlite.index.follow import Follower, Progress
from trunkline.store.sqlite.index.layout import Layout
from trunkline.store.sqlite.index.readers import Readers
from trunkline.store.sqlite.index.upkeep import Concurrent, Immediate, Upkeep

T = TypeVar("T")

log = structlog.get_logger(__name__)


class SearchIndex:
    """Searches in the records of a store's file; a store in memory gives its connection to `open`.

    `lag` is for how many seconds a change is not found, as with the real service; without one a search waits for at
    most `wait` seconds until all changes before it can be found. A search takes at most `limit` seconds. `cache_mb` is
    the page cache of the writing connection and of each reading one.
    """

    def __init__(
        self,
        path: str,
        clock: Clock,
        types: Iterable[TypeData],
        *,
        lag: float = 0.0,
        wait: float = 10.0,
        limit: float = 10.0,
        cache_mb: int = 16,
    ) -> None:
        self._path = path
        self._clock = clock
        self._types = tuple(types)
        self._lag = lag
        self._wait = wait
        self._limit = limit
        self._cache_mb = cache_mb
        self._upkeep: Upkeep
        self._readers: Readers | None = None

    async def open(self, connection: apsw.Connection) -> None:
        """Opens the index, or starts to make one; raises `apsw.Error`."""
        if self._path == MEMORY:
            follower = Follower(connection, self._path, self._types, cache_mb=self._cache_mb)
            self._memory = connection
            self._upkeep = Immediate(follower, self._clock, self._lag)
            return
        upkeep = Concurrent(self._clock, lag=self._lag, wait=self._wait)
        await upkeep.open(self._follower)
        self._upkeep = upkeep
        self._readers = Readers(self._path, cache_mb=self._cache_mb, limit=self._limit)

    def _follower(self) -> Follower:
        return Follower(connect(self._path), self._path, self._types, cache_mb=self._cache_mb)

    def note(self, position: int) -> None:
        """Tells a position of the journal, after the commit that brought it; in any order."""
        self._upkeep.note(position)

    def lag(self) -> int:
        """How many positions of the journal were told and are not in the index yet."""
        return self._upkeep.lag()

    async def search(
        self, collection: Collection, type_: ObjectType, query: Query, others: Mapping[str, Collection] | None = None
    ) -> Hits:
        """The live records that a query asks for; `others` are the collections of the other types that it looks at.

        Raises `IndexNotReady` when a property that it asks for is still being indexed, `SearchTooSlow` when it takes
        too long.
        """
        progress = await self._reach(collection, others or {}, needed(query, type_))
        if collection.slot not in progress.layouts:
            return Hits(0, [])
        work = partial(answer, collection=collection, type_=type_, query=query, layouts=progress.layouts)
        return await self._run(work, progress)

    async def tabulate(
        self,
        collection: Collection,
        type_: ObjectType,
        query: Query,
        cuts: Sequence[Cut],
        others: Mapping[str, Collection] | None = None,
    ) -> Counted:
        """How many live records a query finds, and how many are in each part; raises what `search` does."""
        progress = await self._reach(collection, others or {}, needed(query, type_, cuts))
        if collection.slot not in progress.layouts:
            return Counted(0, [{} for _ in cuts])
        work = partial(tabulate, collection=collection, type_=type_, query=query, cuts=cuts, layouts=progress.layouts)
        return await self._run(work, progress, len(cuts) + 1)

    async def _reach(
        self, collection: Collection, others: Mapping[str, Collection], needs: Mapping[ObjectType, Iterable[Value]]
    ) -> Progress:
        """How far the index has come once it has what is needed, that of the collection's own type first."""
        slots = (collection.slot, *(others[of.id].slot for of in list(needs)[1:]))
        wanted = {slot: frozenset(values) for slot, values in zip(slots, needs.values(), strict=True)}
        for slot, values in wanted.items():
            progress = await self._upkeep.reach(slot, values)
        if progress.building:
            log.warning("a search finds only what the index has so far; it is being made")
        layouts = progress.layouts
        missing = {name for slot, values in wanted.items() if slot in layouts for name in _lacks(layouts[slot], values)}
        if missing and collection.slot in layouts:
            raise IndexNotReady(sorted(missing))
        return progress

    async def _run(self, work: Callable[[apsw.Connection], T], progress: Progress, searches: int = 1) -> T:
        """Runs work on a connection that reads; it takes no longer than so many searches may."""
        if self._readers is None:
            return work(self._memory)
        return await self._readers.run(work, progress.generation, searches)

    async def followed(self) -> None:
        """Waits, for a bounded time, until the journal as it is now is needed no more."""
        await self._upkeep.followed()

    async def rebuild(self) -> None:
        """Makes the index anew, for when records were changed without the journal being told."""
        await self._upkeep.renew()

    async def close(self) -> None:
        """Lets go of everything; searches under way are waited for."""
        if self._readers is not None:
            await self._readers.close()
        await self._upkeep.close()


def _lacks(layout: Layout, wanted: Iterable[Value]) -> Iterator[str]:
    """The names of what is wanted and not there, or not for all records."""
    return (value.name for value in wanted if (part := layout.part(value)) is None or part.filled is not None)
