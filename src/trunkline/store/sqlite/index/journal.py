"""What the journal says has to be looked at again, in SQL over stretches of it."""

from typing import Any

import apsw

from trunkline.store.search.sql import TRUE, Sql, joined, some
from trunkline.store.sqlite.index.form import sources
from trunkline.store.sqlite.index.layout import Layout, Words
from trunkline.store.sqlite.schema import SLOT_BITS

COLLECTION = "main.collection AS l ON l.portal = c.portal AND l.type = c.type"
STRETCH = "c.position > ? AND c.position <= ?"

TOUCHED = (
    f"SELECT l.slot << {SLOT_BITS} | i.value AS key, 1 AS fresh FROM main.change AS c JOIN {COLLECTION}, "
    f"json_each(c.detail) AS i WHERE {STRETCH} AND c.kind IN ('create', 'rewind') "
    f"UNION ALL SELECT l.slot << {SLOT_BITS} | c.record, c.kind <> 'update' FROM main.change AS c JOIN {COLLECTION} "
    f"WHERE {STRETCH} AND c.record IS NOT NULL"
)

TOLD = (
    f"INSERT OR IGNORE INTO temp.search_told SELECT ?, l.slot << {SLOT_BITS} | c.record FROM main.change AS c "
    f"JOIN {COLLECTION} WHERE {STRETCH} AND l.slot = ? AND c.kind = 'update' AND "
)

END = (
    "SELECT max(position) FROM (SELECT position, "
    "sum(size) OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
    "FROM (SELECT position, iif(kind IN ('create', 'rewind'), json_array_length(detail), 1) AS size FROM main.change "
    "WHERE position > ? AND position <= ? ORDER BY position LIMIT ?)) WHERE coalesce(before, 0) < ?"
)


def touched(after: int, to: int) -> Sql:
    """The records that were changed after one position and up to another.

    A create and a rewind list theirs, others name one.

    An update is told apart from what may have changed all of a record.
    """
    return Sql(TOUCHED, (after, to) * 2)


def tell(connection: apsw.Connection, layout: Layout, words: Words, after: int, to: int) -> None:
    """Notes the records of a collection whose updates reach a table of words."""
    decisive = [sources(value) for value in words.values]
    tests = [Sql("c.detail -> ? IS NOT NULL", (name,)) for names in decisive if names for name in names]
    reached = TRUE if None in decisive else some(tests)
    insert = joined("", [Sql(TOLD, (words.number, after, to, layout.slot)), reached])
    connection.execute(insert.text, insert.values)


def end_of(connection: apsw.Connection, after: int, to: int, records: int) -> int:
    """The position up to which so many records are touched, or a few more."""
    return int(_one(connection, END, after, to, records, records) or to)


def before(connection: apsw.Connection, after: int, moment: int) -> int | None:
    """The position before the first change after `after` that is younger than a moment; None when none is."""
    select = "SELECT position - 1 FROM main.change WHERE position > ? AND at > ? ORDER BY position LIMIT 1"
    found = connection.execute(select, (after, moment)).fetchone()
    return None if found is None else int(str(found[0]))


def tells(connection: apsw.Connection, after: int, to: int, kind: str) -> bool:
    """Whether a stretch has a change of some kind, as the erasure of a record."""
    select = f"SELECT EXISTS (SELECT 1 FROM main.change AS c WHERE {STRETCH} AND c.kind = ?)"
    return bool(_one(connection, select, after, to, kind))


def _one(connection: apsw.Connection, select: str, *values: int | str) -> Any:
    return connection.execute(select, values).fetchall()[0][0]
