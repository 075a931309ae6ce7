"""The SQL of associations. Each is kept in both directions, so that either end finds the other in one range."""

from collections.abc import Iterable, Sequence

from trunkline.crm.association import Cut, End, Held, Linked, Tie
from trunkline.crm.link import CATEGORIES
from trunkline.crm.usage import Tied
from trunkline.store.numbers import LAST_ID
from trunkline.store.postgres.database import Connection, Database
from trunkline.store.postgres.rows import in_range

LIVE = (
    "SELECT r.type, r.id FROM unnest($2::text[], $3::bigint[]) AS e (type, id) "
    "JOIN record AS r ON r.portal = $1 AND r.type = e.type AND r.id = e.id AND r.archived IS NULL"
)
HELD = (
    "SELECT a.target FROM association AS a "
    "JOIN record AS r ON r.portal = $1 AND r.type = a.target_type AND r.id = a.target AND r.archived IS NULL "
    "WHERE a.portal = $1 AND a.source_type = $2 AND a.source = $3 AND a.target_type = $4 "
    "AND a.category = $5 AND a.kind = $6"
)
TIE = (
    "INSERT INTO association (portal, source_type, source, target_type, target, category, kind, at, app) "
    "SELECT h.portal, t.*, $8, $9 FROM head AS h CROSS JOIN unnest($2::text[], $3::bigint[], $4::text[], "
    "$5::bigint[], $6::smallint[], $7::bigint[]) AS t WHERE h.portal = $1 ON CONFLICT DO NOTHING"
)
_PAIR = "portal = $1 AND source_type = $2 AND source = $3 AND target_type = $4 AND target = $5"
UNTIE = f"DELETE FROM association WHERE {_PAIR}"
UNTIE_TYPE = f"{UNTIE} AND category = $6 AND kind = $7"
LINKED = (
    "SELECT s.id, w.target, a.kind, a.category FROM unnest($3::bigint[]) AS s (id) "
    "CROSS JOIN LATERAL (SELECT 1 FROM record "
    "WHERE portal = $1 AND type = $2 AND id = s.id AND archived IS NULL LIMIT 1) AS o "
    "CROSS JOIN LATERAL ("
    "SELECT DISTINCT b.target FROM association AS b "
    "CROSS JOIN LATERAL (SELECT 1 FROM record "
    "WHERE portal = $1 AND type = $4 AND id = b.target AND archived IS NULL LIMIT 1) AS r "
    "WHERE b.portal = $1 AND b.source_type = $2 AND b.source = s.id AND b.target_type = $4 AND b.target >= $5 "
    "ORDER BY b.target LIMIT $6) AS w "
    "CROSS JOIN LATERAL (SELECT kind, category FROM association WHERE portal = $1 AND source_type = $2 "
    "AND source = s.id AND target_type = $4 AND target = w.target OFFSET 0) AS a "
    "ORDER BY s.id, w.target, a.category, a.kind"
)
"""Each step looks up what the one before it found, whatever the planner believes of a table that is new to it."""

CROWDED = (
    "SELECT a.target_type, a.source, count(DISTINCT a.target) AS many FROM association AS a "
    "JOIN record AS r ON r.portal = $1 AND r.type = $2 AND r.id = a.source AND r.archived IS NULL "
    "WHERE a.portal = $1 AND a.source_type = $2 GROUP BY a.target_type, a.source HAVING count(DISTINCT a.target) >= $3"
)
_HAND_ON = (
    "INSERT INTO association (portal, source_type, source, target_type, target, category, kind, at, app) {} "
    "ON CONFLICT (portal, source_type, source, target_type, target, category, kind) "
    "DO UPDATE SET at = excluded.at, app = excluded.app"
)
MOVE = (
    _HAND_ON.format(
        "SELECT portal, source_type, $4::bigint, target_type, target, category, kind, at, app FROM association "
        "WHERE portal = $1 AND source_type = $2 AND source = $3"
    ),
    _HAND_ON.format(
        "SELECT b.portal, b.source_type, b.source, b.target_type, $4::bigint, b.category, b.kind, b.at, b.app FROM "
        "(SELECT DISTINCT target_type, target FROM association "
        "WHERE portal = $1 AND source_type = $2 AND source = $3) AS a "
        "JOIN association AS b ON b.portal = $1 AND b.source_type = a.target_type AND b.source = a.target "
        "AND b.target_type = $2 AND b.target = $3"
    ),
)
"""In both directions; where both records were tied to the same one, it is the tie that is handed on that stays."""

TO_ITSELF = (
    "DELETE FROM association "
    "WHERE portal = $1 AND source_type = $2 AND source = $3 AND target_type = $2 AND target = $3"
)
CUT = (
    "DELETE FROM association AS b USING association AS a WHERE a.portal = $1 AND a.source_type = $2 AND a.source = $3 "
    "AND b.portal = $1 AND b.source_type = a.target_type AND b.source = a.target "
    "AND b.target_type = $2 AND b.target = $3",
    "DELETE FROM association WHERE portal = $1 AND source_type = $2 AND source = $3",
)

