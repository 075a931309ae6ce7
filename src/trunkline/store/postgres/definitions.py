"""The SQL of the catalog: what a portal defined itself, each definition a row with its JSON."""

from collections.abc import Sequence

import msgspec

from trunkline.crm.audit import PipelineChange
from trunkline.crm.catalog import Definition, Definitions
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.record import Moment
from trunkline.errors import Unauthenticated
from trunkline.store.definitions import KINDS, READERS, assembled, key
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.journal import tell

VERSION = "SELECT version FROM head WHERE portal = $1"
DEFINITIONS = (
    "SELECT h.version, d.kind, d.type, d.definition FROM head AS h LEFT JOIN definition AS d ON d.portal = h.portal "
    'WHERE h.portal = $1 ORDER BY d.kind COLLATE "C", d.type COLLATE "C", d.name'
)
PREVIOUS = "SELECT last_change FROM definition WHERE portal = $1 AND kind = $2 AND type = $3 AND name = $4"
KEEP = (
    "INSERT INTO definition (portal, kind, type, name, definition, last_change) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (portal, kind, type, name) "
    "DO UPDATE SET definition = excluded.definition, last_change = excluded.last_change"
)
NEXT_VERSION = "UPDATE head SET version = version + 1 WHERE portal = $1"
CHANGES = (
    "WITH RECURSIVE walk AS (SELECT kind, at, app, detail, previous FROM change WHERE portal = $1 AND position = $2 "
    "UNION ALL SELECT c.kind, c.at, c.app, c.detail, c.previous FROM walk AS w "
    "JOIN change AS c ON c.portal = $1 AND c.position = w.previous) "
    "SELECT kind, at, app, detail FROM walk LIMIT $3"
)


async def version(database: Database, portal: int) -> int:
    """The version of a portal's catalog; raises `Unauthenticated` when the portal is not there (any more)."""
    row = await database.one(VERSION, portal)
    if row is None:
        raise Unauthenticated
    return int(row[0])


async def load(database: Database, portal: int) -> Definitions:
    """All that a portal defined itself, archived ones included, and the version of its catalog, of one moment."""
    rows = await database.fetch(DEFINITIONS, portal)
    if not rows:
        raise Unauthenticated
    return assembled(rows[0][0], ((kind, type_, text) for _, kind, type_, text in rows if kind is not None))


async def keep(
    connection: Connection,
    portal: int,
    type_id: str,
    made: Sequence[Definition],
    told: tuple[str, Moment, int],
) -> None:
    """Keeps definitions, one more version of the catalog, and tells the journal.

    `told` is the kind of change, when, and by which app. Inside a transaction that has the lock of the portal.
    """
    kind, at, app = told
    for one in made:
        of = key(one, type_id)
        text = msgspec.json.encode(one).decode()
        previous = await connection.fetchval(PREVIOUS, portal, *of)
        position = await tell(connection, portal, kind, type_id, (at, app), text, previous=previous)
        await connection.execute(KEEP, portal, *of, text, position)
    await connection.execute(NEXT_VERSION, portal)


async def pipeline_changes(database: Database, portal: int, type_id: str, id_: str, limit: int) -> list[PipelineChange]:
    """The changes of a pipeline, newest first: a walk along its links, of at most `limit` rows."""
    row = await database.one(PREVIOUS, portal, KINDS[Pipeline], type_id, id_)
    if row is None or row[0] is None:
        return []
    rows = await database.fetch(CHANGES, portal, row[0], limit)
    return [PipelineChange(kind, at, app, READERS[KINDS[Pipeline]](text)) for kind, at, app, text in rows]
