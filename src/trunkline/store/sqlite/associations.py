"""The SQL of associations. Each is kept in both directions, so that either end finds the other in one range."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any

import apsw

from trunkline.crm.association import Cut, End, Held, Linked, Tie
from trunkline.crm.link import CATEGORIES
from trunkline.crm.usage import Tied
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.schema import LAST_ID, SLOT_BITS

TIE = "INSERT OR IGNORE INTO association (source, target, category, kind, at, app) VALUES (?, ?, ?, ?, ?, ?)"
LIVE = "SELECT 1 FROM record WHERE key = ? AND archived IS NULL"
LINKED = (
    "SELECT a.target, a.category, a.kind FROM association a JOIN record r ON r.key = a.target "
    "WHERE a.source = ?1 AND a.target BETWEEN ?2 AND ?3 AND r.archived IS NULL "
    "AND EXISTS (SELECT 1 FROM record WHERE key = ?1 AND archived IS NULL) ORDER BY a.target"
)
UNTIE = "DELETE FROM association WHERE source = ? AND target = ?"
UNTIE_TYPE = f"{UNTIE} AND category = ? AND kind = ?"
HELD = (
    "SELECT a.target FROM association a JOIN record r ON r.key = a.target "
    "WHERE a.source = ? AND a.target BETWEEN ? AND ? AND a.category = ? AND a.kind = ? AND r.archived IS NULL"
)
CROWDED = (
    "SELECT a.source, a.target >> ?4 AS other, count(DISTINCT a.target) AS many FROM association a "
    "WHERE a.source BETWEEN ?1 AND ?2 GROUP BY a.source, other HAVING many >= ?3 "
    "AND EXISTS (SELECT 1 FROM record r WHERE r.key = a.source AND r.archived IS NULL)"
)
NEIGHBOURS = "SELECT DISTINCT target FROM association WHERE source = ?"

Lookup = Callable[[str], Collection | None]
"""From an object type id to the portal's records of that type."""


def reachable(connection: apsw.Connection, lookup: Lookup, ends: Iterable[End]) -> frozenset[End]:
    """Those of the ends that are there and not archived."""
    found = []
    for type_id, id_ in dict.fromkeys(ends):
        collection = lookup(type_id) if 0 < id_ <= LAST_ID else None
        if collection is not None and connection.execute(LIVE, (collection.key(id_),)).fetchall():
            found.append((type_id, id_))
    return frozenset(found)


def held(connection: apsw.Connection, lookup: Lookup, wanted: Iterable[Held]) -> dict[Held, frozenset[int]]:
    """To which live records others are tied by some types."""
    found: dict[Held, frozenset[int]] = {}
    for (type_id, id_), link in dict.fromkeys(wanted):
        collection, other = lookup(type_id), lookup(link.target)
        if collection is not None and other is not None and 0 < id_ <= LAST_ID:
            asked = collection.key(id_), other.key(0), other.last_key, CATEGORIES.index(link.category), link.id
            targets = connection.execute(HELD, asked)
            found[(type_id, id_), link] = frozenset(target & LAST_ID for (target,) in targets)
    return found


def tie(
    connection: apsw.Connection, collection: Collection, lookup: Lookup, ties: Sequence[Tie], at: int, app: int
) -> list[tuple[int, str, int, int, str]]:
    """Keeps associations, and returns them as the journal tells them.

    That is: from, type of the other, the other, the kind, its category.

    None is told when all of them were there before.
    """
    rows: list[tuple[int, ...]] = []
    for one in ties:
        other = lookup(one.end[0])
        assert other is not None, "the end was found"
        source, target = collection.key(one.record), other.key(one.end[1])
        category = CATEGORIES.index(one.type.category)
        rows.append((source, target, category, one.type.id, at, app))
        if one.type.inverse is not None:
            rows.append((target, source, category, one.type.inverse, at, app))
    before = connection.total_changes()
    connection.executemany(TIE, rows)
    if connection.total_changes() == before:
        return []
    return [(one.record, *one.end, one.type.id, one.type.category) for one in ties]


def untie(
    connection: apsw.Connection, collection: Collection, lookup: Lookup, cuts: Sequence[Cut]
) -> list[tuple[int, str, int]]:
    """Ends associations between pairs of records and returns the pairs that had any."""
    told = []
    for cut_ in cuts:
        other = lookup(cut_.end[0])
        if other is None or cut_.end[1] > LAST_ID or cut_.record > LAST_ID:
            continue
        pair = collection.key(cut_.record), other.key(cut_.end[1])
        before = connection.total_changes()
        _untie(connection, pair, cut_)
        if connection.total_changes() > before:
            told.append((cut_.record, *cut_.end))
    return told


def _untie(connection: apsw.Connection, pair: tuple[int, int], cut_: Cut) -> None:
    back = pair[::-1]
    if not cut_.types:
        connection.executemany(UNTIE, [pair, back])
    for type_ in cut_.types:
        category = CATEGORIES.index(type_.category)
        connection.execute(UNTIE_TYPE, (*pair, category, type_.id))
        connection.execute(UNTIE_TYPE, (*back, category, type_.inverse))


def linked(
    connection: apsw.Connection,
    collection: Collection,
    other: Collection,
    ids: Sequence[int],
    limit: int,
    first: int,
) -> dict[int, list[Linked]]:
    """For each live record at most `limit` live records of another collection that it is tied to, each in all ways."""
    found: dict[int, list[Linked]] = {id_: [] for id_ in ids}
    ends = other.key(min(first, LAST_ID)), other.last_key
    for id_ in ids:
        # A larger id would be a record of another collection.
        if 0 < id_ <= LAST_ID:
            cursor = connection.execute(LINKED, (collection.key(id_), *ends))
            rows = _first(cursor, limit)
            cursor.close()
            found[id_] = [Linked(target & LAST_ID, kind, CATEGORIES[category]) for target, category, kind in rows]
    return found


def _first(rows: Iterator[Any], limit: int) -> list[Any]:
    """The rows of the first `limit` targets; a target may have several."""
    taken: list[Any] = []
    while missing := limit - len({row[0] for row in taken}):
        more = list(islice(rows, missing))
        if not more:
            return taken
        taken += more
    last = taken[-1][0]
    taken += takewhile(lambda row: row[0] == last, rows)
    return taken


def crowded(connection: apsw.Connection, collection: Collection, others: Mapping[int, str], least: int) -> list[Tied]:
    """The live records of a collection that are tied to so many of another one; `others` has the types by slot."""
    asked = collection.key(0), collection.last_key, least, SLOT_BITS
    rows = connection.execute(CROWDED, asked)
    return [Tied(others[slot], source & LAST_ID, many) for source, slot, many in rows if slot in others]


def move(connection: apsw.Connection, key: int, successor: int) -> None:
    """Hands the associations of one record on to another."""
    for (neighbour,) in connection.execute(NEIGHBOURS, (key,)).fetchall():
        change = "UPDATE OR REPLACE association SET target = ? WHERE source = ? AND target = ?"
        connection.execute(change, (successor, neighbour, key))
    connection.execute("UPDATE OR REPLACE association SET source = ? WHERE source = ?", (successor, key))
    connection.execute("DELETE FROM association WHERE source = target AND source = ?", (successor,))


def cut(connection: apsw.Connection, key: int) -> None:
    """Removes all associations of a record."""
    for (neighbour,) in connection.execute(NEIGHBOURS, (key,)).fetchall():
        connection.execute("DELETE FROM association WHERE source = ? AND target = ?", (neighbour, key))
    connection.execute("DELETE FROM association WHERE source = ?", (key,))
