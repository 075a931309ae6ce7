"""The store on a PostgreSQL server: one database, any number of processes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import asyncpg
from msgspec.structs import replace

from trunkline.clock import Clock
from trunkline.crm.association import Linked
from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Definition, Definitions, ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut
from trunkline.crm.plan import Found, Plan, UniqueKey, Wanted
from trunkline.crm.query import Query
from trunkline.crm.record import Change, Record
from trunkline.crm.schema import Schema
from trunkline.crm.usage import Tied
from trunkline.errors import SchemaInUse, StoreUnreachable, Unauthenticated
from trunkline.stopwatch import finding, stopwatch
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres import associations, definitions, departures, rows, watch
from trunkline.store.postgres.accounts import PostgresAccounts
from trunkline.store.postgres.bench import PostgresBench
from trunkline.store.postgres.carrying import carry_out, is_simple
from trunkline.store.postgres.database import GONE, Connection, Database
from trunkline.store.postgres.jobs import PostgresJobs
from trunkline.store.postgres.known import Known
from trunkline.store.postgres.lead import Leadership
from trunkline.store.postgres.lists import PostgresLists
from trunkline.store.postgres.news import TELL, News
from trunkline.store.postgres.numbers import Numbers
from trunkline.store.postgres.portals import Portals
from trunkline.store.postgres.removal import Removal
from trunkline.store.postgres.search import SearchIndex
from trunkline.store.postgres.served import serving
from trunkline.store.postgres.step import is_newest
from trunkline.store.postgres.turns import Turns
from trunkline.store.postgres.writer import Writer
from trunkline.store.postgres.writing import Contested
from trunkline.store.protocol import SEARCH, Decide, Figures, Hits, Notice, StaleCatalog, Step, StoreRefused

Target = tuple[int, str, int]
"""A portal, an object type, and the version of the catalog that a batch was checked against."""

OPTIMISM = 3
"""Times that a batch is looked up without a lock and found contested when it is written; then it takes the lock."""


class PostgresStore:
    """Records, definitions, accounts and the journal of all portals, in one database."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        durability: Literal["full", "normal"] = "full",
        connections: int = 10,
        search_lag: float = 0.0,
        search_wait: float = 10.0,
        search_timeout: float = 10.0,
    ) -> None:
        self.url = url
        self._clock = clock
        self._database = Database(url, connections=connections, durability=durability)
        self._known = Known(self._database)
        self._numbers = Numbers(self._database)
        self._turns = Turns()
        self._writer = Writer(self._database)
        self._index = SearchIndex(
            self._database,
            clock,
            shipped_types(),
            lag=search_lag,
            wait=search_wait,
            limit=search_timeout,
            at_once=max(1, connections // 2),
        )
        # Whoever cannot be told the news must not serve, so that both are one connection.
        self._news = News(partial(serving, self._database.connect), clock.identifier())
        self._leadership = Leadership(self._database.connect)
        self._removal = Removal(self._database, clock.now)
        self._portals = Portals(self._database, self._known, clock.now, self._news, self._gone)
        self._tasks: list[asyncio.Task[None]] = []
        self.lists = PostgresLists(self._database, self._known)
        self.jobs = PostgresJobs(self._database, clock.now, self._news)
        self.bench = PostgresBench(self._database, self._known, self._news)
        self.accounts = PostgresAccounts(self._database, clock.earliest, self._news, self._portals)

    def _gone(self, portal: int) -> None:
        """A portal was removed by this process."""
        self._numbers.forget(portal)
        self._removal.wake()

    async def open(self) -> None:
        """Makes the store ready, and an empty database into one; raises `StoreRefused`."""
        await self._database.open()
        try:
            await self._migrate()
            self.hear(self._known.hear)
            self.hear(self._removal.hear)
            await self._news.open()
            await self._portals.prepare()
        except (*GONE, asyncpg.PostgresError, StoreUnreachable) as cause:
            await self.close()
            raise StoreRefused(f"The database cannot be opened: {cause}") from cause
        except StoreRefused:
            await self.close()
            raise
        led: dict[str, Callable[[], Awaitable[None]]] = {
            "removal": self._removal.serve,
            "search index": self._index.work,
            "watch": partial(watch.rest, self._database),
        }
        self._tasks = [asyncio.create_task(self.lead(work), name=name) for name, work in led.items()]

    async def _migrate(self) -> None:
        if not await is_newest(self._database):
            # What migrates a database is slow to import.
            from trunkline.store.postgres.schema import migrate

            await migrate(self.url, empty_only=True)

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.close()
        await self._leadership.close()
        await self._news.close()
        await self._database.close()

    def hear(self, listener: Callable[[Notice], None]) -> None:
        """Has a listener called, on the event loop, when other processes changed what this one may remember."""
        self._news.hear(listener)

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` while this process leads, as one of those on the database does; ends when the work does."""
        await self._leadership.lead(work)

    async def ready(self) -> None:
        """Returns when the database can be read and written to; raises `StoreRefused`."""
        await self._database.ready()

    def watch(self, committed: Callable[[int], None]) -> None:
        """Has a function called after each commit with the number of batches in it."""
        self._writer.grouped = committed

    async def figures(self) -> Figures:
        """How the store is at the moment, as far as this process knows."""
        return Figures(lag={SEARCH: await self._index.lag()}, jobs=await self.jobs.tally(), pool=self._database.pool)

    async def portals(self) -> Sequence[int]:
        """The ids of the portals that are there; the first is the default one."""
        return [portal.id for portal in await self.accounts.portals()]

    async def definitions(self, portal: int) -> Definitions:
        """All that the portal defined itself, archived ones included."""
        return await definitions.load(self._database, portal)

    async def version(self, portal: int) -> int:
        """The version of a portal's catalog."""
        return await definitions.version(self._database, portal)

    async def write(
        self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide, step: Step | None = None
    ) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, as if all of it were one moment.

        What is found is not locked: a plan that somebody else's write has overtaken is not written, but decided anew.
        """
        stopwatch().ask()
        await self._known.require(portal)
        await self._known.require_type(portal, type_id)
        async with self._turns.turn([(portal, type_id, one) for one in (*wanted.keys, *wanted.ids)]):
            return await self._write((portal, type_id, version), wanted, decide, step)

    async def _write(self, target: Target, wanted: Wanted, decide: Decide, step: Step | None) -> Plan:
        if step is None and not wanted.ends and not wanted.held:
            for _ in range(OPTIMISM):
                try:
                    plan = await self._optimistic(target, wanted, decide)
                except Contested:
                    continue
                if plan is not None:
                    return plan
                break
        plan = await self._database.locked(target[0], partial(self._exclusive, target, wanted, decide, step))
        self._writer.grouped(1)
        stopwatch().lap("commit")
        return plan

    async def _optimistic(self, target: Target, wanted: Wanted, decide: Decide) -> Plan | None:
        """The plan, written; None for one that has to be decided while nobody else writes. Raises `Contested`."""
        found = await self._database.look(partial(self._find, target, wanted))
        plan = await self._decided(target, wanted, found, decide)
        if not is_simple(plan):
            return None
        if plan.changes_anything():
            await self._writer.submit(*target, plan)
        return plan

    async def _exclusive(
        self,
        target: Target,
        wanted: Wanted,
        decide: Decide,
        step: Step | None,
        connection: Connection,
        version: int,
    ) -> Plan:
        """The same while nobody else writes in the portal."""
        if version != target[2]:
            raise StaleCatalog
        last = await self.jobs.due(connection, step) if step else False
        found = await self._find(target, wanted, connection)
        plan = await self._decided(target, wanted, found, decide)
        outcome, progress = (step.outcome(plan), step.progress(plan)) if step else (b"", b"")
        if plan.changes_anything():
            await carry_out(connection, *target, plan)
        if step:
            await self.jobs.keep(connection, step, last, outcome, progress)
        stopwatch().lap("apply")
        return plan

    async def _find(self, target: Target, wanted: Wanted, connection: Connection) -> Found:
        portal, type_id, version = target
        watch = stopwatch()
        watch.lap("wait")
        known, holders, records = await rows.find(connection, portal, type_id, wanted.keys, wanted.ids)
        if known is None:
            raise Unauthenticated
        if known != version:
            raise StaleCatalog
        ends = await associations.reachable(connection, portal, wanted.ends) if wanted.ends else frozenset()
        held = await associations.held(connection, portal, wanted.held) if wanted.held else {}
        watch.lap("find")
        return Found(self._clock.now(portal), 0, holders, records, ends, held)

    async def _decided(self, target: Target, wanted: Wanted, found: Found, decide: Decide) -> Plan:
        """The plan; what it does not use of the ids that it may give to new records is free again."""
        portal, type_id, _ = target
        first = await self._numbers.reserve(portal, type_id, wanted.room)
        used = 0
        try:
            plan = decide(replace(found, next_id=first))
            used = len(plan.creates)
            stopwatch().lap("plan")
        finally:
            self._numbers.give_back(portal, type_id, first + used, wanted.room - used)
        return plan

    @finding
    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""
        await self._known.require(portal)
        return await rows.read(self._database, portal, type_id, ids, keys)

    @finding
    async def page(self, portal: int, type_id: str, first: int, limit: int, *, archived: bool) -> list[Record]:
        """At most `limit` records from the id `first` on, in the order of their ids: the live or the archived ones."""
        await self._known.require(portal)
        return await rows.page(self._database, portal, type_id, first, limit, archived=archived)

    @finding
    async def links(
        self, portal: int, type_id: str, ids: Sequence[int], other: str, limit: int, first: int = 0
    ) -> dict[int, list[Linked]]:
        """For each live record at most `limit` live records of another type that it is tied to, by id."""
        await self._known.require(portal)
        return await associations.linked(self._database, portal, type_id, other, ids, limit, first)

    @finding
    async def tally(self, portal: int) -> Mapping[str, int]:
        """How many live records a portal has, by object type id."""
        await self._known.require(portal)
        return {row[0]: row[1] for row in await self._database.fetch(rows.TALLY, portal)}

    @finding
    async def crowded(self, portal: int, type_id: str, least: int) -> list[Tied]:
        """The live records of a type that are tied to so many records of another one, archived ones counted too."""
        await self._known.require(portal)
        return await associations.crowded(self._database, portal, type_id, least)

    @finding
    async def successor(self, portal: int, type_id: str, id_: int) -> int:
        """The record that stands for this one: another after a merge, 0 (nobody) after an erasure, else itself."""
        await self._known.require(portal)
        if not 0 < id_ <= LAST_ID:
            return id_
        return await departures.successor(self._database, portal, type_id, id_)

    async def kin(self, portal: int, type_id: str, id_: int) -> list[int]:
        """The record that stands for this one and all that it stands for; none when they are erased."""
        standing = await self.successor(portal, type_id, id_)
        if standing == departures.ERASED:
            return []
        if not 0 < standing <= LAST_ID:
            return [standing]
        return await departures.kin(self._database, portal, type_id, standing)

    @finding
    async def search(self, type_: ObjectType, portal: int, query: Query) -> Hits:
        """The live records that a query asks for. By default it finds every write that was acknowledged before."""
        await self._known.require(portal)
        return await self._index.search(portal, type_, query)

    @finding
    async def tabulate(self, type_: ObjectType, portal: int, query: Query, cuts: Sequence[Cut]) -> Counted:
        """How many live records a query finds, and how many of them are in each part."""
        await self._known.require(portal)
        return await self._index.tabulate(portal, type_, query, cuts)

    @finding
    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""
        await self._known.require(portal)
        return await rows.changes(self._database, portal, record, limit)

    @finding
    async def pipeline_changes(self, portal: int, type_id: str, id_: str, limit: int) -> list[PipelineChange]:
        """What happened to a pipeline, one that was deleted too, newest first, at most `limit` changes."""
        await self._known.require(portal)
        return await definitions.pipeline_changes(self._database, portal, type_id, id_, limit)

    async def define(
        self, portal: int, type_id: str, version: int, made: Sequence[Definition], kind: str, app: int
    ) -> int:
        """Keeps new, changed or archived definitions in one transaction, all or none, and tells the journal."""

        async def work(connection: Connection, known: int) -> int:
            if known != version:
                raise StaleCatalog
            for schema in (one for one in made if isinstance(one, Schema) and one.archived is not None):
                if await connection.fetch(rows.PAGE[False], portal, schema.type_id, 1, 1):
                    raise SchemaInUse(schema.type_id)
            await definitions.keep(connection, portal, type_id, made, (kind, self._clock.now(portal), app))
            await connection.execute(TELL, self._news.text(Notice("catalog", portal)))
            return version + 1

        return await self._database.locked(portal, work)
