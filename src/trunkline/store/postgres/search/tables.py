"""The SQL of the index's own tables: how far it has come, what it has, and what is to be looked at again."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
from msgspec import Struct

from trunkline.crm.record import Moment, Record
from trunkline.errors import IndexNotReady
from trunkline.store.postgres.database import Connection
from trunkline.store.postgres.rows import COLUMNS, record_of
from trunkline.store.postgres.search.entry import NAMES, Entries
from trunkline.store.postgres.search.layout import FORMAT, Layout, outdated

TURN = (
    "SELECT position, set_config('synchronous_commit', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true) FROM search_progress WHERE portal = $1 FOR UPDATE"
)
"""Makes the other processes wait. What a crash takes of the index, its position included, is done again."""

BEGIN = (
    "INSERT INTO search_progress (portal, position) SELECT portal, position FROM head WHERE portal = $1 "
    "ON CONFLICT DO NOTHING"
)
MOVE = "UPDATE search_progress SET position = $2 WHERE portal = $1"
NUMBER = "UPDATE search_progress SET layouts = layouts + 1 WHERE portal = $1 RETURNING layouts"
HEAD = "SELECT position FROM head WHERE portal = $1"
AGED = (
    "SELECT coalesce((SELECT position - 1 FROM change WHERE portal = $1 AND position > $2 AND at > $3 "
    "ORDER BY portal, position LIMIT 1), position) FROM head WHERE portal = $1"
)
TYPES = (
    "WITH RECURSIVE found (type) AS ("
    "(SELECT type FROM record WHERE portal = $1 ORDER BY portal, type LIMIT 1) UNION ALL "
    "SELECT (SELECT r.type FROM record AS r WHERE r.portal = $1 AND r.type > found.type "
    "ORDER BY r.portal, r.type LIMIT 1) FROM found WHERE found.type IS NOT NULL) "
    "SELECT type FROM found WHERE type IS NOT NULL"
)
LAYOUTS = "SELECT records, filled, detail FROM search_layout WHERE portal = $1 AND type = ANY ($2::text[])"
UNFILLED = "SELECT type FROM search_layout WHERE portal = $1 AND filled IS NOT NULL"
PUT = (
    "INSERT INTO search_layout (portal, type, number, filled, detail) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (portal, type) DO UPDATE SET filled = excluded.filled, detail = excluded.detail"
)
TOUCHED = (
    "SELECT position, type, record, detail FROM (SELECT position, type, record, detail, "
    "sum(CASE WHEN detail IS NULL THEN 1 ELSE json_array_length(detail::json) END) OVER (ORDER BY position "
    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
    "FROM (SELECT position, type, record, CASE WHEN kind IN ('create', 'rewind') THEN detail END AS detail FROM change "
    "WHERE portal = $1 AND position > $2 AND position <= $3 ORDER BY portal, position LIMIT $4) AS c) AS c "
    "WHERE coalesce(before, 0) < $4 ORDER BY position"
)
_SOME = (
    f"SELECT {COLUMNS} FROM (SELECT {COLUMNS}, sum(octet_length(properties)) OVER (ORDER BY id) "
    "- octet_length(properties) AS before FROM ({}) AS r) AS r WHERE before < $4 ORDER BY id"
)
RECORDS = _SOME.format(f"SELECT {COLUMNS} FROM record WHERE portal = $1 AND type = $2 AND id = ANY ($3::bigint[])")
FOLLOWING = _SOME.format(
    f"SELECT {COLUMNS} FROM record WHERE portal = $1 AND type = $2 AND id > $3 AND archived IS NULL "
    "ORDER BY portal, type, id LIMIT $5"
)
ENTER = f"SELECT search_enter($1, $2, {', '.join(f'${number + 3}' for number in range(len(NAMES) + 2))})"
WORD = "SELECT search_word($1, $2, $3, $4)"
LEAVE = "SELECT search_leave($1, $2, $3)"

BEHIND = (
    "SELECT h.portal, h.position, f.portal IS NOT NULL FROM head AS h "
    "LEFT JOIN search_progress AS p ON p.portal = h.portal "
    "LEFT JOIN (SELECT DISTINCT portal FROM search_layout WHERE filled IS NOT NULL) AS f ON f.portal = h.portal "
    "WHERE p.position IS DISTINCT FROM h.position OR f.portal IS NOT NULL"
)
"""The portals whose index has something to do, and whether there is something to fill."""

LAG = (
    "SELECT coalesce(sum(h.position - coalesce(p.position, 0)), 0) FROM head AS h "
    "LEFT JOIN search_progress AS p ON p.portal = h.portal WHERE $1::bigint IS NULL OR h.portal = $1"
)
STOP = "DELETE FROM search_progress WHERE portal = $1"
"""Waits for a step that is under way; of a portal that is gone no other is begun."""

DELETE = (
    "DELETE FROM search_layout WHERE portal = $1",
    "DELETE FROM search_entry WHERE portal = $1",
    "DELETE FROM search_words WHERE portal = $1",
    STOP,
)
BYTES = 8 * 2**20
"""Size of the records that are read at a time."""

_encode = msgspec.json.Encoder().encode
_ids = msgspec.json.Decoder(list[int]).decode


class Kept(Struct, frozen=True):
    """A layout as it is kept: how many records it has, and up to which id it is filled, None when it is for all."""

    layout: Layout
    records: int
    filled: int | None


@lru_cache(maxsize=1_000)
def _layout(detail: str) -> Layout:
    return msgspec.json.decode(detail, type=Layout)


def kept(records: int, filled: int | None, detail: str) -> Kept:
    """A layout as a row of `LAYOUTS` tells it; one of an older format has nothing that can be relied on.

    Raises `IndexNotReady` for one of a newer format: a newer Trunkline, which works beside this one, keeps it.
    """
    layout = _layout(detail)
    if layout.format > FORMAT:
        raise IndexNotReady([layout.type])
    return Kept(layout, records, filled) if layout.format >= FORMAT else Kept(outdated(layout), records, 0)


async def turn(connection: Connection, portal: int) -> int | None:
    """Waits until no other process is at the index of a portal, and returns its position; None where there is none."""
    position: int | None = await connection.fetchval(TURN, portal)
    return position


async def layouts(connection: Connection, portal: int, types: Iterable[str]) -> dict[str, Kept]:
    """The layouts of some types."""
    rows = await connection.fetch(LAYOUTS, portal, list(types))
    found = (kept(*row) for row in rows)
    return {one.layout.type: one for one in found}


async def put(connection: Connection, portal: int, layout: Layout, filled: int | None) -> None:
    """Keeps a layout."""
    detail = _encode(layout).decode()
    await connection.execute(PUT, portal, layout.type, layout.number, filled, detail)


async def begin(connection: Connection, portal: int) -> bool:
    """Begins the index of a portal at the newest position; False when somebody did before, or the portal is gone."""
    return await connection.execute(BEGIN, portal) == "INSERT 0 1"


async def aged(connection: Connection, portal: int, position: int, before: Moment | None) -> int | None:
    """The position up to which a portal's changes are older than a moment, or all of them; None for one that is gone.

    Those up to `position` are known to be.
    """
    if before is None:
        found: int | None = await connection.fetchval(HEAD, portal)
    else:
        found = await connection.fetchval(AGED, portal, position, before)
    return found


async def touched(
    connection: Connection, portal: int, after: int, to: int, records: int
) -> tuple[int, dict[str, list[int]]]:
    """The records that a stretch of the journal touches, by type: so many or a few more; and where it ends."""
    found: dict[str, set[int]] = {}
    rows = await connection.fetch(TOUCHED, portal, after, to, records)
    for _, type_, record, detail in rows:
        ids = _ids(detail) if detail is not None else () if record is None else (record,)
        found.setdefault(type_, set()).update(ids)
    return rows[-1][0] if rows else after, {type_: sorted(ids) for type_, ids in found.items() if ids}


async def records(connection: Connection, portal: int, type_id: str, ids: Sequence[int]) -> list[Record]:
    """The first of some records, by id: as many as are read at a time."""
    rows = await connection.fetch(RECORDS, portal, type_id, ids, BYTES)
    return [record_of(row) for row in rows]


async def following(connection: Connection, portal: int, type_id: str, after: int, limit: int) -> list[Record]:
    """The next live records of a type, by id, at most `limit`."""
    rows = await connection.fetch(FOLLOWING, portal, type_id, after, BYTES, limit)
    return [record_of(row) for row in rows]


async def enter(connection: Connection, portal: int, layout: int, entries: Entries) -> None:
    """Puts rows into the index, or in the place of those that are there."""
    await connection.execute(ENTER, portal, layout, *entries.arrays())


async def word(connection: Connection, portal: int, layout: int, ids: Sequence[int], words: Sequence[str]) -> None:
    """The same with words."""
    await connection.execute(WORD, portal, layout, ids, words)


async def leave(connection: Connection, portal: int, layout: int, ids: Sequence[int]) -> None:
    """Takes rows out of the index."""
    await connection.execute(LEAVE, portal, layout, ids)


async def renew(connection: Connection, portal: int) -> None:
    """Takes all away that the index has of a portal; the next step begins anew."""
    await turn(connection, portal)
    for statement in DELETE:
        await connection.execute(statement, portal)
