"""The SQL of records: finding, reading, paging, history. What writes them is the function `apply` (`…writing`)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from trunkline.crm.plan import UniqueKey
from trunkline.crm.record import Change, Record
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres.database import Connection, Database, Row
from trunkline.store.postgres.keys import kept

COLUMNS = "id, properties, created, updated, app, archived, last_change"
FIND = f"SELECT version, number, {COLUMNS} FROM find($1, $2, $3, $4, $5)"
NOT_ERASED = (
    "NOT EXISTS (SELECT 1 FROM departed AS d "
    "WHERE d.portal = r.portal AND d.type = r.type AND d.id = r.id AND d.successor = 0)"
)
RECORDS = f"SELECT {COLUMNS} FROM record AS r WHERE portal = $1 AND type = $2 AND id = ANY ($3::bigint[])"
READ = f"{RECORDS} AND {NOT_ERASED}"
HOLDERS = (
    "SELECT k.number, u.record FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS k (name, value, number) "
    "CROSS JOIN LATERAL (SELECT v.record FROM unique_value AS v "
    "WHERE v.portal = $1 AND v.type = $2 AND v.property = k.name AND v.value = k.value LIMIT 1) AS u "
    "ORDER BY k.number"
)
PAGE = {
    archived: f"SELECT {COLUMNS} FROM record AS r WHERE portal = $1 AND type = $2 AND id >= $3 AND {test} "
    "ORDER BY portal, type, id LIMIT $4"
    for archived, test in ((False, "archived IS NULL"), (True, f"archived IS NOT NULL AND {NOT_ERASED}"))
}
HISTORY = (
    "WITH RECURSIVE walk AS ("
    "SELECT at, app, detail, previous, kind FROM change WHERE portal = $1 AND position = $2 "
    "UNION ALL SELECT c.at, c.app, c.detail, c.previous, c.kind FROM walk AS w "
    "JOIN change AS c ON c.portal = $1 AND c.position = w.previous) "
    "SELECT at, app, detail, previous FROM walk WHERE kind = 'update' LIMIT $3"
)
TALLY = "SELECT type, count(*) AS many FROM record WHERE portal = $1 AND archived IS NULL GROUP BY type"

_decode = msgspec.json.Decoder(dict[str, str]).decode
_values = msgspec.json.Decoder(dict[str, tuple[str | None, str]])


def in_range(ids: Iterable[int]) -> list[int]:
    """Those of the ids that a record can have, each once, in their order."""
    return [id_ for id_ in dict.fromkeys(ids) if 0 < id_ <= LAST_ID]


async def find(
    connection: Connection, portal: int, type_id: str, keys: Sequence[UniqueKey], ids: Iterable[int]
) -> tuple[int | None, dict[UniqueKey, int], dict[int, Record]]:
    """The version of the portal's catalog, None for one that is gone; the holders of keys; and all these records."""
    keys = list(dict.fromkeys(keys))
    names, values = [name for name, _ in keys], [kept(value) for _, value in keys]
    rows = await connection.fetch(FIND, portal, type_id, names, values, in_range(ids))
    if not rows:
        return None, {}, {}
    holders: dict[UniqueKey, int] = {}
    records: dict[int, Record] = {}
    for row in rows[1:]:
        if (number := row[1]) is not None:
            holders[keys[number - 1]] = row[2]
        if row[2] not in records:
            records[row[2]] = record_of(row[2:])
    return rows[0][0], holders, records


def record_of(row: Row | tuple[Any, ...]) -> Record:
    """The record of a row of `COLUMNS`."""
    id_, properties, created, updated, app, archived, last_change = row
    return Record(
        id=id_,
        properties=_decode(properties),
        created=created,
        updated=updated,
        app=app,
        archived=archived,
        last_change=last_change,
    )


async def read(
    database: Database, portal: int, type_id: str, ids: Sequence[int], keys: Sequence[UniqueKey]
) -> list[Record]:
    """The records of these ids, then the holders of these keys, in the order asked for; without erased ones."""
    held: list[int] = []
    if keys:
        names, values = [name for name, _ in keys], [kept(value) for _, value in keys]
        held = [row[1] for row in await database.fetch(HOLDERS, portal, type_id, names, values)]
    wanted = [id_ for id_ in (*ids, *held) if 0 < id_ <= LAST_ID]
    if not wanted:
        return []
    rows = await database.fetch(READ, portal, type_id, list(set(wanted)))
    found = {row[0]: record_of(row) for row in rows}
    return [found[id_] for id_ in wanted if id_ in found]


async def page(
    database: Database, portal: int, type_id: str, first: int, limit: int, *, archived: bool
) -> list[Record]:
    """The records from an id on, in the order of their ids, either those that are archived or the others."""
    rows = await database.fetch(PAGE[archived], portal, type_id, max(0, min(first, LAST_ID)), limit)
    return [record_of(row) for row in rows]


async def changes(database: Database, portal: int, record: Record, limit: int) -> list[Change]:
    """The updates of a record, newest first: a walk along its links."""
    if record.last_change is None:
        return []
    rows = await database.fetch(HISTORY, portal, record.last_change, limit)
    return [Change(at=at, app=app, values=_values.decode(detail), previous=prev) for at, app, detail, prev in rows]
