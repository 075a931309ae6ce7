"""The SQL of records that go for good: merged into another one, or erased."""

from trunkline.crm.record import Record
from trunkline.store.postgres import associations, kept
from trunkline.store.postgres.database import Connection, Database

ERASED = 0
"""The successor of an erased record: nobody."""

SUCCESSOR = "SELECT successor FROM departed WHERE portal = $1 AND type = $2 AND id = $3"
MERGED = "SELECT id FROM departed WHERE portal = $1 AND type = $2 AND successor = $3 ORDER BY id"
FOLLOW = "UPDATE departed SET successor = $4 WHERE portal = $1 AND type = $2 AND successor = $3"
DEPART = (
    "INSERT INTO departed (portal, type, id, successor) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (portal, type, id) DO UPDATE SET successor = excluded.successor"
)
JOIN_AS = (
    "INSERT INTO list_member (portal, list, type, record, at) SELECT portal, list, type, $4::bigint, at "
    "FROM list_member WHERE portal = $1 AND type = $2 AND record = $3 ON CONFLICT DO NOTHING"
)
"""What was in a list is so as the other record; where that one was in it before, it stays as it is."""

LEAVE = "DELETE FROM list_member WHERE portal = $1 AND type = $2 AND record = $3"
ERASE = (
    "UPDATE record SET properties = '{}', archived = $4, updated = $5, last_change = $6 "
    "WHERE portal = $1 AND type = $2 AND id = $3 AND last_change IS NOT DISTINCT FROM $7"
)
BLANK = (
    "WITH RECURSIVE walk AS (SELECT position, previous FROM change WHERE portal = $1 AND position = $2 "
    "UNION ALL SELECT c.position, c.previous FROM walk AS w "
    "JOIN change AS c ON c.portal = $1 AND c.position = w.previous) "
    "UPDATE change SET detail = '{}' WHERE portal = $1 AND position IN (SELECT position FROM walk)"
)


async def successor(database: Database, portal: int, type_id: str, id_: int) -> int:
    """The record that stands for this one: another after a merge, `ERASED` after an erasure, else itself."""
    row = await database.one(SUCCESSOR, portal, type_id, id_)
    return id_ if row is None else int(row[0])


async def kin(database: Database, portal: int, type_id: str, id_: int) -> list[int]:
    """A record that stands for itself, and all that it stands for."""
    return [id_, *(row[0] for row in await database.fetch(MERGED, portal, type_id, id_))]


async def merge(connection: Connection, portal: int, type_id: str, record: int, successor: int) -> None:
    """Lets one record stand for another, and for those that the other stood for."""
    await associations.move(connection, portal, type_id, record, successor)
    await connection.execute(JOIN_AS, portal, type_id, record, successor)
    await connection.execute(LEAVE, portal, type_id, record)
    await connection.execute(FOLLOW, portal, type_id, record, successor)
    await connection.execute(DEPART, portal, type_id, record, successor)


async def erase(connection: Connection, portal: int, type_id: str, record: Record, position: int) -> bool:
    """Blanks a record and what the journal tells of it, whose positions stay; False when it was changed meanwhile."""
    bound = record.archived, record.updated, position, record.last_change
    if await connection.execute(ERASE, portal, type_id, record.id, *bound) != "UPDATE 1":
        return False
    if record.last_change is not None:
        await connection.execute(BLANK, portal, record.last_change)
    await associations.cut(connection, portal, type_id, record.id)
    await connection.execute(LEAVE, portal, type_id, record.id)
    await connection.execute(DEPART, portal, type_id, record.id, ERASED)
    await connection.execute(kept.NOTHING, portal, type_id, record.id)
    return True
