"""The embedded store: one SQLite file, no server."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from typing import Literal, TypeVar

import apsw

from trunkline.clock import Clock
from trunkline.crm.association import Linked
from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Definition, Definitions, ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.logic import others
from trunkline.crm.plan import Plan, UniqueKey, Wanted
from trunkline.crm.query import Query
from trunkline.crm.record import Change, Record
from trunkline.crm.schema import Schema
from trunkline.crm.usage import Tied
from trunkline.errors import SchemaInUse
from trunkline.stopwatch import finding, stopwatch
from trunkline.store.protocol import SEARCH, Decide, Figures, Hits, Notice, StaleCatalog, Step, StoreRefused
from trunkline.store.sqlite import associations, definitions, departures, portals, rows
from trunkline.store.sqlite.accounts import SqliteAccounts
from trunkline.store.sqlite.bench import SqliteBench
from trunkline.store.sqlite.checkpoint import Checkpointer
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import MEMORY, connect, folder_of
from trunkline.store.sqlite.index import SearchIndex
from trunkline.store.sqlite.jobs import SqliteJobs
from trunkline.store.sqlite.known import Known, collections, enrol_custom
from trunkline.store.sqlite.lists import SqliteLists
from trunkline.store.sqlite.lock import ServerLock
from trunkline.store.sqlite.portals import Portals
from trunkline.store.sqlite.removal import Removal
from trunkline.store.sqlite.schema import LAST_ID, migrate, require_whole
from trunkline.store.sqlite.writer import Writer

T = TypeVar("T")

READABLE = "SELECT 1 FROM portal LIMIT 1"


class SqliteStore:
    """Records, definitions, accounts and the journal of all portals, in one file; see `trunkline.store.protocol`.

    The writer's connection is the only one that writes; reads have their own and see what is committed.
    """

    def __init__(
        self,
        path: str,
        clock: Clock,
        *,
        durability: Literal["full", "normal"] = "full",
        cache_mb: int = 64,
        index: SearchIndex | None = None,
    ) -> None:
        self.path = path
        self._index = index or SearchIndex(path, clock, shipped_types())
        self.lock = ServerLock(path) if path != MEMORY else None
        self._clock = clock
        self._durability = durability
        self._cache_mb = cache_mb
        self._types = tuple(type_.type_id for type_ in shipped_types())
        self._known = Known()

    async def open(self) -> None:
        """Makes the store ready; raises `StoreRefused`."""
        if self.lock is not None:
            folder_of(self.path)
            self.lock.acquire()
        try:
            self._open()
            await self._index.open(self._connection)
            self._index.note(self._known.position - 1)
            self._removal = Removal(self._connection, self._writer, self._index.followed)
        except BaseException:
            if self.lock is not None:
                self.lock.release()
            raise

    def _open(self) -> None:
        self._connection = connect(self.path, cache_mb=self._cache_mb, durability=self._durability)
        migrate(self._connection, self.path)
        require_whole(self._connection, self.path)
        self._reader = self._connection if self.lock is None else connect(self.path)
        with self._connection:
            portals.prepare(self._connection, self._clock.now(), self._types)
        self._known.load(self._connection)
        self._writer = Writer(self._connection, threaded=self.lock is not None, position=lambda: self._known.position)
        self.lists = SqliteLists(self._connection, self._reader, self._writer, self._known)
        self.jobs = SqliteJobs(self._connection, self._reader, self._writer, self._clock.now)
        self.bench = SqliteBench(
            self._connection, self._reader, self._writer, self._known, self._apart, self._index.note
        )
        parts = Portals(self._connection, self._writer, self._known, self._clock.now, self._types, self._removed)
        self.accounts = SqliteAccounts(self._connection, self._reader, self._writer, self._clock.earliest, parts)
        self._checkpointer = Checkpointer(self.path, self._writer, self._connection) if self.lock else None

    def _removed(self, position: int) -> None:
        """A portal is gone from this position of the journal on."""
        self._index.note(position)
        self._removal.wake()

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""
        await self._removal.close()
        await self._writer.close()
        await self._index.close()
        if self._checkpointer is not None:
            await self._checkpointer.close()
        if self._reader is not self._connection:
            self._reader.close()
        await asyncio.to_thread(self._connection.close)
        if self._checkpointer is not None:
            self._checkpointer.close_files()
        if self.lock is not None:
            self.lock.release()

    def hear(self, listener: Callable[[Notice], None]) -> None:
        """Nobody is ever told: no other process has the file."""

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work`: no other process has the file."""
        await work()

    async def ready(self) -> None:
        """Returns when the store can be read and written to; raises `StoreRefused`."""
        try:
            self._reader.execute(READABLE).fetchall()
        except apsw.Error as cause:
            raise StoreRefused("The store's file cannot be read.") from cause
        await self._writer.ready()

    def watch(self, committed: Callable[[int], None]) -> None:
        """Has a function called after each commit with the number of batches in it."""
        self._writer.committed = committed

    async def figures(self) -> Figures:
        """How the store is at the moment; it has no pool."""
        return Figures(lag={SEARCH: self._index.lag()}, jobs=await self.jobs.tally())

    async def portals(self) -> Sequence[int]:
        """The ids of the portals that are there; the first is the default one."""
        return [portal.id for portal in await self.accounts.portals()]

    async def definitions(self, portal: int) -> Definitions:
        """All that the portal defined itself, archived ones included."""
        found = definitions.load(self._reader, portal)
        # Whoever knows of a custom object may ask for its records at once.
        if any((portal, schema.type_id) not in self._known.collections for schema in found.schemas):
            self._known.learn(collections(self._reader, portal))
        return found

    async def version(self, portal: int) -> int:
        """The version of a portal's catalog."""
        return definitions.version(self._reader, portal)

    async def write(
        self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide, step: Step | None = None
    ) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, all in one transaction; a step goes with it."""
        collection = self._known.collection(portal, type_id)
        watch = stopwatch()

        def lookup(other: str) -> Collection | None:
            return self._known.collections.get((portal, other))

        def work() -> tuple[Plan, int]:
            if definitions.version(self._connection, portal) != version:
                raise StaleCatalog
            last = self.jobs.due(step) if step else False
            next_id = self._known.next_id[collection.slot]
            found = rows.find(self._connection, collection, lookup, wanted, self._clock.now(portal), next_id)
            watch.lap("find")
            plan = decide(found)
            assert len(plan.creates) <= wanted.room, "a plan creates no more records than were asked for"
            watch.lap("plan")
            outcome, progress = (step.outcome(plan), step.progress(plan)) if step else (b"", b"")
            if plan.changes_anything():
                self._known.position = rows.apply(self._connection, collection, lookup, plan, self._known.position)
                self._known.next_id[collection.slot] = next_id + len(plan.creates)
            if step:
                self.jobs.keep(step, last, outcome, progress)
            return plan, self._known.position - 1

        plan, position = await self._writer.submit(work)
        self._index.note(position)
        if plan.mergers or plan.erased:
            self._known.departed = departures.load(self._reader)
        return plan

    @finding
    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""
        collection = self._known.collection(portal, type_id)
        held = rows.holders(self._reader, collection, keys) if keys else []
        wanted = [id_ for id_ in (*ids, *held) if 0 < id_ <= LAST_ID]
        if self._known.departed:
            wanted = [id_ for id_ in wanted if self._known.departed.get(collection.key(id_)) != departures.ERASED]
        return rows.records(self._reader, collection, wanted)

    @finding
    async def search(self, type_: ObjectType, portal: int, query: Query) -> Hits:
        """The live records that a query asks for. By default it finds every write that was acknowledged before."""
        collection = self._known.collection(portal, type_.id)
        return await self._standing(portal, self._index.search(collection, type_, query, self._beside(portal, query)))

    @finding
    async def tabulate(self, type_: ObjectType, portal: int, query: Query, cuts: Sequence[Cut]) -> Counted:
        """How many live records a query finds, and how many of them are in each part."""
        collection = self._known.collection(portal, type_.id)
        beside = self._beside(portal, query)
        return await self._standing(portal, self._index.tabulate(collection, type_, query, cuts, beside))

    def _beside(self, portal: int, query: Query) -> dict[str, Collection]:
        """The collections of the other types that a query looks at."""
        return {other.id: self._known.collection(portal, other.id) for other in others(query.test)}

    async def _standing(self, portal: int, search: Awaitable[T]) -> T:
        """What a search answers, of a portal that still stands."""
        try:
            return await search
        except Exception:
            # The tables of a portal that is removed go under a search that is on its way, which may fail anyhow.
            self._known.require(portal)
            raise

    @finding
    async def page(self, portal: int, type_id: str, first: int, limit: int, *, archived: bool) -> list[Record]:
        """At most `limit` records from the id `first` on, in the order of their ids: the live or the archived ones."""
        collection = self._known.collection(portal, type_id)
        return rows.page(self._reader, collection, first, limit, archived=archived)

    @finding
    async def links(
        self, portal: int, type_id: str, ids: Sequence[int], other: str, limit: int, first: int = 0
    ) -> dict[int, list[Linked]]:
        """For each live record at most `limit` live records of another type that it is tied to, by id."""
        ends = self._known.collection(portal, type_id), self._known.collection(portal, other)
        return associations.linked(self._reader, *ends, ids, limit, first)

    @finding
    async def tally(self, portal: int) -> Mapping[str, int]:
        """How many live records a portal has, by object type id."""
        some = self._collections(portal)
        return await self._apart(lambda connection: {one.type: rows.count(connection, one) for one in some})

    @finding
    async def crowded(self, portal: int, type_id: str, least: int) -> list[Tied]:
        """The live records of a type that are tied to so many records of another one, archived ones counted too."""
        collection = self._known.collections.get((portal, type_id))
        if collection is None:
            self._known.require(portal)
            return []
        others = {one.slot: one.type for one in self._collections(portal)}
        return await self._apart(lambda connection: associations.crowded(connection, collection, others, least))

    def _collections(self, portal: int) -> list[Collection]:
        self._known.require(portal)
        return [one for one in self._known.collections.values() if one.portal == portal]

    async def _apart(self, work: Callable[[apsw.Connection], T]) -> T:
        """Reads at length, in a thread and on a connection of its own, so that others are served meanwhile."""
        if self.lock is None:
            return work(self._connection)

        def read() -> T:
            with closing(connect(self.path)) as connection:
                return work(connection)

        return await asyncio.to_thread(read)

    async def successor(self, portal: int, type_id: str, id_: int) -> int:
        """The record that stands for this one: another after a merge, 0 (nobody) after an erasure, else itself."""
        if not self._known.departed or not 0 < id_ <= LAST_ID:
            return id_
        return self._known.departed.get(self._known.collection(portal, type_id).key(id_), id_) & LAST_ID

    async def kin(self, portal: int, type_id: str, id_: int) -> list[int]:
        """The record that stands for this one and all that it stands for; none when they are erased."""
        standing = await self.successor(portal, type_id, id_)
        if standing == departures.ERASED:
            return []
        if standing > LAST_ID:
            return [standing]  # packed into a key it would be a record of another collection
        key = self._known.collection(portal, type_id).key(standing)
        return [standing, *(merged & LAST_ID for merged, successor in self._known.departed.items() if successor == key)]

    @finding
    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""
        self._known.require(portal)
        return rows.changes(self._reader, record, limit)

    @finding
    async def pipeline_changes(self, portal: int, type_id: str, id_: str, limit: int) -> list[PipelineChange]:
        """What happened to a pipeline, one that was deleted too, newest first, at most `limit` changes."""
        self._known.require(portal)
        return definitions.pipeline_changes(self._reader, portal, type_id, id_, limit)

    async def define(
        self, portal: int, type_id: str, version: int, made: Sequence[Definition], kind: str, app: int
    ) -> int:
        """Keeps new, changed or archived definitions in one transaction, all or none, and tells the journal."""

        schemas = [one for one in made if isinstance(one, Schema)]

        def work() -> int:
            if definitions.version(self._connection, portal) != version:
                raise StaleCatalog
            for schema in schemas:
                self._require_unused(portal, schema)
            told = kind, self._clock.now(portal), app
            self._known.position = definitions.keep(self._connection, portal, type_id, made, told, self._known.position)
            for schema in schemas:
                enrol_custom(self._connection, portal, schema.type_id)
            return version + 1

        return await self._writer.submit(work)

    def _require_unused(self, portal: int, schema: Schema) -> None:
        """Raises `SchemaInUse` for one that goes and has records."""
        collection = self._known.collections.get((portal, schema.type_id))
        if schema.archived is None or collection is None:
            return
        if rows.page(self._connection, collection, 1, 1, archived=False):
            raise SchemaInUse(schema.type_id)