Told = list[tuple[int, str, int, int, str]]
"""Associations as the journal tells them: from, type of the other, the other, the kind, its category."""


async def reachable(connection: Connection, portal: int, ends: Iterable[End]) -> frozenset[End]:
    """Those of the ends that are there and not archived."""
    asked = [end for end in dict.fromkeys(ends) if 0 < end[1] <= LAST_ID]
    if not asked:
        return frozenset()
    rows = await connection.fetch(LIVE, portal, [type_ for type_, _ in asked], [id_ for _, id_ in asked])
    return frozenset((type_, id_) for type_, id_ in rows)


async def held(connection: Connection, portal: int, wanted: Iterable[Held]) -> dict[Held, frozenset[int]]:
    """To which live records others are tied by some types."""
    found: dict[Held, frozenset[int]] = {}
    for (type_id, id_), link in dict.fromkeys(wanted):
        if 0 < id_ <= LAST_ID:
            category = CATEGORIES.index(link.category)
            rows = await connection.fetch(HELD, portal, type_id, id_, link.target, category, link.id)
            found[(type_id, id_), link] = frozenset(row[0] for row in rows)
    return found


async def tie(connection: Connection, portal: int, type_id: str, ties: Sequence[Tie], at: int, app: int) -> Told:
    """Keeps associations, and returns them as the journal tells them; none when all of them were there before."""
    rows: list[tuple[str, int, str, int, int, int]] = []
    for one in ties:
        other, target = one.end
        category = CATEGORIES.index(one.type.category)
        rows.append((type_id, one.record, other, target, category, one.type.id))
        if one.type.inverse is not None:
            rows.append((other, target, type_id, one.record, category, one.type.inverse))
    columns = [list(column) for column in zip(*sorted(set(rows)), strict=True)]
    if _count(await connection.execute(TIE, portal, *columns, at, app)) == 0:
        return []
    return [(one.record, *one.end, one.type.id, one.type.category) for one in ties]


async def untie(connection: Connection, portal: int, type_id: str, cuts: Sequence[Cut]) -> list[tuple[int, str, int]]:
    """Ends associations between pairs of records and returns the pairs that had any."""
    told = []
    for cut_ in cuts:
        other, target = cut_.end
        if not (0 < cut_.record <= LAST_ID and 0 < target <= LAST_ID):
            continue
        there, back = (type_id, cut_.record, other, target), (other, target, type_id, cut_.record)
        if await _untie(connection, portal, there, back, cut_):
            told.append((cut_.record, other, target))
    return told


async def _untie(
    connection: Connection, portal: int, there: tuple[str, int, str, int], back: tuple[str, int, str, int], cut_: Cut
) -> int:
    """How many associations of a pair were ended, each counted in both directions."""
    if not cut_.types:
        return sum([_count(await connection.execute(UNTIE, portal, *pair)) for pair in (there, back)])
    ended = 0
    for type_ in cut_.types:
        category = CATEGORIES.index(type_.category)
        ended += _count(await connection.execute(UNTIE_TYPE, portal, *there, category, type_.id))
        ended += _count(await connection.execute(UNTIE_TYPE, portal, *back, category, type_.inverse))
    return ended


async def linked(
    database: Database, portal: int, type_id: str, other: str, ids: Sequence[int], limit: int, first: int
) -> dict[int, list[Linked]]:
    """For each live record at most `limit` live records of another type that it is tied to, each in all ways."""
    found: dict[int, list[Linked]] = {id_: [] for id_ in ids}
    asked = in_range(ids)
    if asked and limit > 0:
        rows = await database.fetch(LINKED, portal, type_id, asked, other, max(0, min(first, LAST_ID)), limit)
        for id_, target, kind, category in rows:
            found[id_].append(Linked(target, kind, CATEGORIES[category]))
    return found


async def crowded(database: Database, portal: int, type_id: str, least: int) -> list[Tied]:
    """The live records of a type that are tied to so many of another one, archived ones counted too."""
    return [Tied(other, source, many) for other, source, many in await database.fetch(CROWDED, portal, type_id, least)]


async def move(connection: Connection, portal: int, type_id: str, record: int, successor: int) -> None:
    """Hands the associations of one record on to another of its type."""
    for statement in MOVE:
        await connection.execute(statement, portal, type_id, record, successor)
    await cut(connection, portal, type_id, record)
    await connection.execute(TO_ITSELF, portal, type_id, successor)


async def cut(connection: Connection, portal: int, type_id: str, record: int) -> None:
    """Removes all associations of a record."""
    for statement in CUT:
        await connection.execute(statement, portal, type_id, record)


def _count(status: str) -> int:
    """How many rows a statement changed, of what the server says of it, as `DELETE 3`."""
    return int(status.rpartition(" ")[2])
