"""The embedded store: one SQLite file, no server."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

import apsw
import msgspec

from trunkline.clock import Clock
from trunkline.crm.catalog import shipped_types
from trunkline.crm.plan import Plan, UniqueKey, Wanted
from trunkline.crm.property import Property
from trunkline.crm.record import Change, Record
from trunkline.store.protocol import Decide, Definitions, StaleCatalog, Token
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.checkpoint import Checkpointer
from trunkline.store.sqlite.connection import MEMORY, connect, folder_of
from trunkline.store.sqlite.lock import ServerLock
from trunkline.store.sqlite.rows import Collection
from trunkline.store.sqlite.schema import FIRST_ID, LAST_ID, SLOT_BITS, migrate
from trunkline.store.sqlite.writer import Writer

DEFAULT_PORTAL = 1_000_001
"""The portal that a new store starts with."""


class SqliteStore:
    """Records, definitions, tokens and the journal of all portals, in one file; see `trunkline.store.protocol`.

    The writer's connection is the only one that writes; reads have their own and see what is committed.
    """

    def __init__(
        self, path: str, clock: Clock, *, durability: Literal["full", "normal"] = "full", cache_mb: int = 64
    ) -> None:
        self.path = path
        self.lock = ServerLock(path) if path != MEMORY else None
        self._clock = clock
        self._durability = durability
        self._cache_mb = cache_mb
        self._collections: dict[tuple[int, str], Collection] = {}
        self._next_id: dict[int, int] = {}
        self._position = 1

    async def open(self) -> None:
        """Makes the store ready; raises `StoreRefused`."""
        if self.lock is not None:
            folder_of(self.path)
            self.lock.acquire()
        try:
            self._open()
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
        self._position = _number(self._connection, "SELECT max(position) FROM change") + 1

    async def close(self) -> None:
        """Finishes the writes that were accepted and lets go of everything."""
        await self._writer.close()
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
        """The portal's own property definitions."""
        custom: dict[str, list[Property]] = {}
        select = "SELECT type, definition FROM property WHERE portal = ? ORDER BY type, name"
        for type_, definition in self._reader.execute(select, (portal,)):
            custom.setdefault(type_, []).append(msgspec.json.decode(definition, type=Property))
        return Definitions(_version(self._reader, portal), custom)

    async def write(self, portal: int, type_id: str, version: int, wanted: Wanted, decide: Decide) -> Plan:
        """Finds what is wanted, has the plan decided, and applies it, all in one transaction."""
        collection = self._collections[portal, type_id]

        def work() -> Plan:
            if _version(self._connection, portal) != version:
                raise StaleCatalog
            next_id = self._next_id[collection.slot]
            plan = decide(rows.find(self._connection, collection, wanted, self._clock.now(), next_id))
            if plan.changes_anything():
                self._position = rows.apply(self._connection, collection, plan, self._position)
                self._next_id[collection.slot] = next_id + len(plan.creates)
            return plan

        return await self._writer.submit(work)

    async def read(self, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey] = ()) -> list[Record]:
        """The records of these ids and the holders of these unique values, archived ones included."""
        collection = self._collections[portal, type_id]
        held = rows.holders(self._reader, collection, keys) if keys else []
        return rows.records(self._reader, collection, [id_ for id_ in (*ids, *held) if 0 < id_ <= LAST_ID])

    async def changes(self, portal: int, record: Record, limit: int) -> list[Change]:
        """The updates of a record, newest first, at most `limit`."""
        return rows.changes(self._reader, record, limit)

    async def define(self, portal: int, type_id: str, version: int, definition: Property, kind: str, app: int) -> int:
        """Keeps a new or changed property definition and tells the journal; returns the new catalog version."""
        text = msgspec.json.encode(definition).decode()
        execute = self._connection.execute

        def work() -> int:
            if _version(self._connection, portal) != version:
                raise StaleCatalog
            execute("INSERT OR REPLACE INTO property VALUES (?, ?, ?, ?)", (portal, type_id, definition.name, text))
            execute("UPDATE portal SET catalog_version = ? WHERE id = ?", (version + 1, portal))
            execute(rows.TELL, (self._position, portal, kind, type_id, self._clock.now(), app, None, None, text))
            self._position += 1
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
