"""Reading a database that nobody writes to, table by table and portal by portal.

Its tables are those of `trunkline.copy.table` but for a few columns, so that the SQL is made of these.
"""

from trunkline.copy.ends import BYTES, ROWS, Chunk, Origin, Place
from trunkline.copy.notes import COPIED, translated
from trunkline.copy.table import SEQUENCES, TABLES, Row, Table
from trunkline.store.postgres.tether import Connection

AT_ONCE = 250
FEW = {"job_chunk": 2}
"""Rows that are asked for at a time, so that many large ones are never there together."""

HEADS = "SELECT portal, position, version FROM head ORDER BY portal"
SEQUENCE = "SELECT pg_get_serial_sequence($1, $2)"
LAST = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {}"
COUNTERS = "name NOT LIKE 'record %'"
"""The counters but those of record ids, of which each process reserves some for itself."""
NOTES = f"kind IN ({', '.join(map(repr, COPIED))})"


class PostgresRows:
    """The rows of a database; see `trunkline.copy.ends.Rows`. `name` is what it is called."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._heads: dict[int, tuple[int, int]] | None = None

    async def origin(self) -> Origin:
        """What a copy of it would be of; all rows are counted."""
        counts = {table.name: await self._count(table) for table in TABLES}
        return Origin(self._name, counts, {portal: length for portal, (length, _) in (await self._portals()).items()})

    async def read(self, table: Table, after: Place | None) -> Chunk:
        """The rows after a place, or the first ones."""
        place = tuple(after or table.first)
        if table.name == "sequence":
            return await self._sequences(place)
        taken = _Taken(table)
        for bound in await self._bounds(table, place):
            await self._take(taken, bound)
            if taken.full:
                break
        rows = await self._versioned(taken)
        if table.name == "note":
            portals = await self._portals()
            rows = [(*r[:3], translated(r[0], r[1], r[3], lambda of, at: at if of in portals else None)) for r in rows]
        return Chunk(rows, taken.rows[-1][: len(table.key)] if taken.rows else place)

    async def _bounds(self, table: Table, place: Place) -> list[Place]:
        """Before which keys to begin, in each portal from the one of a place on."""
        if not table.of_portal:
            return [place]
        others = ((portal, *table.first[1:]) for portal in await self._portals() if portal > place[0])
        return [place, *others] if place[0] in await self._portals() else [*others]

    async def _take(self, taken: "_Taken", bound: Place) -> None:
        """Takes rows of one query, a few at a time, until there are no more or they are enough."""
        async with self._connection.transaction(readonly=True):
            cursor = await self._connection.cursor(taken.select, *bound)
            while not taken.full:
                rows = await cursor.fetch(taken.some)
                taken.add([tuple(row) for row in rows])
                if len(rows) < taken.some:
                    return

    async def _versioned(self, taken: "_Taken") -> list[Row]:
        if taken.table.name != "portal":
            return taken.rows
        portals = await self._portals()
        return [(*row, portals[row[0]][1] if row[0] in portals else None) for row in taken.rows]

    async def _sequences(self, place: Place) -> Chunk:
        names = [name for name in SEQUENCES if name > place[0]]
        sequences = [await self._connection.fetchval(SEQUENCE, name, counted(name)) for name in names]
        lasts = [await self._connection.fetchval(LAST.format(sequence)) for sequence in sequences]
        return Chunk(list(zip(names, lasts, strict=True)), (SEQUENCES[-1],))

    async def _count(self, table: Table) -> int:
        if table.name == "sequence":
            return len(SEQUENCES)
        if not table.of_portal:
            return int(await self._connection.fetchval(f"SELECT count(*) FROM {table.name}"))
        select = f"SELECT count(*) FROM {table.name} WHERE {_where(table)}"
        return sum([await self._connection.fetchval(select, portal) for portal in await self._portals()])

    async def _portals(self) -> dict[int, tuple[int, int]]:
        """The portals that are there by id, with the length of their journal and the version of their catalog."""
        if self._heads is None:
            heads = await self._connection.fetch(HEADS)
            self._heads = {portal: (length, version) for portal, length, version in heads}
        return self._heads


class _Taken:
    """Rows of a table that were taken so far."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: list[Row] = []
        self.some = FEW.get(table.name, AT_ONCE)
        self.select = _select(table)
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether they are many, or large."""
        return len(self.rows) >= ROWS or self._size >= BYTES

    def add(self, rows: list[Row]) -> None:
        """Takes some more."""
        self.rows += rows
        self._size += sum(len(row[at] or ()) for at in self.table.weights for row in rows)


def counted(table: str) -> str:
    """The column by which the rows of a table of the server's are numbered."""
    return "position" if table in ("event", "credential") else "id"


def _select(table: Table) -> str:
    """Selects the rows after a key, of one portal where the table is of portals."""
    columns = ", ".join(name for name in table.columns if (table.name, name) != ("portal", "version"))
    key = table.key[1:] if table.of_portal else table.key
    bound = ", ".join(f"${number}" for number in range(len(table.key) - len(key) + 1, len(table.key) + 1))
    after = f"({', '.join(key)}) > ({bound}) ORDER BY {', '.join(key)} LIMIT {ROWS}"
    return f"SELECT {columns} FROM {table.name} WHERE {_where(table)} AND {after}"


def _where(table: Table) -> str:
    if not table.of_portal:
        return "true"
    only = {"counter": f" AND {COUNTERS}", "note": f" AND {NOTES}"}
    return "portal = $1" + only.get(table.name, "")
