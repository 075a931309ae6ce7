"""The embedded store: one SQLite file, no server."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

import apsw
import msgspec

from trunkline.clock import Clock
from trunkline.crm.association import Linked
from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.plan import Plan, UniqueKey, Wanted
from trunkline.crm.property import Group, Property
from trunkline.crm.query import Query
from trunkline.crm.record import Change, Record
from trunkline.store.protocol import Decide, Definitions, Hits, StaleCatalog, Step, Token
from trunkline.store.sqlite import associations, definitions, departures, rows
from trunkline.store.sqlite.checkpoint import Checkpointer
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.connection import MEMORY, connect, folder_of
from trunkline.store.sqlite.index import SearchIndex
from trunkline.store.sqlite.jobs import SqliteJobs
from trunkline.store.sqlite.lock import ServerLock
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS, migrate
from trunkline.store.sqlite.writer import Writer

DEFAULT_PORTAL = 1_000_001
"""The portal that a new store starts with."""


class SqliteStore:
    """Records, definitions, tokens and the journal of all portals, in one file; see `trunkline.store.protocol`.

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
        self._collections: dict[tuple[int, str], Collection] = {}
        self._next_id: dict[int, int] = {}
        self._departed: dict[int, int] = {}
        self._position = 1

    async def open(self) -> None:
        """Makes the store ready; raises `StoreRefused`."""
        if self.lock is not None:
            folder_of(self.path)
            self.lock.acquire()
        try:
            self._open()
            await self._index.open(self._connection)
            self._index.note(self._position - 1)
        except BaseException:
            if self.lock is not None:
                self.lock.release()
            raise

    def _open(self) -> None:
        self._connection = connect(self.path, cache_mb=self._cache_mb, durability=self._durability)
        migrate(self._connection, self.path)
        self._reader = self._connection if self.lock is None else connect(self.path)
        with self._connection:
            self._prepare()
        self._load()
        self._writer = Writer(self._connection, threaded=self.lock is not None)
        self.jobs = SqliteJobs(self._connection, self._reader, self._writer, self._clock.now)
        self._checkpointer = Checkpointer(self.path, self._writer, self._connection) if self.lock else None

    def _prepare(self) -> None:
        execute = self._connection.execute
        if not execute("SELECT 1 FROM portal").fetchone():
            default = (DEFAULT_PORTAL, "default", self._clock.now())
            execute("INSERT INTO portal (id, name, created) VALUES (?, ?, ?)", default)
        for type_ in shipped_types():
            execute("INSERT OR IGNORE INTO collection (portal, type) SELECT id, ? FROM portal", (type_.type_id,))

    def _load(self) -> None:
        execute = self._connection.execute
        for slot, portal, type_ in execute("SELECT slot, portal, type FROM collection"):
            self._collections[portal, type_] = Collection(slot, portal, type_)
            ends = (slot << SLOT_BITS, (slot + 1) << SLOT_BITS)
            last = _number(self._connection, "SELECT max(key) FROM record WHERE key > ? AND key < ?", *ends)
            self._next_id[slot] = max(FIRST_ID, (last & LAST_ID) + 1)
        self._departed = departures.load(self._connection)
        self._position = _number(self._connection, "SELECT max(position) FROM change") + 1

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""
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

    def portals(self) -> Sequence[int]:
        """The ids of all portals; the first is the default one."""
        return [id_ for (id_,) in self._reader.execute("SELECT id FROM portal ORDER BY id")]

    def definitions(self, portal: int) -> Definitions:
        """The portal's own property definitions and groups, archived ones included."""
        return definitions.load(self._reader, portal)

    async def write(
        self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide, step: Step | None = None
    ) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, all in one transaction; a step goes with it."""
        collection = self._collections[portal, type_id]

        def lookup(other: str) -> Collection | None:
            return self._collections.get((portal, other))

        def work() -> tuple[Plan, int]:
            if _version(self._connection, portal) != version:
                raise StaleCatalog
            last = self.jobs.due(step) if step else False
            next_id = self._next_id[collection.slot]
            found = rows.find(self._connection, collection, lookup, wanted, self._clock.now(), next_id)
            plan = decide(found)
            outcome = step.outcome(plan) if step else b""
            if plan.changes_anything():
                self._position = rows.apply(self._connection, collection, lookup, plan, self._position)
                self._next_id[collection.slot] = next_id + len(plan.creates)
            if step:
                self.jobs.keep(step, last, outcome)
            return plan, self._position - 1

        plan, position = await self._writer.submit(work)
        self._index.note(position)
        if plan.mergers or plan.erased:
            self._departed = departures.load(self._reader)
        return plan

    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""
        collection = self._collections[portal, type_id]
        held = rows.holders(self._reader, collection, keys) if keys else []
        wanted = [id_ for id_ in (*ids, *held) if 0 < id_ <= LAST_ID]
        if self._departed:
            wanted = [id_ for id_ in wanted if self._departed.get(collection.key(id_)) != departures.ERASED]
        return rows.records(self._reader, collection, wanted)

    async def search(self, type_: ObjectType, portal: int, query: Query) -> Hits:
        """The live records that a query asks for. By default it finds every write that was acknowledged before."""
        return await self._index.search(self._collections[portal, type_.id], type_, query)

    async def page(self, portal: int, type_id: str, first: int, limit: int, *, archived: bool) -> list[Record]:
        """At most `limit` records from the id `first` on, in the order of their ids: the live or the archived ones."""
        collection = self._collections[portal, type_id]
        return rows.page(self._reader, collection, first, limit, archived=archived)

    async def links(
        self, portal: int, type_id: str, ids: Sequence[int], other: str, limit: int, first: int = 0
    ) -> dict[int, list[Linked]]:
        """For each record the live records of another type that it is tied to, by id, at most `limit` of each."""
        ends = self._collections[portal, type_id], self._collections[portal, other]
        found = associations.linked(self._reader, *ends, ids, limit, first)
        return {id_: [Linked(*one) for one in linked] for id_, linked in found.items()}

    def successor(self, portal: int, type_id: str, id_: int) -> int:
        """The record that stands for this one: another after a merge, 0 (nobody) after an erasure, else itself."""
        if not self._departed or not 0 < id_ <= LAST_ID:
            return id_
        return self._departed.get(self._collections[portal, type_id].key(id_), id_) & LAST_ID

    def kin(self, portal: int, type_id: str, id_: int) -> list[int]:
        """The record that stands for this one and all that it stands for; none when they are erased."""
        standing = self.successor(portal, type_id, id_)
        if standing == departures.ERASED:
            return []
        key = self._collections[portal, type_id].key(standing)
        return [standing, *(merged & LAST_ID for merged, successor in self._departed.items() if successor == key)]

    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""
        return rows.changes(self._reader, record, limit)

    async def define(self, portal: int, type_id: str, version: int, definition: Property, kind: str, app: int) -> int:
        """Keeps a new or changed property definition and tells the journal; returns the new catalog version."""
        return await self._define(portal, type_id, version, [definition], kind, app)

    async def define_all(
        self, portal: int, type_id: str, version: int, definitions: Sequence[Property], kind: str, app: int
    ) -> int:
        """Keeps several definitions in one transaction, all or none; otherwise like `define`."""
        return await self._define(portal, type_id, version, definitions, kind, app)

    async def define_group(self, portal: int, type_id: str, version: int, group: Group, kind: str, app: int) -> int:
        """Keeps a new, changed or archived property group; otherwise like `define`."""
        return await self._define(portal, type_id, version, [group], kind, app)

    async def _define(
        self, portal: int, type_id: str, version: int, made: Sequence[Property | Group], kind: str, app: int
    ) -> int:
        def work() -> int:
            if _version(self._connection, portal) != version:
                raise StaleCatalog
            told = kind, self._clock.now(), app
            self._position = definitions.keep(self._connection, portal, type_id, made, told, self._position)
            return version + 1

        return await self._writer.submit(work)

    def tokens(self) -> Sequence[Token]:
        """All tokens, revoked ones included."""
        select = "SELECT app, portal, name, digest, scopes, created, revoked FROM token ORDER BY app"
        return [_token(row) for row in self._reader.execute(select)]

    async def grant(self, portal: int, name: str, digest: bytes, scopes: Sequence[str]) -> Token:
        """Keeps a new token."""
        insert = (
            "INSERT INTO token (portal, name, digest, scopes, created) VALUES (?, ?, ?, ?, ?) "
            "RETURNING app, portal, name, digest, scopes, created, revoked"
        )
        row = (portal, name, digest, " ".join(scopes), self._clock.now())
        return await self._writer.submit(lambda: _token(self._connection.execute(insert, row).fetchall()[0]))

    async def revoke(self, app: int) -> bool:
        """Revokes the token of an app for good; False when there is none to revoke."""
        update = "UPDATE token SET revoked = ? WHERE app = ? AND revoked IS NULL RETURNING app"
        row = (self._clock.now(), app)
        return await self._writer.submit(lambda: bool(self._connection.execute(update, row).fetchall()))


def _version(connection: apsw.Connection, portal: int) -> int:
    return _number(connection, "SELECT catalog_version FROM portal WHERE id = ?", portal)


def _number(connection: apsw.Connection, select: str, *arguments: int) -> int:
    """The one number that a query answers; 0 for none."""
    found: Any = connection.execute(select, arguments).fetchall()[0][0]
    return int(found or 0)


def _token(row: tuple[object, ...]) -> Token:
    app, portal, name, digest, scopes, created, revoked = row
    return msgspec.convert(
        {
            "app": app,
            "portal": portal,
            "name": name,
            "digest": digest,
            "scopes": str(scopes).split(),
            "created": created,
            "revoked": revoked,
        },
        Token,
    )
