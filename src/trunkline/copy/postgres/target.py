"""A database that becomes a copy, by the server's own way of taking many rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from trunkline.copy.default import require_new
from trunkline.copy.ends import Chunk, Origin, Progress
from trunkline.copy.postgres.rows import PostgresRows, counted
from trunkline.copy.postgres.source import connected, name_of
from trunkline.copy.state import ORIGIN, resumed
from trunkline.copy.table import TABLES, Row, Table
from trunkline.crm.engagement import type_ids
from trunkline.store.numbers import FIRST_ID
from trunkline.store.postgres.database import SCHEMA
from trunkline.store.postgres.schema import migrate
from trunkline.store.postgres.served import HALF_COPIED
from trunkline.store.postgres.tether import Connection

BEGIN = "CREATE TABLE copying (name text PRIMARY KEY, detail text NOT NULL)"
PROGRESS = (
    "INSERT INTO copying (name, detail) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET detail = excluded.detail"
)
PROGRESSES = "SELECT name, detail FROM copying"
WHOLE = "DROP TABLE copying"
STARTS_WITH = ("person_portal", "person", "counter", "head", "portal")
INDEX = ("search_words", "search_entry", "search_layout", "search_progress")
EMPTY = tuple(f"DELETE FROM {name}" for name in (*STARTS_WITH, *INDEX))
"""What takes away that with which a new store starts; the index of searches is made anew for a portal without one."""

LENGTH = "UPDATE head SET position = $2 WHERE portal = $1"
RECORDS = "SELECT type, max(id) FROM record WHERE portal = $1 GROUP BY type"
COUNT = (
    "INSERT INTO counter (portal, name, last) VALUES ($1, $2, $3) "
    "ON CONFLICT (portal, name) DO UPDATE SET last = excluded.last"
)
CREDENTIALS = "SELECT coalesce(max(position), 0) FROM credential"
NEXT = "SELECT setval(pg_get_serial_sequence($1, $2), $3, false)"


class PostgresTarget:
    """See `trunkline.copy.ends.Target`."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._journals: Mapping[int, int] = {}

    async def begin(self, origin: Origin) -> Mapping[str, Progress]:
        """How far a copy has come, by table; raises `StoreRefused` when there is anything that is not of this copy."""
        self._journals = origin.journals
        if await self._connection.fetchval(HALF_COPIED):
            return resumed(dict(await self._connection.fetch(PROGRESSES)), origin, self._name)
        await require_new(await self.rows())
        async with self._connection.transaction():
            for statement in (*EMPTY, BEGIN):
                await self._connection.execute(statement)
            await self._keep(ORIGIN, origin)
        return {}

    async def put(self, table: Table, chunk: Chunk, progress: Progress) -> None:
        """Keeps rows and how far the copy has come with them, both or nothing."""
        async with self._connection.transaction():
            if table.name == "portal":
                await self._put_portals(table, chunk.rows)
            elif table.name == "sequence":
                for name, last in chunk.rows:
                    await self._connection.execute(NEXT, name, counted(name), last + 1)
            else:
                await self._put(table.name, table.columns, chunk.rows)
            await self._keep(table.name, progress)

    async def complete(self) -> None:
        """Adds what follows from the rows: where each portal's journal and ids go on, and what the planner knows."""
        for portal, length in self._journals.items():
            await self._connection.execute(LENGTH, portal, length)
            await self._number(portal)
        last = await self._connection.fetchval(CREDENTIALS)
        await self._connection.execute(NEXT, "credential", counted("credential"), last + 1)
        for table in TABLES:
            if table.name != "sequence":
                await self._connection.execute(f"ANALYZE {table.name}")

    async def rows(self) -> PostgresRows:
        """What is there by now."""
        return PostgresRows(self._connection, self._name)

    async def finish(self) -> None:
        """Makes the copy a store like any other."""
        await self._connection.execute(WHOLE)

    async def _put_portals(self, table: Table, rows: Sequence[Row]) -> None:
        await self._put(table.name, table.columns[:-1], [row[:-1] for row in rows])
        heads = [(row[0], row[-1]) for row in rows if row[-1] is not None]
        await self._put("head", ("portal", "version"), heads)

    async def _put(self, name: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        await self._connection.copy_records_to_table(name, schema_name=SCHEMA, columns=columns, records=rows)

    async def _keep(self, name: str, what: Origin | Progress) -> None:
        await self._connection.execute(PROGRESS, name, msgspec.json.encode(what).decode())

    async def _number(self, portal: int) -> None:
        """Lets the ids of new records come after those that are there; some object types count together."""
        lasts: dict[str, int] = {}
        for type_id, last in await self._connection.fetch(RECORDS, portal):
            name = "engagement" if type_id in type_ids() else type_id
            lasts[name] = max(last, lasts.get(name, FIRST_ID - 1))
        for name, last in lasts.items():
            await self._connection.execute(COUNT, portal, f"record {name}", last)


@asynccontextmanager
async def target(url: str) -> AsyncIterator[PostgresTarget]:
    """The database that becomes a copy; raises `StoreRefused`."""
    async with connected(url) as connection:
        await migrate(url, empty_only=True)
        yield PostgresTarget(connection, name_of(url))
