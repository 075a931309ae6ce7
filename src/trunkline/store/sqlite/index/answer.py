"""Answering one query on one connection: count, page, records; or counts alone, by parts."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import apsw

from trunkline.crm.catalog import ObjectType
from trunkline.crm.cut import Counted, Cut, Part
from trunkline.crm.logic import asked
from trunkline.crm.query import Query
from trunkline.store.protocol import Hits
from trunkline.store.search.need import compared
from trunkline.store.search.sql import Sql, joined
from trunkline.store.sqlite import rows
from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.index.condition import Conditions
from trunkline.store.sqlite.index.layout import Layout
from trunkline.store.sqlite.index.parting import parting
from trunkline.store.sqlite.index.selection import matching, selection, size
from trunkline.store.sqlite.schema import LAST_ID

SCANNED = 32
"""To look at one record by way of an index takes as long as to look at so many in their order."""


def answer(
    connection: apsw.Connection,
    collection: Collection,
    type_: ObjectType,
    query: Query,
    layouts: Mapping[int, Layout],
) -> Hits:
    """Count and page of one state of the index; a record that was archived since is left out of the page.

    The layouts, by slot, have that of the collection, and those of all that the query looks at beside it.
    """
    slot_of = partial(_slot_of, connection, collection.portal)
    statements = selection(query, layouts[collection.slot], type_, slot_of, layouts.get)
    with connection:
        records = _number(connection, statements.size)
        total = records if statements.count is statements.size else _number(connection, statements.count)
        keys = connection.execute(*statements.page(query, records, total)).fetchall() if total > query.offset else []
        found = rows.records(connection, collection, [int(str(key)) & LAST_ID for (key,) in keys])
    return Hits(total, [record for record in found if record.archived is None])


def tabulate(
    connection: apsw.Connection,
    collection: Collection,
    type_: ObjectType,
    query: Query,
    cuts: Sequence[Cut],
    layouts: Mapping[int, Layout],
) -> Counted:
    """How many records a query finds, and how many of them are in each part, of one state of the index."""
    layout, slot_of = layouts[collection.slot], partial(_slot_of, connection, collection.portal)
    found = partial(matching, query, layout, type_, slot_of, layouts.get)
    conditions = Conditions(layout, type_, slot_of)
    with connection:
        total = _number(connection, joined(" ", (Sql("SELECT count(*) FROM"), found())))
        many = total * SCANNED > _number(connection, size(layout))
        looked_at = {leaf.field for _, leaf in asked(query, type_)}
        parts = [_parts(connection, cut, conditions, found(scanned=many and looked_at != {cut.field})) for cut in cuts]
    return Counted(total, parts)


def _parts(connection: apsw.Connection, cut: Cut, conditions: Conditions, found: Sql) -> dict[Part, int]:
    counted: Any = connection.execute(*parting(cut, conditions.column(compared(cut.field, conditions.type)), found))
    return dict(counted.fetchall())


def _slot_of(connection: apsw.Connection, portal: int, type_id: str) -> int | None:
    select = "SELECT slot FROM main.collection WHERE portal = ? AND type = ?"
    found: Any = connection.execute(select, (portal, type_id)).fetchone()
    return None if found is None else int(found[0])


def _number(connection: apsw.Connection, select: Sql) -> int:
    found: Any = connection.execute(*select).fetchall()[0][0]
    return int(found)
